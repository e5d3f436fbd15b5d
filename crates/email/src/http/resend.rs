//! Resend: POST /emails.
//!
//! It takes the parts of a mail, not the mail, so it signs by itself (set up its domain). Its header `Idempotency-Key` makes the same request
//! within 24 hours the same mail: it is our id of the mail.

use super::answer::Answer;
use super::{Meaning, Parts, Provider};
use chrono::{DateTime, Utc};
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

pub struct Resend {
    /// Without a slash at its end: `https://api.resend.com`.
    pub base: String,
    pub key: SecretString,
}

impl Provider for Resend {
    fn name(&self) -> &'static str {
        "Resend"
    }

    fn request(&self, client: &Client, mail: &Parts<'_>, _: DateTime<Utc>) -> Result<RequestBuilder, String> {
        let headers: Map<String, Value> = mail
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
            .collect();
        let body = json!({
            "from": named(&mail.from_name, &mail.from),
            "to": [named(mail.to_name, &mail.to)],
            "subject": mail.subject,
            "html": mail.html,
            "text": mail.text,
            "headers": headers,
            "tags": [{ "name": "groundswell_id", "value": mail.id }],
        });
        Ok(client
            .post(format!("{}/emails", self.base))
            .bearer_auth(self.key.expose_secret())
            .header("Idempotency-Key", &mail.id)
            .json(&body))
    }

    fn probe(&self, client: &Client, _: DateTime<Utc>) -> Result<RequestBuilder, String> {
        Ok(client
            .get(format!("{}/domains", self.base))
            .bearer_auth(self.key.expose_secret()))
    }

    fn id(&self, answer: &Answer) -> Option<String> {
        Some(answer.json.get("id")?.as_str()?.to_owned())
    }

    fn meaning(&self, answer: &Answer) -> Option<Meaning> {
        match answer.json.get("name")?.as_str()? {
            // The first request with this key is being worked on, or was another text: in both cases a mail may be out.
            "concurrent_idempotent_requests" | "invalid_idempotent_request" => Some(Meaning::Unknown),
            "daily_quota_exceeded" | "monthly_quota_exceeded" => Some(Meaning::Closed),
            _ => None,
        }
    }

    fn is_idempotent(&self) -> bool {
        true
    }
}

/// `Name <address>`; the name in quotes, as it may hold commas.
fn named(name: &str, address: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>'))
        .collect();
    if name.trim().is_empty() {
        address.to_owned()
    } else {
        format!("\"{}\" <{address}>", name.trim())
    }
}
