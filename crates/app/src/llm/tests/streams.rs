//! Faults of streams: everything can be tried again until the first piece, and nothing after it.

use super::{Rig, failure, told};
use groundswell_domain::llm::{
    Answer, Chunk, FailureKind, Finish, GateFailure, LlmGate, ProviderFailure, Settlement, StreamEvent,
    Usage, Vendor,
};
use groundswell_testkit::llm::{Piece, Play};
use std::time::Duration;

const OPENAI: Vendor = Vendor::OpenAi;

fn words(text: &str) -> Piece {
    Piece::Chunk(Chunk::Text(text.into()))
}

fn end() -> [Piece; 2] {
    let usage = Usage {
        input: 100,
        output: 50,
        ..Usage::default()
    };
    [
        Piece::Chunk(Chunk::Finish(Finish::Stop)),
        Piece::Chunk(Chunk::Usage(usage)),
    ]
}

fn cut() -> Piece {
    Piece::Fail(ProviderFailure::new(FailureKind::CutStream, "cut"))
}

async fn read(rig: &Rig) -> (String, Result<Answer, GateFailure>) {
    let mut stream = rig.gate.stream(rig.call()).await.unwrap();
    let mut text = String::new();
    loop {
        match stream.next().await.expect("a stream ends with its outcome") {
            StreamEvent::Text(piece) => text.push_str(&piece),
            StreamEvent::Done(answer) => return (text, Ok(*answer)),
            StreamEvent::Failed(failure) => return (text, Err(*failure)),
            StreamEvent::Refusal(_) | StreamEvent::ToolCall { .. } => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn pieces_come_as_they_are_and_the_answer_last() {
    let rig = Rig::keyed();
    let mut pieces = vec![words("Hel"), Piece::Wait(Duration::from_secs(2)), words("lo")];
    pieces.extend(end());
    rig.plays(OPENAI, [Play::Stream(pieces)]);
    let (text, answer) = read(&rig).await;
    let answer = answer.unwrap();
    assert_eq!((text.as_str(), answer.text.as_str()), ("Hello", "Hello"));
    assert_eq!((answer.usage.input, answer.attempts[0].ms), (100, 2000));
    assert!(answer.overhead_ms < 1.0, "{}", answer.overhead_ms);
    assert_eq!(
        rig.ledger.settled(),
        [Settlement::Spent(groundswell_domain::llm::Nanos(125_000))]
    );
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_first_byte_is_given_up_and_tried_again() {
    let rig = Rig::keyed();
    let slow = || Play::Stream(vec![Piece::Wait(Duration::from_secs(31)), words("late")]);
    rig.plays(OPENAI, [slow(), slow()]);
    rig.plays(Vendor::Anthropic, [Play::Text("Hi")]);
    let (text, answer) = read(&rig).await;
    let expected = [
        "openai slow_first_byte 0001",
        "openai slow_first_byte 0001",
        "anthropic answered 0001",
    ];
    assert_eq!(
        (text.as_str(), told(&answer.unwrap().attempts)),
        ("Hi", expected.map(str::to_owned).to_vec())
    );
    assert_eq!(rig.elapsed(), 60_500);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn cut_before_the_first_piece_it_starts_again() {
    let rig = Rig::keyed();
    let model = Piece::Chunk(Chunk::Model("gpt-5-mini".into()));
    rig.plays(OPENAI, [Play::Stream(vec![model, cut()]), Play::Text("Hello")]);
    let (text, answer) = read(&rig).await;
    assert_eq!(text, "Hello");
    assert_eq!(
        told(&answer.unwrap().attempts),
        ["openai cut_stream 0001", "openai answered 0001"]
    );
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn cut_after_the_first_piece_nothing_is_tried_again() {
    let rig = Rig::keyed();
    rig.plays(OPENAI, [Play::Stream(vec![words("Hel"), cut()])]);
    let (text, result) = read(&rig).await;
    let failed = result.unwrap_err();
    assert_eq!(text, "Hel");
    assert_eq!(told(&failed.attempts), ["openai cut_stream 0001"]);
    assert!(
        failed.usage.estimated && failed.usage.output > 0,
        "what was written is charged"
    );
    assert!(matches!(rig.ledger.settled()[..], [Settlement::Spent(spent)] if spent.0 > 0));
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_falls_silent_is_cut() {
    let rig = Rig::keyed();
    rig.plays(
        OPENAI,
        [Play::Stream(vec![
            words("Hel"),
            Piece::Wait(Duration::from_hours(1)),
            words("lo"),
        ])],
    );
    let (_, result) = read(&rig).await;
    assert_eq!(told(&result.unwrap_err().attempts), ["openai timeout 0001"]);
    assert_eq!(rig.elapsed(), 30_000);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_ends_the_call_and_pays_what_came() {
    let rig = Rig::keyed();
    rig.plays(
        OPENAI,
        [Play::Stream(vec![
            words("Hello"),
            Piece::Wait(Duration::from_secs(20)),
            words("?"),
        ])],
    );
    let mut stream = rig.gate.stream(rig.call()).await.unwrap();
    assert_eq!(stream.next().await, Some(StreamEvent::Text("Hello".into())));
    drop(stream);
    tokio::time::timeout(Duration::from_secs(5), async {
        while rig.log.records().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("the call ends before the vendor goes on");
    assert_eq!(told(&rig.log.records()[0].attempts), ["openai abandoned 0001"]);
    assert_eq!(rig.ledger.settled().len(), 1);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn before_the_first_piece_a_failure_is_an_error() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [failure(FailureKind::Invalid)]);
    assert!(rig.gate.stream(rig.call()).await.is_err());
    rig.is_tidy(1);
}
