//! Bad bodies, for every operation of the `OpenAPI` document: a 4xx with a sentence, never a 5xx.

use crate::samples::{sample, texts};
use groundswell_tests::{Account, Backend, Operation, Reply, TestServer, make, make_for, operations};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    bad_bodies,
    nul_characters,
    times_that_no_calendar_has,
    other_organizations_ids_in_bodies_and_filters,
);

fn taking_json() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(Operation::takes_json)
}

async fn bad_bodies(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let deep = |open: &str, close: &str, depth| format!("{}{}", open.repeat(depth), close.repeat(depth));
    for operation in taking_json() {
        let id = make_for(&server, &ada, &operation).await;
        let good = sample(&operation.id);
        let text = good.to_string();
        let mut unknown = good.clone();
        unknown["no_such_field"] = json!(1);
        let mut nested = good.clone();
        nested["custom_fields"] = Value::Null;
        let nested = nested.to_string().replace(
            "\"custom_fields\":null",
            &format!(
                "\"custom_fields\":{}",
                deep("{\"a\":", "}", 300).replace(":}", ":1}")
            ),
        );
        // Preferences are whatever a user interface wants to keep.
        let free = operation.id == "replace_preferences";
        let bodies: [(&str, Vec<u8>, &[u16]); 14] = [
            ("cut off", text.as_bytes()[..text.len() - 1].to_vec(), &[400]),
            ("two values", format!("{text}{text}").into_bytes(), &[400]),
            ("not JSON", b"hello".to_vec(), &[400]),
            ("single quotes", text.replace('"', "'").into_bytes(), &[400]),
            ("a list", format!("[{text}]").into_bytes(), &[400]),
            ("a text", b"\"text\"".to_vec(), &[400]),
            ("a number", b"1e999".to_vec(), &[400]),
            ("null", b"null".to_vec(), &[400]),
            ("unknown field", unknown.to_string().into_bytes(), &[400]),
            (
                "invalid UTF-8",
                text.replacen(":\"", ":\"\u{1}", 1)
                    .into_bytes()
                    .iter()
                    .map(|b| if *b == 1 { 0xff } else { *b })
                    .collect(),
                &[400],
            ),
            (
                "half a surrogate",
                text.replacen(":\"", ":\"\\ud800", 1).into_bytes(),
                &[400],
            ),
            ("deep", deep("[", "]", 20_000).into_bytes(), &[400]),
            ("deep where anything goes", nested.into_bytes(), &[400]),
            (
                "too large",
                format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024)).into_bytes(),
                &[413],
            ),
        ];
        let address = operation.address(&id);
        for (what, body, expected) in bodies {
            // Some bodies have no text in them that could be broken.
            let is_text = matches!(what, "invalid UTF-8" | "half a surrogate");
            if (free && what == "unknown field") || (is_text && !text.contains(":\"")) {
                continue;
            }
            let request = ada
                .request(operation.method.clone(), &address)
                .header("content-type", "application/json")
                .body(body);
            let reply = Reply::to(request).await;
            assert!(
                expected.contains(&reply.status.as_u16()),
                "{}: {what} -> {} {}",
                operation.id,
                reply.status,
                reply.text
            );
            reply.expect_envelope();
            if what == "unknown field" {
                assert!(
                    reply.text.contains("no_such_field"),
                    "{}: {}",
                    operation.id,
                    reply.text
                );
            }
        }
        for kind in [
            "text/plain",
            "application/xml",
            "application/jsonx",
            "text/json;",
            "",
        ] {
            let request = ada
                .request(operation.method.clone(), &address)
                .header("content-type", kind)
                .body(text.clone());
            let reply = Reply::to(request).await;
            assert_eq!(
                reply.status, 415,
                "{} with {kind:?}: {}",
                operation.id, reply.text
            );
            reply.expect_error(415, "unsupported_media_type");
        }
        let request = ada
            .request(operation.method.clone(), &address)
            .header("content-type", "application/json; charset=utf-8")
            .body("{");
        Reply::to(request).await.expect(400).expect_envelope();
    }
    server.drain().await;
    server.stop().await;
}

/// PostgreSQL can't keep NUL: it has to be refused before it gets there.
async fn nul_characters(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    for operation in taking_json() {
        let id = make_for(&server, &ada, &operation).await;
        for place in texts(&sample(&operation.id)) {
            let mut body = sample(&operation.id);
            *body.pointer_mut(&place).unwrap() = json!("a\0b@c.example");
            let reply = ada
                .send(operation.method.clone(), &operation.address(&id), Some(&body))
                .await;
            // A password is hashed and never kept, so it may hold anything.
            if !(place == "/password" && reply.status.is_success()) {
                assert!(
                    reply.status.is_client_error(),
                    "{} {place}: {} {}",
                    operation.id,
                    reply.status,
                    reply.text
                );
                reply.expect_envelope();
            }
        }
        // Keys of free objects, too.
        for place in ["custom_fields", "styling", "variables"] {
            let mut body = sample(&operation.id);
            if body[place].is_object() {
                body[place] = json!({ "a\0b": 1 });
                let reply = ada
                    .send(operation.method.clone(), &operation.address(&id), Some(&body))
                    .await;
                assert!(
                    reply.status.is_client_error(),
                    "{} {place}: {} {}",
                    operation.id,
                    reply.status,
                    reply.text
                );
            }
        }
    }
    let form = make(&server, &ada, "/f/").await;
    let post = server
        .http
        .post(server.url(&format!("/api/lead-capture/webhook/{form}")));
    let reply = Reply::to(post.form(&[("email", "a@b.example"), ("other\0", "x\0y")])).await;
    assert!(reply.status.is_client_error(), "{} {}", reply.status, reply.text);
    server.drain().await;
    server.stop().await;
}

/// Databases know fewer years than our types do.
async fn times_that_no_calendar_has(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let campaign = make(&server, &ada, "/api/campaigns/").await;
    for time in [
        "-262143-01-01T00:00:00Z",
        "-4714-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
        "+10000-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "2027-06-30T23:59:60Z",
        "2027-06-30T23:59:59+23:59",
    ] {
        let dated = json!({ "name": "x", "type": "email", "start_date": time });
        let ending = json!({ "end_date": time });
        let project = json!({ "name": "x", "start_date": time });
        let key = json!({ "name": "x", "scopes": ["leads:read"], "expires_at": time });
        let path = format!("/api/campaigns/{campaign}");
        for (method, path, body) in [
            (Method::POST, "/api/campaigns".to_owned(), &dated),
            (Method::PATCH, path.clone(), &ending),
            (
                Method::POST,
                format!("{path}/schedule"),
                &json!({ "start_date": time }),
            ),
            (Method::POST, "/api/auth/api-keys".to_owned(), &key),
            (Method::POST, "/api/projects".to_owned(), &project),
        ] {
            let reply = ada.send(method, &path, Some(body)).await;
            assert!(!reply.status.is_server_error(), "{path} {time}: {}", reply.text);
            if reply.status == 201 && path == "/api/campaigns" {
                let again = ada.get(reply.header("location")).await;
                assert_eq!(again["start_date"], reply.data()["start_date"], "{time}");
            }
        }
        for list in ["/api/campaigns?sort=name", "/api/campaigns?sort=-updated_at"] {
            ada.get_list(list).await;
        }
    }
    every_time_is_near(&server, &ada).await;
    server.discard().await;
}

/// In every query and every body: no time is a failure of ours, and one outside of the years 1 to 9999 is one of the caller's.
async fn every_time_is_near(server: &TestServer, ada: &Account<'_>) {
    let times = [
        ("-262143-01-01T00:00:00Z", false),
        ("0000-12-31T23:59:59Z", false),
        ("0001-01-01T00:00:00Z", true),
        ("9999-12-31T23:00:00Z", true),
        ("+10000-01-01T00:00:00Z", false),
        ("+262142-12-31T23:59:59Z", false),
    ];
    let lead = make(server, ada, "/api/leads/{id}").await;
    let (mut queries, mut bodies) = (0, 0);
    for operation in operations() {
        let id = make_for(server, ada, &operation).await;
        for (name, schema) in &operation.query {
            if schema["format"] != "date-time" {
                continue;
            }
            queries += 1;
            for (time, near) in times {
                let request = ada.request(operation.method.clone(), &operation.address(&id));
                let reply = Reply::to(request.query(&[(name, time)])).await;
                let fine = reply.status == 400 || (near && reply.status.is_success());
                assert!(
                    fine,
                    "{} {name}={time}: {} {}",
                    operation.id, reply.status, reply.text
                );
            }
        }
        if !operation.takes_json() {
            continue;
        }
        let good = sample(&operation.id);
        for place in texts(&good) {
            let text = good.pointer(&place).and_then(Value::as_str).unwrap_or_default();
            if text.parse::<chrono::DateTime<chrono::Utc>>().is_err() {
                continue;
            }
            bodies += 1;
            for (time, near) in times {
                let mut body = sample(&operation.id);
                *body.pointer_mut(&place).unwrap() = json!(time);
                // Samples name nobody.
                if body["lead_id"] == json!(uuid::Uuid::nil()) {
                    body["lead_id"] = json!(lead);
                }
                let reply = ada
                    .send(operation.method.clone(), &operation.address(&id), Some(&body))
                    .await;
                let fine = reply.status == 400 || (near && !reply.status.is_server_error());
                assert!(
                    fine,
                    "{} {place} {time}: {} {}",
                    operation.id, reply.status, reply.text
                );
            }
        }
    }
    assert!(
        queries >= 40 && bodies >= 10,
        "{queries} in queries, {bodies} in bodies"
    );
}

/// What belongs to another organization can't be referred to.
async fn other_organizations_ids_in_bodies_and_filters(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let eve = server.register("Eve").await;
    let template = make(&server, &ada, "/api/email/templates/").await;
    let campaign = make(&server, &ada, "/api/campaigns/").await;
    let lead = make(&server, &ada, "/api/leads/").await;
    let message = make(&server, &ada, "/api/email/messages/").await;
    let client = make(&server, &ada, "/api/clients/").await;
    let project = make(&server, &ada, "/api/projects/").await;
    server.drain().await;

    let mut form = sample("create_form");
    form["campaign_id"] = json!(campaign);
    let named = json!({ "name": "x", "type": "email", "content": { "template_id": template } });
    let send = json!({ "to": "a@b.example", "template_id": template });
    let for_client = json!({ "name": "x", "type": "email", "client_id": client });
    let in_project = json!({ "name": "x", "type": "email", "project_id": project });
    let lead_of = json!({ "email": "of@b.example", "client_id": client });
    let project_of = json!({ "name": "x", "client_id": client });
    let key_of = json!({ "name": "x", "scopes": ["leads:read"], "client_id": client });
    for (path, body, field) in [
        ("/api/lead-capture/forms", &form, "campaign_id"),
        ("/api/campaigns", &named, "content.template_id"),
        ("/api/email/send", &send, "template_id"),
        ("/api/campaigns", &for_client, "client_id"),
        ("/api/campaigns", &in_project, "project_id"),
        ("/api/leads", &lead_of, "client_id"),
        ("/api/projects", &project_of, "client_id"),
        ("/api/auth/api-keys", &key_of, "client_id"),
    ] {
        let reply = eve.send(Method::POST, path, Some(body)).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], field);
        assert!(
            ada.send(Method::POST, path, Some(body)).await.status.is_success(),
            "{path}"
        );
    }
    // An audience of someone else's leads is empty.
    let stolen = json!({ "name": "x", "type": "email", "target_audience": { "lead_ids": [lead] }, "content": { "subject": "x", "html": "x" } });
    let stolen = eve.post("/api/campaigns", &stolen).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    eve.post(&format!("/api/campaigns/{stolen}/launch"), &json!({}))
        .await;
    server.drain().await;
    assert_eq!(
        eve.get(&format!("/api/campaigns/{stolen}/metrics")).await["audience"],
        0
    );
    for query in [
        format!("campaign_id={campaign}"),
        format!("lead_id={lead}"),
        String::new(),
    ] {
        let list = eve.get_list(&format!("/api/email/messages?{query}")).await;
        assert_eq!(list["data"], json!([]), "{query}");
    }
    eve.send(Method::GET, &format!("/api/email/messages/{message}"), None)
        .await
        .expect_error(404, "message_not_found");
    server.stop().await;
}
