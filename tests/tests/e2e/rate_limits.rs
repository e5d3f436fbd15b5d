//! The doors to the outside can't be hammered.

use groundswell_tests::{Account, Backend, Options, Reply, TestServer, make};
use serde_json::{Value, json};

async fn limited() -> TestServer {
    let options = Options {
        limits: true,
        ..Options::default()
    };
    TestServer::start_with(Backend::Sqlite, options).await
}

/// Statuses of `count` posts, each of which says that it comes from elsewhere.
async fn hammer(server: &TestServer, path: &str, count: usize, body: impl Fn(usize) -> Value) -> Vec<Reply> {
    let mut replies = Vec::new();
    for index in 0..count {
        let request = server.http.post(server.url(path)).json(&body(index));
        let request = request
            .header("x-forwarded-for", format!("203.0.113.{index}"))
            .header("forwarded", format!("for=203.0.113.{index}"))
            .header("x-real-ip", format!("203.0.113.{index}"));
        replies.push(Reply::to(request).await);
    }
    replies
}

#[track_caller]
fn assert_limited(replies: &[Reply], free: usize, longest: u64) {
    let (first, rest) = replies.split_at(free);
    assert!(
        first.iter().all(|reply| reply.status != 429),
        "{:?}",
        first.iter().map(|r| r.status).collect::<Vec<_>>()
    );
    for reply in rest {
        reply.expect_error(429, "rate_limited");
        let seconds: u64 = reply.header("retry-after").parse().unwrap();
        assert!((1..=longest).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn signing_in_is_limited_per_address() {
    let server = limited().await;
    server.register("Ada").await;
    let login = |index: usize| json!({ "email": format!("ada{index}@ada.example"), "password": "wrong" });
    assert_limited(&hammer(&server, "/api/auth/login", 6, login).await, 3, 20);
    let form = server
        .http
        .post(server.url("/api/auth/token"))
        .form(&[("username", "ada@ada.example"), ("password", "correct horse")]);
    Reply::to(form).await.expect_error(429, "rate_limited");
    server.stop().await;
}

#[tokio::test]
async fn registering_is_limited_per_address() {
    let server = limited().await;
    let account = |index: usize| json!({ "email": format!("a{index}@a.example"), "password": "correct horse", "name": "A", "organization_name": "A" });
    assert_limited(&hammer(&server, "/api/auth/register", 5, account).await, 3, 1200);
    server.stop().await;
}

#[tokio::test]
async fn forms_are_limited_per_visitor_and_the_rest_is_not() {
    let server = limited().await;
    let ada: Account<'_> = server.register("Ada").await;
    let form = make(&server, &ada, "/f/").await;
    let answer = |index: usize| json!({ "email": format!("v{index}@v.example") });
    let replies = hammer(&server, &format!("/api/lead-capture/webhook/{form}"), 13, answer).await;
    assert_limited(&replies, 10, 6);
    for _ in 0..50 {
        ada.get_list("/api/leads").await;
    }
    assert_eq!(ada.get_list("/api/leads?with_total=true").await["total"], 10);
    server.drain().await;
    server.stop().await;
}
