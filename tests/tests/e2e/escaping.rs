//! What visitors and colleagues type never becomes HTML, a header, or code.

use crate::samples::address;
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Backend, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    pages_show_text_as_text,
    mails_show_text_as_text,
    no_text_becomes_a_header_or_a_recipient,
    spreadsheets_get_text_and_no_formulas,
);

const SCRIPT: &str = "<script>alert('x')</script>";
const BREAKOUT: &str = "\"><img src=x onerror=alert(1)>";

#[track_caller]
fn assert_harmless(html: &str) {
    for bad in ["<script>alert", "<img src=x", "\"><img"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
    assert!(
        html.contains("&lt;script&gt;") || html.contains("&lt;img"),
        "the text is shown: {html}"
    );
}

async fn pages_show_text_as_text(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = json!({
        "name": SCRIPT,
        "fields": [
            { "name": "email", "type": "email", "required": true, "label": BREAKOUT, "placeholder": BREAKOUT },
            { "name": "plan", "type": "select", "options": [SCRIPT, BREAKOUT] },
            { "name": "hidden", "type": "hidden", "value": BREAKOUT },
            { "name": "note", "type": "textarea", "label": SCRIPT, "placeholder": "</textarea><script>alert('x')</script>" }
        ],
        "styling": { "intro": SCRIPT, "button_label": BREAKOUT, "accent_color": "#123456", "css": "</style><script>alert(1)</script>" },
        "settings": { "thank_you": SCRIPT }
    });
    let form = ada.post("/api/lead-capture/forms", &form).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = Reply::to(
        server
            .http
            .get(server.url(&format!("/f/{form}")))
            .query(&[("utm_source", BREAKOUT), ("referrer", SCRIPT), ("email", SCRIPT)])
            .header("referer", "https://x.example/\"><script>alert('x')</script>"),
    )
    .await;
    page.expect(200);
    assert_harmless(&page.text);
    assert!(
        page.header("content-security-policy").contains("default-src"),
        "{:?}",
        page.headers
    );
    let webhook = server.url(&format!("/api/lead-capture/webhook/{form}"));
    let wrong = [
        ("email", BREAKOUT),
        ("note", "</textarea><script>alert('x')</script>"),
        ("plan", SCRIPT),
        (SCRIPT, SCRIPT),
    ];
    let page = Reply::to(server.http.post(&webhook).form(&wrong)).await;
    page.expect(400);
    assert_harmless(&page.text);
    let mail = address();
    let right = [("email", mail.as_str()), ("note", SCRIPT)];
    let page = Reply::to(server.http.post(&webhook).form(&right)).await;
    page.expect(200);
    assert_harmless(&page.text);

    for color in ["red", "#12345", "#1234567", "#12345g", "#123;}</style>"] {
        let patch = json!({ "styling": { "accent_color": color } });
        ada.send(
            Method::PATCH,
            &format!("/api/lead-capture/forms/{form}"),
            Some(&patch),
        )
        .await
        .expect_error(400, "invalid_input");
    }
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
    ] {
        let patch = json!({ "settings": { "redirect_url": url } });
        ada.send(
            Method::PATCH,
            &format!("/api/lead-capture/forms/{form}"),
            Some(&patch),
        )
        .await
        .expect(400)
        .expect_envelope();
    }
    server.drain().await;
    server.stop().await;
}

async fn mails_show_text_as_text(backend: Backend) {
    let server = TestServer::start(backend).await;
    let register = json!({ "email": "eve@eve.example", "password": "correct horse", "name": "Eve", "organization_name": format!("Eve {SCRIPT}") });
    let eve = server.post("/api/auth/register", &register).await.data();
    let eve = server.bearer(eve["access_token"].as_str().unwrap());
    let form = json!({ "name": format!("Form {SCRIPT}"), "fields": [{ "name": "email", "type": "email", "required": true }, { "name": "note", "type": "textarea" }],
        "settings": { "notify": ["team@eve.example"] } });
    let form = eve.post("/api/lead-capture/forms", &form).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let capture = json!({ "email": "v@visitor.example", "name": format!("{SCRIPT}{{{{ 7*7 }}}}"), "company": BREAKOUT, "note": "line\r\nBcc: x@evil.example <script>alert('x')</script>" });
    server
        .post(&format!("/api/lead-capture/webhook/{form}"), &capture)
        .await
        .expect(201);
    let content = json!({ "subject": "Dear {{ lead.name }}", "html": "<p title=\"{{ lead.company }}\">{{ lead.name }} of {{ lead.company }}, {{ organization.name }}</p><a href=\"https://x.example/?c={{ lead.company }}\">x</a>" });
    let campaign = eve
        .post(
            "/api/campaigns",
            &json!({ "name": "x", "type": "email", "content": content }),
        )
        .await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    eve.post(&format!("/api/campaigns/{campaign}/launch"), &json!({}))
        .await;
    eve.post("/api/email/send", &json!({ "to": "v@visitor.example", "subject": "Hi {{ code }}", "body": "<p>{{ code }} {{ lead.name }}</p>", "variables": { "code": SCRIPT } })).await;
    server.drain().await;

    let list = server.fetch("/dev/mailbox").await;
    list.expect(200);
    assert_harmless(&list.text);
    let mails: Vec<&str> = list
        .text
        .split("href=\"/dev/mailbox/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(mails.len(), 3, "{}", list.text);
    for mail in mails {
        let page = server.fetch(&format!("/dev/mailbox/{mail}")).await;
        page.expect(200);
        // The preview is in an attribute of a frame without rights: HTML in HTML.
        assert!(
            !page.text.contains("<script>alert") && !page.text.contains("<img src=x"),
            "{}",
            page.text
        );
        assert!(
            !page.text.contains("49</"),
            "a lead's text was run as a template: {}",
            page.text
        );
        assert!(
            page.text.contains("&amp;lt;script&amp;gt;") || page.text.contains("&lt;script&gt;"),
            "{}",
            page.text
        );
    }
    for message in eve.get_list("/api/email/messages").await["data"]
        .as_array()
        .unwrap()
    {
        assert_eq!(message["status"], "sent", "{message}");
        assert!(
            !message["subject"]
                .as_str()
                .unwrap_or_default()
                .contains(['\r', '\n']),
            "{message}"
        );
    }
    server.stop().await;
}

/// A real SMTP server gets each mail with the headers that we gave it, to the one it is for.
async fn no_text_becomes_a_header_or_a_recipient(backend: Backend) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let options = Options {
        smtp_url: Some(sink.url()),
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await;
    let mut sent = BTreeSet::new();
    for text in [
        "x\r\nBcc: evil@x.example",
        "x\nBcc: evil@x.example",
        "x\rBcc: evil@x.example",
        "x\u{2028}Bcc: evil@x.example",
        "x\r\n\r\n.\r\nMAIL FROM:<evil@x.example>\r\n",
    ] {
        for body in [
            json!({ "subject": text, "body": text }),
            json!({ "subject": "{{ code }}", "body": "{{ code }}", "variables": { "code": text } }),
        ] {
            let (to, mut body) = (address(), body);
            body["to"] = json!(to);
            let reply = ada.send(Method::POST, "/api/email/send", Some(&body)).await;
            if reply.status == 202 {
                sent.insert(to);
            } else {
                reply.expect(400).expect_envelope();
            }
        }
    }
    for to in [
        "a@b.example\r\nBcc: evil@x.example",
        "a@b.example, evil@x.example",
        "<a@b.example>",
        "A <a@b.example>",
        "a@b.example\0",
    ] {
        let body = json!({ "to": to, "subject": "x", "body": "x" });
        ada.send(Method::POST, "/api/email/send", Some(&body))
            .await
            .expect_error(400, "invalid_input");
    }
    server.drain().await;
    let mails = sink.mails().unwrap();
    assert_eq!(mails.len(), sent.len());
    for mail in mails {
        assert_eq!(mail.recipients.len(), 1, "{:?}", mail.recipients);
        assert!(sent.remove(&mail.recipients[0]), "{:?}", mail.recipients);
        for header in ["Bcc", "bcc", "Cc"] {
            assert_eq!(mail.header(header), None);
        }
    }
    server.stop().await;
}

async fn spreadsheets_get_text_and_no_formulas(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for name in ["=1+1", "+1", "-1", "@SUM(A1)", "a,\"b\";c", "normal"] {
        ada.post("/api/leads", &json!({ "email": address(), "name": name }))
            .await;
    }
    let csv = ada.send(Method::GET, "/api/leads/export", None).await;
    csv.expect(200);
    assert!(csv.header("content-disposition").starts_with("attachment"));
    for cell in csv.text.lines().skip(1).flat_map(|line| line.split(',')) {
        let cell = cell.trim_matches('"');
        assert!(
            !cell.starts_with(['=', '@']),
            "{cell} is a formula in {}",
            csv.text
        );
    }
    assert!(csv.text.contains("\"a,\"\"b\"\";c\""), "{}", csv.text);
    let json = ada.send(Method::GET, "/api/leads/export?format=json", None).await;
    let names: Vec<Value> = json
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|lead| lead["name"].clone())
        .collect();
    assert!(
        names.contains(&json!("=1+1")),
        "JSON is no spreadsheet: {names:?}"
    );
    server.stop().await;
}
