//! Mail: templates, MIME, and the transports that hand mails over.
//!
//! [`JinjaTemplates`] turns a template into a finished mail, [`SmtpMailer`] delivers it to a server, [`OutboxMailer`]
//! keeps it where people can look at it. Both transports build the same bytes (`mime`), so that the outbox shows what
//! would have been sent.

mod address;
mod lint;
mod mime;
mod outbox;
mod sender;
mod smtp;
mod template;

pub use outbox::OutboxMailer;
pub use sender::Sender;
pub use smtp::{SmtpMailer, SmtpSettings, Tls};
pub use template::JinjaTemplates;
