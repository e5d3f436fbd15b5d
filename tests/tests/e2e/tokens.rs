//! Tokens that somebody made up, changed, or kept too long.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    changed_access_tokens_are_refused,
    changed_refresh_tokens_are_refused
);

/// The text with one character changed: `bit` says how.
fn changed(text: &str, at: usize, bit: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1 << bit;
    String::from_utf8(bytes).unwrap()
}

fn is_header(text: &str) -> bool {
    text.bytes().all(|byte| (0x21..0x7f).contains(&byte))
}

async fn changed_access_tokens_are_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let token = ada.access_token.clone();
    ada.get("/api/auth/me").await;
    let ask = async |token: &str| server.bearer(token).send(Method::GET, "/api/auth/me", None).await;

    for at in (0..token.len())
        .step_by(7)
        .chain([token.len() - 2, token.len() - 1])
    {
        for bit in [0, 2, 5] {
            let changed = changed(&token, at, bit);
            if is_header(&changed) {
                ask(&changed).await.expect_error(401, "unauthenticated");
            }
        }
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("not three parts: {token}")
    };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let decoded =
        |text: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    let mut stronger = decoded(payload);
    stronger["role"] = json!("superadmin");
    let mut longer = decoded(payload);
    longer["exp"] = json!(4_000_000_000_i64);
    let mut unsigned = decoded(header);
    unsigned["alg"] = json!("none");
    for forged in [
        format!("{}.{payload}.", encode(&unsigned)),
        format!("{}.{payload}.{signature}", encode(&unsigned)),
        format!("{}.{payload}", encode(&unsigned)),
        format!("{header}.{}.{signature}", encode(&stronger)),
        format!("{header}.{}.{signature}", encode(&longer)),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!("{token}{token}"),
        ada.refresh_token.clone(),
        "a".repeat(7000),
        "..".into(),
    ] {
        ask(&forged).await.expect_error(401, "unauthenticated");
    }
    server.stop().await;
}

async fn changed_refresh_tokens_are_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let ask = async |path: &str, token: &str| server.post(path, &json!({ "refresh_token": token })).await;
    let token = &ada.refresh_token;
    for at in (0..token.len()).step_by(5).chain([token.len() - 1]) {
        for path in ["/api/auth/refresh", "/api/auth/logout"] {
            ask(path, &changed(token, at, 0))
                .await
                .expect_error(401, "unauthenticated");
        }
    }
    for other in ["", "gsr_", ada.access_token.as_str(), "x", &"gsr_A".repeat(2000)] {
        ask("/api/auth/refresh", other)
            .await
            .expect_error(401, "unauthenticated");
    }
    ask("/api/auth/refresh", token).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn the_authorization_header_can_hold_anything() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let ask = async |value: &[u8]| {
        Reply::to(
            server
                .http
                .get(server.url("/api/auth/me"))
                .header("authorization", value),
        )
        .await
    };
    for garbage in [
        &b""[..],
        b" ",
        b"Bearer",
        b"Bearer ",
        b"Bearer  ",
        b"bearer x",
        b"Token abc",
        b"Bearer \xff\xfe",
        b"\xff",
        b"Bearer gsk_",
        b"Bearer gsk_\xc3\xa9",
        b"Bearer a b c",
        b"Bearer \"'; DROP TABLE users; --",
        b"Negotiate YII=",
    ] {
        ask(garbage).await.expect_error(401, "unauthenticated");
    }
    let long = format!("Bearer gsk_{}", "x".repeat(5000));
    ask(long.as_bytes()).await.expect_error(401, "unauthenticated");
    // RFC 9110: the scheme has no case.
    ask(format!("bEARER {}", ada.access_token).as_bytes())
        .await
        .expect(200);
    server.stop().await;
}
