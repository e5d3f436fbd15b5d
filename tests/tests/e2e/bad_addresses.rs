//! Bad query strings, cursors and addresses, for every operation of the `OpenAPI` document.

use crate::samples::sample;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_tests::{Backend, TestServer, make, make_for, operations};
use reqwest::Method;

on_both!(bad_queries, changed_cursors, bad_addresses);

async fn bad_queries(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let mut lists = 0;
    for operation in operations()
        .into_iter()
        .filter(|operation| operation.method == Method::GET && !operation.query.is_empty())
    {
        let id = make_for(&server, &ada, &operation).await;
        let address = operation.address(&id);
        let (path, fixed) = address.split_once('?').unwrap_or((&address, ""));
        let ask = async |query: &str| {
            let path = format!("{path}?{fixed}&{query}").replace("?&", "?");
            ada.send(Method::GET, &path, None).await
        };
        // An export is begun by whoever asks first.
        let fine: &[u16] = if operation.id == "get_data_export" {
            &[202]
        } else {
            &[200]
        };
        let asked = ask("").await;
        assert!(
            fine.contains(&asked.status.as_u16()),
            "{}: {}",
            operation.id,
            asked.text
        );
        let mut bad = vec![("no_such_parameter", "1")];
        let is_list = operation.query.iter().any(|(name, _)| name == "cursor");
        if is_list {
            lists += 1;
            bad.extend([
                ("limit", "0"),
                ("limit", "201"),
                ("limit", "-1"),
                ("limit", "many"),
                ("limit", ""),
                ("limit", "99999999999999999999"),
                ("limit", "1.5"),
                ("cursor", "nonsense"),
                ("cursor", "e30"),
                ("cursor", "%00"),
                ("cursor", "%ff%fe"),
                ("sort", "no_such_field"),
                ("sort", "-"),
                ("sort", "id;--"),
                ("sort", "--created_at"),
                ("with_total", "perhaps"),
            ]);
            for good in [
                "limit=1",
                "limit=200",
                "cursor=",
                "with_total=true",
                "with_total=false",
                "sort=-created_at",
                "sort=created_at",
            ] {
                ask(good).await.expect(200);
            }
        }
        for (name, value) in bad {
            let reply = ask(&format!("{name}={value}")).await;
            assert_eq!(
                reply.status, 400,
                "{} {name}={value}: {}",
                operation.id, reply.text
            );
            reply.expect_error(400, "invalid_input");
            assert_eq!(
                reply.json()["details"][0]["field"],
                name,
                "{}: {}",
                operation.id,
                reply.text
            );
        }
        for (name, _) in &operation.query {
            for value in [
                "%00",
                "%ff",
                "%27%20OR%201%3D1--",
                "%25",
                "_",
                "%5C",
                "a%00b",
                "-9223372036854775809",
                "1e400",
                "null",
                "%F0%9F%92%A9",
                &"x".repeat(5000),
                "2027-13-45T99:99:99Z",
                "+",
                "&",
                "=,,,",
            ] {
                let reply = ask(&format!("{name}={value}")).await;
                assert!(
                    reply.status == 400 || fine.contains(&reply.status.as_u16()),
                    "{} {name}={value}: {} {}",
                    operation.id,
                    reply.status,
                    reply.text
                );
                if reply.status == 400 {
                    reply.expect_envelope();
                }
            }
        }
    }
    assert!(lists >= 9, "{lists} lists");
    server.drain().await;
    server.stop().await;
}

/// Whoever changes a cursor, or uses it elsewhere, is told so.
async fn changed_cursors(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    for _ in 0..2 {
        make(&server, &ada, "/api/leads/").await;
    }
    for sort in ["created_at", "-updated_at", "name", "-email", "score"] {
        let page = ada.get_list(&format!("/api/leads?limit=1&sort={sort}")).await;
        let cursor = page["next_cursor"].as_str().unwrap();
        let ask = async |sort: &str, cursor: &str| {
            let path = format!("/api/leads?sort={sort}&cursor={cursor}");
            ada.send(Method::GET, &path, None).await
        };
        ask(sort, cursor).await.expect(200);
        ask("-name", cursor).await.expect_error(400, "invalid_input");
        let decoded = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        for at in 0..decoded.len() {
            let mut changed = decoded.clone();
            changed[at] ^= 1;
            // It means another place of the list, or nothing.
            let answer = ask(sort, &URL_SAFE_NO_PAD.encode(changed)).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400), "{}", answer.status);
            ask(sort, &cursor[..at])
                .await
                .expect(if at == 0 { 200 } else { 400 });
        }
    }
    let forged = |value: &str| {
        let id = "00000000-0000-7000-8000-000000000001";
        URL_SAFE_NO_PAD.encode(format!(r#"{{"s":"name","v":{value},"i":"{id}"}}"#))
    };
    for (value, status) in [
        (r#"{"s":"Ada"}"#, 200),
        (r#"{"s":"a\u0000b"}"#, 400),
        (r#"{"n":5}"#, 400),
        (r#"{"t":"2027-01-15T08:00:00Z"}"#, 400),
    ] {
        let path = format!("/api/leads?sort=name&cursor={}", forged(value));
        ada.send(Method::GET, &path, None).await.expect(status);
    }
    server.stop().await;
}

async fn bad_addresses(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let long = "a".repeat(3000);
    for operation in operations().iter().filter(|operation| operation.has_id()) {
        for id in [
            "nothing",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "%00",
            "%ff",
            "1%27%20OR%20%271%27=%271",
            "..%2f..%2fetc%2fpasswd",
            "%F0%9F%92%A9",
            "-1",
            "{id}",
            "null",
            long.as_str(),
        ] {
            let body = sample(&operation.id);
            let reply = ada
                .send(
                    operation.method.clone(),
                    &operation.address(id),
                    (!body.is_null()).then_some(&body),
                )
                .await;
            // A secret is put under any name, if it is one.
            let is_name = id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && id.len() <= 64;
            let expected = match operation.id.as_str() {
                "record_open" => 200,
                "put_secret" if is_name => 200,
                _ => 404,
            };
            assert_eq!(
                reply.status, expected,
                "{} {} with {id}: {}",
                operation.method, operation.path, reply.text
            );
            if expected == 404 && operation.path.starts_with("/api") {
                reply.expect_envelope();
            }
        }
    }
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/leads",
        "/api/nothing",
        "/api/leads/x/y/z",
        "/f",
        "/f/",
        "/t/o/",
        "/favicon.ico",
        "/.env",
        "/api//leads",
        "/%2e%2e/api",
        "/api/leads%2f..",
        "/v1/leads",
    ] {
        let reply = server.fetch(path).await;
        assert!(
            matches!(reply.status.as_u16(), 404),
            "{path}: {} {}",
            reply.status,
            reply.text
        );
    }
    server.fetch("/api/nothing").await.expect_error(404, "not_found");
    server.stop().await;
}
