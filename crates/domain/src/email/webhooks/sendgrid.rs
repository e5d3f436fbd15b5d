//! `SendGrid`'s event webhook: a list of events.

use super::{ProviderEvent, delivered, mail, refused, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(json: &Value) -> Vec<ProviderEvent> {
    json.as_array().into_iter().flatten().filter_map(event).collect()
}

fn event(json: &Value) -> Option<ProviderEvent> {
    let message_id = mail(text(json, "/groundswell_id"), text(json, "/smtp-id"));
    let said = text(json, "/reason").unwrap_or_default();
    let complaint = match text(json, "/event")? {
        "bounce" => false,
        "spamreport" => true,
        "delivered" => return delivered(message_id.as_deref()),
        "dropped" => return refused(message_id.as_deref(), said),
        _ => return None,
    };
    Some(ProviderEvent::Returned {
        id: text(json, "/sg_event_id")?.to_owned(),
        bounce: told(Told {
            recipient: text(json, "/email")?,
            said,
            status: text(json, "/status").unwrap_or_default(),
            message_id: message_id.as_deref(),
            complaint,
            step: None,
        }),
    })
}
