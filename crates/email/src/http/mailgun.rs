//! Mailgun: POST /v3/{domain}/messages.mime, which takes the finished mail.
//!
//! It has no idempotency key; its events name our Message-ID, and our id as a variable. They can be asked for (GET /v3/{domain}/events), so that a
//! mail in doubt is found again.

use super::answer::Answer;
use super::{Parts, Provider};
use crate::address::wire_address;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{Doubted, Fate};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Events that are looked at: those of one recipient, from when the mail was made. More would not fit into the answer that is read.
const EVENTS: &str = "20";

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

    fn can_tell(&self) -> bool {
        true
    }

    /// Its search knows Message-IDs, too, but that of a mail in doubt is known but for its domain: an organization's may have changed since.
    fn inquiry(&self, client: &Client, mail: &Doubted) -> Option<RequestBuilder> {
        let query = [
            ("recipient", wire_address(mail.to.as_str()).ok()?.to_string()),
            ("begin", mail.created_at.timestamp().to_string()),
            ("ascending", "yes".to_owned()),
            ("limit", EVENTS.to_owned()),
        ];
        let request = client
            .get(format!("{}/v3/{}/events", self.base, self.domain))
            .basic_auth("api", Some(self.key.expose_secret()))
            .query(&query);
        Some(request)
    }

    fn fate(&self, answer: &Answer, mail: &Doubted) -> Option<Fate> {
        let id = mail.id.to_string();
        let text = |event: &Value, path: &str| {
            let text = event.pointer(path).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let ours = |event: &&Value| {
            text(event, "/user-variables/groundswell_id") == id
                || text(event, "/message/headers/message-id").split('@').next() == Some(id.as_str())
        };
        let mut kinds = answer
            .json
            .get("items")?
            .as_array()?
            .iter()
            .filter(ours)
            .map(|event| text(event, "/event"));
        let first = kinds.next()?;
        let rejected = first == "rejected" || kinds.any(|kind| kind == "rejected");
        Some(if rejected { Fate::NotSent } else { Fate::Sent })
    }
}
