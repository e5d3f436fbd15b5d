//! Why a server did not take a mail, by what may be done then.

use groundswell_domain::email::bounce::Step;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It can't be reached, or does not let us in. Nothing was handed over: another server may have the mail, and this one is left alone for
    /// a while.
    Unreachable(String),
    /// It does not want this mail now (4xx). Nothing was handed over: another server may have it.
    NotNow(String),
    /// It takes no more mails for so long.
    TooFast { text: String, after: Duration },
    /// It was not asked: the mail can't be put as it would have to be.
    Permanent(String),
    /// It will never take this mail (5xx), and others would be lied to if they were asked.
    Refused {
        text: String,
        /// What it answered to; `None` for an API.
        step: Option<Step>,
    },
    /// It may have taken it: nobody else may be asked.
    Unknown(String),
}
