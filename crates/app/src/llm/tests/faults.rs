//! The table of faults: what goes wrong, which attempts are made, what comes of it, and how long it takes on the stopped clock.
//! docs/decisions/0047 has it in words.

use super::{Rig, failure, limited, told};
use groundswell_domain::llm::{FailureKind, GateFailureKind, LlmGate, ProviderFailure, Vendor};
use groundswell_testkit::llm::Play;
use std::time::Duration;

const OPENAI: Vendor = Vendor::OpenAi;
const ANTHROPIC: Vendor = Vendor::Anthropic;

#[tokio::test(start_paused = true)]
async fn without_a_fault_one_attempt() {
    let rig = Rig::keyed();
    rig.plays(OPENAI, [Play::after(3, Play::Text("Hello"))]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.model.as_str()),
        ("Hello", "gpt-5-mini")
    );
    assert_eq!(told(&answer.attempts), ["openai answered 0001"]);
    assert_eq!((answer.ms, answer.attempts[0].ms), (3000, 3000));
    assert!(
        answer.overhead_ms < 1.0,
        "waiting for a vendor is no overhead: {}",
        answer.overhead_ms
    );
    // (100 * 0.25 + 50 * 2) / 1e6
    assert_eq!(answer.cost.dollars().unwrap().to_string(), "0.000125");
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn limited_with_a_wish_the_next_provider_at_once() {
    let rig = Rig::keyed();
    rig.plays(OPENAI, [limited(Some(20))]);
    rig.plays(ANTHROPIC, [Play::Text("Hi"), Play::Text("Hi again")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai rate_limited 0001", "anthropic answered 0001"]
    );
    assert_eq!(answer.attempts[0].status, Some(429));
    assert_eq!(rig.elapsed(), 0);
    // Within the 20 seconds it is not asked again.
    let again = rig.ask().await.unwrap();
    assert_eq!(
        told(&again.attempts),
        ["openai cooling_down -", "anthropic answered 0001"]
    );
    tokio::time::advance(Duration::from_secs(20)).await;
    rig.plays(OPENAI, [Play::Text("Back")]);
    assert_eq!(rig.ask().await.unwrap().text, "Back");
    rig.is_tidy(3);
}

#[tokio::test(start_paused = true)]
async fn limited_with_another_key_that_key_at_once() {
    let rig = Rig::alone(2);
    rig.plays(OPENAI, [limited(Some(20)), Play::Text("Hello")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai rate_limited 0001", "openai answered 0002"]
    );
    assert_eq!(rig.elapsed(), 0);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn limited_and_alone_the_wish_is_honoured() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [limited(Some(7)), Play::Text("Hello")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai rate_limited 0001", "openai answered 0001"]
    );
    assert_eq!(rig.elapsed(), 7000);
    assert!(answer.overhead_ms < 1.0, "a wait between tries is no overhead");
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn limited_without_a_wish_a_back_off_that_doubles() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [limited(None), limited(None), Play::Text("Hello")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(answer.attempts.len(), 3);
    // Full jitter at its most: 0.5 s, then 1 s.
    assert_eq!(rig.elapsed(), 1500);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn limited_for_no_time_at_all_is_not_asked_for_ever() {
    let rig = Rig::alone(2);
    rig.plays(OPENAI, vec![limited(Some(0)); 6]);
    let failure = rig.ask().await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.attempts.len()),
        (GateFailureKind::Limited, 6)
    );
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn limited_for_longer_than_anybody_waits_is_told() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [limited(Some(600))]);
    let failure = rig.ask().await.unwrap_err();
    assert_eq!(failure.kind, GateFailureKind::Limited);
    assert_eq!(failure.retry_after, Some(Duration::from_mins(10)));
    assert_eq!(rig.elapsed(), 0);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_server_error_once_more_and_then_the_next() {
    let rig = Rig::keyed();
    rig.plays(OPENAI, [failure(FailureKind::ServerError), Play::Text("Hello")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai server_error 0001", "openai answered 0001"]
    );
    assert_eq!(rig.elapsed(), 500);
    rig.plays(
        OPENAI,
        [
            failure(FailureKind::ServerError),
            failure(FailureKind::ServerError),
        ],
    );
    rig.plays(ANTHROPIC, [Play::Text("Hi")]);
    let answer = rig.ask().await.unwrap();
    let expected = [
        "openai server_error 0001",
        "openai server_error 0001",
        "anthropic answered 0001",
    ];
    assert_eq!(told(&answer.attempts), expected);
    rig.is_tidy(2);
}

#[tokio::test(start_paused = true)]
async fn the_second_try_takes_another_key_where_there_is_one() {
    let rig = Rig::alone(2);
    rig.plays(OPENAI, [failure(FailureKind::Overloaded), Play::Text("Hello")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai overloaded 0001", "openai answered 0002"]
    );
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_quarantined_and_its_owner_told_once() {
    let rig = Rig::alone(2);
    let unauthorized = ProviderFailure::new(FailureKind::Unauthorized, "bad key").with_status(401);
    rig.plays(
        OPENAI,
        [Play::Fail(unauthorized), Play::Text("Hello"), Play::Text("Hello")],
    );
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai unauthorized 0001", "openai answered 0002"]
    );
    assert_eq!(rig.elapsed(), 0);
    let second = rig.ask().await.unwrap();
    assert_eq!(told(&second.attempts), ["openai answered 0002"]);
    assert_eq!(rig.keys.quarantined().len(), 1);
    rig.is_tidy(2);
}

#[tokio::test(start_paused = true)]
async fn all_keys_bad_nobody_is_left() {
    let rig = Rig::alone(2);
    rig.plays(
        OPENAI,
        [
            failure(FailureKind::Unauthorized),
            failure(FailureKind::Unauthorized),
        ],
    );
    let failed = rig.ask().await.unwrap_err();
    assert_eq!(failed.kind, GateFailureKind::NobodyToAsk);
    assert_eq!(
        told(&failed.attempts),
        ["openai unauthorized 0001", "openai unauthorized 0002"]
    );
    assert!(failed.message.contains("give new ones"), "{}", failed.message);
    let second = rig.ask().await.unwrap_err();
    assert_eq!(
        told(&second.attempts),
        ["openai quarantined -"],
        "nobody is asked any more"
    );
    assert_eq!(rig.keys.quarantined().len(), 2);
    rig.is_tidy(2);
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_given_up_and_charged_as_likely() {
    let rig = Rig::keyed();
    rig.plays(
        OPENAI,
        [Play::after(1000, Play::Text("late")), Play::Text("Hello")],
    );
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        told(&answer.attempts),
        ["openai timeout 0001", "openai answered 0001"]
    );
    assert_eq!(answer.attempts[0].ms, 90_000);
    assert_eq!(rig.elapsed(), 90_500);
    assert!(
        answer.usage.input > 100 && answer.usage.estimated,
        "the prompt of the lost answer counts"
    );
    assert_eq!(rig.ledger.settled().len(), 2);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_everything() {
    let rig = Rig::keyed();
    let late = || Play::after(1000, Play::Text("late"));
    rig.plays(OPENAI, [late(), late()]);
    let failed = rig.ask().await.unwrap_err();
    assert_eq!(
        told(&failed.attempts),
        ["openai timeout 0001", "openai timeout 0001"]
    );
    assert_eq!(failed.kind, GateFailureKind::Unanswered);
    assert_eq!(rig.elapsed(), 180_000);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn malformed_once_more_and_then_the_next() {
    let rig = Rig::keyed();
    rig.plays(
        OPENAI,
        [failure(FailureKind::Malformed), failure(FailureKind::Malformed)],
    );
    rig.plays(ANTHROPIC, [Play::Text("Hi")]);
    let answer = rig.ask().await.unwrap();
    let expected = [
        "openai malformed 0001",
        "openai malformed 0001",
        "anthropic answered 0001",
    ];
    assert_eq!(told(&answer.attempts), expected);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn what_no_time_heals_goes_to_the_next_at_once() {
    for kind in [
        FailureKind::Invalid,
        FailureKind::TooLong,
        FailureKind::ModelUnknown,
        FailureKind::Unsupported,
    ] {
        let rig = Rig::keyed();
        rig.plays(OPENAI, [failure(kind)]);
        rig.plays(ANTHROPIC, [Play::Text("Hi")]);
        let answer = rig.ask().await.unwrap();
        assert_eq!(answer.attempts.len(), 2, "{kind}");
        assert_eq!(
            (answer.provider.as_str(), rig.elapsed()),
            ("anthropic", 0),
            "{kind}"
        );
        rig.is_tidy(1);
    }
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [failure(FailureKind::Invalid)]);
    assert_eq!(rig.ask().await.unwrap_err().kind, GateFailureKind::Rejected);
}

#[tokio::test(start_paused = true)]
async fn five_failures_open_the_breaker_and_one_probe_closes_it() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, vec![failure(FailureKind::Unreachable); 5]);
    for _ in 0..2 {
        assert_eq!(rig.ask().await.unwrap_err().kind, GateFailureKind::Unanswered);
    }
    let third = rig.ask().await.unwrap_err();
    assert_eq!(
        told(&third.attempts),
        ["openai unreachable 0001"],
        "the fifth failure opens it"
    );
    let stopped = rig.ask().await.unwrap_err();
    assert_eq!(told(&stopped.attempts), ["openai breaker_open -"]);
    tokio::time::advance(Duration::from_secs(30)).await;
    rig.plays(OPENAI, [Play::Text("Hello"), Play::Text("Hello")]);
    for _ in 0..2 {
        assert_eq!(told(&rig.ask().await.unwrap().attempts), ["openai answered 0001"]);
    }
    rig.is_tidy(6);
}

#[tokio::test(start_paused = true)]
async fn the_built_in_texts_are_the_last_resort_and_no_way_around_a_budget() {
    let rig = Rig::alone(1);
    rig.change(|policy| policy.routing.builtin_last = true);
    rig.plays(
        OPENAI,
        [
            failure(FailureKind::ServerError),
            failure(FailureKind::ServerError),
        ],
    );
    rig.plays(Vendor::Builtin, [Play::Text("By rules")]);
    let answer = rig.ask().await.unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.provider.as_str()),
        ("By rules", "builtin")
    );
    assert_eq!(answer.attempts.len(), 3);
    // It is not asked before a limit that is soon over.
    rig.plays(OPENAI, [limited(Some(2)), Play::Text("Hello")]);
    assert_eq!(rig.ask().await.unwrap().text, "Hello");
    rig.is_tidy(2);
}

#[tokio::test(start_paused = true)]
async fn without_keys_the_way_out_is_named() {
    let rig = Rig::new();
    let failed = rig.ask().await.unwrap_err();
    assert_eq!(failed.kind, GateFailureKind::NobodyToAsk);
    assert_eq!(
        told(&failed.attempts),
        ["openai no_key -", "anthropic no_key -", "mistral no_key -"]
    );
    assert!(failed.message.contains("add one"), "{}", failed.message);
    let mut call = rig.call();
    call.request.messages.clear();
    let failed = rig.gate.complete(call).await.unwrap_err();
    assert!(matches!(failed.kind, GateFailureKind::Invalid(fields) if fields[0].field == "messages"));
}
