//! An erasure that is in the journal and did not happen is not done later, behind the backs of those who go on working.

use groundswell_app::privacy::{Replayed, replay_erasures};
use groundswell_domain::identity::Role;
use groundswell_domain::privacy::{ErasureKind, ErasureRecord};
use groundswell_platform::FileJournal;
use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(
    a_line_without_its_commit_is_taken_back,
    a_line_older_than_the_lead_is_left_alone,
    an_organization_that_went_on_is_left_alone,
    only_whole_addresses_are_erased,
);

fn records(server: &TestServer) -> Vec<ErasureRecord> {
    FileJournal::read(&server.folder().join("erasures.jsonl"))
        .unwrap()
        .records
}

async fn a_line_without_its_commit_is_taken_back(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = json!({ "email": "grace@hopper.example" });
    let lead = ada.post("/api/leads", &lead).await;
    // What is kept of the answer can't be written: the last statement before the commit, after the line.
    server
        .sabotage(match backend {
            Backend::Sqlite => "CREATE TRIGGER trap BEFORE INSERT ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'trap'); END",
            Backend::Postgres => {
                "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$; \
                 CREATE TRIGGER trap BEFORE INSERT ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION trap()"
            }
        })
        .await;
    let path = format!("/api/leads/{}", lead["id"].as_str().unwrap());
    let request = ada
        .request(Method::POST, &format!("{path}/erase"))
        .header("idempotency-key", "one");
    let reply = Reply::to(request).await;
    assert!(reply.status.as_u16() >= 400, "{}", reply.text);
    let text = std::fs::read_to_string(server.folder().join("erasures.jsonl")).unwrap();
    assert!(text.contains("\"void\""), "{text}");
    assert_eq!(records(&server), []);
    assert_eq!(ada.get(&path).await["email"], "grace@hopper.example");

    let done = ada.post(&format!("{path}/erase"), &json!({})).await;
    let left = records(&server);
    assert_eq!(left.len(), 1);
    assert_eq!(json!(left[0].id), done["id"]);
    // The test is about errors, which are in the log.
    server.discard().await;
}

async fn a_line_older_than_the_lead_is_left_alone(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let grace = json!({ "email": "grace@hopper.example" });
    let lead = ada.post("/api/leads", &grace).await;
    let erase = format!("/api/leads/{}/erase", lead["id"].as_str().unwrap());
    ada.post(&erase, &json!({})).await;
    let records = records(&server);
    server.sabotage("DELETE FROM erasures").await;
    server.sabotage("DELETE FROM suppressions").await;
    server.clock.advance(chrono::TimeDelta::minutes(1));
    let lead = ada.post("/api/leads", &grace).await;
    let replayed = replay_erasures(&server.app, &records).await.unwrap();
    let stale = Replayed {
        stale: 1,
        ..Replayed::default()
    };
    assert_eq!(replayed, stale);
    ada.get(&format!("/api/leads/{}", lead["id"].as_str().unwrap()))
        .await;
    let mail = json!({ "to": "grace@hopper.example", "subject": "x", "body": "x" });
    ada.post("/api/email/send", &mail).await;
    server.drain().await;
    server.stop().await;
}

async fn an_organization_that_went_on_is_left_alone(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let record = |kind, subject_id| ErasureRecord {
        id: server.app.id(),
        organization_id: ada.organization.parse::<uuid::Uuid>().unwrap().into(),
        kind,
        subject_id,
        subject_hash: None,
        requested_by: None,
        created_at: server.app.now(),
    };
    let records = [
        record(ErasureKind::User, Some(ada.user.parse().unwrap())),
        record(ErasureKind::Organization, None),
    ];
    server.clock.advance(chrono::TimeDelta::minutes(1));
    let ada = server.login("ada@ada.example", "correct horse").await;
    server.member(&ada, Role::ContentWriter).await;
    let replayed = replay_erasures(&server.app, &records).await.unwrap();
    assert_eq!((replayed.applied, replayed.stale), (0, 2));
    server.drain().await;
    ada.get_list("/api/leads").await;
    server.stop().await;
}

async fn only_whole_addresses_are_erased(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lines = "email,status\nna@x.example,nonsense\nanna@x.example,nonsense\n";
    crate::lead_files::import(&server, &ada, lines.as_bytes(), &[]).await;
    for (key, email) in [("one", "na@x.example"), ("two", "anna@x.example")] {
        let request = ada
            .request(Method::POST, "/api/leads")
            .header("idempotency-key", key);
        Reply::to(request.json(&json!({ "email": email })))
            .await
            .expect(201);
    }
    let body = json!({ "email": "na@x.example" });
    ada.post("/api/privacy/erasures", &body).await;
    let rows = server.rows().await;
    for table in ["lead_import_errors", "idempotency_keys"] {
        let of = |text: &str| {
            rows.iter()
                .filter(|(name, row)| name == table && row.contains(text))
                .count()
        };
        assert_eq!(of("anna@x.example"), 1, "{table}: {rows:?}");
        assert_eq!(of("na@x.example"), 1, "{table}: {rows:?}");
    }
    server.stop().await;
}
