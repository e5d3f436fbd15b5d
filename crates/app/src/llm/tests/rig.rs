//! A gate with three vendors and two keys of each.

use crate::llm::{Gate, GatePorts, GateSettings};
use groundswell_domain::ids::OrganizationId;
use groundswell_domain::llm::{
    Answer, Budget, Call, Catalogue, ChatRequest, FailureKind, GateFailure, KeyOwner, KeyRef, LlmGate,
    LlmKey, LlmProvider, Message, Policy, ProviderFailure, Role, Spender, Vendor,
};
use groundswell_domain::platform::Entropy;
use groundswell_testkit::TestIds;
use groundswell_testkit::llm::{
    MemoryCache, MemoryKeys, MemoryLedger, MemoryLog, MemoryPolicies, Play, Scripted, TokioClock,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The largest jitter there is, so that waits are as long as they can be.
struct Most;

impl Entropy for Most {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0xff);
    }
}

pub struct Rig {
    pub gate: Gate,
    pub vendors: HashMap<Vendor, Arc<Scripted>>,
    pub keys: Arc<MemoryKeys>,
    pub ledger: Arc<MemoryLedger>,
    pub policies: Arc<MemoryPolicies>,
    pub log: Arc<MemoryLog>,
    pub organization: OrganizationId,
    began: Instant,
}

pub fn failure(kind: FailureKind) -> Play {
    Play::Fail(ProviderFailure::new(kind, "no"))
}

pub fn limited(seconds: Option<u64>) -> Play {
    let failure = ProviderFailure::new(FailureKind::RateLimited, "slow down").with_status(429);
    Play::Fail(failure.after(seconds.map(Duration::from_secs)))
}

impl Rig {
    pub fn new() -> Self {
        Self::with(GateSettings::default())
    }

    pub fn with(settings: GateSettings) -> Self {
        let names = [
            Vendor::OpenAi,
            Vendor::Anthropic,
            Vendor::Mistral,
            Vendor::Ollama,
            Vendor::Builtin,
        ];
        let vendors: HashMap<_, _> = names
            .into_iter()
            .map(|vendor| (vendor, Arc::new(Scripted::new(vendor, []))))
            .collect();
        let keys = Arc::new(MemoryKeys::default());
        let ledger = Arc::new(MemoryLedger::default());
        let policies = Arc::new(MemoryPolicies::default());
        policies.0.lock().unwrap().routing.builtin_last = false;
        let log = Arc::new(MemoryLog::default());
        let providers = vendors
            .values()
            .map(|vendor| vendor.clone() as Arc<dyn LlmProvider>);
        let ports = GatePorts {
            providers: providers.collect(),
            policies: policies.clone(),
            keys: keys.clone(),
            budgets: ledger.clone(),
            cache: Arc::new(MemoryCache::default()),
            log: log.clone(),
            clock: Arc::new(TokioClock::default()),
            ids: Arc::new(TestIds::default()),
            entropy: Arc::new(Most),
        };
        Self {
            gate: Gate::new(ports, Catalogue::built_in().unwrap(), settings),
            vendors,
            keys,
            ledger,
            policies,
            log,
            organization: uuid::Uuid::from_u128(1).into(),
            began: Instant::now(),
        }
    }

    /// Adds the n-th key of the operator.
    pub fn key(&self, vendor: Vendor, number: u16) -> KeyRef {
        let provider: groundswell_domain::llm::ProviderName = vendor.as_str().parse().unwrap();
        let id = KeyRef::Operator(provider.clone(), number);
        self.keys.add(LlmKey {
            id: id.clone(),
            provider,
            owner: KeyOwner::Operator,
            secret: Some(format!("sk-abcdefgh{number:04}").into()),
            quarantined: false,
        });
        id
    }

    /// With one key for each of the vendors of the default order.
    pub fn keyed() -> Self {
        let rig = Self::new();
        for vendor in [Vendor::OpenAi, Vendor::Anthropic, Vendor::Mistral] {
            rig.key(vendor, 1);
        }
        rig
    }

    /// Only the first hop of the default order, with this many keys.
    pub fn alone(keys: u16) -> Self {
        let rig = Self::new();
        rig.change(|policy| policy.routing.order.truncate(1));
        for number in 1..=keys {
            rig.key(Vendor::OpenAi, number);
        }
        rig
    }

    pub fn change(&self, change: impl FnOnce(&mut Policy)) {
        change(&mut self.policies.0.lock().unwrap());
    }

    pub fn plays(&self, vendor: Vendor, plays: impl IntoIterator<Item = Play>) {
        plays.into_iter().for_each(|play| self.vendors[&vendor].add(play));
    }

    pub fn budget(&self, budget: Budget) {
        self.ledger.add(self.organization, budget);
    }

    pub fn call(&self) -> Call {
        let mut request = ChatRequest::of(vec![Message::text(Role::User, "Say hello")]);
        request.max_output_tokens = 1000;
        Call::of(Spender::organization(self.organization), request)
    }

    pub async fn ask(&self) -> Result<Answer, GateFailure> {
        self.gate.complete(self.call()).await
    }

    /// Milliseconds on the stopped clock since the rig was built.
    pub fn elapsed(&self) -> u128 {
        self.began.elapsed().as_millis()
    }

    /// Nothing is reserved, every script was played to its end, and every call was written down once.
    pub fn is_tidy(&self, calls: usize) {
        assert_eq!(self.ledger.open(), 0, "something is still reserved");
        for (vendor, scripted) in &self.vendors {
            assert_eq!(scripted.left(), 0, "{vendor} was asked less often than expected");
        }
        assert_eq!(self.log.records().len(), calls, "calls that were written down");
    }
}

/// The attempts as `provider outcome key`.
pub fn told(attempts: &[groundswell_domain::llm::Attempt]) -> Vec<String> {
    let lines = attempts.iter().map(|attempt| {
        let key = attempt.key_last4.as_deref().unwrap_or("-");
        format!("{} {} {key}", attempt.provider, attempt.outcome)
    });
    lines.collect()
}
