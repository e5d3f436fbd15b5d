//! Texts that try to be more than a text.

use crate::mail::{SEND, only, with_sink};
use groundswell_tests::Backend;
use reqwest::Method;
use serde_json::json;

on_both!(nothing_breaks_out_of_its_header,);

async fn nothing_breaks_out_of_its_header(backend: Backend) {
    let (server, sink) = with_sink(backend).await;
    let ada = server.register("Ada").await;
    let evil = "x\r\nBcc: evil@x.example\r\n\r\n<p>mine";
    for (path, body) in [
        ("/api/leads", json!({ "email": "a@x.example", "name": evil })),
        (
            "/api/leads",
            json!({ "email": "a@x.example\r\nBcc: evil@x.example" }),
        ),
        (
            SEND,
            json!({ "to": "a@x.example\r\nBcc: evil@x.example", "subject": "x", "body": "y" }),
        ),
        (
            SEND,
            json!({ "to": "a@x.example, evil@x.example", "subject": "x", "body": "y" }),
        ),
        (
            SEND,
            json!({ "to": "Evil <evil@x.example>", "subject": "x", "body": "y" }),
        ),
    ] {
        ada.send(Method::POST, path, Some(&body))
            .await
            .expect(400)
            .expect_envelope();
    }
    // What may stand in a name, and what gets into subjects by variables, is still no header of its own.
    ada.post(
        "/api/leads",
        &json!({ "email": "name@x.example", "name": "\"Evil\" <evil@x.example>, Bcc: evil@x.example" }),
    )
    .await;
    let mut sent = vec!["name@x.example".to_owned()];
    for (index, (subject, variables)) in [
        ("{{ code }}", json!({ "code": evil })),
        ("{{ code }}", json!({ "code": "a\nBcc: evil@x.example" })),
        ("{{ code }}", json!({ "code": "a\rBcc: evil@x.example" })),
        (
            "{{ code }}",
            json!({ "code": "a\u{2028}Bcc: evil@x.example\u{85}\u{0}\u{b}" }),
        ),
        (evil, json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("to{index}@x.example");
        let body = json!({ "to": to, "subject": subject, "body": "<p>{{ code | default('') }}.\r\n.\r\nRSET</p>", "variables": variables });
        let mut body = body;
        if variables == json!({}) {
            body["body"] = json!("<p>x</p>");
        }
        let reply = ada.send(Method::POST, SEND, Some(&body)).await;
        match reply.status.as_u16() {
            202 => sent.push(to),
            400 => drop(reply.expect_envelope()),
            _ => panic!("{}", reply.text),
        }
    }
    let content = json!({ "subject": "Hello {{ lead.name | default('x') }}", "html": "<p>{{ lead.name | default('x') }}</p>" });
    let campaign = ada
        .post(
            "/api/campaigns",
            &json!({ "name": "C", "type": "email", "content": content }),
        )
        .await;
    ada.post(
        &format!("/api/campaigns/{}/launch", campaign["id"].as_str().unwrap()),
        &json!({}),
    )
    .await;
    server.drain().await;
    let mails = sink.mails().unwrap();
    assert_eq!(
        mails.len(),
        sent.len(),
        "a mail was cut in two, or one is missing"
    );
    for to in &sent {
        let mail = only(&sink, to);
        assert!(mail.header("Bcc").is_none(), "{:?}", mail.headers);
        let names: Vec<_> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        for once in ["From", "To", "Subject", "Message-ID", "Content-Type"] {
            assert_eq!(
                names.iter().filter(|name| **name == once).count(),
                1,
                "{once} in {names:?}"
            );
        }
        assert!(
            mail.part("text/html").is_some() && mail.part("text/plain").is_some(),
            "{}",
            mail.body
        );
    }
    let html = only(&sink, "name@x.example").part("text/html").unwrap();
    assert!(
        html.contains("&lt;evil@x.example&gt;"),
        "a name is no HTML: {html}"
    );
    server.stop().await;
}
