//! What providers document.

use super::*;
use crate::email::bounce::{BounceKind, BounceReason};

fn one(provider: Provider, body: &str) -> ProviderEvent {
    let mut events = read(provider, body.as_bytes()).unwrap();
    assert_eq!(events.len(), 1, "{body}");
    events.remove(0)
}

#[test]
fn each_provider_s_bounces_and_complaints_are_read() {
    let id = "01980000-0000-7000-8000-000000000001@us.example";
    let sendgrid = format!(
        r#"[{{"email":"a@x.example","timestamp":1,"smtp-id":"<{id}>","event":"bounce","type":"bounce","sg_event_id":"e1",
            "reason":"550 5.1.1 The email account that you tried to reach does not exist.","status":"5.1.1"}},
            {{"email":"a@x.example","event":"open","sg_event_id":"e2"}}]"#
    );
    let event = one(Provider::Sendgrid, &sendgrid);
    assert_eq!(
        (event.id.as_str(), event.bounce.kind, event.bounce.reason),
        ("e1", BounceKind::Hard, BounceReason::UserUnknown)
    );
    assert_eq!(event.bounce.message_id.as_deref(), Some(id));
    assert_eq!(event.bounce.recipient.as_deref(), Some("a@x.example"));
    let spam = r#"[{"email":"a@x.example","event":"spamreport","sg_event_id":"e3"}]"#;
    assert_eq!(one(Provider::Sendgrid, spam).bounce.kind, BounceKind::Complaint);

    let mailgun = format!(
        r#"{{"signature":{{}},"event-data":{{"id":"m1","event":"failed","severity":"temporary","recipient":"a@x.example",
            "message":{{"headers":{{"message-id":"{id}"}}}},
            "delivery-status":{{"code":452,"message":"4.2.2 The email account that you tried to reach is over quota.","enhanced-code":"4.2.2"}}}}}}"#
    );
    let event = one(Provider::Mailgun, &mailgun);
    assert_eq!(
        (event.bounce.kind, event.bounce.reason),
        (BounceKind::Soft, BounceReason::MailboxFull)
    );
    assert_eq!(event.bounce.message_id.as_deref(), Some(id));
    let spam = r#"{"event-data":{"id":"m2","event":"complained","recipient":"a@x.example"}}"#;
    assert_eq!(one(Provider::Mailgun, spam).bounce.kind, BounceKind::Complaint);

    let resend = r#"{"type":"email.bounced","data":{"email_id":"r1","to":["a@x.example"],"bounce":{"message":"smtp; 550 5.1.1 user unknown"}}}"#;
    let event = one(Provider::Resend, resend);
    assert_eq!(
        (event.id.as_str(), event.bounce.kind),
        ("r1:email.bounced", BounceKind::Hard)
    );
    let spam = r#"{"type":"email.complained","data":{"email_id":"r2","to":["a@x.example"]}}"#;
    assert_eq!(one(Provider::Resend, spam).bounce.kind, BounceKind::Complaint);
}

#[test]
fn other_things_are_nothing_and_nonsense_is_refused() {
    for (provider, body) in [
        (
            Provider::Sendgrid,
            r#"[{"event":"delivered","sg_event_id":"e","email":"a@b.c"}]"#,
        ),
        (Provider::Sendgrid, "{}"),
        (
            Provider::Mailgun,
            r#"{"event-data":{"event":"opened","id":"x","recipient":"a@b.c"}}"#,
        ),
        (Provider::Resend, r#"{"type":"email.opened","data":{}}"#),
        (Provider::Resend, "[]"),
    ] {
        assert_eq!(read(provider, body.as_bytes()), Ok(vec![]), "{body}");
    }
    assert!(read(Provider::Sendgrid, b"no").is_err());
}
