//! Mailgun's webhooks: one event, beside its signature.

use super::{ProviderEvent, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(json: &Value) -> Vec<ProviderEvent> {
    json.get("event-data").and_then(event).into_iter().collect()
}

fn event(json: &Value) -> Option<ProviderEvent> {
    let complaint = match text(json, "/event")? {
        "failed" => false,
        "complained" => true,
        _ => return None,
    };
    let status = "/delivery-status/enhanced-code";
    let code = json.pointer("/delivery-status/code").and_then(Value::as_i64);
    let said = text(json, "/delivery-status/message").or_else(|| text(json, "/delivery-status/description"));
    let said = format!("{} {}", code.unwrap_or_default(), said.unwrap_or_default());
    Some(ProviderEvent {
        id: text(json, "/id")?.to_owned(),
        bounce: told(Told {
            recipient: text(json, "/recipient")?,
            said: &said,
            status: text(json, status).unwrap_or_default(),
            message_id: text(json, "/message/headers/message-id"),
            complaint,
        }),
    })
}
