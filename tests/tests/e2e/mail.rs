//! Mails that arrive: what is in them, and what must never be.

use groundswell_testkit::smtp_sink::{SmtpSink, SunkMail};
use groundswell_tests::{Backend, Options, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(
    single_mails_are_merged_and_sent,
    a_suppressed_address_gets_no_mail,
);

pub(crate) const SEND: &str = "/api/email/send";

pub(crate) async fn with_sink(backend: Backend) -> (TestServer, SmtpSink) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let options = Options {
        smtp_url: Some(sink.url()),
        ..Options::default()
    };
    (TestServer::start_with(backend, options).await, sink)
}

/// The only mail to this address.
pub(crate) fn only(sink: &SmtpSink, to: &str) -> SunkMail {
    let mails = sink.mails().unwrap();
    let mut mails = mails.into_iter().filter(|mail| mail.recipients == [to]);
    let mail = mails.next().unwrap_or_else(|| panic!("no mail to {to}"));
    assert!(mails.next().is_none(), "{to} got two");
    mail
}

async fn single_mails_are_merged_and_sent(backend: Backend) {
    let (server, sink) = with_sink(backend).await;
    let ada = server.register("Ada").await;
    ada.post(
        "/api/leads",
        &json!({ "email": "Grace@navy.example", "name": "Grace Hopper" }),
    )
    .await;
    let template = json!({ "name": "Code", "subject": "Your code, {{ lead.first_name | default('you') }}", "variables": ["code"],
        "html": "<p><a href=\"{{ unsubscribe_url }}\">Stop</a> {{ code }} for <a href=\"https://example.com/a?b=1&amp;c=2\">{{ organization.name }}</a></p>" });
    let template = ada.post("/api/email/templates", &template).await["id"].clone();

    let body =
        json!({ "to": "grace@navy.example", "template_id": template, "variables": { "code": "<7> & 8" } });
    let queued = ada.send(Method::POST, SEND, Some(&body)).await;
    let queued = queued.expect(202).data();
    assert_eq!(queued["status"], "queued");
    let plain = json!({ "to": "mary@x.example", "subject": "Plain", "body": "Dear Mary,\n\n1 & 2 are 3.\n" });
    ada.post(SEND, &plain).await;
    let umlaut = json!({ "to": "ann@x.example", "subject": "Grüße: ein Betreff, der für eine einzige Zeile viel zu lang ist, wirklich",
        "body": format!("<p>Ölig 🙂</p><p>{}</p>", "x".repeat(3000)) });
    ada.post(SEND, &umlaut).await;
    assert_eq!(server.drain().await, 3);

    let mail = only(&sink, "grace@navy.example");
    assert_eq!(mail.mail_from, "news@sender.example");
    assert_eq!(mail.header("From"), Some("Test <news@sender.example>"));
    assert_eq!(mail.header("Subject"), Some("Your code, Grace"));
    let html = mail.part("text/html").unwrap();
    assert!(
        html.contains("&lt;7&gt; &amp; 8") && html.contains("Ada Ltd"),
        "{html}"
    );
    assert!(
        html.contains(&format!("{}/t/c/", server.base)) && !html.contains("https://example.com/a?b"),
        "{html}"
    );
    assert_eq!(
        html.matches(&format!("href=\"{}/u/", server.base)).count(),
        1,
        "one plain link: {html}"
    );
    let text = mail.part("text/plain").unwrap();
    assert!(text.contains("<7> & 8") && text.contains("Ada Ltd"), "{text}");
    let id = queued["email_id"].as_str().unwrap();
    assert_eq!(
        mail.header("Message-ID"),
        Some(format!("<{id}@sender.example>").as_str())
    );
    let unsubscribe = mail.header("List-Unsubscribe").unwrap();
    assert!(
        unsubscribe.starts_with(&format!("<{}/u/", server.base)),
        "{unsubscribe}"
    );
    assert_eq!(
        mail.header("List-Unsubscribe-Post"),
        Some("List-Unsubscribe=One-Click")
    );
    assert!(mail.header("Date").is_some() && mail.header("MIME-Version") == Some("1.0"));

    let mail = only(&sink, "mary@x.example");
    assert!(
        mail.part("text/plain")
            .unwrap()
            .starts_with("Dear Mary,\n\n1 & 2 are 3."),
        "{}",
        mail.body
    );
    assert!(
        mail.part("text/html").unwrap().contains("1 & 2 are 3."),
        "{}",
        mail.body
    );
    let mail = only(&sink, "ann@x.example");
    assert!(
        mail.header("Subject").unwrap().starts_with("=?utf-8?"),
        "{:?}",
        mail.headers
    );
    assert!(mail.part("text/html").unwrap().contains("Ölig 🙂"));
    assert!(
        mail.body.lines().all(|line| line.len() <= 998 && line.is_ascii()),
        "RFC 5322: lines have at most 998 bytes"
    );

    let message = ada.get(&format!("/api/email/messages/{id}")).await;
    assert_eq!(
        (&message["status"], &message["attempts"]),
        (&json!("sent"), &json!(1))
    );
    assert!(
        message["reason"].as_str().unwrap().starts_with("250"),
        "{message}"
    );
    assert!(message["lead_id"].is_string() && message["sent_at"].is_string());
    server.stop().await;
}

async fn a_suppressed_address_gets_no_mail(backend: Backend) {
    let (server, sink) = with_sink(backend).await;
    let ada = server.register("Ada").await;
    ada.post(
        "/api/email/suppressions",
        &json!({ "email": "Grace@navy.example" }),
    )
    .await;
    ada.send(
        Method::POST,
        "/api/email/suppressions",
        Some(&json!({ "email": "grace@NAVY.example" })),
    )
    .await
    .expect_error(409, "already_suppressed");
    let body = |to: &str| json!({ "to": to, "subject": "Hello", "body": "Hello" });
    let reply = ada
        .send(Method::POST, SEND, Some(&body("grace@navy.example")))
        .await;
    reply.expect_error(409, "recipient_suppressed");
    assert!(
        reply.json()["error"].as_str().unwrap().contains("manual"),
        "{}",
        reply.text
    );
    // Suppressed between the request and the sending.
    let queued = ada.post(SEND, &body("late@x.example")).await;
    ada.post("/api/email/suppressions", &json!({ "email": "late@x.example" }))
        .await;
    server.drain().await;
    let message = ada
        .get(&format!(
            "/api/email/messages/{}",
            queued["email_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(message["status"], "suppressed", "{message}");
    assert!(sink.mails().unwrap().is_empty());
    assert_eq!(
        ada.get_list("/api/email/messages?with_total=true").await["total"],
        1
    );
    server.stop().await;
}

#[tokio::test]
async fn wrong_mails_are_refused_at_once() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let nobody = "00000000-0000-7000-8000-000000000001";
    for (body, said) in [
        (json!({ "to": "a@x.example" }), "body"),
        (json!({ "to": "a@x.example", "body": "x" }), "subject"),
        (
            json!({ "to": "a@x.example", "subject": " ", "body": "x" }),
            "subject",
        ),
        (
            json!({ "to": "a@x.example", "subject": "{{ cod }}", "body": "x" }),
            "cod",
        ),
        (
            json!({ "to": "a@x.example", "subject": "x", "body": "{% for x in range(9) %}" }),
            "body",
        ),
        (
            json!({ "to": "a@x.example", "subject": "x", "body": "{{ code }}", "variables": { "cod": "1" } }),
            "code",
        ),
        (
            json!({ "to": "a@x.example", "template_id": nobody }),
            "template_id",
        ),
        (
            json!({ "to": "a@x.example", "template_id": nobody, "body": "x" }),
            "body",
        ),
        (
            json!({ "to": "a@x.example", "subject": "x", "body": "y", "cc": "b@x.example" }),
            "cc",
        ),
        (
            json!({ "to": ["a@x.example"], "subject": "x", "body": "y" }),
            "to",
        ),
    ] {
        let reply = ada.send(Method::POST, SEND, Some(&body)).await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(said), "{body}: {}", reply.text);
    }
    assert_eq!(ada.get_list("/api/email/messages").await["data"], json!([]));
    server.stop().await;
}
