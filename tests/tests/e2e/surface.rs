//! What every answer has, and the addresses that are not of the API proper.

use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn addresses_have_older_spellings() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    ada.post("/api/v1/leads/", &json!({ "email": "a@b.example" }))
        .await;
    for path in [
        "/api/leads",
        "/api/v1/leads",
        "/api/leads/",
        "/api/v1/leads/?limit=5",
        "/api/leads?limit=5",
    ] {
        assert_eq!(
            ada.get_list(path).await["data"].as_array().unwrap().len(),
            1,
            "{path}"
        );
    }
    ada.send(Method::GET, "/api/v10/leads", None)
        .await
        .expect_error(404, "not_found");
    for (old, new) in [
        ("/auth/login", "/api/auth/login"),
        ("/campaigns", "/api/campaigns"),
        ("/campaigns/x?limit=1&q=a%20b", "/api/campaigns/x?limit=1&q=a%20b"),
        ("/tasks/stats/summary", "/api/tasks/stats/summary"),
        ("/internal-publishing", "/api/internal-publishing"),
        ("/ai-video/plan", "/api/ai-video/plan"),
        ("/clients", "/api/clients"),
        ("/analytics/dashboard", "/api/analytics/dashboard"),
    ] {
        for method in [Method::GET, Method::POST] {
            let reply = Reply::to(server.http.request(method, server.url(old))).await;
            assert_eq!((reply.status.as_u16(), reply.header("location")), (308, new));
        }
    }
    // Never to another host.
    for path in [
        "/auth//evil.example",
        "/auth/https://evil.example",
        "//auth/x",
        "/campaigns/%0d%0aset-cookie:x",
    ] {
        let reply = server.fetch(path).await;
        let location = reply.header("location");
        assert!(
            location.is_empty() || location.starts_with("/api/"),
            "{path} -> {location}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn requests_have_ids_and_answers_have_safe_headers() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let given = "0190c5a0-0000-7000-8000-00000000abcd";
    let ask = async |path: &str, id: &str| {
        Reply::to(ada.request(Method::GET, path).header("x-request-id", id)).await
    };
    let mut made_up = BTreeSet::new();
    for path in [
        "/api/leads",
        "/api/leads/nothing",
        "/api/nothing",
        "/livez",
        "/docs/",
        "/f/nothing",
        "/api/health",
        "/auth/x",
    ] {
        assert_eq!(ask(path, given).await.header("x-request-id"), given, "{path}");
        for id in ["nonsense", "", "x\u{7f}y", &"a".repeat(500)] {
            if reqwest::header::HeaderValue::from_str(id).is_ok() {
                let reply = ask(path, id).await;
                let own = reply.header("x-request-id").to_owned();
                assert!(
                    own.parse::<uuid::Uuid>().is_ok_and(|id| !id.is_nil()),
                    "{path}: {own}"
                );
                assert!(made_up.insert(own), "{path}: an id came twice");
            }
        }
        let reply = ask(path, given).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!reply.header("referrer-policy").is_empty(), "{path}");
        assert!(
            reply.headers.get("server").is_none() && reply.headers.get("x-powered-by").is_none(),
            "{path}"
        );
    }
    let reply = ask("/api/leads/nothing", given).await;
    assert_eq!(reply.expect_error(404, "not_found").json()["request_id"], given);
    let page = server.fetch("/dev/mailbox").await;
    assert!(
        page.header("content-security-policy").contains("frame-ancestors"),
        "{:?}",
        page.headers
    );
    server.stop().await;
}

#[tokio::test]
async fn the_server_tells_how_it_is() {
    let server = TestServer::start(Backend::Sqlite).await;
    assert_eq!(server.fetch("/livez").await.expect(200).text, "ok\n");
    assert_eq!(server.fetch("/readyz").await.expect(200).text, "ready\n");
    let health = server.fetch("/api/health").await;
    let health = health.expect(200).data();
    assert_eq!(
        (&health["status"], &health["environment"]),
        (&json!("healthy"), &json!("test"))
    );
    assert!(
        health["version"].is_string() && health["timestamp"].is_string(),
        "{health}"
    );
    let status = server.fetch("/api/health/status").await;
    let status = status.expect(200).data();
    assert_eq!(status["status"], "operational", "{status}");
    for part in ["api", "database", "queue", "mail", "limits"] {
        assert_eq!(status["services"][part]["status"], "healthy", "{status}");
    }
    assert!(!status.to_string().contains("sqlite://"), "{status}");

    server
        .fetch("/f/00000000-0000-0000-0000-000000000000")
        .await
        .expect(404);
    let metrics = server.fetch("/metrics").await;
    metrics.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    for line in [
        "http_requests_total{",
        "http_request_duration_seconds_bucket{",
        "route=\"/f/{form_id}\"",
    ] {
        assert!(metrics.text.contains(line), "{line} in {}", metrics.text);
    }
    assert!(
        !metrics.text.contains("00000000-0000"),
        "labels are patterns, never addresses"
    );
    let proxied = server
        .http
        .get(server.url("/metrics"))
        .header("x-forwarded-for", "203.0.113.1");
    Reply::to(proxied).await.expect_error(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn the_documentation_needs_no_other_host() {
    let server = TestServer::start(Backend::Sqlite).await;
    let document = server.fetch("/api/openapi.json").await;
    let document: Value = document.expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(
        document,
        serde_json::to_value(groundswell_api::openapi()).unwrap()
    );
    let moved = server.fetch("/docs").await;
    assert!(
        moved.status.is_redirection() && moved.header("location").starts_with("/docs/"),
        "{:?}",
        moved.headers
    );
    let page = server.fetch("/docs/").await;
    page.expect(200);
    let mut assets = 0;
    for attribute in ["src=\"", "href=\""] {
        for rest in page.text.split(attribute).skip(1) {
            let asset = rest.split('"').next().unwrap();
            assert!(!asset.contains("//"), "{asset} is on another host");
            let path = format!("/docs/{}", asset.trim_start_matches("./"));
            assert!(!server.fetch(&path).await.expect(200).text.is_empty(), "{path}");
            assets += 1;
        }
    }
    assert!(assets >= 3, "{}", page.text);
    let start = server.fetch("/docs/swagger-initializer.js").await;
    assert!(
        start.expect(200).text.contains("/api/openapi.json"),
        "{}",
        start.text
    );
    assert!(
        !start.text.contains("http://") && !start.text.contains("https://"),
        "{}",
        start.text
    );
    for path in [
        "/docs/../../etc/passwd",
        "/docs/%2e%2e%2fCargo.toml",
        "/docs/nothing.js",
    ] {
        server.fetch(path).await.expect(404);
    }
    server.stop().await;
}
