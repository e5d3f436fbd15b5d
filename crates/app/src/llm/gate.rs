//! The gate as others see it.

use super::run::Run;
use super::{engine, streaming};
use async_trait::async_trait;
use groundswell_domain::llm::{
    Answer, AnswerCache, Backoff, BudgetLedger, Call, CallLog, Catalogue, GateFailure, GateFailureKind,
    GateStream, HealthBook, HealthRules, KeyRing, LlmGate, LlmProvider, PolicyBook, Vendor,
};
use groundswell_domain::platform::{Clock, Entropy, Ids};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the gate is built from.
pub struct GatePorts {
    /// At most one for each vendor; a vendor without one is left out of every plan.
    pub providers: Vec<Arc<dyn LlmProvider>>,
    pub policies: Arc<dyn PolicyBook>,
    pub keys: Arc<dyn KeyRing>,
    pub budgets: Arc<dyn BudgetLedger>,
    pub cache: Arc<dyn AnswerCache>,
    pub log: Arc<dyn CallLog>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub entropy: Arc<dyn Entropy>,
}

/// How patient the gate is.
#[derive(Debug, Clone, Copy)]
pub struct GateSettings {
    /// For one attempt that is not streamed, until the whole answer is there.
    pub whole: Duration,
    /// For one attempt that is streamed, until its first piece is there.
    pub first_byte: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
    /// For all attempts of a call together, waits included; a stream may go on beyond it once it has begun.
    pub deadline: Duration,
    /// A stream is cut after this.
    pub longest_stream: Duration,
    /// Tries of one hop that fails in a way that may pass.
    pub tries: u32,
    /// How often it is waited for keys that are limited, when nobody else is left,
    pub most_waits: u32,
    /// and for how long at most each time.
    pub longest_wait: Duration,
    pub backoff: Backoff,
    pub health: HealthRules,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            whole: Duration::from_secs(90),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            deadline: Duration::from_mins(3),
            longest_stream: Duration::from_mins(10),
            tries: 2,
            most_waits: 2,
            longest_wait: Duration::from_secs(20),
            backoff: Backoff::default(),
            health: HealthRules::default(),
        }
    }
}

/// The way to language models. Cheap to clone.
#[derive(Clone)]
pub struct Gate(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub ports: GatePorts,
    pub settings: GateSettings,
    pub catalogue: Catalogue,
    providers: HashMap<Vendor, Arc<dyn LlmProvider>>,
    book: Mutex<HealthBook>,
}

impl Inner {
    pub fn provider(&self, vendor: Vendor) -> Option<Arc<dyn LlmProvider>> {
        self.providers.get(&vendor).cloned()
    }

    /// What is known of keys. Never held while something is awaited.
    pub fn book(&self) -> MutexGuard<'_, HealthBook> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Random in 0.0..=1.0.
    pub fn jitter(&self) -> f64 {
        let mut bytes = [0; 4];
        self.ports.entropy.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

impl Gate {
    pub fn new(ports: GatePorts, catalogue: Catalogue, settings: GateSettings) -> Self {
        let providers = ports.providers.iter();
        Self(Arc::new(Inner {
            providers: providers
                .map(|provider| (provider.vendor(), provider.clone()))
                .collect(),
            book: Mutex::new(HealthBook::new(settings.health)),
            ports,
            settings,
            catalogue,
        }))
    }

    /// Models and prices that are known.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }
}

#[async_trait]
impl LlmGate for Gate {
    async fn complete(&self, call: Call) -> Result<Answer, GateFailure> {
        let run = Run::new(self.0.clone(), call);
        match tokio::spawn(engine::complete(run)).await {
            Ok(ended) => ended,
            Err(error) => Err(broken(&error)),
        }
    }

    async fn stream(&self, call: Call) -> Result<Box<dyn GateStream>, GateFailure> {
        let run = Run::new(self.0.clone(), call);
        match tokio::spawn(streaming::stream(run)).await {
            Ok(ended) => ended,
            Err(error) => Err(broken(&error)),
        }
    }
}

fn broken(error: &tokio::task::JoinError) -> GateFailure {
    tracing::error!(%error, "a call to a language model ended in a panic");
    GateFailure::bare(
        GateFailureKind::Internal,
        "the call could not be made: a fault of ours",
    )
}
