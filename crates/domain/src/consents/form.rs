//! A consent that a form asks for.

use super::{Purpose, check_text};
use crate::validate::Problems;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Most consents that a form can ask for.
pub const MAX_CONSENTS: usize = 10;

/// What the name of its answer starts with. A field's name has no dot in it, so the two can't meet.
const PREFIX: &str = "consent.";

/// A box below the fields of a form, not ticked until the visitor does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormConsent {
    /// The answer is sent as `consent.` and this. Once in a form.
    pub purpose: Purpose,
    /// What the visitor agrees to, in 1 to 2,000 characters. Kept with each consent as it was then.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2000))]
    pub text: String,
    /// The form can't be sent without it.
    #[serde(default)]
    pub required: bool,
}

impl FormConsent {
    /// Name of the answer.
    pub fn field(&self) -> String {
        format!("{PREFIX}{}", self.purpose)
    }

    /// Whether a double opt-in asks for it: what the form can't be sent without is about the submission itself, unless it
    /// is about mail.
    pub fn can_wait(&self) -> bool {
        !self.required || self.purpose == Purpose::marketing()
    }

    /// Everything that is wrong with a form's consents, by field.
    pub fn check_all(consents: &[Self], problems: &mut Problems) {
        problems.check(
            consents.len() <= MAX_CONSENTS,
            "settings.consents",
            format!("at most {MAX_CONSENTS}"),
        );
        let mut seen = HashSet::new();
        for (index, consent) in consents.iter().enumerate() {
            let at = |part: &str| format!("settings.consents[{index}].{part}");
            check_text(problems, &at("text"), &consent.text);
            problems.check(seen.insert(&consent.purpose), &at("purpose"), "is used twice");
        }
    }
}
