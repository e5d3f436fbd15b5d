//! What providers document.

use super::*;
use crate::email::bounce::{BounceKind, BounceReason};

struct Returned {
    id: String,
    bounce: Bounce,
}

fn one(provider: Provider, body: &str) -> Returned {
    let mut events = read(provider, body.as_bytes()).unwrap();
    assert_eq!(events.len(), 1, "{body}");
    match events.remove(0) {
        ProviderEvent::Returned { id, bounce } => Returned { id, bounce },
        other => panic!("{other:?}"),
    }
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
            r#"[{"event":"delivered","sg_event_id":"e","email":"a@b.c"},{"event":"processed","sg_event_id":"f","smtp-id":"<x@y>"}]"#,
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

#[test]
fn what_became_of_a_mail_is_told_by_our_id() {
    let id = "01980000-0000-7000-8000-000000000001";
    let message = MessageId::from(id.parse::<uuid::Uuid>().unwrap());
    let delivered = vec![ProviderEvent::Delivered { message }];
    let refused = |reason: &str| {
        vec![ProviderEvent::Refused {
            message,
            reason: reason.to_owned(),
        }]
    };
    for (provider, body, expected) in [
        (
            Provider::Sendgrid,
            format!(
                r#"[{{"event":"delivered","sg_event_id":"e","groundswell_id":"{id}","smtp-id":"<other@sendgrid.net>"}}]"#
            ),
            delivered.clone(),
        ),
        (
            Provider::Sendgrid,
            format!(
                r#"[{{"event":"dropped","sg_event_id":"e","smtp-id":"<{id}@us.example>","reason":"Invalid"}}]"#
            ),
            refused("Invalid"),
        ),
        (
            Provider::Mailgun,
            format!(
                r#"{{"event-data":{{"id":"x","event":"delivered","user-variables":{{"groundswell_id":"{id}"}}}}}}"#
            ),
            delivered.clone(),
        ),
        (
            Provider::Mailgun,
            format!(
                r#"{{"event-data":{{"id":"x","event":"rejected","reject":{{"reason":"Virus"}},"message":{{"headers":{{"message-id":"{id}@us.example"}}}}}}}}"#
            ),
            refused("Virus"),
        ),
        (
            Provider::Resend,
            format!(
                r#"{{"type":"email.delivered","data":{{"email_id":"r","tags":{{"groundswell_id":"{id}"}}}}}}"#
            ),
            delivered.clone(),
        ),
        (
            Provider::Resend,
            format!(
                r#"{{"type":"email.delivered","data":{{"email_id":"r","tags":[{{"name":"groundswell_id","value":"{id}"}}]}}}}"#
            ),
            delivered,
        ),
    ] {
        assert_eq!(read(provider, body.as_bytes()), Ok(expected), "{body}");
    }
}

fn sns(message: &str) -> String {
    serde_json::json!({
        "Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-central-1:1:x", "Message": message,
        "Timestamp": "t", "SignatureVersion": "2", "Signature": "", "SigningCertURL": "",
    })
    .to_string()
}

#[test]
fn both_forms_of_amazon_s_events_are_read() {
    let id = "01980000-0000-7000-8000-000000000001";
    let of_set = sns(&format!(
        r#"{{"eventType":"Bounce","mail":{{"messageId":"ses-1","tags":{{"groundswell_id":["{id}"]}}}},"bounce":{{"bounceType":"Permanent",
            "bounceSubType":"General","feedbackId":"f1","bouncedRecipients":[
            {{"emailAddress":"a@x.example","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}},
            {{"emailAddress":"b@x.example","status":"4.2.2","diagnosticCode":"smtp; 452 4.2.2 over quota"}}]}}}}"#
    ));
    let events = read(Provider::Ses, of_set.as_bytes()).unwrap();
    let [
        ProviderEvent::Returned { id: first, bounce },
        ProviderEvent::Returned {
            id: second,
            bounce: soft,
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!((first.as_str(), second.as_str()), ("bounce:f1:0", "bounce:f1:1"));
    assert_eq!((bounce.kind, soft.kind), (BounceKind::Hard, BounceKind::Soft));
    assert_eq!(
        message_of(bounce.message_id.as_deref().unwrap())
            .unwrap()
            .to_string(),
        id
    );
    // Of an identity, with the original headers; the server said nothing.
    let of_identity = sns(&format!(
        r#"{{"notificationType":"Bounce","mail":{{"messageId":"ses-1","headers":[{{"name":"Message-ID","value":"<{id}@us.example>"}}],
            "commonHeaders":{{"messageId":"other"}}}},"bounce":{{"bounceType":"Permanent","bounceSubType":"NoEmail","feedbackId":"f2",
            "bouncedRecipients":[{{"emailAddress":"a@x.example"}}]}}}}"#
    ));
    let event = one(Provider::Ses, &of_identity);
    assert_eq!(event.bounce.kind, BounceKind::Hard);
    assert_eq!(
        message_of(event.bounce.message_id.as_deref().unwrap())
            .unwrap()
            .to_string(),
        id
    );
    let complaint = r#"{"notificationType":"Complaint","mail":{"messageId":"ses-1"},"complaint":{"feedbackId":"f3",
        "complainedRecipients":[{"emailAddress":"a@x.example"}]}}"#;
    assert_eq!(
        one(Provider::Ses, &sns(complaint)).bounce.kind,
        BounceKind::Complaint
    );
    let message = MessageId::from(id.parse::<uuid::Uuid>().unwrap());
    for (text, expected) in [
        (
            complaint.replace(
                "\"feedbackId\"",
                "\"complaintFeedbackType\":\"not-spam\",\"feedbackId\"",
            ),
            vec![],
        ),
        (
            "Successfully validated SNS topic for Amazon SES event publishing.".to_owned(),
            vec![],
        ),
        (r#"{"eventType":"Open","mail":{}}"#.to_owned(), vec![]),
        (
            format!(r#"{{"eventType":"Delivery","mail":{{"tags":{{"groundswell_id":["{id}"]}}}}}}"#),
            vec![ProviderEvent::Delivered { message }],
        ),
        (
            format!(
                r#"{{"eventType":"Reject","mail":{{"tags":{{"groundswell_id":["{id}"]}}}},"reject":{{"reason":"Bad content"}}}}"#
            ),
            vec![ProviderEvent::Refused {
                message,
                reason: "Bad content".to_owned(),
            }],
        ),
    ] {
        assert_eq!(read(Provider::Ses, sns(&text).as_bytes()), Ok(expected), "{text}");
    }
    assert!(read(Provider::Ses, b"{}").is_err());
}
