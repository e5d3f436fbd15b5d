//! Providers tell of bounces: signed, once, and to whom they belong.

use groundswell_tests::{Backend, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(signed_events_are_taken_once,);

/// A signature of Mailgun: the key is the one that the server is told, time and token are made up.
const SIGNATURE: &str = "a7aa9b2aa1fba3d6e5b1b2e9c6f9f6f1";

async fn signed_events_are_taken_once(backend: Backend) {
    let options = Options {
        settings: vec![("email.webhooks", json!({ "mailgun_signing_key": "key-1" }))],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await;
    let addresses = ada.get("/api/email/webhooks").await;
    let path = |provider: &str| addresses[provider].as_str().unwrap().replace(&server.base, "");
    let event = |signature: &str, id: &str, recipient: &str| {
        json!({
            "signature": { "timestamp": "1700000000", "token": "token", "signature": signature },
            "event-data": { "id": id, "event": "complained", "recipient": recipient }
        })
    };
    let post =
        async |path: &str, body: &Value| Reply::to(server.http.post(server.url(path)).json(body)).await;
    let right = "b8175faf74348dc3258c3d223f709a715a4c23e2492f4868cabf74884abb6527";
    post(&path("mailgun"), &event(SIGNATURE, "1", "a@x.example"))
        .await
        .expect(401);
    post(&path("sendgrid"), &json!([])).await.expect(404);
    post(
        "/api/email/webhooks/mailgun?to=nothing",
        &event(right, "1", "a@x.example"),
    )
    .await
    .expect(404);
    post("/api/email/webhooks/other?to=nothing", &json!({}))
        .await
        .expect(404);
    let listed = async || {
        let all = ada.get_list("/api/email/suppressions?reason=complaint").await;
        all["data"].as_array().unwrap().len()
    };
    assert_eq!(listed().await, 0);
    // A provider serves the whole installation: this organization never wrote to them.
    post(&path("mailgun"), &event(right, "0", "a@x.example"))
        .await
        .expect(200);
    assert_eq!(listed().await, 0);
    let mail = json!({ "to": "a@x.example", "subject": "Hello", "body": "Hello" });
    ada.post("/api/email/send", &mail).await;
    server.drain().await;
    for _ in 0..2 {
        post(&path("mailgun"), &event(right, "1", "a@x.example"))
            .await
            .expect(200);
        assert_eq!(listed().await, 1);
    }
    // Taken off the list by a person, the same event does not bring it back.
    let entry = ada.get_list("/api/email/suppressions?email=a@x.example").await["data"][0]["id"].clone();
    let entry = format!("/api/email/suppressions/{}", entry.as_str().unwrap());
    ada.send(Method::DELETE, &entry, None).await.expect(200);
    post(&path("mailgun"), &event(right, "1", "a@x.example"))
        .await
        .expect(200);
    assert_eq!(listed().await, 0);
    post(&path("mailgun"), &event(right, "2", "a@x.example"))
        .await
        .expect(200);
    assert_eq!(listed().await, 1);
    server.stop().await;
}
