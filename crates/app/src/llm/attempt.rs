//! One attempt: money is set aside, somebody is asked, and it is settled what it cost.

use super::run::Run;
use super::schema;
use groundswell_domain::llm::{
    ChatRequest, Chunk, ChunkSource, Completion, FailureKind, GateFailure, Hop, KeyRef, LlmKey, LlmProvider,
    Outcome, Price, Profile, ProviderFailure, Reservation, ReservationId, Reserve, Target, TokenBound,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Whole,
    Stream,
}

/// Whom it is asked of, and what is known of them.
#[derive(Clone)]
pub(super) struct Place {
    pub hop: Hop,
    pub profile: Profile,
    pub provider: Arc<dyn LlmProvider>,
    pub request: ChatRequest,
    pub bound: TokenBound,
    pub price: Price,
    pub native_schema: bool,
    pub temperature: bool,
}

/// A stream that has begun.
pub(super) struct Begun {
    /// What came until the first piece of content, and that.
    pub first: VecDeque<Chunk>,
    /// `None` when that was all.
    pub source: Option<Box<dyn ChunkSource>>,
}

pub(super) enum Reply {
    Whole(Box<Completion>),
    Stream(Begun),
}

/// An attempt that was answered. A stream is not settled yet.
pub(super) struct Won {
    pub place: Place,
    pub key: LlmKey,
    pub reservation: ReservationId,
    pub started: Instant,
    pub reply: Reply,
}

pub(super) enum Tried {
    Answered(Box<Won>),
    Failed(FailureKind),
    /// A budget refused; others may be cheaper.
    NoMoney,
}

/// How long after the deadline of a call its reservation is good: whoever settles it has begun by then.
const SETTLING: Duration = Duration::from_mins(1);

impl Run {
    pub async fn attempt(&mut self, place: &Place, key: &LlmKey, mode: Mode) -> Result<Tried, GateFailure> {
        let Some(reservation) = self.reserve(place, key, mode).await? else {
            let now = self.now();
            self.gate.book().undecided(&key.id, &place.hop.model, now);
            return Ok(Tried::NoMoney);
        };
        let target = Target {
            endpoint: place.profile.endpoint.clone(),
            model: place.hop.model.clone(),
            key: key.secret.clone(),
            native_schema: place.native_schema,
            temperature: place.temperature,
        };
        let request = schema::written_into(&place.request, place.native_schema);
        let started = Instant::now();
        let reply = self.ask(place, &target, &request, mode).await;
        let took = started.elapsed();
        self.others_took(took);
        let now = self.now();
        match reply {
            Ok(reply) => {
                self.note(&place.hop, Some(key), Outcome::Answered, took);
                if let Reply::Whole(completion) = &reply {
                    self.gate.book().answered(&key.id, &place.hop.model, now);
                    let written = completion.text.len();
                    self.settle(place, reservation, completion.usage, written).await;
                }
                Ok(Tried::Answered(Box::new(Won {
                    place: place.clone(),
                    key: key.clone(),
                    reservation,
                    started,
                    reply,
                })))
            }
            Err(failure) => {
                self.settle_failure(place, reservation, &failure, 0).await;
                self.learn(place, key, &failure).await;
                let attempt = self.note(&place.hop, Some(key), failure.kind.into(), took);
                attempt.status = failure.status;
                attempt.message = Some(failure.message);
                Ok(Tried::Failed(failure.kind))
            }
        }
    }

    /// What a failure says about the key.
    pub async fn learn(&self, place: &Place, key: &LlmKey, failure: &ProviderFailure) {
        let now = self.now();
        let model = &place.hop.model;
        let failures = self.gate.book().failures(&key.id, model) + 1;
        let rest = match failure.kind {
            FailureKind::RateLimited => {
                let jitter = self.gate.jitter();
                failure
                    .retry_after
                    .unwrap_or_else(|| self.gate.settings.backoff.wait(failures, jitter))
            }
            _ => failure.retry_after.unwrap_or_default(),
        };
        self.gate.book().failed(&key.id, model, failure.kind, rest, now);
        if failure.kind == FailureKind::Unauthorized && key.secret.is_some() {
            let organization = self.call.spender.organization;
            let told = self
                .gate
                .ports
                .keys
                .quarantine(organization, key, failure, now)
                .await;
            if let Err(error) = told {
                tracing::error!(%error, provider = %key.provider, "a key that was refused can't be put in quarantine");
            }
        }
    }

    /// Sets the worst case aside; `None` when a budget refuses, which is noted.
    async fn reserve(
        &mut self,
        place: &Place,
        key: &LlmKey,
        mode: Mode,
    ) -> Result<Option<ReservationId>, GateFailure> {
        let now = self.now();
        let worst = place
            .price
            .worst(place.bound, place.request.max_output_tokens, now.date_naive());
        let settings = &self.gate.settings;
        let good = match mode {
            Mode::Whole => self.remaining() + SETTLING,
            Mode::Stream => self.remaining() + settings.longest_stream + SETTLING,
        };
        let reservation = Reservation {
            id: self.gate.ports.ids.next().into(),
            spender: self.call.spender.clone(),
            key: match key.id {
                KeyRef::Stored(id) => Some(id),
                KeyRef::Operator(..) | KeyRef::None(_) => None,
            },
            amount: worst.nanos(),
            allow_unknown: self.call.allow_unknown_price,
            at: now,
            expires_at: now + chrono::TimeDelta::from_std(good).unwrap_or_default(),
        };
        let granted = self.gate.ports.budgets.reserve(&reservation).await;
        match granted.map_err(|error| self.store_failed("budgets", &error))? {
            Reserve::Granted => Ok(Some(reservation.id)),
            Reserve::Short(shortfall) => {
                let attempt = self.note(&place.hop, Some(key), Outcome::OverBudget, Duration::ZERO);
                attempt.message = Some(shortfall.to_string());
                self.short.get_or_insert(shortfall);
                Ok(None)
            }
            Reserve::UnknownPrice(_) => {
                self.note(&place.hop, Some(key), Outcome::UnknownPrice, Duration::ZERO);
                self.unknown_price = true;
                Ok(None)
            }
        }
    }

    async fn ask(
        &self,
        place: &Place,
        target: &Target,
        request: &ChatRequest,
        mode: Mode,
    ) -> Result<Reply, ProviderFailure> {
        let settings = &self.gate.settings;
        let (limit, kind) = match mode {
            Mode::Whole => (settings.whole, FailureKind::Timeout),
            Mode::Stream => (settings.first_byte, FailureKind::SlowFirstByte),
        };
        let limit = limit.min(self.remaining());
        let asked = async {
            match mode {
                Mode::Whole => {
                    let completion = place.provider.complete(target, request).await?;
                    Ok(Reply::Whole(Box::new(completion)))
                }
                Mode::Stream => {
                    let source = place.provider.stream(target, request).await?;
                    begin(source).await.map(Reply::Stream)
                }
            }
        };
        timeout(limit, asked).await.unwrap_or_else(|_| {
            let message = format!("no answer within {:.1} s", limit.as_secs_f64());
            Err(ProviderFailure::new(kind, message))
        })
    }
}

/// Waits for the first piece of content: until then everything can be tried again.
async fn begin(mut source: Box<dyn ChunkSource>) -> Result<Begun, ProviderFailure> {
    let mut first = VecDeque::new();
    while let Some(chunk) = source.next().await {
        let chunk = chunk?;
        let is_content = chunk.is_content();
        first.push_back(chunk);
        if is_content {
            return Ok(Begun {
                first,
                source: Some(source),
            });
        }
    }
    Ok(Begun { first, source: None })
}
