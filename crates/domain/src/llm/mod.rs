//! The gate to language models: what is asked, what comes back, and every rule between the two.
//!
//! Nothing here talks to anybody. A vendor is an [`LlmProvider`], whose adapter turns [`ChatRequest`] into bytes and bytes into
//! [`Completion`] or [`Chunk`]s. What happens when a vendor does not answer is decided by pure functions of time: [`HealthBook`]
//! (cool-downs, quarantine, the breaker), [`Backoff`], [`FailureKind::step`] (the table of what is tried next) and [`Routing`]
//! (in which order). Money is exact: [`Catalogue`] knows prices with the day on which they were looked up, a price that it does
//! not know is unknown and never 0, and a [`BudgetLedger`] is asked before each attempt.
//!
//! The loop that uses all of this is in `groundswell_app::llm`; who needs a text asks the port [`LlmGate`].
//!
//! A new vendor: a variant of [`Vendor`] with its defaults, a file in `crates/llm/src/providers`, its models in
//! `data/llm_prices.json`.

mod answer;
mod attempt;
mod backoff;
mod breaker;
mod budget;
mod capability;
mod catalogue;
mod check;
mod chunk;
mod cost;
mod embed;
mod failure;
mod fingerprint;
mod health;
mod image;
mod keys;
mod log;
mod message;
mod period;
mod ports;
mod price;
mod provider;
mod redact;
mod request;
mod retry_after;
mod routing;
mod tokens;
mod usage;
mod vendor;

pub use answer::{Answer, GateFailure, GateFailureKind, StreamEvent};
pub use attempt::{Attempt, Outcome};
pub use backoff::Backoff;
pub use breaker::{Admission, Breaker, BreakerRules};
pub use budget::{
    Budget, BudgetScope, MAX_AGENT, Reservation, ReservationId, Reserve, Settlement, Shortfall, Spender,
};
pub use capability::Capability;
pub use catalogue::{Catalogue, Model};
pub use check::{MAX_MESSAGES, MAX_PROMPT, MAX_TOOLS, check};
pub use chunk::{Assembly, Chunk, Completion, Finish};
pub use cost::{Cost, Nanos};
pub use embed::{EmbedRequest, Embeddings};
pub use failure::{FailureKind, ProviderFailure, Step};
pub use fingerprint::Fingerprint;
pub use health::{HealthBook, HealthRules, Hold, Standing};
pub use image::{GeneratedImage, ImageRequest, Images};
pub use keys::{KeyOwner, KeyRef, LlmKey, rotation};
pub use log::{Bodies, CallRecord, LogPolicy};
pub use message::{ImagePart, Message, Part, Role, ToolCall};
pub use period::Period;
pub use ports::{
    AnswerCache, BudgetLedger, CallLog, ChunkSource, GateStream, KeyRing, LlmGate, LlmProvider, Policy,
    PolicyBook, Target,
};
pub use price::{Price, Rates};
pub use provider::{Endpoint, NamedBy, Profile, ProviderName};
pub use redact::redact;
pub use request::{
    Call, ChatRequest, DataClass, JsonSchema, MAX_OUTPUT_TOKENS, ModelChoice, Sampling, Task, Tool,
    ToolChoice,
};
pub use retry_after::retry_after;
pub use routing::{Hop, Routing, RoutingRule};
pub use tokens::{TokenBound, count};
pub use usage::Usage;
pub use vendor::Vendor;
