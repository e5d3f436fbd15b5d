//! What providers that send for us tell of mails, by HTTP: bounces and complaints, and what became of mails that may or may not have been sent.
//!
//! Two questions, asked in this order: did the provider say it ([`WebhookSignatures`]), and what did it say ([`read`])? An event is taken once,
//! by the provider's id for it, so that neither a repetition nor a replay does harm, and each event stands for itself, so that their order does
//! not matter. What was said is judged as if it stood in a mail (`bounce`). To add a provider: a file for each of the two.

mod mailgun;
mod resend;
mod sendgrid;
mod ses;
mod sns;
#[cfg(test)]
mod tests;

use super::bounce::{Bounce, message_of};
use crate::ids::MessageId;
use async_trait::async_trait;

pub use sns::{SnsMessage, is_topic};

crate::text_enum::text_enum! {
    /// Who tells it.
    Provider {
        Sendgrid => "sendgrid",
        Mailgun => "mailgun",
        Resend => "resend",
        Ses => "ses",
    }
}

/// One thing that a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderEvent {
    /// A mail came back, or somebody complained.
    Returned {
        /// The provider's id of it.
        id: String,
        bounce: Bounce,
    },
    /// The recipient's server took it. Said a second time, or late, it changes nothing.
    Delivered { message: MessageId },
    /// The provider did not send it after all, and why.
    Refused { message: MessageId, reason: String },
}

/// What came by HTTP.
#[derive(Debug)]
pub struct Delivered<'a> {
    /// Names in lower case.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

impl Delivered<'_> {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name)?;
        Some(&found.1)
    }
}

/// Whether a provider said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    Valid,
    Invalid,
    /// There is no key to check it with.
    NotConfigured,
    /// It can't be checked now: a sentence that says why. The provider will try again.
    Unavailable(String),
}

#[async_trait]
pub trait WebhookSignatures: Send + Sync {
    async fn check(&self, provider: Provider, delivered: &Delivered<'_>) -> Signature;
    /// By provider, whether there is a key: for `doctor`.
    fn configured(&self) -> Vec<(Provider, bool)>;
}

/// What a webhook says of mails; of other things nothing is needed. The error is a sentence.
pub fn read(provider: Provider, body: &[u8]) -> Result<Vec<ProviderEvent>, String> {
    let json: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("is not the JSON of {provider}: {error}"))?;
    Ok(match provider {
        Provider::Sendgrid => sendgrid::events(&json),
        Provider::Mailgun => mailgun::events(&json),
        Provider::Resend => resend::events(&json),
        Provider::Ses => ses::events(&SnsMessage::parse(body)?),
    })
}

/// A text of JSON, by its path.
fn text<'a>(json: &'a serde_json::Value, path: &str) -> Option<&'a str> {
    json.pointer(path)?.as_str().filter(|text| !text.is_empty())
}

/// The Message-ID of our mail: our own id goes along with each mail, and says more than a header that providers replace.
fn mail(own: Option<&str>, header: Option<&str>) -> Option<String> {
    match own.filter(|id| id.parse::<uuid::Uuid>().is_ok()) {
        Some(id) => Some(format!("{id}@")),
        None => header.map(str::to_owned),
    }
}

fn delivered(message_id: Option<&str>) -> Option<ProviderEvent> {
    let message = message_of(message_id?)?;
    Some(ProviderEvent::Delivered { message })
}

fn refused(message_id: Option<&str>, reason: &str) -> Option<ProviderEvent> {
    let message = message_of(message_id?)?;
    let reason = reason
        .chars()
        .filter(|sign| !sign.is_control())
        .take(300)
        .collect();
    Some(ProviderEvent::Refused { message, reason })
}
