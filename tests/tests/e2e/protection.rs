//! What browsers are told: policies of answers and pages, who may call from other sites, and `HEAD`.

use groundswell_tests::{Account, Backend, Options, Reply, TestServer, make, make_for, operations};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const APP: &str = "https://app.example.com";

async fn open_to_app() -> TestServer {
    let options = Options {
        settings: vec![("server.cors_origins", json!([APP, "http://localhost:3000"]))],
        ..Options::default()
    };
    TestServer::start_with(Backend::Sqlite, options).await
}

fn preflight(server: &TestServer, path: &str, origin: &str, method: &str) -> RequestBuilder {
    server
        .http
        .request(Method::OPTIONS, server.url(path))
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,content-type")
}

#[tokio::test]
async fn pages_of_named_origins_may_call() {
    let server = open_to_app().await;
    let ada = server.register("Ada").await;
    for (origin, path) in [
        (APP, "/api/leads"),
        ("http://localhost:3000", "/api/v1/leads/"),
        (APP, "/api/no-such-thing"),
    ] {
        let reply = Reply::to(preflight(&server, path, origin, "PATCH")).await;
        assert_eq!(reply.expect(204).text, "");
        assert_eq!(reply.header("access-control-allow-origin"), origin);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            assert!(
                reply.header("access-control-allow-methods").contains(method),
                "{method}"
            );
        }
        for name in [
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "x-request-id",
        ] {
            assert!(
                reply.header("access-control-allow-headers").contains(name),
                "{name}"
            );
        }
        assert_eq!(reply.header("access-control-max-age"), "600");
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert!(reply.header("vary").contains("Origin"), "{:?}", reply.headers);
    }
    let lead = make(&server, &ada, "/api/leads/").await;
    let ask = async |path: &str, origin: &str| {
        Reply::to(ada.request(Method::GET, path).header("origin", origin)).await
    };
    // Errors, too: a page that can't read them can't tell what is wrong.
    for path in [
        format!("/api/leads/{lead}"),
        "/api/leads/nothing".into(),
        "/nothing".into(),
    ] {
        let reply = ask(&path, APP).await;
        assert_eq!(reply.header("access-control-allow-origin"), APP, "{path}");
        for name in [
            "etag",
            "location",
            "retry-after",
            "x-request-id",
            "idempotency-replayed",
            "ratelimit",
            "ratelimit-policy",
            "ratelimit-remaining",
        ] {
            assert!(
                reply.header("access-control-expose-headers").contains(name),
                "{name}"
            );
        }
    }
    let answer = server
        .http
        .get(server.url("/api/health"))
        .header("accept-encoding", "gzip");
    let answer = answer.send().await.unwrap();
    let vary: Vec<_> = answer.headers().get_all("vary").iter().collect();
    assert!(
        vary.iter().any(|value| *value == "Origin"),
        "without an origin as well: {vary:?}"
    );

    for origin in [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://APP.example.com",
        "null",
        "*",
        "",
    ] {
        let refused = Reply::to(preflight(&server, "/api/leads", origin, "GET")).await;
        refused.expect_error(403, "forbidden");
        assert!(refused.text.contains("server.cors_origins"), "{}", refused.text);
        let reply = ask("/api/leads", origin).await;
        reply.expect(200);
        for reply in [refused, reply] {
            for name in reply.headers.keys() {
                assert!(!name.as_str().starts_with("access-control"), "{origin}: {name}");
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn by_default_other_sites_may_send_forms_and_nothing_else() {
    for origins in [json!([]), json!(["*"])] {
        let options = Options {
            settings: vec![("server.cors_origins", origins)],
            ..Options::default()
        };
        let server = TestServer::start_with(Backend::Sqlite, options).await;
        let ada = server.register("Ada").await;
        let form = make(&server, &ada, "/f/").await;
        let webhook = format!("/api/lead-capture/webhook/{form}");
        let visitor = "https://blog.example";
        for path in [&webhook, &format!("/f/{form}")] {
            let reply = Reply::to(preflight(&server, path, visitor, "POST")).await;
            reply.expect(204);
            assert_eq!(reply.header("access-control-allow-origin"), "*");
            assert!(reply.header("access-control-allow-methods").contains("POST"));
            let names = reply.header("access-control-allow-headers");
            assert!(
                names.contains("idempotency-key") && !names.contains("authorization"),
                "{names}"
            );
            assert_eq!(reply.header("access-control-allow-credentials"), "");
        }
        for body in [
            json!({ "email": "v@things.example" }),
            json!({ "email": "nonsense" }),
        ] {
            let post = server.http.post(server.url(&webhook)).header("origin", visitor);
            let reply = Reply::to(post.json(&body)).await;
            assert_eq!(reply.header("access-control-allow-origin"), "*", "{}", reply.text);
            assert!(
                reply
                    .header("access-control-expose-headers")
                    .contains("retry-after")
            );
        }
        Reply::to(preflight(&server, "/api/leads", visitor, "GET"))
            .await
            .expect_error(403, "forbidden");
        let forms = format!("/api/lead-capture/forms/{form}");
        let reply = Reply::to(ada.request(Method::GET, &forms).header("origin", visitor)).await;
        assert_eq!(reply.expect(200).header("access-control-allow-origin"), "");
        // Without the question it is a method like any other.
        Reply::to(server.http.request(Method::OPTIONS, server.url(&webhook)))
            .await
            .expect_error(405, "method_not_allowed");
        server.drain().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = make(&server, &ada, "/f/").await;
    let webhook = format!("/api/lead-capture/webhook/{form}");
    let get = async |path: &str| ada.send(Method::GET, path, None).await;
    let sent = server
        .http
        .post(server.url(&webhook))
        .form(&[("email", "v@things.example")]);
    let redirect = ada.send(Method::GET, "/auth/me", None).await;
    let closed = [
        get("/api/leads").await,
        get("/api/leads/nothing").await,
        get("/nothing").await,
        get("/api/leads/export").await,
        get("/livez").await,
        get("/metrics").await,
        get("/api/openapi.json").await,
        get("/t/o/nothing").await,
        redirect,
        server.fetch("/api/leads").await,
        server.post("/api/auth/login", &json!({})).await,
        ada.send(Method::DELETE, "/api/leads", None).await,
    ];
    for reply in &closed {
        let policy = reply.header("content-security-policy");
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'", "{reply:?}");
    }
    let pages = [
        get("/docs/").await,
        get("/dev/mailbox").await,
        get("/dev/mailbox/nothing").await,
        get("/u/nothing").await,
    ];
    let embeddable = [get(&format!("/f/{form}")).await, Reply::to(sent).await];
    for reply in closed.iter().chain(&pages).chain(&embeddable) {
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin");
        assert!(reply.header("permissions-policy").contains("camera=()"));
        assert!(!reply.header("referrer-policy").is_empty());
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(
            reply.header("strict-transport-security"),
            "",
            "without TLS it would be a lie"
        );
    }
    for reply in closed.iter().chain(&pages) {
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert!(
            reply
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
    }
    for reply in &embeddable {
        reply.expect(200);
        assert_eq!(
            reply.header("x-frame-options"),
            "",
            "it would forbid what the policy allows"
        );
        assert!(
            reply
                .header("content-security-policy")
                .contains("frame-ancestors *")
        );
    }
    // What belongs to somebody stays out of caches.
    for index in [0, 1, 9, 10, 11] {
        let own = if index == 9 { "" } else { "no-store" };
        assert_eq!(closed[index].header("cache-control"), own, "{:?}", closed[index]);
    }
    server.drain().await;
    server.stop().await;

    let options = Options {
        settings: vec![("server.public_url", json!("https://marketing.example.com"))],
        ..Options::default()
    };
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let reply = server.fetch("/livez").await;
    assert_eq!(reply.header("strict-transport-security"), "max-age=31536000");
    server.stop().await;
}

async fn head(account: &Account<'_>, path: &str) -> Reply {
    Reply::to(account.request(Method::HEAD, path)).await
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let undocumented = [
        "/livez",
        "/readyz",
        "/api/openapi.json",
        "/docs/",
        "/dev/mailbox",
        "/nothing",
    ];
    let mut paths: Vec<String> = undocumented.iter().map(ToString::to_string).collect();
    for operation in operations()
        .iter()
        .filter(|operation| operation.method == Method::GET)
    {
        paths.push(operation.address(&make_for(&server, &ada, operation).await));
    }
    assert!(paths.len() > 30);
    for path in paths {
        let (get, head) = (ada.send(Method::GET, &path, None).await, head(&ada, &path).await);
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        for name in [
            "content-type",
            "etag",
            "location",
            "content-security-policy",
            "cache-control",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        // Numbers and times in some answers differ from one moment to the next.
        if get.headers.contains_key("content-length") {
            assert!(
                head.header("content-length").parse::<usize>().unwrap() > 0,
                "{path}"
            );
        }
    }
    let reply = head(&ada, "/api/auth/logout").await;
    assert_eq!(reply.status, 405);
    assert_eq!(
        Reply::to(server.http.head(server.url("/api/leads"))).await.status,
        401
    );
    server.drain().await;
    server.stop().await;
}

/// Scanners of mail look at links before people do.
#[tokio::test]
async fn a_look_at_a_link_is_no_click() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let body = "<p>Hello <a href=\"https://shop.example/spring\">spring</a></p>";
    let mail = json!({ "to": "grace@navy.example", "subject": "Hello", "body": body });
    let mail = ada.post("/api/email/send", &mail).await;
    server.drain().await;
    let id = mail["email_id"].as_str().unwrap();
    let page = server
        .fetch(&format!("/dev/mailbox/{id}"))
        .await
        .text
        .replace("&#x2f;", "/");
    let link = |kind: &str| {
        let rest = page.split(&format!("{}{kind}", server.base)).nth(1)?;
        let token = rest.split(['"', '&', '>', '<', ' ', '\n']).next()?;
        Some(format!("{kind}{token}"))
    };
    let kept = async |field: &str| !ada.get(&format!("/api/email/messages/{id}")).await[field].is_null();
    for (kind, field, status) in [("/t/o/", "opened_at", 200), ("/t/c/", "clicked_at", 302)] {
        let link = link(kind).unwrap_or_else(|| panic!("no {kind} in {page}"));
        let look = Reply::to(server.http.head(server.url(&link))).await;
        server.judge_visits().await;
        let before = kept(field).await;
        let click = Reply::to(server.http.get(server.url(&link))).await;
        server.judge_visits().await;
        assert_eq!((look.status.as_u16(), click.status.as_u16()), (status, status));
        assert_eq!(look.header("location"), click.header("location"));
        assert!(!before && kept(field).await, "{kind}");
    }
    server.stop().await;
}
