//! Amazon SES tells through SNS: the subscription, signed events, and what became of mails in doubt.

use groundswell_testkit::FakeWeb;
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_testkit::sns::{SnsIssuer, TOPIC};
use groundswell_tests::{Account, Backend, Options, Reply, TestServer};
use serde_json::{Value, json};

on_both!(
    a_topic_is_subscribed_to_and_believed,
    what_it_tells_settles_what_is_unknown,
);

async fn start(backend: Backend, web: &FakeWeb, smtp_url: Option<String>) -> TestServer {
    let options = Options {
        settings: vec![("email.webhooks", json!({ "ses_topics": [TOPIC] }))],
        web: Some(web.clone()),
        smtp_url,
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

async fn path(server: &TestServer, account: &Account<'_>) -> String {
    let addresses = account.get("/api/email/webhooks").await;
    addresses["ses"].as_str().unwrap().replace(&server.base, "")
}

/// As SNS posts: JSON that calls itself text.
async fn post(server: &TestServer, path: &str, body: &Value) -> Reply {
    let request = server.http.post(server.url(path));
    let request = request
        .header("content-type", "text/plain; charset=UTF-8")
        .header("x-amz-sns-topic-arn", TOPIC);
    Reply::to(request.body(body.to_string())).await
}

async fn sent(server: &TestServer, account: &Account<'_>, to: &str) -> String {
    let mail = json!({ "to": to, "subject": "Hello", "body": "Hello" });
    let id = account.post("/api/email/send", &mail).await["email_id"].clone();
    server.drain().await;
    id.as_str().unwrap().to_owned()
}

fn bounce(message: &str, feedback: &str, kind: &str, said: &str) -> String {
    json!({
        "eventType": "Bounce", "mail": { "messageId": "0100", "tags": { "groundswell_id": [message] } },
        "bounce": { "bounceType": kind, "feedbackId": feedback,
            "bouncedRecipients": [{ "emailAddress": "a@x.example", "diagnosticCode": said }] }
    })
    .to_string()
}

async fn a_topic_is_subscribed_to_and_believed(backend: Backend) {
    let (web, issuer) = (FakeWeb::default(), SnsIssuer::new());
    let server = start(backend, &web, None).await;
    let ada = server.register("Ada").await;
    let path = self::path(&server, &ada).await;
    let asked = || {
        web.take_asked()
            .into_iter()
            .map(|asked| asked.url)
            .collect::<Vec<_>>()
    };

    // Nobody is believed, and nothing but the certificate asked for, as long as that can't be had.
    let subscribe = SnsIssuer::subscribe_url();
    let confirmation = issuer.confirmation("1", &subscribe);
    post(&server, &path, &confirmation).await.expect(503);
    assert_eq!(asked(), [issuer.certificate_url()]);
    issuer.publish(&web);
    // The subscription can't be confirmed: SNS will ask again.
    post(&server, &path, &confirmation).await.expect(503);
    assert_eq!(asked(), [issuer.certificate_url(), subscribe.clone()]);
    web.answers(&subscribe, 200, "text/xml", "<ConfirmSubscriptionResponse/>");
    post(&server, &path, &confirmation).await.expect(200);
    assert_eq!(
        asked(),
        std::slice::from_ref(&subscribe),
        "the certificate is known"
    );
    // Signed, but leading elsewhere; and of others.
    let elsewhere = issuer.confirmation("2", "https://evil.example/?Action=ConfirmSubscription");
    post(&server, &path, &elsewhere).await.expect(400);
    let mut forged = confirmation.clone();
    forged["Token"] = json!("other");
    post(&server, &path, &forged).await.expect(401);
    let mut other = confirmation.clone();
    other["TopicArn"] = json!("arn:aws:sns:eu-central-1:999999999999:theirs");
    post(&server, &path, &other).await.expect(401);
    post(&server, &path, &json!({})).await.expect(401);
    post(&server, "/api/email/webhooks/ses?to=nothing", &confirmation)
        .await
        .expect(404);
    assert_eq!(asked(), Vec::<String>::new());

    let id = sent(&server, &ada, "a@x.example").await;
    let listed = async || {
        let all = ada.get_list("/api/email/suppressions?email=a@x.example").await;
        all["data"].as_array().unwrap().clone()
    };
    // What the provider calls permanent is judged anew.
    let full = bounce(&id, "f-1", "Permanent", "smtp; 552 5.2.2 mailbox full");
    post(&server, &path, &issuer.notification("1", &full))
        .await
        .expect(200);
    assert!(listed().await.is_empty());
    let gone = bounce(&id, "f-2", "Permanent", "smtp; 550 5.1.1 user unknown");
    for version in ["2", "1"] {
        post(&server, &path, &issuer.notification(version, &gone))
            .await
            .expect(200);
        let entries = listed().await;
        assert_eq!((entries.len(), &entries[0]["reason"]), (1, &json!("hard_bounce")));
    }
    // Taken off by a person, a replay does not bring it back; another event does.
    let entry = format!(
        "/api/email/suppressions/{}",
        listed().await[0]["id"].as_str().unwrap()
    );
    ada.send(reqwest::Method::DELETE, &entry, None).await.expect(200);
    post(&server, &path, &issuer.notification("2", &gone))
        .await
        .expect(200);
    assert!(listed().await.is_empty());
    let complaint = json!({
        "notificationType": "Complaint", "mail": { "messageId": "0100" },
        "complaint": { "feedbackId": "f-3", "complainedRecipients": [{ "emailAddress": "A@x.example" }] }
    });
    post(&server, &path, &issuer.notification("2", &complaint.to_string()))
        .await
        .expect(200);
    assert_eq!(listed().await[0]["reason"], "complaint");
    let words = "Successfully validated SNS topic for Amazon SES event publishing.";
    post(&server, &path, &issuer.notification("2", words))
        .await
        .expect(200);

    // A topic serves the whole installation: of others' mails an organization learns nothing.
    let bob = server.register("Bob").await;
    let bobs = self::path(&server, &bob).await;
    post(&server, &bobs, &issuer.notification("2", &gone))
        .await
        .expect(200);
    let theirs = bob.get_list("/api/email/suppressions").await;
    assert_eq!(theirs["data"], json!([]));
    server.stop().await;
}

async fn what_it_tells_settles_what_is_unknown(backend: Backend) {
    let (web, issuer) = (FakeWeb::default(), SnsIssuer::new());
    issuer.publish(&web);
    let sink = SmtpSink::start(&["-q", "."]).await.unwrap();
    let server = start(backend, &web, Some(sink.url())).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = self::path(&server, &ada).await;
    let status = async |id: &str| ada.get(&format!("/api/email/messages/{id}")).await;
    let tell = async |message: Value| {
        post(&server, &path, &issuer.notification("2", &message.to_string()))
            .await
            .expect(200);
    };
    let of = |id: &str| json!({ "messageId": "0100", "tags": { "groundswell_id": [id] } });

    let delivered = sent(&server, &ada, "a@x.example").await;
    let rejected = sent(&server, &ada, "a@x.example").await;
    let returned = sent(&server, &ada, "a@x.example").await;
    for id in [&delivered, &rejected, &returned] {
        assert_eq!(status(id).await["status"], "unknown");
    }
    tell(json!({ "eventType": "Delivery", "mail": of(&delivered) })).await;
    tell(json!({ "eventType": "Reject", "mail": of(&rejected), "reject": { "reason": "Bad content" } }))
        .await;
    tell(
        serde_json::from_str(&bounce(
            &returned,
            "f-1",
            "Transient",
            "smtp; 452 4.2.2 mailbox full",
        ))
        .unwrap(),
    )
    .await;
    let mail = status(&delivered).await;
    assert_eq!(mail["status"], "sent", "{mail}");
    assert!(mail["sent_at"].is_string() && mail["reason"].as_str().unwrap().contains("delivered"));
    let mail = status(&rejected).await;
    assert_eq!(
        (&mail["status"], &mail["sent_at"]),
        (&json!("failed"), &Value::Null)
    );
    assert!(mail["reason"].as_str().unwrap().contains("Bad content"), "{mail}");
    assert_eq!(status(&returned).await["status"], "sent");
    // In another order, or again: what is certain stays.
    tell(json!({ "eventType": "Reject", "mail": of(&delivered), "reject": { "reason": "late" } })).await;
    tell(json!({ "eventType": "Delivery", "mail": of(&rejected) })).await;
    assert_eq!(status(&delivered).await["status"], "sent");
    assert_eq!(status(&rejected).await["status"], "failed");

    // A campaign's numbers follow.
    ada.post("/api/leads", &json!({ "email": "lead@x.example" }))
        .await;
    let campaign = crate::campaigns::make(&ada, &crate::campaigns::draft(&json!({}))).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    let metrics = async || ada.get(&campaign).await["metrics"].clone();
    let before = metrics().await;
    assert_eq!(
        (&before["unknown"], &before["sent"]),
        (&json!(1), &json!(0)),
        "{before}"
    );
    let recipients = ada.get_list(&format!("{campaign}/recipients")).await;
    let id = recipients["data"][0]["id"].as_str().unwrap().to_owned();
    tell(json!({ "eventType": "Delivery", "mail": of(&id) })).await;
    let after = metrics().await;
    assert_eq!(
        (&after["unknown"], &after["sent"]),
        (&json!(0), &json!(1)),
        "{after}"
    );
    server.stop().await;
}
