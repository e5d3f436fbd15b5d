//! Resend's webhooks: one event of one mail.

use super::{ProviderEvent, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(json: &Value) -> Vec<ProviderEvent> {
    event(json).into_iter().collect()
}

fn event(json: &Value) -> Option<ProviderEvent> {
    let complaint = match text(json, "/type")? {
        "email.bounced" => false,
        "email.complained" => true,
        _ => return None,
    };
    // It has no id of its own: what a mail can suffer once.
    let id = format!("{}:{}", text(json, "/data/email_id")?, text(json, "/type")?);
    Some(ProviderEvent {
        id,
        bounce: told(Told {
            recipient: text(json, "/data/to/0")?,
            said: text(json, "/data/bounce/message").unwrap_or_default(),
            status: "",
            message_id: text(json, "/data/message_id"),
            complaint,
        }),
    })
}
