//! The prediction, from outcomes to a lead's probability.

use chrono::TimeDelta;
use groundswell_domain::email::Verification;
use groundswell_domain::leads::prediction::FeatureValue;
use groundswell_domain::leads::{Lead, LeadProfile, LeadStage, LeadStatus, Score, Tags, Utm};
use groundswell_domain::{LeadId, Scope};
use groundswell_testkit::Outcomes;
use groundswell_testkit::outcomes::Drawn;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

on_both!(
    it_knows_when_it_does_not_know,
    it_learns_and_explains,
    it_is_not_taken_in
);

/// Adds drawn leads, decided or open; answers with their ids.
async fn add(server: &TestServer, account: &Account<'_>, drawn: &[Drawn], decided: bool) -> Vec<LeadId> {
    let organization = account.organization.parse::<uuid::Uuid>().unwrap().into();
    let scope = Scope::system(organization, server.app.request_id());
    let leads: Vec<Lead> = drawn.iter().map(|drawn| lead(server, drawn, decided)).collect();
    let unit = server.app.store.begin(&scope).await.unwrap();
    let added = unit.leads().insert_many(&leads).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(added.len(), leads.len());
    added
}

fn lead(server: &TestServer, drawn: &Drawn, decided: bool) -> Lead {
    let id: LeadId = server.app.id();
    let mut profile = LeadProfile::default();
    let (mut source, mut tags) = ("manual".to_owned(), Vec::new());
    for (name, known) in &drawn.example.features {
        let value = match &known.value {
            FeatureValue::Number(number) => json!(number),
            FeatureValue::Category(word) => json!(word),
            FeatureValue::Flag(flag) => json!(flag),
        };
        if let Some(key) = name.strip_prefix("custom:") {
            profile.custom(key.to_owned(), value).unwrap();
        } else if let Some(tag) = name.strip_prefix("tag:") {
            tags.push(tag.to_owned());
        } else if name == "source" {
            value.as_str().unwrap().clone_into(&mut source);
        }
    }
    let outcome = drawn.example.outcome;
    let status = match (decided, outcome.converted) {
        (true, true) => LeadStatus::Converted,
        (true, false) => LeadStatus::Disqualified,
        (false, _) => LeadStatus::New,
    };
    let mut lead = Lead {
        id,
        name: String::new(),
        verification: Verification::of(&format!("lead-{id}@outcomes.example").parse().unwrap()),
        email: format!("lead-{id}@outcomes.example").parse().unwrap(),
        phone: None,
        phone_e164: None,
        company: None,
        title: None,
        source,
        status,
        stage: LeadStage::New.meant_by(status),
        stage_since: outcome.at,
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::parse(tags).unwrap(),
        custom_fields: serde_json::Map::new(),
        score: Score::default(),
        utm: Utm::default(),
        client_id: None,
        created_at: drawn.example.created_at,
        updated_at: outcome.at,
        version: 1,
    };
    lead.set_profile(profile);
    lead
}

fn draw(outcomes: &mut Outcomes, count: usize) -> Vec<Drawn> {
    (0..count).map(|_| outcomes.draw()).collect()
}

async fn train(server: &TestServer, account: &Account<'_>) -> Value {
    let request = account.request(Method::POST, "/api/leads/predictions/train");
    let started = account.expect(request, StatusCode::ACCEPTED).await["data"].take();
    let again = account.request(Method::POST, "/api/leads/predictions/train");
    assert_eq!(
        account.expect(again, StatusCode::ACCEPTED).await["data"],
        started,
        "one at a time"
    );
    server.drain().await;
    account.get("/api/leads/predictions").await
}

async fn it_knows_when_it_does_not_know(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let open = ada
        .post("/api/leads", &json!({ "email": "grace@example.com" }))
        .await;
    let of_lead = format!("/api/leads/{}/prediction", open["id"].as_str().unwrap());
    let prediction = ada.get("/api/leads/predictions").await;
    assert_eq!(prediction["status"], "untrained");
    assert_eq!(
        ada.get(&of_lead).await["message"],
        "can't tell: there was no training yet"
    );

    let decided = add(&server, &ada, &draw(&mut Outcomes::new(1), 40), true).await;
    let prediction = train(&server, &ada).await;
    assert_eq!(prediction["status"], "insufficient_data");
    assert_eq!(prediction["insufficient"]["outcomes"], 40);
    assert_eq!(prediction["insufficient"]["outcomes_needed"], 50);
    assert_eq!(prediction["model"], Value::Null);
    let said = ada.get(&of_lead).await;
    assert_eq!(said["status"], "cannot_tell");
    assert_eq!(said["probability"], Value::Null);
    assert!(
        said["message"]
            .as_str()
            .unwrap()
            .starts_with("can't tell: there are 40 outcomes"),
        "{said}"
    );
    let decided = ada.get(&format!("/api/leads/{}/prediction", decided[0])).await;
    assert_eq!(decided["status"], "decided");

    let ben = server.register("Ben").await;
    ben.send(Method::GET, &of_lead, None)
        .await
        .expect_error(404, "lead_not_found");
    assert_eq!(ben.get("/api/leads/predictions").await["status"], "untrained");
    server.stop().await;
}

async fn it_learns_and_explains(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut outcomes = Outcomes::new(2);
    add(&server, &ada, &draw(&mut outcomes, 700), true).await;
    let open = add(&server, &ada, &draw(&mut outcomes, 350), false).await;
    let prediction = train(&server, &ada).await;
    assert_eq!(prediction["status"], "trained", "{prediction}");
    let model = &prediction["model"];
    assert_eq!(
        (&model["active"], &model["report"]["method"]),
        (&json!(true), &json!("logistic_regression"))
    );
    assert!(model["report"]["test"]["brier_skill"].as_f64().unwrap() > 0.0);
    assert_eq!(
        model["report"]["test"]["calibration"].as_array().unwrap().len(),
        10
    );
    assert!(prediction["scored_at"].is_string());
    assert_eq!(prediction["drift"], Value::Null);

    for id in &open[..5] {
        let said = ada.get(&format!("/api/leads/{id}/prediction")).await;
        assert_eq!(
            (&said["status"], &said["model_id"]),
            (&json!("predicted"), &model["id"])
        );
        let (probability, why) = (said["probability"].as_f64().unwrap(), &said["explanation"]);
        assert!(probability > 0.0 && probability < 1.0);
        assert!((probability - said["last_round"]["probability"].as_f64().unwrap()).abs() < 1e-9);
        let each = why["contributions"].as_array().unwrap().iter();
        let sum: f64 = each.map(|one| one["log_odds"].as_f64().unwrap()).sum();
        let (base, log_odds) = (why["base"].as_f64().unwrap(), why["log_odds"].as_f64().unwrap());
        assert!((base + sum - log_odds).abs() < 1e-6, "{said}");
    }

    // A day later everybody is looked at again, and nobody has changed.
    server.after(TimeDelta::days(1)).await;
    let prediction = ada.get("/api/leads/predictions").await;
    assert_eq!(prediction["drift"]["level"], "stable", "{prediction}");
    ada.send(Method::DELETE, &format!("/api/leads/{}", open[0]), None)
        .await
        .expect(200);
    server.stop().await;
}

async fn it_is_not_taken_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    add(
        &server,
        &ada,
        &draw(&mut Outcomes::new(3).with_leaks(), 500),
        true,
    )
    .await;
    let prediction = train(&server, &ada).await;
    let left_out = prediction["model"]["report"]["left_out"].as_array().unwrap();
    let reason = |field: &str| left_out.iter().find(|one| one["field"] == field).unwrap()["reason"].clone();
    assert_eq!(reason("custom:contract_value"), "presence_tells");
    assert_eq!(reason("custom:deal_state"), "separates_outcomes");
    assert_eq!(reason("custom:nickname"), "too_many_values");

    // What has nothing to do with the outcomes gives nobody a probability, in most cases; never a bold one.
    let ben = server.register("Ben").await;
    add(&server, &ben, &draw(&mut Outcomes::new(4).of_noise(), 500), true).await;
    let prediction = train(&server, &ben).await;
    let skill = prediction["model"]["report"]["test"]["brier_skill"]
        .as_f64()
        .unwrap();
    assert!(skill < 0.05, "{prediction}");
    server.stop().await;
}
