//! Where leads stand, and what happened to them.

use chrono::TimeDelta;
use groundswell_tests::{Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(stages_lead_to_stages, everything_that_happened_is_one_list);

async fn stages_lead_to_stages(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let lead = ada
        .post("/api/leads", &json!({ "email": "grace@navy.example" }))
        .await;
    let path = format!("/api/leads/{}", lead["id"].as_str().unwrap());
    let stands = |lead: &Value| (lead["stage"].clone(), lead["status"].clone());
    assert_eq!(stands(&lead), (json!("new"), json!("new")));
    for (patch, stage, status) in [
        (json!({ "status": "contacted" }), "engaged", "contacted"),
        (json!({ "stage": "opportunity" }), "opportunity", "qualified"),
        (json!({ "status": "qualified" }), "opportunity", "qualified"),
        (
            json!({ "stage": "converted", "status": "converted" }),
            "converted",
            "converted",
        ),
    ] {
        server.clock.advance(TimeDelta::hours(1));
        let changed = ada.patch(&path, &patch).await;
        assert_eq!(stands(&changed), (json!(stage), json!(status)), "{patch}");
    }
    let converted = ada.get(&path).await;
    assert_eq!(
        converted["stage_since"],
        json!(
            server
                .app
                .now()
                .to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
        )
    );

    let refused = ada
        .send(Method::PATCH, &path, Some(&json!({ "status": "disqualified" })))
        .await;
    refused.expect_error(409, "lead_stage");
    assert!(refused.text.contains("only opportunity"), "{}", refused.text);
    let refused = ada
        .send(
            Method::PATCH,
            &path,
            Some(&json!({ "stage": "opportunity", "status": "new" })),
        )
        .await;
    refused.expect_error(400, "invalid_input");
    assert_eq!(ada.get(&path).await, converted);

    // A whole new description says nothing about where the lead stands, unless it says so.
    let whole = json!({ "email": "grace@navy.example", "company": "Navy" });
    ada.send(Method::PUT, &path, Some(&whole)).await.expect(200);
    assert_eq!(ada.get(&path).await["stage"], "converted");
    let overview = ada.get("/api/leads/analytics/overview").await;
    assert_eq!(overview["conversion_rate"], json!(1.0));
    server.stop().await;
}

async fn everything_that_happened_is_one_list(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let consents = json!([{ "purpose": "marketing", "text": "Write to me." }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "F", "fields": fields, "settings": { "consents": consents } }),
        )
        .await;
    let webhook = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    let sent = server
        .post(
            &webhook,
            &json!({ "email": "grace@navy.example", "consent.marketing": true }),
        )
        .await
        .expect(201)
        .data();
    let path = format!("/api/leads/{}", sent["lead_id"].as_str().unwrap());
    server.clock.advance(TimeDelta::hours(1));
    ada.patch(&path, &json!({ "stage": "qualified" })).await;
    server.clock.advance(TimeDelta::hours(1));
    let withdrawn = json!({ "purpose": "marketing", "decision": "withdrawn" });
    ada.post(&format!("{path}/consents"), &withdrawn).await;

    let timeline = ada.get_list(&format!("{path}/timeline?with_total=true")).await;
    let mut kinds: Vec<_> = timeline["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds[..2], ["consent_withdrawn", "stage_changed"], "newest first");
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "consent_granted",
            "consent_withdrawn",
            "created",
            "form_submitted",
            "score_changed",
            "stage_changed"
        ]
    );
    assert_eq!(timeline["total"], 6);
    let moved = &timeline["data"][1];
    assert_eq!(
        (
            &moved["data"]["from"],
            &moved["data"]["to"],
            &moved["data"]["user_id"]
        ),
        (&json!("new"), &json!("qualified"), &json!(ada.user))
    );
    let submitted = timeline["data"].as_array().unwrap();
    let submitted = submitted
        .iter()
        .find(|event| event["kind"] == "form_submitted")
        .unwrap();
    assert_eq!(
        (&submitted["subject"], &submitted["id"]),
        (&form["id"], &sent["submission_id"])
    );
    ada.send(Method::GET, &format!("{path}/timeline?sort=name"), None)
        .await
        .expect_error(400, "invalid_input");
    server.stop().await;
}
