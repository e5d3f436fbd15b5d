//! Rule models: what they give, going live, side by side, and time passing.

use chrono::TimeDelta;
use groundswell_app::scoring::schedule_decay;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_model_goes_live_and_every_ledger_follows,
    points_decay_as_days_go_by,
    mistakes_are_named_and_the_primary_model_stays,
);

const MODELS: &str = "/api/leads/scoring/models";

fn rules() -> Value {
    json!([
        { "name": "sent_a_form", "axis": "engagement", "when": { "event": "form_submitted" }, "points": 16, "half_life_days": 10, "cap": 40 },
        { "name": "moved_on", "axis": "engagement", "when": { "event": "stage_changed", "data": { "field": "to", "in": ["qualified"] } }, "points": 7 },
        { "name": "large", "axis": "fit", "when": { "field": "custom_fields.size", "gte": 100 }, "points": 70 },
        { "name": "vip", "axis": "fit", "when": { "field": "tags", "contains": "vip" }, "points": 60 },
    ])
}

async fn webhook(ada: &Account<'_>) -> String {
    let fields =
        json!([{ "name": "email", "type": "email", "required": true }, { "name": "size", "type": "text" }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "F", "fields": fields }),
        )
        .await;
    format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap())
}

async fn send(server: &TestServer, webhook: &str, body: Value) -> String {
    let sent = server.post(webhook, &body).await.expect(201).data();
    sent["lead_id"].as_str().unwrap().to_owned()
}

/// The lead's score, which must be what its ledger sums to.
async fn score(ada: &Account<'_>, lead: &str) -> (i64, i64) {
    let score = ada.get(&format!("/api/leads/{lead}")).await["score"].clone();
    let (fit, engagement) = ledger(ada, lead, "").await;
    assert_eq!(
        score,
        json!({ "total": fit + engagement, "fit": fit, "engagement": engagement })
    );
    (fit, engagement)
}

async fn ledger(ada: &Account<'_>, lead: &str, query: &str) -> (i64, i64) {
    let list = ada
        .get_list(&format!("/api/leads/{lead}/score/entries?limit=200{query}"))
        .await;
    let sum = |axis: &str| {
        let lines = list["data"].as_array().unwrap().iter();
        lines
            .filter(|line| line["axis"] == axis)
            .map(|line| line["points"].as_i64().unwrap())
            .sum()
    };
    (sum("fit"), sum("engagement"))
}

async fn a_model_goes_live_and_every_ledger_follows(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let webhook = webhook(&ada).await;
    let grace = send(
        &server,
        &webhook,
        json!({ "email": "grace@navy.example", "size": "250" }),
    )
    .await;
    let mary = send(
        &server,
        &webhook,
        json!({ "email": "mary@x.example", "size": "3" }),
    )
    .await;
    assert_eq!(score(&ada, &grace).await, (0, 10));
    let built_in = ada.get(MODELS).await[0].clone();
    assert_eq!(
        (&built_in["name"], &built_in["primary"]),
        (&json!("Built-in"), &json!(true))
    );
    let line = ada.get(&format!("/api/leads/{grace}/score/entries")).await[0].clone();
    assert_eq!(
        (&line["model_id"], &line["rule"]),
        (&built_in["id"], &json!("form_submitted"))
    );

    // A draft scores nobody, and says whom it would move.
    let draft = ada
        .post(MODELS, &json!({ "name": "Ours", "rules": rules() }))
        .await;
    let path = format!("{MODELS}/{}", draft["id"].as_str().unwrap());
    server.after(TimeDelta::seconds(3)).await;
    let preview = server_answer(&ada, &format!("{path}/preview"), &json!({ "min_score": 50 })).await;
    assert_eq!((&preview["leads"], &preview["sample"]), (&json!(2), &json!(2)));
    assert_eq!(
        preview["moves"],
        json!({ "up": 2, "down": 0, "unchanged": 0, "above": 1, "below": 0 })
    );
    let first = &preview["up"][0];
    assert_eq!(
        (&first["lead_id"], &first["after"]["total"]),
        (&json!(grace), &json!(86))
    );
    assert_eq!(
        first["reasons"][0],
        json!({ "rule": "large", "before": 0, "after": 70 })
    );
    assert_eq!(score(&ada, &grace).await, (0, 10));

    // Beside the primary one.
    let active = ada.patch(&path, &json!({ "status": "active" })).await;
    assert_eq!(
        (&active["run"]["leads"], &active["run"]["finished_at"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(score(&ada, &grace).await, (0, 10));
    server.after(TimeDelta::seconds(3)).await;
    let run = ada.get(&path).await["run"].clone();
    assert_eq!(run["done"], 2);
    assert!(run["finished_at"].is_string());
    assert_eq!(score(&ada, &grace).await, (0, 10));
    let beside = format!("&model={}", draft["id"].as_str().unwrap());
    assert_eq!(ledger(&ada, &grace, &beside).await, (70, 16));
    let again = server_answer(&ada, &format!("/api/leads/{mary}/score"), &json!({})).await;
    assert_eq!(again["score"]["total"], 10);
    assert_eq!(again["models"].as_array().unwrap().len(), 2);
    assert_eq!(
        again["models"][1]["score"],
        json!({ "total": 16, "fit": 0, "engagement": 16 })
    );

    // In its place. While the run waits, scores are what they were; whatever happens is scored by the new one.
    ada.patch(&path, &json!({ "primary": true })).await;
    assert_eq!(
        ada.get(&format!("{MODELS}/{}", built_in["id"].as_str().unwrap()))
            .await["primary"],
        false
    );
    assert_eq!(score(&ada, &mary).await, (0, 10));
    server.after(TimeDelta::seconds(3)).await;
    assert_eq!(score(&ada, &grace).await, (70, 16));
    assert_eq!(score(&ada, &mary).await, (0, 16));
    let old = format!("&model={}", built_in["id"].as_str().unwrap());
    assert_eq!(ledger(&ada, &grace, &old).await, (0, 10));

    // What becomes known, and what happens.
    let lead = format!("/api/leads/{grace}");
    let patched = ada
        .patch(&lead, &json!({ "tags": ["VIP"], "stage": "qualified" }))
        .await;
    assert_eq!(
        patched["score"],
        json!({ "total": 123, "fit": 100, "engagement": 23 })
    );
    assert_eq!(score(&ada, &grace).await, (100, 23));
    let names = ada.get(&format!("{lead}/score/entries")).await;
    assert!(
        names
            .as_array()
            .unwrap()
            .iter()
            .any(|line| line["rule"] == "cap.fit" && line["points"] == -30)
    );
    for _ in 0..3 {
        send(&server, &webhook, json!({ "email": "grace@navy.example" })).await;
    }
    assert_eq!(score(&ada, &grace).await, (100, 47));
    ada.patch(&lead, &json!({ "custom_fields": { "size": null } }))
        .await;
    assert_eq!(score(&ada, &grace).await, (60, 47));
    let made = json!({ "email": "new@navy.example", "tags": ["vip"] });
    let made = ada.post("/api/leads", &made).await;
    assert_eq!(made["score"]["fit"], 60);
    let fresh = send(
        &server,
        &webhook,
        json!({ "email": "fresh@navy.example", "size": "100" }),
    )
    .await;
    assert_eq!(score(&ada, &fresh).await, (70, 16));

    // An edit of what is live, and the end of the old one.
    let mut edited = rules();
    edited[3]["points"] = json!(5);
    let revised = ada.patch(&path, &json!({ "rules": edited })).await;
    assert_eq!(revised["revision"], 2);
    ada.send(
        Method::DELETE,
        &format!("{MODELS}/{}", built_in["id"].as_str().unwrap()),
        None,
    )
    .await
    .expect(200);
    server.after(TimeDelta::seconds(3)).await;
    assert_eq!(score(&ada, &grace).await, (5, 47));
    let gone = ada
        .send(
            Method::GET,
            &format!("{lead}/score/entries?model={}", built_in["id"].as_str().unwrap()),
            None,
        )
        .await;
    gone.expect_error(404, "scoring_model_not_found");
    let eve = server.register("Eve").await.with_key().await;
    eve.send(Method::GET, &path, None)
        .await
        .expect_error(404, "scoring_model_not_found");
    server.stop().await;
}

/// The data of a POST that makes nothing new.
async fn server_answer(ada: &Account<'_>, path: &str, body: &Value) -> Value {
    ada.send(Method::POST, path, Some(body)).await.expect(200).data()
}

async fn points_decay_as_days_go_by(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let webhook = webhook(&ada).await;
    let grace = send(&server, &webhook, json!({ "email": "grace@navy.example" })).await;
    assert_eq!(
        schedule_decay(&server.app).await.unwrap(),
        0,
        "the built-in model does not decay"
    );
    let model = json!({ "name": "Ours", "rules": rules(), "status": "active", "primary": true });
    ada.post(MODELS, &model).await;
    server.after(TimeDelta::seconds(3)).await;
    assert_eq!(score(&ada, &grace).await, (0, 16));
    assert_eq!(
        schedule_decay(&server.app).await.unwrap(),
        0,
        "scores are of today"
    );
    for expected in [8, 4, 2, 1, 0, 0] {
        server.clock.advance(TimeDelta::days(10));
        assert_eq!(schedule_decay(&server.app).await.unwrap(), 1);
        assert_eq!(schedule_decay(&server.app).await.unwrap(), 0);
        server.after(TimeDelta::seconds(3)).await;
        assert_eq!(score(&ada, &grace).await, (0, expected));
    }
    let lines = ada
        .get(&format!(
            "/api/leads/{grace}/score/entries?model={}",
            ada.get(MODELS).await[0]["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(lines, json!([]), "what is over leaves no lines");
    send(&server, &webhook, json!({ "email": "grace@navy.example" })).await;
    assert_eq!(score(&ada, &grace).await, (0, 16));
    server.stop().await;
}

async fn mistakes_are_named_and_the_primary_model_stays(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let wrong = json!({ "name": " ", "caps": { "mail": 0 }, "rules": [
        { "name": "a", "axis": "fit", "when": { "any": [{ "field": "company", "like": "x" }] }, "points": 2_000 },
        { "name": "a", "axis": "fit", "when": { "field": "title", "matches": "(" }, "points": 1, "cap": 3 }] });
    let reply = ada.send(Method::POST, MODELS, Some(&wrong)).await;
    reply.expect_error(400, "invalid_input");
    let details = reply.json()["details"].clone();
    let mut fields: Vec<_> = details
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["field"].as_str().unwrap().to_owned())
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "caps.mail",
            "name",
            "rules[0].points",
            "rules[0].when.any[0].like",
            "rules[1].cap",
            "rules[1].name",
            "rules[1].when.matches"
        ]
    );
    let built_in = ada.get(MODELS).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("{MODELS}/{built_in}");
    for patch in [
        json!({ "primary": false }),
        json!({ "status": "archived" }),
        json!({ "status": "draft", "primary": false }),
    ] {
        let reply = ada.send(Method::PATCH, &path, Some(&patch)).await;
        reply.expect_error(409, "scoring_model_primary");
    }
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(409, "scoring_model_primary");
    let draft = json!({ "name": "Draft", "rules": [], "primary": true });
    ada.send(Method::POST, MODELS, Some(&draft))
        .await
        .expect_error(400, "invalid_input");
    let active = json!({ "name": "Active", "rules": [], "status": "active" });
    for _ in 0..9 {
        ada.post(MODELS, &active).await;
    }
    ada.send(Method::POST, MODELS, Some(&active))
        .await
        .expect_error(409, "too_many_scoring_models");
    // Only the last run of a row of changes does the work.
    server.after(TimeDelta::seconds(3)).await;
    let entries = ada
        .get_list("/api/audit-log?action=scoring_model.created&with_total=true")
        .await;
    assert_eq!(entries["total"], 9);
    server.stop().await;
}
