//! Public forms: managing them, and what happens when a visitor sends one.

mod auto_reply;
mod captcha;
mod capture;
mod commands;
mod confirmation;
mod follow_up;
mod known;
mod manage;
mod notices;
mod partials;
mod quarantine;
mod repeated;
mod shown;
mod take;
mod tally;
mod visits;

pub use captcha::{CaptchaProblem, captcha_puzzle, check_captcha};
pub use capture::{capture, form_to_test, public_form, test_form};
pub use commands::{Capture, Captured, FormInput, FormPatch, Taken};
pub(crate) use confirmation::confirmation_mail;
pub use confirmation::{OptIn, OptInState, confirm_opt_in, opt_in};
pub use follow_up::{follow_confirmation, follow_up};
pub use known::{known_fields, lead_token};
pub use manage::{
    create_form, delete_form, get_form, list_forms, list_submissions, patch_form, replace_form,
};
pub use partials::{Unfinished, finish_partial, keep_partial, list_partials};
pub use quarantine::{reject_submission, release_submission};
pub(crate) use repeated::Senders;
pub use shown::{shown_now, time_taken};
pub(crate) use tally::Tally;
pub use visits::{Visit, count_visit, form_analytics, write_visits};
