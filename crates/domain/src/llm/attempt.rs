//! One try, as the answer lists it.

use super::{FailureKind, ProviderName};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// What came of one try.
    Outcome {
        Answered => "answered",
        /// Answered, and the answer does not follow the schema.
        SchemaMismatch => "schema_mismatch",
        RateLimited => "rate_limited",
        QuotaExhausted => "quota_exhausted",
        Unauthorized => "unauthorized",
        Forbidden => "forbidden",
        Invalid => "invalid_request",
        TooLong => "context_too_long",
        ModelUnknown => "model_unknown",
        Unsupported => "unsupported",
        ServerError => "server_error",
        Overloaded => "overloaded",
        Timeout => "timeout",
        SlowFirstByte => "slow_first_byte",
        CutStream => "cut_stream",
        Malformed => "malformed",
        Unreachable => "unreachable",
        AddressRefused => "address_refused",
        /// Nobody gave a key for this provider.
        NoKey => "no_key",
        /// All keys wait until their limits are over.
        CoolingDown => "cooling_down",
        /// All keys were refused by the provider before.
        Quarantined => "quarantined",
        /// It failed too often just now.
        BreakerOpen => "breaker_open",
        /// A budget has not enough left.
        OverBudget => "over_budget",
        /// A budget applies, and nobody knows what this model costs.
        UnknownPrice => "unknown_price",
        /// What is in the prompt may not be sent there.
        DataClass => "data_class",
        /// The model can't do what the call needs.
        NotCapable => "not_capable",
        /// Nobody set such a provider up.
        NoProvider => "no_provider",
        /// The caller went away.
        Abandoned => "abandoned",
    }
}

impl From<FailureKind> for Outcome {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::RateLimited => Self::RateLimited,
            FailureKind::QuotaExhausted => Self::QuotaExhausted,
            FailureKind::Unauthorized => Self::Unauthorized,
            FailureKind::Forbidden => Self::Forbidden,
            FailureKind::Invalid => Self::Invalid,
            FailureKind::TooLong => Self::TooLong,
            FailureKind::ModelUnknown => Self::ModelUnknown,
            FailureKind::Unsupported => Self::Unsupported,
            FailureKind::ServerError => Self::ServerError,
            FailureKind::Overloaded => Self::Overloaded,
            FailureKind::Timeout => Self::Timeout,
            FailureKind::SlowFirstByte => Self::SlowFirstByte,
            FailureKind::CutStream => Self::CutStream,
            FailureKind::Malformed => Self::Malformed,
            FailureKind::Unreachable => Self::Unreachable,
            FailureKind::Refused => Self::AddressRefused,
        }
    }
}

/// One try, or the reason why there was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attempt {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub provider: ProviderName,
    pub model: String,
    /// The last four characters of the key, where it is long enough to show them.
    pub key_last4: Option<String>,
    pub outcome: Outcome,
    /// The provider's HTTP status, if it gave one that was not 2xx.
    pub status: Option<u16>,
    /// Milliseconds until the answer, or until it was given up; 0 where nobody was asked.
    pub ms: u64,
    /// What the provider said when it did not answer.
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_keep_their_words() {
        for kind in FailureKind::ALL {
            assert_eq!(Outcome::from(*kind).as_str(), kind.as_str());
        }
    }
}
