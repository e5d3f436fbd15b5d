//! Nobody can hold a request open for ever: neither a database that hangs, nor a client that is slow on purpose.

use groundswell_tests::{Backend, Options, Reply, TestServer, make, operations};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both!(work_that_takes_too_long_is_given_up_and_rolled_back);

async fn impatient(backend: Backend) -> TestServer {
    let options = Options {
        settings: vec![
            ("server.request_timeout", json!(1)),
            ("server.head_timeout", json!(1)),
            ("server.cors_origins", json!(["https://app.example.com"])),
        ],
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

async fn work_that_takes_too_long_is_given_up_and_rolled_back(backend: Backend) {
    let server = impatient(backend).await;
    let ada = server.register("Ada").await;
    let lead = format!("/api/leads/{}", make(&server, &ada, "/api/leads/").await);
    let held = server.hold_leads().await;
    let started = Instant::now();
    let change = ada
        .request(Method::PATCH, &lead)
        .header("origin", "https://app.example.com")
        .json(&json!({ "name": "Changed" }));
    let reply = Reply::to(change).await;
    reply.expect_error(503, "unavailable");
    assert!(reply.text.contains("longer than 1 seconds"), "{}", reply.text);
    assert!(
        started.elapsed() < Duration::from_millis(2900),
        "the database gave up first: {:?}",
        started.elapsed()
    );
    for (name, value) in [
        ("retry-after", "5"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("access-control-allow-origin", "https://app.example.com"),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
    held.release().await;
    assert_eq!(ada.get(&lead).await["name"], "A lead");
    let body = json!({ "name": "Changed" });
    assert_eq!(ada.patch(&lead, &body).await["name"], "Changed");
    server.drain().await;
    server.stop().await;
}

/// What comes back when `first` is sent at once, and then a byte at a time, until the server hangs up.
async fn dribble(server: &TestServer, first: &str) -> (String, Duration) {
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let slow = tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let started = Instant::now();
    let mut answer = Vec::new();
    // A reset is an end, too.
    let read = reader.read_to_end(&mut answer);
    let ended = tokio::time::timeout(Duration::from_secs(20), read).await;
    slow.abort();
    assert!(ended.is_ok(), "the server waits for ever");
    (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
}

#[tokio::test]
async fn slow_clients_are_cut_off() {
    let server = impatient(Backend::Sqlite).await;
    let (answer, took) = dribble(&server, "GET /api/health HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    let head = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{";
    let (answer, took) = dribble(&server, head).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    // Many of them keep nobody else out.
    let mut slow = Vec::new();
    for _ in 0..200 {
        let address = server.base.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"POST /api/auth/login HTTP/1.1\r\n")
            .await
            .unwrap();
        slow.push(stream);
    }
    server.fetch("/api/health").await.expect(200);
    server.stop().await;
}

/// Twelve megabytes are too much for everything that takes a body.
#[tokio::test]
async fn every_body_has_a_limit() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = make(&server, &ada, "/f/").await;
    for operation in operations() {
        for kind in &operation.accepts {
            // Without looking at the body: a link that was never made, and the one click that needs none.
            if operation.path.contains("{token}") {
                continue;
            }
            let of_visitors = ["capture_lead", "record_form_event", "keep_partial"];
            let id = if of_visitors.contains(&operation.id.as_str()) {
                form.as_str()
            } else {
                "00000000-0000-7000-8000-000000000000"
            };
            let (kind, body) = if kind == "multipart/form-data" {
                let part = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
                (
                    "multipart/form-data; boundary=b".to_owned(),
                    format!("{part}{}", "a".repeat(12 << 20)),
                )
            } else {
                (kind.clone(), format!("\"{}\"", "a".repeat(12 << 20)))
            };
            let request = ada
                .request(operation.method.clone(), &operation.address(id))
                .header("content-type", &kind)
                .body(body);
            // The server may hang up before it has read all of it: that is a refusal as well.
            if let Ok(answer) = request.send().await {
                // A file to import may be longer than that, but not a line of it.
                let long_line = kind.starts_with("multipart/") && answer.status() == 400;
                assert!(answer.status() == 413 || long_line, "{} {kind}", operation.id);
            }
        }
    }
    server.stop().await;
}
