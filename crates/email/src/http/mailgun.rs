//! Mailgun: POST /v3/{domain}/messages.mime, which takes the finished mail.
//!
//! It has no idempotency key; its events name our Message-ID, and our id as a variable.

use super::answer::Answer;
use super::{Parts, Provider};
use chrono::{DateTime, Utc};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};

pub struct Mailgun {
    /// Without a slash at its end: `https://api.mailgun.net`, or that of the EU.
    pub base: String,
    pub key: SecretString,
    /// The domain as it is set up there.
    pub domain: String,
}

impl Provider for Mailgun {
    fn name(&self) -> &'static str {
        "Mailgun"
    }

    fn request(&self, client: &Client, mail: &Parts<'_>, _: DateTime<Utc>) -> Result<RequestBuilder, String> {
        let message = Part::bytes(mail.bytes.to_vec())
            .file_name("message.eml")
            .mime_str("message/rfc822")
            .map_err(|error| error.to_string())?;
        let form = Form::new()
            .text("to", mail.to.clone())
            // Links and opens are ours already.
            .text("o:tracking", "no")
            .text("v:groundswell_id", mail.id.clone())
            .part("message", message);
        Ok(client
            .post(format!("{}/v3/{}/messages.mime", self.base, self.domain))
            .basic_auth("api", Some(self.key.expose_secret()))
            .multipart(form))
    }

    fn probe(&self, client: &Client, _: DateTime<Utc>) -> Result<RequestBuilder, String> {
        Ok(client
            .get(format!("{}/v3/domains/{}", self.base, self.domain))
            .basic_auth("api", Some(self.key.expose_secret())))
    }

    fn id(&self, answer: &Answer) -> Option<String> {
        Some(answer.json.get("id")?.as_str()?.to_owned())
    }
}
