//! What the gate needs of others, and what it is to others.

use super::{
    Answer, Call, CallRecord, ChatRequest, Chunk, Completion, EmbedRequest, Embeddings, Endpoint,
    Fingerprint, GateFailure, ImageRequest, Images, LlmKey, LogPolicy, Profile, ProviderFailure,
    ProviderName, Reservation, ReservationId, Reserve, Routing, Settlement, Spender, StreamEvent,
};
use crate::error::StoreError;
use crate::ids::OrganizationId;
use crate::llm::Vendor;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::time::Duration;

/// Whom exactly to ask.
#[derive(Debug, Clone)]
pub struct Target {
    pub endpoint: Endpoint,
    pub model: String,
    pub key: Option<SecretString>,
    /// The model follows a schema by itself; else the schema stands in the prompt already.
    pub native_schema: bool,
    /// The model lets its temperature be chosen.
    pub temperature: bool,
}

/// One vendor. It asks once: trying again is the gate's business. Waiting is bounded by the gate as well, which drops the call.
#[async_trait]
pub trait LlmProvider: Send + Sync {
    fn vendor(&self) -> Vendor;
    async fn complete(&self, target: &Target, request: &ChatRequest) -> Result<Completion, ProviderFailure>;
    /// Answers as soon as the vendor has said that it will.
    async fn stream(
        &self,
        target: &Target,
        request: &ChatRequest,
    ) -> Result<Box<dyn ChunkSource>, ProviderFailure>;
    /// [`super::FailureKind::Unsupported`] where the vendor has no such thing.
    async fn embed(&self, target: &Target, request: &EmbedRequest) -> Result<Embeddings, ProviderFailure>;
    /// As [`Self::embed`].
    async fn image(&self, target: &Target, request: &ImageRequest) -> Result<Images, ProviderFailure>;
}

/// Pieces of an answer, one after the other. `None` only after a proper end: a stream that breaks off is a failure.
#[async_trait]
pub trait ChunkSource: Send {
    async fn next(&mut self) -> Option<Result<Chunk, ProviderFailure>>;
}

/// Pieces of an answer for the caller. Ends after [`StreamEvent::Done`] or [`StreamEvent::Failed`]. Dropping it ends the call.
#[async_trait]
pub trait GateStream: Send {
    async fn next(&mut self) -> Option<StreamEvent>;
}

/// The one way to language models: whoever needs a text asks here.
#[async_trait]
pub trait LlmGate: Send + Sync {
    async fn complete(&self, call: Call) -> Result<Answer, GateFailure>;
    /// Errors before the first piece are errors here; later ones are [`StreamEvent::Failed`].
    async fn stream(&self, call: Call) -> Result<Box<dyn GateStream>, GateFailure>;
}

/// What an organization decided, together with what the operator set up.
#[derive(Debug, Clone)]
pub struct Policy {
    pub routing: Routing,
    /// Providers that can be asked, by name.
    pub profiles: Vec<Profile>,
    pub log: LogPolicy,
    /// How long an answer may be given again.
    pub cache_for: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            routing: Routing::default(),
            profiles: Profile::all(),
            log: LogPolicy::default(),
            cache_for: Duration::from_hours(24),
        }
    }
}

impl Policy {
    pub fn profile(&self, name: &ProviderName) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == *name)
    }
}

/// What is decided about calls of an organization.
#[async_trait]
pub trait PolicyBook: Send + Sync {
    async fn policy(&self, organization: OrganizationId) -> Result<Policy, StoreError>;
}

/// The keys that there are.
#[async_trait]
pub trait KeyRing: Send + Sync {
    /// All keys that this spender may use with the provider, opened: the user's, the client's, the organization's, and the operator's.
    /// Those of others are never among them.
    async fn keys(&self, spender: &Spender, provider: &ProviderName) -> Result<Vec<LlmKey>, StoreError>;
    /// The provider refused the key: it is not used any more until its owner gives a new value, and its owner is told. Once for many
    /// calls at the same moment.
    async fn quarantine(
        &self,
        organization: OrganizationId,
        key: &LlmKey,
        failure: &ProviderFailure,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}

/// Money that is set aside and spent. What two nodes reserve at the same moment never comes to more than a budget has.
#[async_trait]
pub trait BudgetLedger: Send + Sync {
    /// Sets the amount aside in every budget that covers the spender or the key, in the periods of its moment: in all or in none.
    async fn reserve(&self, reservation: &Reservation) -> Result<Reserve, StoreError>;
    /// What it came to; may be more than was set aside. False when it was settled, released or expired already, and then nothing changes.
    async fn settle(
        &self,
        organization: OrganizationId,
        id: ReservationId,
        settlement: Settlement,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Nothing was spent. False as with [`Self::settle`].
    async fn release(
        &self,
        organization: OrganizationId,
        id: ReservationId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}

/// Answers that were given before. A cache that fails is no cache: the call goes on.
#[async_trait]
pub trait AnswerCache: Send + Sync {
    async fn find(
        &self,
        organization: OrganizationId,
        fingerprint: &Fingerprint,
        now: DateTime<Utc>,
    ) -> Result<Option<Answer>, StoreError>;
    async fn keep(
        &self,
        organization: OrganizationId,
        fingerprint: &Fingerprint,
        answer: &Answer,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}

/// What is written down of calls.
#[async_trait]
pub trait CallLog: Send + Sync {
    async fn record(&self, record: CallRecord) -> Result<(), StoreError>;
}
