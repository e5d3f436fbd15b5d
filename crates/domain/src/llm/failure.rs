//! Why a provider gave no answer, and what is tried next.

use std::time::Duration;

crate::text_enum::text_enum! {
    /// What went wrong, whatever the vendor calls it.
    FailureKind {
        /// Too many calls or tokens for now.
        RateLimited => "rate_limited",
        /// Nothing is left to pay with there.
        QuotaExhausted => "quota_exhausted",
        /// The key is wrong, or was taken back.
        Unauthorized => "unauthorized",
        /// The key may not do this.
        Forbidden => "forbidden",
        /// The vendor does not take the request as it is.
        Invalid => "invalid_request",
        /// The prompt is longer than the model takes.
        TooLong => "context_too_long",
        ModelUnknown => "model_unknown",
        /// The provider can't do such a thing at all.
        Unsupported => "unsupported",
        ServerError => "server_error",
        Overloaded => "overloaded",
        /// No whole answer in time.
        Timeout => "timeout",
        /// A stream did not begin in time.
        SlowFirstByte => "slow_first_byte",
        /// The answer ended before its end.
        CutStream => "cut_stream",
        /// The answer can't be read.
        Malformed => "malformed",
        /// Nobody was reached.
        Unreachable => "unreachable",
        /// The address is one that we do not connect to.
        Refused => "address_refused",
    }
}

/// What is tried after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another key of the same provider at once, then the next hop.
    OtherKey,
    /// The same hop once more after a back-off, with another key where there is one, then the next hop.
    Again,
    /// The next hop: neither keys nor time change anything.
    NextHop,
}

impl FailureKind {
    /// The table of what is tried next.
    pub fn step(self) -> Step {
        match self {
            Self::RateLimited | Self::QuotaExhausted | Self::Unauthorized | Self::Forbidden => Step::OtherKey,
            Self::ServerError
            | Self::Overloaded
            | Self::Timeout
            | Self::SlowFirstByte
            | Self::CutStream
            | Self::Malformed
            | Self::Unreachable => Step::Again,
            Self::Invalid | Self::TooLong | Self::ModelUnknown | Self::Unsupported | Self::Refused => {
                Step::NextHop
            }
        }
    }

    /// Whether the breaker counts it. A limit and a wrong key are answers of a provider that works.
    pub fn breaks(self) -> bool {
        self.step() == Step::Again
    }

    /// Whether the vendor may have done the work, and charges for it, although nobody saw its answer.
    pub fn may_be_charged(self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::SlowFirstByte | Self::CutStream | Self::Malformed
        )
    }

    /// What a status means where the vendor's body says no more.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthorized,
            402 => Self::QuotaExhausted,
            403 => Self::Forbidden,
            404 => Self::ModelUnknown,
            408 | 504 => Self::Timeout,
            413 => Self::TooLong,
            429 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            500..=599 => Self::ServerError,
            400..=499 => Self::Invalid,
            // A redirect, or what is no status of an answer.
            _ => Self::Malformed,
        }
    }
}

/// A call that was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ProviderFailure {
    pub kind: FailureKind,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// How long the vendor wants to be left alone.
    pub retry_after: Option<Duration>,
    /// What the vendor said, shortened; no key and no prompt is in it as far as the adapter can tell.
    pub message: String,
}

impl ProviderFailure {
    /// Longest message, in bytes.
    pub const MAX_MESSAGE: usize = 300;

    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        let mut message: String = message.into();
        message.truncate(message.floor_char_boundary(Self::MAX_MESSAGE));
        Self {
            kind,
            status: None,
            retry_after: None,
            message,
        }
    }

    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    #[must_use]
    pub fn after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    pub fn unsupported(what: &str) -> Self {
        Self::new(FailureKind::Unsupported, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_meaning() {
        for (status, kind) in [
            (400, FailureKind::Invalid),
            (401, FailureKind::Unauthorized),
            (402, FailureKind::QuotaExhausted),
            (404, FailureKind::ModelUnknown),
            (422, FailureKind::Invalid),
            (429, FailureKind::RateLimited),
            (500, FailureKind::ServerError),
            (503, FailureKind::Overloaded),
            (529, FailureKind::Overloaded),
            (302, FailureKind::Malformed),
        ] {
            assert_eq!(FailureKind::of_status(status), kind, "{status}");
        }
    }

    #[test]
    fn only_what_may_be_broken_counts_for_the_breaker() {
        let broken = FailureKind::ALL.iter().filter(|kind| kind.breaks());
        assert_eq!(broken.count(), 7);
        assert!(!FailureKind::RateLimited.breaks() && !FailureKind::Unauthorized.breaks());
    }
}
