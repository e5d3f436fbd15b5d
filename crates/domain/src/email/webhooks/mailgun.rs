//! Mailgun's webhooks: one event, beside its signature.

use super::{ProviderEvent, delivered, mail, refused, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(json: &Value) -> Vec<ProviderEvent> {
    json.get("event-data").and_then(event).into_iter().collect()
}

fn event(json: &Value) -> Option<ProviderEvent> {
    let own = text(json, "/user-variables/groundswell_id");
    let message_id = mail(own, text(json, "/message/headers/message-id"));
    let complaint = match text(json, "/event")? {
        "failed" => false,
        "complained" => true,
        "delivered" => return delivered(message_id.as_deref()),
        "rejected" => {
            let reason = text(json, "/reject/reason").unwrap_or("rejected");
            return refused(message_id.as_deref(), reason);
        }
        _ => return None,
    };
    let status = "/delivery-status/enhanced-code";
    let code = json.pointer("/delivery-status/code").and_then(Value::as_i64);
    let said = text(json, "/delivery-status/message").or_else(|| text(json, "/delivery-status/description"));
    let said = format!("{} {}", code.unwrap_or_default(), said.unwrap_or_default());
    Some(ProviderEvent::Returned {
        id: text(json, "/id")?.to_owned(),
        bounce: told(Told {
            recipient: text(json, "/recipient")?,
            said: &said,
            status: text(json, status).unwrap_or_default(),
            message_id: message_id.as_deref(),
            complaint,
            step: None,
        }),
    })
}
