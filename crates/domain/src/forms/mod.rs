//! Public forms, and what visitors send with them.

mod capture;
mod field;
mod follow_up;
mod form;
mod intake;
mod ports;
mod quarantine;
mod spam;
mod submission;
mod validation;

pub use capture::NewCapture;
pub use field::{FieldType, FormField};
pub use follow_up::{
    FollowConfirmation, FollowUp, auto_reply_id, confirmation_id, confirmed_by, is_like, notification_id,
};
pub use form::{Form, FormSettings, FormSort};
pub use intake::{AutoReply, ConfirmationMail, SpamSettings};
pub use ports::*;
pub use quarantine::{QUARANTINE_DAYS, Quarantined};
pub use spam::{Evidence, SpamReason, SpamSignal, Verdict, judge};
pub use submission::{Attribution, HONEYPOT, Submission, SubmissionSort, SubmissionStatus};
pub use validation::{Answers, read_answers};
