//! What is kept of a call.

use super::{Attempt, Cost, DataClass, ProviderName, Spender, Task, Usage};
use crate::ids::{LlmCallId, RequestId};
use chrono::{DateTime, Utc};

crate::text_enum::text_enum! {
    /// What is kept of the words.
    Bodies {
        None => "none",
        /// Without what `redact` finds.
        Redacted => "redacted",
        Full => "full",
    }
}

/// What an organization wants kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPolicy {
    pub bodies: Bodies,
    /// Days that the words are kept; figures stay for as long as usage is shown.
    pub days: u32,
}

impl Default for LogPolicy {
    fn default() -> Self {
        Self {
            bodies: Bodies::None,
            days: 30,
        }
    }
}

impl LogPolicy {
    /// The words as they may be kept. What is personal is never kept in full.
    pub fn keep(&self, class: DataClass, text: &str) -> Option<String> {
        match self.bodies {
            Bodies::None => None,
            Bodies::Full if class != DataClass::Personal => Some(text.to_owned()),
            Bodies::Full | Bodies::Redacted => Some(super::redact(text)),
        }
    }
}

/// A call when it is over.
#[derive(Debug, Clone)]
pub struct CallRecord {
    pub id: LlmCallId,
    pub request_id: Option<RequestId>,
    pub spender: Spender,
    pub task: Option<Task>,
    pub data_class: DataClass,
    pub at: DateTime<Utc>,
    /// Who answered, if somebody did.
    pub answered: Option<(ProviderName, String)>,
    pub attempts: Vec<Attempt>,
    pub usage: Usage,
    pub cost: Cost,
    pub cached: bool,
    /// All of it, in milliseconds.
    pub ms: u64,
    /// Of these, neither waiting for a provider nor between two tries.
    pub overhead_ms: f64,
    /// As the policy lets it be kept.
    pub prompt: Option<String>,
    pub answer: Option<String>,
    /// Words are deleted after this.
    pub keep_words_until: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_words_are_never_kept_in_full() {
        let policy = |bodies| LogPolicy { bodies, days: 1 };
        let keep = |bodies, class| policy(bodies).keep(class, "ada@x.example");
        assert_eq!(keep(Bodies::None, DataClass::Public), None);
        assert_eq!(
            keep(Bodies::Full, DataClass::Internal).as_deref(),
            Some("ada@x.example")
        );
        assert_eq!(
            keep(Bodies::Full, DataClass::Personal).as_deref(),
            Some("[email]")
        );
        assert_eq!(
            keep(Bodies::Redacted, DataClass::Public).as_deref(),
            Some("[email]")
        );
    }
}
