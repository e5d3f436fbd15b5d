//! API keys: what they can do, how they end, and that nobody can read them again.

use chrono::TimeDelta;
use groundswell_domain::identity::Role;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_key_does_what_its_scopes_say,
    a_key_ends_by_time_or_deletion,
    a_key_is_its_owners_and_never_stronger,
    a_key_is_shown_once,
);

async fn make(account: &Account<'_>, body: &Value) -> (String, Value) {
    let made = account.post("/api/auth/api-keys", body).await;
    (made["api_key"].as_str().unwrap().to_owned(), made)
}

async fn a_key_does_what_its_scopes_say(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let (text, made) = make(
        &ada,
        &json!({ "name": "CRM", "scopes": ["leads:read", "leads:read"] }),
    )
    .await;
    assert_eq!(made["scopes"], json!(["leads:read"]));
    let key = server.bearer(&text);
    key.get_list("/api/leads").await;
    let refused = key
        .send(
            Method::POST,
            "/api/leads",
            Some(&json!({ "email": "a@b.example" })),
        )
        .await;
    refused.expect_error(403, "forbidden");
    assert!(refused.text.contains("leads:write"), "{}", refused.text);
    let verified = key.get("/api/auth/verify").await;
    assert_eq!(
        (&verified["kind"], &verified["permissions"]),
        (&json!("api_key"), &json!(["leads:read"]))
    );

    let all = json!({ "name": "All", "scopes": ["api_keys:manage", "leads:read"] });
    let (text, _) = make(&ada, &all).await;
    let key = server.bearer(&text);
    for (method, path) in [
        (Method::POST, "/api/auth/api-keys".to_owned()),
        (Method::GET, "/api/auth/api-keys".to_owned()),
        (
            Method::DELETE,
            format!("/api/auth/api-keys/{}", made["id"].as_str().unwrap()),
        ),
    ] {
        let body = (method == Method::POST).then_some(&all);
        key.send(method, &path, body).await.expect_error(403, "forbidden");
    }
    server.stop().await;
}

async fn a_key_ends_by_time_or_deletion(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let now = server.app.now();
    let body =
        json!({ "name": "Short", "scopes": ["leads:read"], "expires_at": now + TimeDelta::minutes(2) });
    let (text, _) = make(&ada, &body).await;
    let (other, made) = make(&ada, &json!({ "name": "Long", "scopes": ["leads:read"] })).await;
    server.clock.advance(TimeDelta::seconds(119));
    server.bearer(&text).get_list("/api/leads").await;
    server.clock.advance(TimeDelta::seconds(1));
    let reply = server.bearer(&text).send(Method::GET, "/api/leads", None).await;
    reply.expect_error(401, "unauthenticated");

    server.bearer(&other).get_list("/api/leads").await;
    let path = format!("/api/auth/api-keys/{}", made["id"].as_str().unwrap());
    ada.send(Method::DELETE, &path, None).await.expect(200);
    let reply = server.bearer(&other).send(Method::GET, "/api/leads", None).await;
    reply.expect_error(401, "unauthenticated");
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(404, "api_key_not_found");

    for (field, body) in [
        (
            "expires_at",
            json!({ "name": "x", "scopes": ["leads:read"], "expires_at": now }),
        ),
        (
            "expires_at",
            json!({ "name": "x", "scopes": ["leads:read"], "expires_at": now + TimeDelta::days(400) }),
        ),
        ("scopes", json!({ "name": "x", "scopes": [] })),
        ("scopes[0]", json!({ "name": "x", "scopes": ["everything"] })),
        ("name", json!({ "name": "", "scopes": ["leads:read"] })),
    ] {
        let reply = ada.send(Method::POST, "/api/auth/api-keys", Some(&body)).await;
        assert_eq!(
            reply.expect_error(400, "invalid_input").json()["details"][0]["field"],
            field,
            "{}",
            reply.text
        );
    }
    server.stop().await;
}

async fn a_key_is_its_owners_and_never_stronger(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let writer = server.member(&ada, Role::ContentWriter).await;
    let (_, hers) = make(&ada, &json!({ "name": "Hers", "scopes": ["leads:read"] })).await;
    let body = json!({ "name": "Too much", "scopes": ["leads:write"] });
    let refused = writer.send(Method::POST, "/api/auth/api-keys", Some(&body)).await;
    refused.expect_error(403, "forbidden");
    assert!(refused.text.contains("leads:write"), "{}", refused.text);
    assert_eq!(writer.get("/api/auth/api-keys").await, json!([]));
    let path = format!("/api/auth/api-keys/{}", hers["id"].as_str().unwrap());
    writer
        .send(Method::DELETE, &path, None)
        .await
        .expect_error(404, "api_key_not_found");
    server.stop().await;
}

async fn a_key_is_shown_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let (text, made) = make(&ada, &json!({ "name": "CRM", "scopes": ["leads:read"] })).await;
    let secret = &text[13..];
    assert!(text.starts_with(made["prefix"].as_str().unwrap()));
    server.bearer(&text).get_list("/api/leads").await;
    let list = ada.get("/api/auth/api-keys").await;
    assert_eq!(
        (&list[0]["id"], &list[0]["prefix"]),
        (&made["id"], &made["prefix"])
    );
    assert!(list[0]["last_used_at"].is_string(), "{list}");
    assert!(!list.to_string().contains(secret), "{list}");
    for path in ["/api/auth/me", "/api/auth/verify"] {
        assert!(!ada.get(path).await.to_string().contains(secret));
    }
    // Changing the secret and keeping the prefix is no way in.
    let wrong = format!("{}_{}", &text[..12], "A".repeat(43));
    let reply = server.bearer(&wrong).send(Method::GET, "/api/leads", None).await;
    reply.expect_error(401, "unauthenticated");
    if backend == Backend::Sqlite {
        let stored = server.stored_bytes();
        let has = |text: &str| stored.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(has("CRM") && has("ada@ada.example"), "the search would find it");
        for secret in [
            secret,
            "correct horse",
            &ada.refresh_token[30..],
            &ada.access_token[40..],
        ] {
            assert!(!has(secret), "a secret is in the database");
        }
    }
    server.stop().await;
}
