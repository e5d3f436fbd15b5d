//! The pages as a browser shows them, at the width of a phone and of a desk.
//!
//! `GROUNDSWELL_TEST_CHROMIUM` names the browser; without it there is nothing to look with.

use groundswell_tests::{Backend, TestServer};
use serde_json::json;
use std::path::Path;
use tokio::process::Command;

async fn chromium(program: &str, profile: &Path, width: u32, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--window-size={width},900"))
        .args(arguments)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_mins(1), output).await;
    let output = output.expect("the browser does not end").unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The width in the header of a PNG file.
fn width_of(png: &[u8]) -> u32 {
    assert_eq!(&png[1..4], b"PNG");
    u32::from_be_bytes(png[16..20].try_into().unwrap())
}

/// Its policy lets in what Swagger UI loads: without its scripts the page would be empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documentation_is_shown_under_its_policy() {
    let Ok(program) = std::env::var("GROUNDSWELL_TEST_CHROMIUM") else {
        eprintln!("skipped: GROUNDSWELL_TEST_CHROMIUM names no browser");
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let profile = std::env::temp_dir().join(format!("gs_docs_{}", std::process::id()));
    let url = server.url("/docs/");
    let arguments = ["--virtual-time-budget=20000", "--dump-dom", &url];
    let dom = chromium(&program, &profile, 1280, &arguments).await;
    for text in [
        "Sign in with mail address and password",
        "Who did what",
        "Authorize",
    ] {
        assert!(dom.contains(text), "{text} in {dom}");
    }
    let _ = std::fs::remove_dir_all(&profile);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_shown_at_both_widths() {
    let Ok(program) = std::env::var("GROUNDSWELL_TEST_CHROMIUM") else {
        eprintln!("skipped: GROUNDSWELL_TEST_CHROMIUM names no browser");
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = json!({ "name": "Talk to us", "styling": { "accent_color": "#0a6640", "intro": "We answer within a day." }, "fields": [
        { "name": "name", "type": "text", "label": "Your name", "required": true },
        { "name": "email", "type": "email", "label": "Mail address", "required": true },
        { "name": "plan", "type": "select", "label": "Plan", "options": ["Basic", "Pro & more"] },
        { "name": "seats", "type": "number", "label": "How many seats?", "min": 1 },
        { "name": "terms", "type": "checkbox", "label": "I agree to the terms", "required": true },
        { "name": "message", "type": "textarea", "label": "How can we help?" } ],
        "settings": { "consents": [{ "purpose": "marketing", "text": "Yes, write to me about news and offers. I can take this back at any time." }] } });
    let form = ada.post("/api/lead-capture/forms", &form).await;
    let mail = json!({ "to": "grace@navy.example", "subject": "Welcome aboard", "body": "<h1>Hello Grace</h1><p>Read <a href=\"https://example.com\">more</a>.</p>" });
    let mail = ada.post("/api/email/send", &mail).await;
    server.drain().await;
    let id = |value: &serde_json::Value, name: &str| value[name].as_str().unwrap().to_owned();
    let folder = std::env::var_os("GROUNDSWELL_TEST_SCREENSHOTS").map_or_else(
        || std::env::temp_dir().join(format!("gs_pages_{}", std::process::id())),
        Into::into,
    );
    std::fs::create_dir_all(&folder).unwrap();
    let profile = folder.join("profile");
    for (name, path, labels) in [
        (
            "form",
            format!("/f/{}", id(&form, "id")),
            &[
                "Talk to us",
                "We answer within a day.",
                "Your name",
                "Mail address",
                "Pro &amp; more",
                "I agree to the terms",
                "How can we help?",
                "Yes, write to me about news",
            ][..],
        ),
        (
            "mailbox",
            "/dev/mailbox".to_owned(),
            &["Welcome aboard", "grace@navy.example"],
        ),
        (
            "mail",
            format!("/dev/mailbox/{}", id(&mail, "email_id")),
            &["Welcome aboard", "Not delivered", "Hello Grace"],
        ),
    ] {
        let url = server.url(&path);
        for width in [390, 1280] {
            let dom = chromium(&program, &profile, width, &["--dump-dom", &url]).await;
            for label in labels {
                assert!(dom.contains(label), "{name} at {width}: {label} in {dom}");
            }
            let picture = folder.join(format!("{name}-{width}.png"));
            let argument = format!("--screenshot={}", picture.display());
            chromium(&program, &profile, width, &[&argument, &url]).await;
            let png = std::fs::read(&picture).unwrap();
            assert_eq!(width_of(&png), width, "{name}");
            assert!(png.len() > 5000, "{name} at {width} is empty");
        }
    }
    let _ = std::fs::remove_dir_all(&profile);
    if std::env::var_os("GROUNDSWELL_TEST_SCREENSHOTS").is_none() {
        std::fs::remove_dir_all(folder).unwrap();
    }
    // The mail in the outbox was opened, as its picture was shown.
    server.judge_visits().await;
    server.stop().await;
}
