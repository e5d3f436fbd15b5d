//! The few HTML pages: pure functions from domain types to a page, over minijinja templates that are part of the binary.
//!
//! They work without script and load nothing from elsewhere, and their content security policy says so; forms get better with
//! a script of ours and may have a picture. To add one: a template in
//! `templates/` that extends `layout.html`, a line in `engine.rs`, and a file here that fills it.

mod account;
mod confirmation;
mod engine;
mod form;
mod look;
mod mailbox;
mod media;
mod notice;
mod page;
mod preferences;
mod preview;
mod problem;

pub use account::account_page;
pub use confirmation::confirmation_page;
pub use form::{Visit, form_fragment, form_page, thank_you_page};
pub use mailbox::{mail_page, mailbox_page};
pub use notice::notice_page;
pub use preferences::preferences_page;
pub use preview::{PreviewLook, mail_alone_page, preview_page};
pub use problem::HtmlError;
