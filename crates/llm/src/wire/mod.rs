//! The languages of vendors: what is written, and how what comes is read. Pure.

pub(crate) mod anthropic;
pub(crate) mod gemini;
pub(crate) mod openai;

use groundswell_domain::llm::{Chunk, FailureKind};
use serde_json::Value;

/// What an event of a stream says.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    /// May be none.
    Chunks(Vec<Chunk>),
    /// Nothing more is to come.
    End,
    /// With what the vendor wrote.
    Error(FailureKind, String, Value),
}

/// Reads what a vendor answers.
pub(crate) trait Reader: Send + Sync {
    /// The data of one event. The error says why it can't be read.
    fn event(&mut self, data: &str) -> Result<Said, String>;
    /// Whether the answer is whole although the stream just ended.
    fn is_complete(&self) -> bool;
    /// What went wrong, in an answer that says so: whatever its status, or in a body that came with a yes.
    fn error(&self, status: u16, body: &Value) -> Option<(FailureKind, String)>;
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

pub(crate) fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// Words by which vendors say that a prompt is too long, whatever the status.
pub(crate) fn is_too_long(message: &str) -> bool {
    let message = message.to_lowercase();
    [
        "context length",
        "context_length",
        "context window",
        "maximum context",
        "prompt is too long",
        "too many tokens",
        "exceeds the maximum number of tokens",
        "too large for model",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// Words by which they say that a key is wrong where the status does not.
pub(crate) fn is_bad_key(message: &str) -> bool {
    let message = message.to_lowercase();
    [
        "api key not valid",
        "api_key_invalid",
        "incorrect api key",
        "invalid api key",
        "api key expired",
    ]
    .iter()
    .any(|words| message.contains(words))
}
