//! Public forms, and what visitors send with them.

mod capture;
mod challenge;
mod color;
mod condition;
mod field;
mod follow_up;
mod form;
mod intake;
mod look;
mod partial;
mod ports;
mod progressive;
mod quarantine;
mod spam;
mod submission;
mod validation;
mod visits;

pub use capture::{NewCapture, SPENT, events as capture_events};
pub use challenge::*;
pub use color::Color;
pub use condition::{Condition, ShowIf, hidden_fields};
pub use field::{FieldType, FormField};
pub use follow_up::{
    FollowConfirmation, FollowUp, auto_reply_id, confirmation_id, confirmed_by, is_like, notification_id,
};
pub use form::{CAPTCHA, Form, FormSettings, FormSort, KNOWN, SESSION, SHOWN};
pub use intake::{AutoReply, ConfirmationMail, SpamSettings};
pub use look::{Font, Look};
pub use partial::{PARTIAL_LIFE, PartialSort, PartialSubmission};
pub use ports::*;
pub use progressive::Progressive;
pub use quarantine::{QUARANTINE_DAYS, Quarantined};
pub use spam::{Evidence, SpamReason, SpamSignal, Verdict, judge};
pub use submission::{Attribution, HONEYPOT, Submission, SubmissionSort, SubmissionStatus};
pub use validation::{Answers, read_answers};
pub use visits::*;
