//! `SendGrid`'s event webhook: a list of events.

use super::{ProviderEvent, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(json: &Value) -> Vec<ProviderEvent> {
    json.as_array().into_iter().flatten().filter_map(event).collect()
}

fn event(json: &Value) -> Option<ProviderEvent> {
    let complaint = match text(json, "/event")? {
        "bounce" => false,
        "spamreport" => true,
        _ => return None,
    };
    Some(ProviderEvent {
        id: text(json, "/sg_event_id")?.to_owned(),
        bounce: told(Told {
            recipient: text(json, "/email")?,
            said: text(json, "/reason").unwrap_or_default(),
            status: text(json, "/status").unwrap_or_default(),
            message_id: text(json, "/smtp-id"),
            complaint,
        }),
    })
}
