//! What providers that send for us tell of mails: bounces and complaints, by HTTP.
//!
//! Two questions, asked in this order: did the provider say it ([`WebhookSignatures`]), and what did it say ([`read`])? An event is taken once,
//! by the provider's id for it, so that neither a repetition nor a replay does harm, and each event stands for itself, so that their order does
//! not matter. What was said is judged as if it stood in a mail (`bounce`). To add a provider: a file for each of the two.

mod mailgun;
mod resend;
mod sendgrid;
#[cfg(test)]
mod tests;

use super::bounce::Bounce;

crate::text_enum::text_enum! {
    /// Who tells it.
    Provider {
        Sendgrid => "sendgrid",
        Mailgun => "mailgun",
        Resend => "resend",
    }
}

/// One thing that a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's id of it.
    pub id: String,
    pub bounce: Bounce,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    Valid,
    Invalid,
    /// There is no key to check it with.
    NotConfigured,
}

pub trait WebhookSignatures: Send + Sync {
    fn check(&self, provider: Provider, delivered: &Delivered<'_>) -> Signature;
}

/// Bounces and complaints of a webhook; of other things nothing is needed. The error is a sentence.
pub fn read(provider: Provider, body: &[u8]) -> Result<Vec<ProviderEvent>, String> {
    let json: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("is not the JSON of {provider}: {error}"))?;
    Ok(match provider {
        Provider::Sendgrid => sendgrid::events(&json),
        Provider::Mailgun => mailgun::events(&json),
        Provider::Resend => resend::events(&json),
    })
}

/// A text of JSON, by its path.
fn text<'a>(json: &'a serde_json::Value, path: &str) -> Option<&'a str> {
    json.pointer(path)?.as_str().filter(|text| !text.is_empty())
}
