//! How many tokens a call took.

use serde::{Deserialize, Serialize};

/// Tokens, as the vendor counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Of the prompt, all of it: what was cached is part of it.
    pub input: u64,
    /// Of these, read from the vendor's cache.
    pub cached_input: u64,
    /// Of these, written to the vendor's cache.
    pub cache_write: u64,
    /// Of the answer, reasoning included.
    pub output: u64,
    /// Of these, reasoning that is not shown.
    pub reasoning: u64,
    /// The vendor did not say: counted by us, from above.
    #[serde(default)]
    pub estimated: bool,
}

impl Usage {
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cached_input: self.cached_input.saturating_add(other.cached_input),
            cache_write: self.cache_write.saturating_add(other.cache_write),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
            estimated: self.estimated || other.estimated,
        }
    }
}
