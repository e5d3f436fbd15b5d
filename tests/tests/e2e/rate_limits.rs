//! The doors to the outside can't be hammered, and whoever has the key is not kept out.

use chrono::TimeDelta;
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
    // However the path is written.
    for (path, free) in [
        ("/api/auth/register", 3),
        ("/api/auth/regist%65r", 0),
        ("/%61pi/auth/register/", 0),
    ] {
        assert_limited(&hammer(&server, path, 5, account).await, free, 1200);
    }
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

async fn login(server: &TestServer, email: &str, password: &str, from: &str) -> Reply {
    let body = json!({ "email": email, "password": password });
    let request = server.http.post(server.url("/api/auth/login")).json(&body);
    Reply::to(request.header("x-forwarded-for", from)).await
}

/// Everybody is behind a proxy that says where they are.
async fn behind_a_proxy() -> TestServer {
    let options = Options {
        limits: true,
        settings: vec![("server.trusted_proxies", json!(["127.0.0.1"]))],
        ..Options::default()
    };
    TestServer::start_with(Backend::Sqlite, options).await
}

const ADA: &str = "ada@ada.example";

#[tokio::test]
async fn only_wrong_passwords_count() {
    let server = behind_a_proxy().await;
    server.register("Ada").await;
    for _ in 0..20 {
        let reply = login(&server, ADA, "correct horse", "203.0.113.1").await;
        reply.expect(200);
        assert_eq!(reply.header("ratelimit-policy"), "\"sign_in\";q=3;w=60");
        assert_eq!(reply.header("ratelimit-remaining"), "3");
    }
    for left in ["2", "1", "0"] {
        let reply = login(&server, ADA, "wrong", "203.0.113.1").await;
        reply.expect_error(401, "unauthenticated");
        assert_eq!(reply.header("ratelimit-remaining"), left);
    }
    let refused = login(&server, ADA, "correct horse", "203.0.113.1").await;
    refused.expect_error(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(refused.header("ratelimit"), "\"sign_in\";r=0;t=20");
    login(&server, ADA, "correct horse", "203.0.113.2")
        .await
        .expect(200);
    server.clock.advance(TimeDelta::seconds(20));
    login(&server, ADA, "correct horse", "203.0.113.1")
        .await
        .expect(200);
    server.stop().await;
}

/// Status, code and `Retry-After` of wrong passwords that come from everywhere.
async fn guess(server: &TestServer, email: &str, net: u8) -> Vec<(u16, String, String)> {
    let mut seen = Vec::new();
    for index in 0..30_u8 {
        if index % 10 == 9 {
            server.clock.advance(TimeDelta::seconds(4));
        }
        let reply = login(server, email, "wrong", &format!("198.51.{net}.{index}")).await;
        let code = reply.json()["code"].as_str().unwrap().to_owned();
        seen.push((
            reply.status.as_u16(),
            code,
            reply.header("retry-after").to_owned(),
        ));
    }
    seen
}

#[tokio::test]
async fn an_account_is_protected_from_many_addresses_and_its_owner_is_not_locked_out() {
    let server = behind_a_proxy().await;
    let ada = server.register("Ada").await;
    login(&server, ADA, "correct horse", "203.0.113.7")
        .await
        .expect(200);
    let known = guess(&server, ADA, 1).await;
    let unknown = guess(&server, "nobody@ada.example", 2).await;
    assert_eq!(known, unknown, "nobody learns who has an account");
    assert!(
        known[..6].iter().all(|(status, _, _)| *status == 401),
        "{known:?}"
    );
    assert!(
        known[6..9]
            .iter()
            .all(|(status, _, wait)| *status == 429 && wait == "2"),
        "{known:?}"
    );
    assert_eq!(known[9].0, 401, "after its time there is another try");
    assert!(
        known[10..19].iter().all(|(_, _, wait)| wait == "4"),
        "the wait grows: {known:?}"
    );
    for index in 0..10 {
        login(&server, ADA, "wrong", &format!("198.51.4.{index}")).await;
    }
    // Strangers wait; where the owner signed in before, and where they are signed in, nobody does.
    login(&server, ADA, "correct horse", "198.51.3.1")
        .await
        .expect(429);
    login(&server, ADA, "correct horse", "203.0.113.7")
        .await
        .expect(200);
    let body = json!({ "refresh_token": ada.refresh_token });
    server.post("/api/auth/refresh", &body).await.expect(200);
    server.clock.advance(TimeDelta::minutes(15));
    login(&server, ADA, "correct horse", "198.51.3.1")
        .await
        .expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_stolen_token_does_not_help_to_guess_the_password() {
    let server = limited().await;
    let ada = server.register("Ada").await;
    let body = json!({ "current_password": "wrong", "new_password": "battery staple" });
    for _ in 0..3 {
        let (status, _) = ada.try_post("/api/auth/password/change", &body).await;
        assert_eq!(status, 400);
    }
    let body = json!({ "current_password": "correct horse", "new_password": "battery staple" });
    let (status, answer) = ada.try_post("/api/auth/password/change", &body).await;
    assert_eq!((status.as_u16(), &answer["code"]), (429, &json!("rate_limited")));
    server.stop().await;
}

#[tokio::test]
async fn deleting_the_account_does_not_help_to_guess_the_password() {
    let server = limited().await;
    let ada = server.register("Ada").await;
    let leave = async |password: &str| {
        let body = json!({ "password": password, "delete_organization": true });
        ada.send(reqwest::Method::DELETE, "/api/user/account", Some(&body))
            .await
    };
    for _ in 0..3 {
        leave("wrong").await.expect_error(400, "invalid_input");
    }
    leave("correct horse").await.expect_error(429, "rate_limited");
    server.stop().await;
}

#[tokio::test]
async fn input_that_is_refused_costs_no_registration() {
    let server = limited().await;
    let bad =
        |_: usize| json!({ "email": "nonsense", "password": "x", "name": "A", "organization_name": "A" });
    for reply in hammer(&server, "/api/auth/register", 8, bad).await {
        reply.expect_error(400, "invalid_input");
    }
    server.register("Ada").await;
    server.stop().await;
}

#[tokio::test]
async fn an_api_key_has_limits_of_its_own() {
    let small = json!({ "per_minute": 60, "burst": 5 });
    let options = Options {
        limits: true,
        settings: vec![("limits.read", small)],
        ..Options::default()
    };
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let ada = server.register("Ada").await;
    for left in (0..5).rev() {
        let reply = ada.send(reqwest::Method::GET, "/api/leads", None).await;
        reply.expect(200);
        assert_eq!(reply.header("ratelimit-policy"), "\"read\";q=5;w=5");
        assert_eq!(
            reply.header("ratelimit"),
            format!("\"read\";r={left};t={}", 5 - left)
        );
        assert_eq!(reply.header("ratelimit-limit"), "5");
    }
    let reply = ada.send(reqwest::Method::GET, "/api/leads", None).await;
    reply.expect_error(429, "rate_limited");
    assert_eq!(
        (reply.header("retry-after"), reply.header("ratelimit-reset")),
        ("1", "1")
    );
    // Another class, and another caller, are not concerned.
    let program = ada.with_key().await;
    program.get_list("/api/leads").await;
    server.clock.advance(TimeDelta::seconds(5));
    let off = TestServer::start(Backend::Sqlite).await;
    let bob = off.register("Bob").await;
    let reply = bob.send(reqwest::Method::GET, "/api/leads", None).await;
    assert_eq!(reply.header("ratelimit-policy"), "", "switched off means off");
    off.stop().await;
    server.stop().await;
}
