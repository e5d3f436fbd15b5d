//! A submission that looks like spam: held back, with everything that is needed to take it as if it had been fine.

use super::Submission;
use crate::consents::FormConsent;
use crate::email::EmailAddress;
use crate::leads::LeadProfile;

/// Days after which it is forgotten, whatever was decided about it.
pub const QUARANTINE_DAYS: i64 = 30;

/// As the form read it then: its rules may have changed when somebody releases it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantined {
    /// Names the lead that it would make, which does not exist.
    pub submission: Submission,
    pub email: EmailAddress,
    pub profile: LeadProfile,
    /// What was agreed to, in the words that were shown.
    pub consents: Vec<FormConsent>,
    /// The form asked for a confirmation of them.
    pub double_opt_in: bool,
}
