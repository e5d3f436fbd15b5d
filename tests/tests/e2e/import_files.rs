//! The file of an import is kept no longer than it is needed.

use crate::lead_files::upload;
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_cancelled_import_forgets_its_file,
    an_import_that_failed_for_good_forgets_its_file,
    a_file_that_nobody_worked_on_goes_after_a_week,
    an_erasure_looks_into_files_that_wait,
);

async fn start(account: &Account<'_>, file: &str) -> Value {
    Reply::to(upload(account, file.as_bytes(), &[]))
        .await
        .expect(202)
        .data()
}

async fn files(server: &TestServer) -> usize {
    let rows = server.rows().await;
    rows.iter()
        .filter(|(table, _)| table == "lead_import_contents")
        .count()
}

async fn ended(account: &Account<'_>, started: &Value, why: &str) {
    let path = format!("/api/leads/imports/{}", started["import_id"].as_str().unwrap());
    let import = account.get(&path).await;
    assert_eq!(import["status"], "failed", "{import}");
    assert!(import["error"].as_str().unwrap().contains(why), "{import}");
}

const FILE: &str = "email\ngrace@hopper.example\n";

async fn a_cancelled_import_forgets_its_file(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let started = start(&ada, FILE).await;
    assert_eq!(files(&server).await, 1);
    let job = format!("/api/jobs/{}", started["job_id"].as_str().unwrap());
    ada.send(Method::POST, &format!("{job}/cancel"), Some(&json!({})))
        .await
        .expect(200);
    assert_eq!(files(&server).await, 0);
    ended(&ada, &started, "cancelled").await;
    server.stop().await;
}

async fn an_import_that_failed_for_good_forgets_its_file(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let started = start(&ada, FILE).await;
    server
        .sabotage(match backend {
            Backend::Sqlite => "CREATE TRIGGER trap BEFORE INSERT ON leads BEGIN SELECT RAISE(ABORT, 'trap'); END",
            Backend::Postgres => {
                "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$; \
                 CREATE TRIGGER trap BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION trap()"
            }
        })
        .await;
    server.sabotage("UPDATE jobs SET max_attempts = 2").await;
    server.drain().await;
    assert_eq!(files(&server).await, 1, "it is tried again");
    server.after(TimeDelta::hours(1)).await;
    assert_eq!(files(&server).await, 0);
    ended(&ada, &started, "failed for good").await;
    server.stop().await;
}

async fn a_file_that_nobody_worked_on_goes_after_a_week(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let started = start(&ada, FILE).await;
    server.clock.advance(TimeDelta::days(6));
    server.app.system.forget_expired(server.app.now()).await.unwrap();
    assert_eq!(files(&server).await, 1);
    server.clock.advance(TimeDelta::days(2));
    server.app.system.forget_expired(server.app.now()).await.unwrap();
    assert_eq!(files(&server).await, 0);
    let ada = server.login("ada@ada.example", "correct horse").await;
    ended(&ada, &started, "a week").await;
    server.drain().await;
    server.stop().await;
}

async fn an_erasure_looks_into_files_that_wait(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let started = start(&ada, FILE).await;
    start(&ada, "email\nmegrace@hopper.example\n").await;
    let body = json!({ "email": "grace@hopper.example" });
    let receipt = ada.post("/api/privacy/erasures", &body).await;
    let deleted = json!({ "store": "lead_import_contents", "treatment": "deleted", "rows": 1 });
    assert!(
        receipt["stores"].as_array().unwrap().contains(&deleted),
        "{receipt}"
    );
    assert_eq!(files(&server).await, 1);
    ended(&ada, &started, "forgotten").await;
    server.drain().await;
    let leads = ada.get_list("/api/leads").await;
    assert_eq!(leads["data"].as_array().unwrap().len(), 1);
    assert_eq!(leads["data"][0]["email"], "megrace@hopper.example");
    server.stop().await;
}
