//! What becomes of leads: every number can be listed.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    numbers_say_which_leads_they_count,
    reasons_and_values_are_of_ended_deals
);

/// Follows every `{count, leads}` of an answer and compares the number with the list.
async fn follow(account: &Account<'_>, value: &Value, seen: &mut usize) {
    match value {
        Value::Object(fields) => {
            if let (Some(count), Some(leads)) =
                (fields.get("count"), fields.get("leads").and_then(Value::as_str))
            {
                let mark = if leads.contains('?') { '&' } else { '?' };
                let list = account
                    .get_list(&format!("{leads}{mark}with_total=true&limit=1"))
                    .await;
                assert_eq!(&list["total"], count, "{leads}");
                *seen += 1;
            }
            for value in fields.values() {
                Box::pin(follow(account, value, seen)).await;
            }
        }
        Value::Array(values) => {
            for value in values {
                Box::pin(follow(account, value, seen)).await;
            }
        }
        _ => {}
    }
}

async fn numbers_say_which_leads_they_count(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "F", "fields": fields }),
        )
        .await;
    let webhook = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    let mut leads = Vec::new();
    for index in 0..12 {
        let source = ["fair", "ads & more", "fair"][index % 3];
        let body = json!({ "email": format!("lead{index}@x.example"), "utm_source": source });
        let sent = server.post(&webhook, &body).await.expect(201).data();
        leads.push(format!("/api/leads/{}", sent["lead_id"].as_str().unwrap()));
        server.clock.advance(TimeDelta::days(3));
    }
    for (index, stage) in [
        "engaged",
        "qualified",
        "opportunity",
        "converted",
        "converted",
        "disqualified",
    ]
    .iter()
    .enumerate()
    {
        server.clock.advance(TimeDelta::days(5));
        ada.patch(&leads[index], &json!({ "stage": stage })).await;
    }
    server.clock.advance(TimeDelta::days(20));
    let report = async |path: &str| ada.get(&format!("/api/leads/analytics/{path}")).await;

    let funnel = report("funnel").await;
    let reached: Vec<_> = funnel["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["reached"]["count"])
        .collect();
    assert_eq!(
        reached,
        [12, 5, 4, 3, 2]
            .map(|count| json!(count))
            .iter()
            .collect::<Vec<_>>()
    );
    let conversion = report("conversion?by=utm_source").await;
    assert_eq!(conversion[0]["value"], "fair");
    assert_eq!(
        (&conversion[0]["leads"]["count"], &conversion[1]["leads"]["count"]),
        (&json!(8), &json!(4))
    );
    let by_form = report("conversion?by=form").await;
    assert_eq!(
        (&by_form[0]["value"], &by_form[0]["converted"]["count"]),
        (&form["id"], &json!(2))
    );
    let curves = report("time-to-convert").await;
    assert_eq!(
        (
            curves.as_array().unwrap().len(),
            &curves[0]["survival"]["converted"]
        ),
        (1, &json!(2))
    );
    assert!(curves[0]["survival"]["median_days"].is_null());
    let cohorts = report("cohorts").await;
    let velocity = report("velocity").await;
    // Who was given up was no deal yet.
    assert_eq!(velocity["win_rate"], json!(1.0));
    assert_eq!(velocity["lost"]["count"], 0);
    assert_eq!(velocity["stages"].as_array().unwrap().len(), 5);
    let mut seen = 0;
    for answer in [
        funnel,
        conversion,
        by_form,
        curves,
        report("time-to-convert?by=utm_source").await,
        cohorts,
        velocity,
        report("outcomes").await,
        report("funnel?source=form&created_before=2027-02-01T00:00:00Z").await,
    ] {
        follow(&ada, &answer, &mut seen).await;
    }
    assert!(seen > 60, "{seen}");
    for bad in [
        "funnel?reached=disqualified",
        "conversion?by=colour",
        "cohorts?reason=%00",
        "outcomes?since=1",
    ] {
        ada.send(Method::GET, &format!("/api/leads/analytics/{bad}"), None)
            .await
            .expect_error(400, "invalid_input");
    }
    server.stop().await;
}

async fn reasons_and_values_are_of_ended_deals(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let body = json!({ "email": "won@x.example", "stage": "converted", "value": 1000.5, "outcome_reason": "Best price" });
    let won = ada.post("/api/leads", &body).await;
    assert_eq!(won["value"], json!({ "amount": 1000.5, "currency": "EUR" }));
    let lost = ada
        .post("/api/leads", &json!({ "email": "lost@x.example", "value": 10 }))
        .await;
    let path = format!("/api/leads/{}", lost["id"].as_str().unwrap());
    let early = ada
        .send(
            Method::PATCH,
            &path,
            Some(&json!({ "outcome_reason": "Too dear" })),
        )
        .await;
    early.expect_error(400, "invalid_input");
    let given_up = json!({ "stage": "disqualified", "outcome_reason": " Too dear " });
    let lost = ada.patch(&path, &given_up).await;
    assert_eq!(lost["outcome_reason"], "Too dear");
    let outcomes = ada.get("/api/leads/analytics/outcomes").await;
    let reason = &outcomes["lost_reasons"][0];
    assert_eq!(
        (&reason["reason"], &reason["value"]["amount"]),
        (&json!("Too dear"), &json!(10.0))
    );
    assert_eq!(outcomes["won_reasons"][0]["value"]["amount"], json!(1000.5));
    let timeline = ada.get_list(&format!("{path}/timeline")).await;
    assert_eq!(timeline["data"][0]["data"]["reason"], "Too dear");
    let again = ada
        .patch(&path, &json!({ "stage": "engaged", "value": null }))
        .await;
    assert_eq!(
        (
            &again["outcome_reason"],
            &again["value"],
            &again["furthest_stage"]
        ),
        (&Value::Null, &Value::Null, &json!("engaged"))
    );
    server.stop().await;
}
