//! Accounts and sessions: registering, signing in, refreshing, signing out.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    registering_makes_an_account_once,
    a_failed_login_tells_nothing,
    a_refresh_token_is_good_once_and_for_a_lost_answer,
    ten_refreshes_at_once_get_the_same_child,
    an_access_token_ends_with_its_time_or_its_session,
    sessions_end_by_themselves,
    the_oauth_form_speaks_the_rfc,
);

fn account(email: &str) -> Value {
    json!({ "email": email, "password": "correct horse", "name": "Ada Lovelace", "organization_name": "Engines" })
}

async fn refresh(server: &TestServer, token: &str) -> Reply {
    server
        .post("/api/auth/refresh", &json!({ "refresh_token": token }))
        .await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn registering_makes_an_account_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let reply = server
        .post("/api/auth/register", &account("Ada@Engines.example"))
        .await;
    reply.expect(201);
    assert_eq!(reply.header("location"), "/api/auth/me");
    let data = reply.data();
    assert_eq!(data["token_type"], "bearer");
    assert_eq!(data["expires_in"], 300);
    assert_eq!(data["user"]["role"], "company_admin");
    assert_eq!(data["user"]["email"], "Ada@Engines.example");
    assert_eq!(data["organization"]["name"], "Engines");
    assert!(!reply.text.contains("correct horse") && !reply.text.contains("argon2"));

    for again in [
        "Ada@Engines.example",
        "ada@engines.EXAMPLE",
        "  ada@engines.example ",
    ] {
        server
            .post("/api/auth/register", &account(again))
            .await
            .expect_error(409, "email_taken");
    }
    let wrong =
        json!({ "email": "nobody", "password": "short", "name": " ", "organization_name": "x".repeat(201) });
    let reply = server.post("/api/auth/register", &wrong).await;
    reply.expect_error(400, "invalid_input");
    let details = reply.json()["details"].take();
    let fields: BTreeSet<_> = details
        .as_array()
        .unwrap()
        .iter()
        .map(|d| text(&d["field"]))
        .collect();
    assert_eq!(
        fields,
        ["email", "name", "organization_name", "password"]
            .map(String::from)
            .into(),
        "everything that is wrong is said at once"
    );

    let me = server
        .bearer(&text(&data["access_token"]))
        .get("/api/auth/me")
        .await;
    assert_eq!(
        (&me["user"], &me["organization"]),
        (&data["user"], &data["organization"])
    );
    assert!(
        me["permissions"]
            .as_array()
            .unwrap()
            .contains(&json!("leads:read"))
    );
    let verified = server
        .bearer(&text(&data["access_token"]))
        .get("/api/auth/verify")
        .await;
    assert_eq!(verified["valid"], true);
    assert_eq!(verified["kind"], "access_token");
    assert_eq!(verified["user_id"], data["user"]["id"]);
    assert_eq!(verified["organization_id"], data["organization"]["id"]);
    server.stop().await;
}

async fn a_failed_login_tells_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.register("Ada").await;
    let right = json!({ "email": " ADA@ada.example", "password": "correct horse" });
    let reply = server.post("/api/auth/login", &right).await;
    reply.expect(200);
    assert_eq!(reply.data()["user"]["email"], "ada@ada.example");

    let mut answers = Vec::new();
    for (email, password) in [
        ("ada@ada.example", "wrong horse"),
        ("nobody@ada.example", "correct horse"),
        ("not an address", "correct horse"),
        ("ada@ada.example", ""),
        ("", ""),
        ("ada@ada.example", "correct horse "),
    ] {
        let reply = server
            .post(
                "/api/auth/login",
                &json!({ "email": email, "password": password }),
            )
            .await;
        let mut body = reply.expect_error(401, "unauthenticated").json();
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    server.stop().await;
}

async fn a_refresh_token_is_good_once_and_for_a_lost_answer(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let first = refresh(&server, &ada.refresh_token).await;
    first.expect(200);
    let child = text(&first.data()["refresh_token"]);
    assert_ne!(child, ada.refresh_token);
    assert_eq!(first.data()["user"]["id"], ada.user.as_str());
    server
        .bearer(&text(&first.data()["access_token"]))
        .get("/api/auth/me")
        .await;

    server.clock.advance(TimeDelta::seconds(10));
    let lost = refresh(&server, &ada.refresh_token).await;
    lost.expect(200);
    assert_eq!(
        lost.data()["refresh_token"],
        child.as_str(),
        "the same child again"
    );

    let grandchild = refresh(&server, &child).await;
    grandchild.expect(200);
    let newest = text(&grandchild.data()["refresh_token"]);
    let access = text(&grandchild.data()["access_token"]);
    server.bearer(&access).get("/api/auth/me").await;

    server.clock.advance(TimeDelta::seconds(11));
    refresh(&server, &child)
        .await
        .expect_error(401, "unauthenticated");
    for token in [&ada.refresh_token, &child, &newest] {
        refresh(&server, token).await.expect_error(401, "unauthenticated");
    }
    let me = server
        .bearer(&access)
        .send(Method::GET, "/api/auth/me", None)
        .await;
    me.expect_error(401, "unauthenticated");

    // The grandparent ends a session at once, without any grace.
    let bob = server.register("Bob").await;
    let child = text(&refresh(&server, &bob.refresh_token).await.data()["refresh_token"]);
    let newest = text(&refresh(&server, &child).await.data()["refresh_token"]);
    refresh(&server, &bob.refresh_token)
        .await
        .expect_error(401, "unauthenticated");
    refresh(&server, &newest)
        .await
        .expect_error(401, "unauthenticated");
    server.stop().await;
}

async fn ten_refreshes_at_once_get_the_same_child(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let tries = (0..10).map(|_| refresh(&server, &ada.refresh_token));
    let mut children = BTreeSet::new();
    for reply in futures_util::future::join_all(tries).await {
        reply.expect(200);
        children.insert(text(&reply.data()["refresh_token"]));
    }
    assert_eq!(children.len(), 1, "{children:?}");
    refresh(&server, children.first().unwrap()).await.expect(200);
    server.stop().await;
}

async fn is_signed_in(account: &Account<'_>) -> bool {
    let reply = account.send(Method::GET, "/api/auth/verify", None).await;
    if reply.status != 200 {
        reply.expect_error(401, "unauthenticated");
    }
    reply.status == 200
}

async fn an_access_token_ends_with_its_time_or_its_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let other = server.login("ada@ada.example", "correct horse").await;
    assert!(is_signed_in(&ada).await && is_signed_in(&other).await);
    server.clock.advance(TimeDelta::seconds(298));
    assert!(is_signed_in(&ada).await);
    server.clock.advance(TimeDelta::seconds(3));
    assert!(!is_signed_in(&ada).await);

    let ada = server.login("ada@ada.example", "correct horse").await;
    let other = server.login("ada@ada.example", "correct horse").await;
    assert!(is_signed_in(&ada).await && is_signed_in(&other).await);
    let logout = json!({ "refresh_token": ada.refresh_token });
    server.post("/api/auth/logout", &logout).await.expect(200);
    assert!(
        !is_signed_in(&ada).await,
        "this process forgets the session at once"
    );
    assert!(is_signed_in(&other).await, "the other session goes on");
    refresh(&server, &ada.refresh_token)
        .await
        .expect_error(401, "unauthenticated");
    server.post("/api/auth/logout", &logout).await.expect(200);
    server
        .post("/api/auth/logout", &json!({ "refresh_token": "nonsense" }))
        .await
        .expect_error(401, "unauthenticated");
    server.stop().await;
}

async fn sessions_end_by_themselves(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let bob = server.register("Bob").await;
    let mut token = ada.refresh_token.clone();
    for _ in 0..3 {
        server.clock.advance(TimeDelta::days(29));
        let reply = refresh(&server, &token).await;
        reply.expect(200);
        token = text(&reply.data()["refresh_token"]);
    }
    refresh(&server, &bob.refresh_token)
        .await
        .expect_error(401, "unauthenticated");
    server.clock.advance(TimeDelta::days(4));
    refresh(&server, &token)
        .await
        .expect_error(401, "unauthenticated");
    server.stop().await;
}

async fn the_oauth_form_speaks_the_rfc(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.register("Ada").await;
    let ask = async |form: &[(&str, &str)]| {
        Reply::to(server.http.post(server.url("/api/auth/token")).form(form)).await
    };
    let good = [
        ("grant_type", "password"),
        ("username", "ada@ada.example"),
        ("password", "correct horse"),
    ];
    let reply = ask(&good).await;
    reply.expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    assert!(body.get("success").is_none(), "{body}");
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 300);
    server
        .bearer(&text(&body["access_token"]))
        .get("/api/auth/me")
        .await;
    refresh(&server, &text(&body["refresh_token"])).await.expect(200);
    ask(&good[1..]).await.expect(200);

    for (form, error) in [
        (vec![good[0], good[1], ("password", "wrong")], "invalid_grant"),
        (
            vec![good[0], ("username", "nobody@ada.example"), good[2]],
            "invalid_grant",
        ),
        (
            vec![("grant_type", "client_credentials"), good[1], good[2]],
            "unsupported_grant_type",
        ),
        (vec![good[0], good[1]], "invalid_request"),
        (vec![], "invalid_request"),
    ] {
        let reply = ask(&form).await;
        let body = reply.expect(400).json();
        assert_eq!(body["error"], error, "{body}");
        assert!(
            body["error_description"].is_string() && body.get("success").is_none(),
            "{body}"
        );
    }
    let json = server
        .post("/api/auth/token", &json!({ "username": "a", "password": "b" }))
        .await;
    assert_eq!(json.expect(400).json()["error"], "invalid_request");
    server.stop().await;
}
