//! Background work as people see it, and how long.

use chrono::TimeDelta;
use groundswell_app::jobs::forget_finished;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    finished_jobs_go_when_their_time_is_over,
    what_comes_next_is_asked_for_by_its_time,
    mails_go_back_to_the_request_that_caused_them
);

async fn kinds(account: &Account<'_>, query: &str) -> Vec<String> {
    let jobs = account.get(&format!("/api/jobs?{query}")).await;
    let kinds = jobs.as_array().unwrap().iter();
    kinds
        .map(|job| job["kind"].as_str().unwrap().to_owned())
        .collect()
}

async fn finished_jobs_go_when_their_time_is_over(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    ada.post("/api/leads/duplicates/scan", &json!({})).await;
    ada.post("/api/leads/predictions/train", &json!({})).await;
    server.drain().await;
    server
        .sabotage("UPDATE jobs SET status = 'failed' WHERE kind = 'leads.predict.train'")
        .await;
    server.clock.advance(TimeDelta::days(29));
    assert_eq!(forget_finished(&server.app).await.unwrap(), 0);
    server.clock.advance(TimeDelta::days(2));
    assert_eq!(forget_finished(&server.app).await.unwrap(), 1);
    assert_eq!(kinds(&ada, "").await, ["leads.predict.train"]);
    server.clock.advance(TimeDelta::days(60));
    assert_eq!(forget_finished(&server.app).await.unwrap(), 1);
    assert!(kinds(&ada, "").await.is_empty());
    server.stop().await;
}

async fn what_comes_next_is_asked_for_by_its_time(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let content = json!({ "subject": "News", "html": "<p>News</p>" });
    let mut expected = Vec::new();
    for day in [3, 1, 2] {
        let new = json!({ "name": "News", "type": "email", "content": content });
        let campaign = ada.post("/api/campaigns", &new).await;
        let start = server.app.now() + TimeDelta::days(day);
        let path = format!("/api/campaigns/{}/schedule", campaign["id"].as_str().unwrap());
        ada.post(&path, &json!({ "start_date": start })).await;
        expected.push(start);
    }
    expected.sort_unstable();
    let jobs = ada
        .get("/api/jobs?status=queued&kind=campaigns.start&sort=run_at")
        .await;
    let times: Vec<chrono::DateTime<chrono::Utc>> = jobs
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["run_at"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(times, expected);
    for query in ["sort=run_at", "sort=-run_at&status=succeeded"] {
        let refused = ada.send(Method::GET, &format!("/api/jobs?{query}"), None).await;
        refused.expect(400).expect_envelope();
        assert_eq!(refused.json()["details"][0]["field"], "sort");
    }
    server.stop().await;
}

/// Also those that share their transaction with other requests.
async fn mails_go_back_to_the_request_that_caused_them(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = json!({ "name": "Contact", "fields": [{ "name": "email", "type": "email", "required": true }],
        "settings": { "notify": ["team@samples.example"] } });
    let form = ada.post("/api/lead-capture/forms", &form).await;
    let path = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    let request = server.http.post(server.url(&path));
    let captured = Reply::to(request.json(&json!({ "email": "grace@navy.example" }))).await;
    captured.expect(201);
    server.drain().await;
    let jobs = ada.get("/api/jobs").await;
    let of = |kind: &str| -> Value {
        let found = jobs.as_array().unwrap().iter().find(|job| job["kind"] == kind);
        found.unwrap_or_else(|| panic!("no {kind}: {jobs}"))["request_id"].clone()
    };
    // The follow-up, and the mail that it made.
    assert_eq!(of("forms.notify"), captured.header("x-request-id"));
    assert_eq!(of("email.deliver"), captured.header("x-request-id"));
    server.stop().await;
}
