//! A campaign from draft to its end, and every way it must not go.

use crate::campaigns::{checked, draft, make};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(
    every_way_is_open_or_refused_with_the_state,
    a_scheduled_campaign_starts_by_itself,
    what_cannot_go_out_is_refused,
    a_campaign_goes_out_over_each_of_its_channels,
);

const STEPS: [&str; 7] = [
    "launch", "start", "schedule", "pause", "resume", "complete", "cancel",
];

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// A campaign in this state.
async fn in_state(server: &TestServer, account: &Account<'_>, state: &str) -> String {
    let path = make(account, &draft(&json!({ "tags_any": ["somebody"] }))).await;
    let step = async |step: &str| account.post(&format!("{path}/{step}"), &json!({})).await;
    match state {
        "draft" => {}
        "scheduled" => {
            let start = time(server.app.now() + TimeDelta::hours(1));
            let body = json!({ "start_date": start });
            account.post(&format!("{path}/schedule"), &body).await;
        }
        "active" | "paused" => {
            step("launch").await;
            if state == "paused" {
                step("pause").await;
            }
        }
        "completed" => {
            step("launch").await;
            server.drain().await;
        }
        "cancelled" => {
            step("cancel").await;
        }
        other => panic!("no way to {other}"),
    }
    assert_eq!(account.get(&path).await["status"], state);
    path
}

async fn every_way_is_open_or_refused_with_the_state(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for (state, open) in [
        ("draft", &["launch", "start", "schedule", "cancel"][..]),
        ("scheduled", &["launch", "start", "schedule", "cancel"]),
        ("active", &["pause", "cancel"]),
        ("paused", &["resume", "cancel"]),
        ("completed", &[]),
        ("cancelled", &[]),
    ] {
        for step in STEPS {
            let path = in_state(&server, &ada, state).await;
            let body = json!({ "start_date": time(server.app.now() + TimeDelta::hours(2)) });
            let body = if step == "schedule" { body } else { json!({}) };
            let reply = ada
                .send(Method::POST, &format!("{path}/{step}"), Some(&body))
                .await;
            if open.contains(&step) {
                let after = match step {
                    "launch" | "start" | "resume" => "active",
                    "pause" => "paused",
                    "schedule" => "scheduled",
                    _ => "cancelled",
                };
                assert_eq!(reply.expect(200).data()["status"], after, "{state} {step}");
            } else if step == "complete" && ["active", "paused"].contains(&state) {
                // The way is open, but not before everybody is settled.
                reply.expect_error(409, "campaign_unfinished");
            } else {
                reply.expect_error(409, "campaign_state");
                let said = reply.json()["error"].as_str().unwrap().to_owned();
                assert!(said.contains(&format!("is {state}")), "{state} {step}: {said}");
                assert_eq!(ada.get(&path).await["status"], state);
            }
            server.drain().await;
        }
        let path = in_state(&server, &ada, state).await;
        let edit = ada
            .send(Method::PATCH, &path, Some(&json!({ "name": "Other" })))
            .await;
        let editable = ["draft", "scheduled", "paused"].contains(&state);
        edit.expect(if editable { 200 } else { 409 });
        let gone = ada.send(Method::DELETE, &path, None).await;
        let deletable = ["draft", "completed", "cancelled"].contains(&state);
        gone.expect(if deletable { 200 } else { 409 });
        server.drain().await;
    }
    server.discard().await; // Campaigns that are scheduled wait in the queue.
}

async fn a_scheduled_campaign_starts_by_itself(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    ada.post("/api/leads", &json!({ "email": "grace@x.example" }))
        .await;
    let path = make(&ada, &draft(&json!({}))).await;
    let schedule = async |hours: i64| {
        let body = json!({ "start_date": time(server.app.now() + TimeDelta::hours(hours)) });
        ada.send(Method::POST, &format!("{path}/schedule"), Some(&body))
            .await
    };
    for hours in [-1, 0] {
        let reply = schedule(hours).await;
        assert_eq!(reply.expect(400).json()["details"][0]["field"], "start_date");
    }
    let reply = ada
        .send(Method::POST, &format!("{path}/schedule"), Some(&json!({})))
        .await;
    reply.expect(400);
    schedule(2).await.expect(200);
    server.after(TimeDelta::hours(1)).await;
    assert_eq!(ada.get(&path).await["status"], "scheduled");
    // Put off: the first booking comes and nothing happens.
    schedule(3).await.expect(200);
    server.after(TimeDelta::hours(2)).await;
    assert_eq!(ada.get(&path).await["status"], "scheduled");
    // A new date by PATCH counts as well, and brings it forward.
    let start = time(server.app.now() + TimeDelta::minutes(10));
    ada.patch(&path, &json!({ "start_date": start })).await;
    server.after(TimeDelta::minutes(9)).await;
    assert_eq!(ada.get(&path).await["status"], "scheduled");
    server.after(TimeDelta::minutes(2)).await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(1))
    );
    server.after(TimeDelta::hours(5)).await;
    assert_eq!(checked(&ada, &path).await["metrics"]["sent"], 1, "only once");

    // One whose template is deleted meanwhile fails, and says why.
    let template = json!({ "name": "T", "subject": "Hello", "html": "<p>Hello</p>" });
    let template = ada.post("/api/email/templates", &template).await["id"].clone();
    let mut body = draft(&json!({}));
    body["content"] = json!({ "template_id": template });
    body["start_date"] = json!(time(server.app.now() + TimeDelta::hours(1)));
    let failing = make(&ada, &body).await;
    ada.post(&format!("{failing}/schedule"), &json!({})).await;
    ada.send(
        Method::DELETE,
        &format!("/api/email/templates/{}", template.as_str().unwrap()),
        None,
    )
    .await
    .expect(200);
    server.after(TimeDelta::hours(2)).await;
    let failed = ada.get(&failing).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(
        failed["failure"].as_str().unwrap().contains("no mail"),
        "{failed}"
    );
    server.stop().await;
}

async fn what_cannot_go_out_is_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let start = json!({ "start_date": time(server.app.now() + TimeDelta::hours(1)) });
    for (body, code) in [
        (
            json!({ "name": "Empty", "type": "email" }),
            "campaign_without_content",
        ),
        (
            json!({ "name": "Posts", "type": "social" }),
            "channel_not_available",
        ),
        (
            json!({ "name": "Mixed", "type": "mixed", "content": draft(&json!({}))["content"] }),
            "channel_not_available",
        ),
    ] {
        let path = make(&ada, &body).await;
        for (step, body) in [
            ("launch", &json!({})),
            ("start", &json!({})),
            ("schedule", &start),
        ] {
            ada.send(Method::POST, &format!("{path}/{step}"), Some(body))
                .await
                .expect_error(409, code);
        }
        assert_eq!(ada.get(&path).await["status"], "draft");
    }
    server.stop().await;
}

async fn a_campaign_goes_out_over_each_of_its_channels(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.post("/api/leads", &json!({ "email": "grace@x.example" }))
        .await;
    let mut body = draft(&json!({}));
    body["type"] = json!("mixed");
    body["channels"] = json!(["email", "instagram"]);
    let path = make(&ada, &body).await;
    let reply = ada.send(Method::POST, &format!("{path}/launch"), None).await;
    reply.expect_error(409, "channel_not_available");
    assert!(reply.text.contains("instagram"), "{}", reply.text);
    // Named twice is once.
    ada.patch(&path, &json!({ "channels": ["email", "email"] })).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    let reply = ada
        .send(Method::PATCH, &path, Some(&json!({ "channels": ["instagram"] })))
        .await;
    reply.expect(409);
    server.drain().await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(1))
    );
    server.stop().await;
}
