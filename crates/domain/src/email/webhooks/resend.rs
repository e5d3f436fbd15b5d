//! Resend's webhooks: one event of one mail.

use super::{ProviderEvent, delivered, mail, refused, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(json: &Value) -> Vec<ProviderEvent> {
    event(json).into_iter().collect()
}

fn event(json: &Value) -> Option<ProviderEvent> {
    let message_id = mail(own(json), text(json, "/data/message_id"));
    let complaint = match text(json, "/type")? {
        "email.bounced" => false,
        "email.complained" => true,
        "email.delivered" => return delivered(message_id.as_deref()),
        "email.failed" => {
            let reason = text(json, "/data/failed/reason").unwrap_or("failed");
            return refused(message_id.as_deref(), reason);
        }
        _ => return None,
    };
    // It has no id of its own: what a mail can suffer once.
    let id = format!("{}:{}", text(json, "/data/email_id")?, text(json, "/type")?);
    Some(ProviderEvent::Returned {
        id,
        bounce: told(Told {
            recipient: text(json, "/data/to/0")?,
            said: text(json, "/data/bounce/message").unwrap_or_default(),
            status: "",
            message_id: message_id.as_deref(),
            complaint,
            step: None,
        }),
    })
}

/// Tags come back as an object, or as the list of which they were made.
fn own(json: &Value) -> Option<&str> {
    let of_list = || {
        let tags = json.pointer("/data/tags")?.as_array()?;
        let ours = tags
            .iter()
            .find(|tag| text(tag, "/name") == Some("groundswell_id"))?;
        text(ours, "/value")
    };
    text(json, "/data/tags/groundswell_id").or_else(of_list)
}
