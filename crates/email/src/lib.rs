//! Mail: templates, MIME, and the transports that hand mails over.
//!
//! [`JinjaTemplates`] turns a template into a finished mail, [`ServersMailer`] delivers it to one of its servers, [`OutboxMailer`]
//! keeps it where people can look at it. Both transports build the same bytes (`mime`), so that the outbox shows what
//! would have been sent.

mod address;
mod dkim;
mod http;
mod lint;
mod mime;
mod outbox;
mod sender;
mod servers;
mod smtp;
mod template;
#[cfg(test)]
mod test_store;

pub use dkim::AwsLcDkim;
pub use http::{Mailgun, Resend, SendGrid, Ses, over_http};
pub use outbox::OutboxMailer;
pub use sender::Sender;
pub use servers::{MailServer, Rate, ServerOptions, ServersMailer};
pub use smtp::{SmtpSettings, Tls, smtp};
pub use template::JinjaTemplates;
