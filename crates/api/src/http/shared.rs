//! Equal questions at the same time are asked once.
//!
//! A dashboard on many screens, a fleet of programs that poll, everybody's tabs after a restart: under load the same list
//! is asked for again while it is still being read. Whoever comes then waits for the *next* reading, together with all
//! others who come meanwhile; nobody gets what was read before they asked, so nothing is ever stale, and nothing has to be
//! invalidated. A lonely question pays for one look into a map.

use super::error::ApiError;
use super::list::Listing;
use actix_web::body::BoxBody;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use groundswell_domain::{Error, Scope, View};
use serde::Serialize;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Who sees what, and which question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    view: View,
    question: String,
}

/// What somebody who waits is told.
enum Turn {
    Answer(Bytes),
    /// Ask yourself, for these as well.
    Ask(Flight),
}

type Waiting = Vec<oneshot::Sender<Turn>>;

/// The questions that are being asked right now, each with those who came since.
#[derive(Default)]
pub struct SharedReads {
    flights: Arc<Mutex<HashMap<Key, Waiting>>>,
}

impl SharedReads {
    /// The answer to a GET request whose answer depends on nothing but the address and what the scope sees. `read` runs
    /// after this was called, or not at all.
    pub async fn read<T: Serialize>(
        &self,
        scope: &Scope,
        request: &HttpRequest,
        read: impl Future<Output = Result<Listing<T>, ApiError>>,
    ) -> Result<Shared, ApiError> {
        let key = Key {
            view: scope.view(),
            question: request.uri().to_string(),
        };
        let flight = match self.join(key) {
            Ok(flight) => flight,
            Err(turn) => match turn.await {
                Ok(Turn::Answer(body)) => return Ok(Shared(body)),
                Ok(Turn::Ask(flight)) => flight,
                Err(_) => return Err(Error::internal("a question was given up without a successor").into()),
            },
        };
        // Whatever ends this early, an error or a caller who hangs up: the flight goes to the next who waits.
        let body = Bytes::from(read.await?.body().map_err(Error::internal)?);
        Ok(Shared(flight.land(body)))
    }

    fn join(&self, key: Key) -> Result<Flight, oneshot::Receiver<Turn>> {
        let mut flights = lock(&self.flights);
        if let Some(waiting) = flights.get_mut(&key) {
            let (turn, mine) = oneshot::channel();
            waiting.push(turn);
            return Err(mine);
        }
        flights.insert(key.clone(), Vec::new());
        Ok(Flight {
            flights: self.flights.clone(),
            key,
            with: Vec::new(),
        })
    }
}

fn lock(flights: &Mutex<HashMap<Key, Waiting>>) -> std::sync::MutexGuard<'_, HashMap<Key, Waiting>> {
    // Nothing is left half done in there.
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to ask; when it ends, whoever came since is next.
struct Flight {
    flights: Arc<Mutex<HashMap<Key, Waiting>>>,
    key: Key,
    /// They waited before the question was asked.
    with: Waiting,
}

impl Flight {
    fn land(mut self, body: Bytes) -> Bytes {
        for turn in mem::take(&mut self.with) {
            // Some don't wait any more.
            let _ = turn.send(Turn::Answer(body.clone()));
        }
        body
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut flights = lock(&self.flights);
        let mut next = mem::take(&mut self.with);
        next.append(flights.get_mut(&self.key).unwrap_or(&mut Vec::new()));
        // Those who hung up can't be the ones who ask.
        next.retain(|turn| !turn.is_closed());
        if next.is_empty() {
            flights.remove(&self.key);
            return;
        }
        drop(flights);
        let first = next.swap_remove(0);
        let flight = Self {
            flights: self.flights.clone(),
            key: self.key.clone(),
            with: next,
        };
        // If that one hung up just now, the flight is dropped here and goes on to the next.
        let _ = first.send(Turn::Ask(flight));
    }
}

/// An answer that several may get.
#[derive(Debug)]
pub struct Shared(Bytes);

impl Responder for Shared {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/json"))
            .body(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use futures_util::FutureExt;
    use groundswell_domain::{OrganizationId, Page, RequestId};
    use std::cell::Cell;
    use std::pin::pin;
    use uuid::Uuid;

    fn scope(organization: u128) -> Scope {
        Scope::system(
            OrganizationId(Uuid::from_u128(organization)),
            RequestId(Uuid::nil()),
        )
    }

    fn page(number: i32) -> Listing<i32> {
        Listing(Page {
            items: vec![number],
            next: None,
            total: None,
        })
    }

    fn failure() -> Result<Listing<i32>, ApiError> {
        Err(Error::NotFound { what: "list" }.into())
    }

    fn number(answer: Option<Result<Shared, ApiError>>) -> Option<i64> {
        let body = answer?.unwrap().0;
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()["data"][0].as_i64()
    }

    #[test]
    fn who_comes_meanwhile_gets_the_next_reading_and_shares_it() {
        let (reads, request, scope) = (
            SharedReads::default(),
            TestRequest::get().uri("/x").to_http_request(),
            scope(1),
        );
        let asked = Cell::new(0);
        let (go, wait) = oneshot::channel::<()>();
        let read = |answer: i32| {
            let asked = &asked;
            async move {
                asked.set(asked.get() + 1);
                Ok(page(answer))
            }
        };
        let mut first = pin!(reads.read(&scope, &request, async {
            wait.await.unwrap();
            Ok(page(1))
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = pin!(reads.read(&scope, &request, read(2)));
        let mut third = pin!(reads.read(&scope, &request, read(3)));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        go.send(()).unwrap();
        assert_eq!(number(first.now_or_never()), Some(1));
        assert_eq!(
            number(second.now_or_never()),
            Some(2),
            "never what was read before"
        );
        assert_eq!(number(third.now_or_never()), Some(2), "together with the second");
        assert_eq!(asked.get(), 1);
        assert!(lock(&reads.flights).is_empty());
        assert_eq!(
            number(reads.read(&scope, &request, read(4)).now_or_never()),
            Some(4)
        );
    }

    #[test]
    fn a_failure_or_a_caller_who_hangs_up_is_nobody_else_s() {
        let (reads, request, scope) = (
            SharedReads::default(),
            TestRequest::get().uri("/x").to_http_request(),
            scope(1),
        );
        let mut first = Box::pin(reads.read(&scope, &request, async {
            std::future::pending::<()>().await;
            Ok(page(1))
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let mut gone = Box::pin(reads.read(&scope, &request, async { Ok(page(2)) }));
        let mut failing = pin!(reads.read(&scope, &request, async { failure() }));
        let mut last = pin!(reads.read(&scope, &request, async { Ok(page(4)) }));
        assert!(gone.as_mut().now_or_never().is_none());
        assert!(failing.as_mut().now_or_never().is_none());
        assert!(last.as_mut().now_or_never().is_none());
        drop(first);
        // It was told to ask, and hangs up before it does.
        drop(gone);
        let turns = (failing.as_mut().now_or_never(), last.as_mut().now_or_never());
        // Whoever of the two was told to ask first: the failure stays with its caller.
        match turns {
            (Some(Err(_)), Some(answer)) => assert_eq!(number(Some(answer)), Some(4)),
            (Some(Err(_)), None) => assert_eq!(number(last.now_or_never()), Some(4)),
            (failed, answer) => {
                assert_eq!(number(answer), Some(4));
                assert!(failed.or_else(|| failing.now_or_never()).is_some());
            }
        }
        assert!(lock(&reads.flights).is_empty());
    }

    #[test]
    fn other_questions_and_other_organizations_are_apart() {
        let reads = SharedReads::default();
        let request = |uri| TestRequest::get().uri(uri).to_http_request();
        let (x, y) = (request("/x"), request("/x?limit=2"));
        let (ours, theirs) = (scope(1), scope(2));
        let mut first = pin!(reads.read(&ours, &x, async {
            std::future::pending::<()>().await;
            Ok(page(1))
        }));
        assert!(first.as_mut().now_or_never().is_none());
        assert_eq!(
            number(reads.read(&theirs, &x, async { Ok(page(2)) }).now_or_never()),
            Some(2)
        );
        assert_eq!(
            number(reads.read(&ours, &y, async { Ok(page(3)) }).now_or_never()),
            Some(3)
        );
    }
}
