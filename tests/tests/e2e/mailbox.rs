//! Where mails are kept that were not delivered.

use crate::mail::{SEND, with_sink};
use groundswell_tests::{Backend, Reply, TestServer};
use serde_json::{Value, json};

#[tokio::test]
async fn the_outbox_is_for_who_sits_at_the_machine() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await.with_key().await;
    let page = server.fetch("/dev/mailbox").await;
    assert!(page.expect(200).text.contains("No mails yet"), "{}", page.text);
    let mut last = Value::Null;
    for index in 0..55 {
        let body = json!({ "to": format!("to{index}@x.example"), "subject": format!("Mail <{index}>"), "body": "<p>Hello <script>alert(1)</script></p>" });
        last = ada.post(SEND, &body).await["email_id"].take();
        server.clock.advance(chrono::TimeDelta::seconds(1));
        server.drain().await;
    }
    let page = server.fetch("/dev/mailbox").await;
    assert!(page.expect(200).text.contains("Mail &lt;54&gt;") && !page.text.contains("Mail &lt;4&gt;"));
    let older = page
        .text
        .split("?before=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let older = server.fetch(&format!("/dev/mailbox?before={older}")).await;
    assert!(older.expect(200).text.contains("Mail &lt;4&gt;") && !older.text.contains("Mail &lt;5&gt;"));
    assert!(
        !older.text.contains("Older mails"),
        "there are no older ones: {}",
        older.text
    );

    let path = format!("/dev/mailbox/{}", last.as_str().unwrap());
    let mail = server.fetch(&path).await;
    for part in ["to54@x.example", "Not delivered", "List-Unsubscribe", "sandbox="] {
        assert!(mail.expect(200).text.contains(part), "{part} in {}", mail.text);
    }
    assert!(!mail.text.contains("<script"), "{}", mail.text);
    assert!(
        mail.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    server.fetch("/dev/mailbox/nonsense").await.expect(404);
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("via", "1.1 proxy"),
        ("host", "rebound.example"),
    ] {
        for path in ["/dev/mailbox", &path] {
            let reply = Reply::to(server.http.get(server.url(path)).header(name, value)).await;
            assert!(!reply.expect(404).text.contains("@x.example"), "{name}");
        }
    }
    server.stop().await;

    // Where mails are delivered there is no mailbox.
    let (server, _sink) = with_sink(Backend::Sqlite).await;
    server.fetch("/dev/mailbox").await.expect(404);
    server.fetch(&path).await.expect(404);
    server.stop().await;
}
