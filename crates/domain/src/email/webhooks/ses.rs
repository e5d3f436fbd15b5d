//! What Amazon SES tells through SNS: the notifications of an identity (`notificationType`), and the events of a configuration set (`eventType`),
//! which look alike (SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS").

use super::{ProviderEvent, SnsMessage, delivered, mail, refused, text};
use crate::email::bounce::{Told, told};
use serde_json::Value;

pub(super) fn events(message: &SnsMessage) -> Vec<ProviderEvent> {
    if !message.is_notification() {
        return Vec::new();
    }
    // When a topic is set up, SES says so in plain words.
    serde_json::from_str(&message.message).map_or_else(|_| Vec::new(), |json| of_mail(&json))
}

fn of_mail(json: &Value) -> Vec<ProviderEvent> {
    let kind = text(json, "/eventType").or_else(|| text(json, "/notificationType"));
    let own = text(json, "/mail/tags/groundswell_id/0");
    let message_id = mail(
        own,
        header(json).or_else(|| text(json, "/mail/commonHeaders/messageId")),
    );
    let message_id = message_id.as_deref();
    match kind {
        Some("Bounce") => each(json, "/bounce", "/bounce/bouncedRecipients", |recipient| Told {
            recipient: text(recipient, "/emailAddress").unwrap_or_default(),
            said: text(recipient, "/diagnosticCode").unwrap_or_default(),
            status: status(json, recipient),
            message_id,
            complaint: false,
            step: None,
        }),
        Some("Complaint") if text(json, "/complaint/complaintFeedbackType") != Some("not-spam") => each(
            json,
            "/complaint",
            "/complaint/complainedRecipients",
            |recipient| Told {
                recipient: text(recipient, "/emailAddress").unwrap_or_default(),
                said: "",
                status: "",
                message_id,
                complaint: true,
                step: None,
            },
        ),
        Some("Delivery") => delivered(message_id).into_iter().collect(),
        Some("Reject") => refused(message_id, text(json, "/reject/reason").unwrap_or("rejected"))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// The Message-ID that the mail had before SES gave it its own, where the notification has the original headers.
fn header(json: &Value) -> Option<&str> {
    let headers = json.pointer("/mail/headers")?.as_array()?;
    let named =
        |header: &&Value| text(header, "/name").is_some_and(|name| name.eq_ignore_ascii_case("message-id"));
    text(headers.iter().find(named)?, "/value")
}

/// The recipient's own; where nothing was said but that there is no such mailbox, the status of that.
fn status<'a>(json: &Value, recipient: &'a Value) -> &'a str {
    let known = text(recipient, "/status");
    let missing = text(json, "/bounce/bounceType") == Some("Permanent")
        && text(json, "/bounce/bounceSubType") == Some("NoEmail");
    known.unwrap_or(if missing { "5.1.1" } else { "" })
}

/// One for each recipient. An event has one id, so that each of its recipients is told by its place, too: an id is kept, an address not.
fn each<'a>(
    json: &'a Value,
    part: &str,
    recipients: &str,
    read: impl Fn(&'a Value) -> Told<'a>,
) -> Vec<ProviderEvent> {
    let feedback = text(json, &format!("{part}/feedbackId")).or_else(|| text(json, "/mail/messageId"));
    let (Some(id), Some(all)) = (feedback, json.pointer(recipients).and_then(Value::as_array)) else {
        return Vec::new();
    };
    let event = |(place, recipient)| {
        let told_of = read(recipient);
        (!told_of.recipient.is_empty()).then(|| ProviderEvent::Returned {
            id: format!("{}:{id}:{place}", part.trim_start_matches('/')),
            bounce: told(told_of),
        })
    };
    all.iter().enumerate().filter_map(event).collect()
}
