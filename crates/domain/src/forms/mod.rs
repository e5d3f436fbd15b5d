//! Public forms, and what visitors send with them.

mod capture;
mod field;
mod form;
mod ports;
mod submission;
mod validation;

pub use capture::NewCapture;
pub use field::{FieldType, FormField};
pub use form::{Form, FormSettings, FormSort};
pub use ports::*;
pub use submission::{Attribution, HONEYPOT, Submission, SubmissionSort};
pub use validation::{Answers, read_answers};
