//! What the gate answers, with everything that led to it.

use super::{Attempt, Cost, Finish, ProviderName, Shortfall, ToolCall, Usage};
use crate::error::FieldError;
use crate::ids::LlmCallId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub id: LlmCallId,
    pub provider: ProviderName,
    pub model: String,
    pub text: String,
    pub tool_calls: Vec<ToolCall>,
    /// The words of a refusal.
    pub refusal: Option<String>,
    pub finish: Finish,
    /// What a schema was asked for, checked against it.
    pub json: Option<Value>,
    /// Of all attempts that were charged.
    pub usage: Usage,
    /// Of all attempts that were charged; null when it is not known.
    pub cost: Cost,
    pub attempts: Vec<Attempt>,
    /// An equal call was answered before: nobody was asked.
    pub cached: bool,
    /// All of it, in milliseconds.
    pub ms: u64,
    /// Of these, the gate's own: neither waiting for a provider nor between two tries.
    pub overhead_ms: f64,
}

/// A piece of an answer on its way to the caller.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent {
    Text(String),
    Refusal(String),
    /// As [`super::Chunk::ToolCall`].
    ToolCall {
        index: u32,
        id: Option<String>,
        name: Option<String>,
        arguments: String,
    },
    /// The last one, when all went well.
    Done(Box<Answer>),
    /// The last one, when it broke off after the first piece: it is not tried again, as the caller has seen the start.
    Failed(Box<GateFailure>),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum GateFailureKind {
    /// The call makes no sense.
    Invalid(Vec<FieldError>),
    /// No budget for it.
    OverBudget(Shortfall),
    /// A budget applies, and nobody knows what the models cost that could be asked.
    UnknownPrice,
    /// There is nobody who could be asked: no keys, no models that can do it, or none that may see the data.
    NobodyToAsk,
    /// All who could be asked want to be left alone for a while.
    Limited,
    /// Nobody answered.
    Unanswered,
    /// The vendors do not take this request as it is.
    Rejected,
    /// The answer does not follow the schema, also not when asked again. A sentence for each place.
    SchemaMismatch(Vec<String>),
    /// A fault of ours.
    Internal,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct GateFailure {
    pub kind: GateFailureKind,
    /// A sentence that a person understands.
    pub message: String,
    pub attempts: Vec<Attempt>,
    pub retry_after: Option<Duration>,
    /// Of attempts that were charged all the same.
    pub usage: Usage,
    pub cost: Cost,
}

impl GateFailure {
    /// Without any attempt.
    pub fn bare(kind: GateFailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            attempts: Vec::new(),
            retry_after: None,
            usage: Usage::default(),
            cost: Cost::FREE,
        }
    }
}
