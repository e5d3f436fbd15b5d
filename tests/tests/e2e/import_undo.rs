//! Imports that are taken back.

use crate::lead_files::{import, lead};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    an_undone_import_leaves_the_table_byte_for_byte,
    what_was_touched_since_stays,
    what_can_not_be_undone_says_why,
    an_erasure_takes_former_rows_along,
    a_client_that_is_gone_is_no_obstacle,
);

/// Rows of the tables that an import writes people's data to.
async fn people(server: &TestServer) -> Vec<(String, String)> {
    let tables = [
        "leads",
        "consents",
        "score_entries",
        "lead_scores",
        "submissions",
        "lead_import_changes",
    ];
    let mut rows = server.rows().await;
    rows.retain(|(table, _)| tables.contains(&table.as_str()));
    rows.sort();
    rows
}

async fn undo(server: &TestServer, account: &Account<'_>, import: &Value) -> Value {
    let path = format!("/api/leads/imports/{}", import["id"].as_str().unwrap());
    account
        .send(Method::POST, &format!("{path}/undo"), Some(&json!({})))
        .await
        .expect(202);
    server.drain().await;
    account.get(&path).await
}

async fn an_undone_import_leaves_the_table_byte_for_byte(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    for index in 0..700 {
        if index % 7 == 0 {
            let body = json!({ "email": format!("lead{index}@x.example"), "name": "Old \u{1F600} 'name'", "tags": ["b", "a"],
                "custom_fields": { "z": 1.50, "a": { "nested": [null, "x"] } }, "phone": "+49 30 1" });
            ada.post("/api/leads", &body).await;
        }
    }
    let before = people(&server).await;
    let overview = ada.get("/api/leads/analytics/overview").await;
    server.clock.advance(TimeDelta::minutes(5));
    let lines: String = (0..1400)
        .map(|index| format!("lead{}@x.example,New {index},qualified,{index}\n", index % 1100))
        .collect();
    let file = format!("email,name,status,z\n{lines}");
    let consent = r#"{"purpose": "marketing", "text": "Write to me"}"#;
    let done = import(
        &server,
        &ada,
        file.as_bytes(),
        &[("tags", "fair"), ("consent", consent)],
    )
    .await;
    assert_eq!(done["undone"], Value::Null);
    assert_ne!(people(&server).await, before);
    server.clock.advance(TimeDelta::minutes(5));
    let undone = undo(&server, &ada, &done).await;
    assert_eq!(undone["status"], "undone", "{undone}");
    assert_eq!(
        undone["undone"],
        json!({ "deleted": 1000, "restored": 100, "kept": 0 }),
        "{undone}"
    );
    assert_eq!(people(&server).await, before);
    assert_eq!(ada.get("/api/leads/analytics/overview").await, overview);
    server.stop().await;
}

async fn what_was_touched_since_stays(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let file = b"email,name\nedited@x.example,A\nmailed@x.example,B\nfine@x.example,C\n";
    let done = import(&server, &ada, file, &[]).await;
    let edited = lead(&ada, "edited@x.example").await;
    let path = format!("/api/leads/{}", edited["id"].as_str().unwrap());
    ada.send(Method::PATCH, &path, Some(&json!({ "name": "By hand" })))
        .await
        .expect(200);
    let mailed = lead(&ada, "mailed@x.example").await;
    ada.post(
        &format!("/api/leads/{}/consents", mailed["id"].as_str().unwrap()),
        &json!({ "purpose": "news", "decision": "granted", "text": "Yes" }),
    )
    .await;
    let undone = undo(&server, &ada, &done).await;
    assert_eq!(
        undone["undone"],
        json!({ "deleted": 1, "restored": 0, "kept": 2 })
    );
    let path = format!("/api/leads/imports/{}/kept", done["id"].as_str().unwrap());
    let report = Reply::to(ada.request(Method::GET, &path))
        .await
        .expect(200)
        .text
        .clone();
    assert_eq!(report.lines().count(), 3, "{report}");
    for (lead, why) in [(&edited, "was changed after the import"), (&mailed, "has mails")] {
        let id = lead["id"].as_str().unwrap();
        assert!(
            report.lines().any(|line| line.contains(id) && line.contains(why)),
            "{report}"
        );
    }
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 2);
    server.stop().await;
}

async fn what_can_not_be_undone_says_why(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let file = b"email\na@x.example\n";
    let refused = async |import: &Value, code: &str| {
        let path = format!("/api/leads/imports/{}/undo", import["id"].as_str().unwrap());
        let reply = ada.send(Method::POST, &path, Some(&json!({}))).await;
        reply.expect(409).expect_envelope();
        assert!(reply.text.contains(code), "{}", reply.text);
    };
    let dry = import(&server, &ada, file, &[("dry_run", "true")]).await;
    refused(&dry, "nothing_to_undo").await;
    let late = import(&server, &ada, file, &[]).await;
    let done = import(&server, &ada, b"email\nb@x.example\n", &[]).await;
    undo(&server, &ada, &done).await;
    refused(&done, "import_undone").await;
    let waiting = Reply::to(crate::lead_files::upload(&ada, file, &[]))
        .await
        .expect(202)
        .data();
    refused(&json!({ "id": waiting["import_id"] }), "import_running").await;
    server.drain().await;
    server.clock.advance(TimeDelta::days(30));
    let path = format!("/api/leads/imports/{}/undo", late["id"].as_str().unwrap());
    let reply = ada.send(Method::POST, &path, Some(&json!({}))).await;
    assert!(reply.expect(409).text.contains("too_late"));
    server.stop().await;
}

async fn an_erasure_takes_former_rows_along(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.post(
        "/api/leads",
        &json!({ "email": "grace@hopper.example", "name": "Grace" }),
    )
    .await;
    let file = b"email,name\ngrace@hopper.example,Admiral\nnew@x.example,New\n";
    let done = import(&server, &ada, file, &[]).await;
    assert!(!server.rows_with("grace@hopper.example").await.is_empty());
    ada.post(
        "/api/privacy/erasures",
        &json!({ "email": "grace@hopper.example" }),
    )
    .await;
    assert_eq!(server.rows_with("grace@hopper.example").await, []);
    let undone = undo(&server, &ada, &done).await;
    assert_eq!(
        undone["undone"],
        json!({ "deleted": 1, "restored": 0, "kept": 0 })
    );
    server.stop().await;
}

async fn a_client_that_is_gone_is_no_obstacle(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await;
    let client = client["id"].as_str().unwrap();
    let other = ada.post("/api/clients", &json!({ "name": "Other" })).await;
    for (email, client) in [
        ("a@x.example", client),
        ("b@x.example", other["id"].as_str().unwrap()),
    ] {
        let body = json!({ "email": email, "name": "Old", "client_id": client });
        ada.post("/api/leads", &body).await;
    }
    let file = b"email,name\na@x.example,New\nb@x.example,New\n";
    let done = import(&server, &ada, file, &[]).await;
    ada.send(Method::DELETE, &format!("/api/clients/{client}"), None)
        .await
        .expect(200);
    let undone = undo(&server, &ada, &done).await;
    assert_eq!(
        (&undone["status"], &undone["undone"]["restored"]),
        (&json!("undone"), &json!(2)),
        "{undone}"
    );
    let [gone, there] = [lead(&ada, "a@x.example").await, lead(&ada, "b@x.example").await];
    assert_eq!((&gone["name"], &gone["client_id"]), (&json!("Old"), &Value::Null));
    assert_eq!(
        (&there["name"], &there["client_id"]),
        (&json!("Old"), &other["id"])
    );
    server.stop().await;
}
