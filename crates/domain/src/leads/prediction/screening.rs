//! Fields that nothing can be learned from, and how all that are left out are listed.

use super::names::label;
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// Why a field is not learned from.
    WhyLeftOut {
        /// Most converted leads got the value when they converted, or after it.
        KnownTooLate => "known_too_late",
        /// Whether there is a value at all says what became of the lead.
        PresenceTells => "presence_tells",
        /// The value alone says what became of the lead, better than anything known before it can.
        SeparatesOutcomes => "separates_outcomes",
        /// One value is found at converted leads and nowhere else.
        OnlyConverted => "only_converted",
        /// Leads have a value when they have ended, one way or the other, and not before.
        OnlyEnded => "only_ended",
        /// Nearly every lead has a value of its own: names, addresses, texts.
        TooManyValues => "too_many_values",
        /// A number that counts or names things instead of measuring.
        LooksLikeAnId => "looks_like_an_id",
        AlwaysTheSame => "always_the_same",
        TooSeldom => "too_seldom",
        /// There are too few outcomes to learn from a field that tells so little.
        TooManyFields => "too_many_fields",
    }
}

impl WhyLeftOut {
    /// Whether the field knows the outcome.
    pub fn is_leak(self) -> bool {
        matches!(
            self,
            Self::KnownTooLate
                | Self::PresenceTells
                | Self::SeparatesOutcomes
                | Self::OnlyConverted
                | Self::OnlyEnded
        )
    }
}

/// A field that is not learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftOut {
    pub field: String,
    /// The field's name for people.
    pub label: String,
    pub reason: WhyLeftOut,
    /// What gave rise to it; what it measures depends on the reason, and the explanation says it.
    pub figure: f64,
    pub explanation: String,
}

impl LeftOut {
    pub(super) fn new(field: &str, reason: WhyLeftOut, figure: f64, explanation: String) -> Self {
        Self {
            field: field.to_owned(),
            label: label(field),
            reason,
            figure,
            explanation,
        }
    }
}
