//! A call whose answer comes piece by piece.

use super::attempt::{Begun, Mode, Reply, Won};
use super::engine::{judge, mismatch, prepare};
use super::run::Run;
use super::schema::Form;
use async_trait::async_trait;
use groundswell_domain::llm::{
    Assembly, Chunk, Completion, FailureKind, GateFailure, GateFailureKind, GateStream, Hop, Outcome,
    ProviderFailure, StreamEvent,
};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Pieces that wait for a caller who reads slowly.
const AHEAD: usize = 64;

struct Pieces(mpsc::Receiver<StreamEvent>);

#[async_trait]
impl GateStream for Pieces {
    async fn next(&mut self) -> Option<StreamEvent> {
        self.0.recv().await
    }
}

/// Asks until somebody begins to answer. From then on there is no way back.
pub(super) async fn stream(mut run: Run) -> Result<Box<dyn GateStream>, GateFailure> {
    match begin(&mut run).await {
        Ok((won, form)) => {
            let (send, receive) = mpsc::channel(AHEAD);
            tokio::spawn(pump(run, won, form, send));
            Ok(Box::new(Pieces(receive)))
        }
        Err(failure) => {
            run.record(Err(&failure)).await;
            Err(failure)
        }
    }
}

async fn begin(run: &mut Run) -> Result<(Won, Option<Form>), GateFailure> {
    let (plan, form) = prepare(run).await?;
    let request = run.call.request.clone();
    let won = run.find(&plan, &request, Mode::Stream).await?;
    Ok((won, form))
}

/// How a stream ended.
enum End {
    Whole(Completion),
    Broken(ProviderFailure),
    /// Nobody listens any more.
    Abandoned,
}

async fn pump(mut run: Run, won: Won, form: Option<Form>, send: mpsc::Sender<StreamEvent>) {
    let Won {
        place,
        key,
        reservation,
        started,
        reply,
    } = won;
    let Reply::Stream(begun) = reply else {
        return;
    };
    let waiting = Instant::now();
    let mut assembly = Assembly::default();
    let end = drain(&run, begun, &mut assembly, &send).await;
    run.others_took(waiting.elapsed());
    let (usage, written) = (assembly.usage(), assembly.written());
    let end = match end {
        None => assembly.finish().map_or_else(
            |message| End::Broken(ProviderFailure::new(FailureKind::Malformed, message)),
            End::Whole,
        ),
        Some(end) => end,
    };
    let now = run.now();
    run.last_took(started.elapsed());
    let event = match end {
        End::Whole(completion) => {
            run.gate.book().answered(&key.id, &place.hop.model, now);
            run.settle(&place, reservation, usage, written).await;
            finished(&mut run, &place.hop, completion, form.as_ref())
        }
        End::Broken(failure) => {
            run.settle(&place, reservation, usage, written).await;
            run.learn(&place, &key, &failure).await;
            run.amend(failure.kind.into(), Some(failure.message.clone()));
            let message = format!("the answer broke off: {}", failure.message);
            StreamEvent::Failed(Box::new(run.fail(GateFailureKind::Unanswered, message)))
        }
        End::Abandoned => {
            run.gate.book().undecided(&key.id, &place.hop.model, now);
            run.settle(&place, reservation, usage, written).await;
            run.amend(Outcome::Abandoned, None);
            StreamEvent::Failed(Box::new(
                run.fail(GateFailureKind::Unanswered, "nobody waits for the answer"),
            ))
        }
    };
    match &event {
        StreamEvent::Done(answer) => run.record(Ok(answer)).await,
        StreamEvent::Failed(failure) => run.record(Err(failure)).await,
        _ => {}
    }
    // Who went away does not hear it.
    let _ = send.send(event).await;
}

fn finished(run: &mut Run, hop: &Hop, completion: Completion, form: Option<&Form>) -> StreamEvent {
    let json = match form.map(|form| judge(form, &completion)) {
        None => None,
        Some(Ok(json)) => json,
        // The caller has seen it: it is not asked for again.
        Some(Err(problems)) => {
            run.amend(Outcome::SchemaMismatch, problems.first().cloned());
            return StreamEvent::Failed(Box::new(mismatch(run, problems)));
        }
    };
    StreamEvent::Done(Box::new(run.answer(hop, completion, json)))
}

/// Hands pieces on until the end; `None` when that is a proper one.
async fn drain(
    run: &Run,
    begun: Begun,
    assembly: &mut Assembly,
    send: &mpsc::Sender<StreamEvent>,
) -> Option<End> {
    for chunk in begun.first {
        if hand_on(chunk, assembly, send).await.is_err() {
            return Some(End::Abandoned);
        }
    }
    let mut source = begun.source?;
    let settings = &run.gate.settings;
    let started = Instant::now();
    loop {
        let left = settings.longest_stream.saturating_sub(started.elapsed());
        let limit = settings.idle.min(left);
        let next = tokio::select! {
            next = timeout(limit, source.next()) => next,
            () = send.closed() => return Some(End::Abandoned),
        };
        match next {
            Ok(None) => return None,
            Ok(Some(Ok(chunk))) => {
                if hand_on(chunk, assembly, send).await.is_err() {
                    return Some(End::Abandoned);
                }
            }
            Ok(Some(Err(failure))) => return Some(End::Broken(failure)),
            Err(_) => return Some(End::Broken(too_slow(limit))),
        }
    }
}

fn too_slow(limit: Duration) -> ProviderFailure {
    let message = format!("nothing came for {:.1} s", limit.as_secs_f64());
    ProviderFailure::new(FailureKind::Timeout, message)
}

async fn hand_on(chunk: Chunk, assembly: &mut Assembly, send: &mpsc::Sender<StreamEvent>) -> Result<(), ()> {
    assembly.add(&chunk);
    let event = match chunk {
        Chunk::Text(text) => StreamEvent::Text(text),
        Chunk::Refusal(text) => StreamEvent::Refusal(text),
        Chunk::ToolCall {
            index,
            id,
            name,
            arguments,
        } => StreamEvent::ToolCall {
            index,
            id,
            name,
            arguments,
        },
        Chunk::Model(_) | Chunk::Usage(_) | Chunk::Finish(_) => return Ok(()),
    };
    send.send(event).await.map_err(|_| ())
}
