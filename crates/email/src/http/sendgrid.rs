//! Twilio SendGrid, Web API v3: POST /v3/mail/send.
//!
//! It takes the parts of a mail, not the mail, so it signs by itself (set up its domain authentication). It has no idempotency key: our id goes
//! along as a custom argument, which its events repeat.

use super::answer::Answer;
use super::{Parts, Provider};
use chrono::{DateTime, Utc};
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

pub struct SendGrid {
    /// Without a slash at its end: `https://api.sendgrid.com`, or that of the EU.
    pub base: String,
    pub key: SecretString,
}

impl Provider for SendGrid {
    fn name(&self) -> &'static str {
        "SendGrid"
    }

    fn request(&self, client: &Client, mail: &Parts<'_>, _: DateTime<Utc>) -> Result<RequestBuilder, String> {
        let address = |email: &str, name: &str| {
            if name.is_empty() {
                json!({ "email": email })
            } else {
                json!({ "email": email, "name": name })
            }
        };
        let headers: Map<String, Value> = mail
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
            .collect();
        let off = json!({ "enable": false });
        let body = json!({
            "personalizations": [{
                "to": [address(&mail.to, mail.to_name)],
                "custom_args": { "groundswell_id": mail.id },
            }],
            "from": address(&mail.from, &mail.from_name),
            "subject": mail.subject,
            // The plain text has to come first.
            "content": [
                { "type": "text/plain", "value": mail.text },
                { "type": "text/html", "value": mail.html },
            ],
            "headers": headers,
            // Links and opens are ours already.
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": off,
                "subscription_tracking": off,
            },
        });
        Ok(client
            .post(format!("{}/v3/mail/send", self.base))
            .bearer_auth(self.key.expose_secret())
            .json(&body))
    }

    fn probe(&self, client: &Client, _: DateTime<Utc>) -> Result<RequestBuilder, String> {
        Ok(client
            .get(format!("{}/v3/scopes", self.base))
            .bearer_auth(self.key.expose_secret()))
    }

    fn id(&self, answer: &Answer) -> Option<String> {
        let id = answer.headers.get("x-message-id")?;
        Some(id.to_str().ok()?.to_owned())
    }
}
