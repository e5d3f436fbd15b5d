//! Imports that are run twice, or not to their end.

use crate::lead_files::{counts, import, mixed, upload};
use groundswell_domain::leads::RunImport;
use groundswell_domain::{ImportId, Scope};
use groundswell_tests::{Backend, Reply, TestServer};
use serde_json::json;

on_both!(
    an_import_that_is_run_again_changes_nothing,
    an_import_goes_on_where_a_dead_worker_left_it,
);

async fn an_import_that_is_run_again_changes_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let done = import(&server, &ada, mixed().as_bytes(), &[]).await;
    let before = ada.get_list("/api/leads/export?format=json").await;
    let job = ada.get_list("/api/jobs?kind=leads.import").await["data"][0].take();
    server.clock.advance(chrono::TimeDelta::minutes(5));
    // A worker that lost its lease may still hold the job; whoever is second must find nothing to do.
    let organization: uuid::Uuid = ada.organization.parse().unwrap();
    let scope = Scope::system(organization.into(), server.app.request_id());
    let id: ImportId = done["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().into();
    let again = RunImport { import_id: id };
    groundswell_app::leads::run_import(
        &server.app,
        &scope,
        &again,
        &groundswell_app::jobs::Stop::default(),
    )
    .await
    .unwrap();
    let path = format!("/api/leads/imports/{}", done["id"].as_str().unwrap());
    assert_eq!(counts(&ada.get(&path).await), counts(&done));
    assert_eq!(ada.get_list("/api/leads/export?format=json").await, before);
    assert_eq!(job["status"], "succeeded");
    server.stop().await;
}

async fn an_import_goes_on_where_a_dead_worker_left_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let file = mixed();
    let started = Reply::to(upload(&ada, file.as_bytes(), &[("tags", "fair")]))
        .await
        .expect(202)
        .data();
    let path = format!("/api/leads/imports/{}", started["import_id"].as_str().unwrap());
    // The database breaks in the third piece: the first two are in, with their counts.
    let trap = match backend {
        Backend::Sqlite => {
            "CREATE TRIGGER trap BEFORE INSERT ON leads WHEN NEW.email = 'lead1150@x.example' BEGIN SELECT RAISE(ABORT, 'trap'); END"
        }
        Backend::Postgres => {
            "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$; \
             CREATE TRIGGER trap BEFORE INSERT ON leads FOR EACH ROW WHEN (NEW.email = 'lead1150@x.example') EXECUTE FUNCTION trap()"
        }
    };
    server.sabotage(trap).await;
    server.drain().await;
    let half = ada.get(&path).await;
    assert_eq!(
        (&half["status"], &half["rows"]),
        (&json!("running"), &json!(1000)),
        "{half}"
    );
    let job = ada.get_list("/api/jobs?kind=leads.import").await["data"][0].take();
    assert_eq!(
        (&job["status"], &job["attempt"]),
        (&json!("queued"), &json!(1)),
        "{job}"
    );
    let total = ada.get("/api/leads/analytics/overview").await["total_leads"].as_i64();
    assert_eq!(total, half["created"].as_i64());
    server
        .sabotage(match backend {
            Backend::Sqlite => "DROP TRIGGER trap",
            Backend::Postgres => "DROP TRIGGER trap ON leads",
        })
        .await;
    server.after(chrono::TimeDelta::minutes(1)).await;
    let whole = ada.get(&path).await;
    assert_eq!(whole["status"], "succeeded", "{whole}");
    assert_eq!(counts(&whole), [1199, 1193, 1, 0, 5], "{whole}");
    assert_eq!(
        ada.get("/api/leads/analytics/overview").await["total_leads"],
        1193
    );
    server.stop().await;
}
