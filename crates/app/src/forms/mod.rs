//! Public forms: managing them, and what happens when a visitor sends one.

mod capture;
mod commands;
mod manage;
mod notify;

pub use capture::{capture, public_form};
pub use commands::{Capture, Captured, FormInput, FormPatch};
pub use manage::{
    create_form, delete_form, get_form, list_forms, list_submissions, patch_form, replace_form,
};
pub use notify::notify_submission;
