//! What is kept for longer than an organization wants goes in the night.

use chrono::TimeDelta;
use groundswell_app::privacy::schedule_retention;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    settings_are_kept_and_checked,
    what_is_over_goes_at_night,
    a_longer_audit_log_outlives_the_operators_days,
);

async fn settings_are_kept_and_checked(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let keep_all = json!({ "leads_inactive_days": null, "submissions_days": null, "messages_days": null,
        "events_days": null, "audit_days": null });
    assert_eq!(ada.get("/api/organization").await["retention"], keep_all);
    let patch = async |retention: Value| {
        ada.patch("/api/organization", &json!({ "retention": retention }))
            .await["retention"]
            .clone()
    };
    let mut expected = keep_all.clone();
    expected["leads_inactive_days"] = json!(365);
    expected["audit_days"] = json!(36_500);
    assert_eq!(
        patch(json!({ "leads_inactive_days": 365, "audit_days": 36_500 })).await,
        expected
    );
    expected["leads_inactive_days"] = Value::Null;
    expected["events_days"] = json!(1);
    assert_eq!(
        patch(json!({ "leads_inactive_days": null, "events_days": 1 })).await,
        expected
    );
    assert_eq!(ada.get("/api/organization").await["retention"], expected);
    for wrong in [json!(0), json!(-1), json!(36_501)] {
        let body = json!({ "retention": { "messages_days": wrong } });
        let reply = ada.send(Method::PATCH, "/api/organization", Some(&body)).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], "retention.messages_days");
    }
    let entry = ada.get_list("/api/audit-log?action=organization.updated").await;
    assert_eq!(
        entry["data"][0]["after"]["retention"]["events_days"], 1,
        "{entry}"
    );
    assert_eq!(patch(Value::Null).await, keep_all);
    assert_eq!(schedule_retention(&server.app).await.unwrap(), 0);
    server.stop().await;
}

async fn total(account: &Account<'_>, path: &str) -> i64 {
    let list = account.get_list(&format!("{path}?with_total=true")).await;
    list["total"].as_i64().unwrap()
}

async fn what_is_over_goes_at_night(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let eve = server.register("Eve").await.with_key().await;
    let night = async || {
        let due = schedule_retention(&server.app).await.unwrap();
        server.drain().await;
        due
    };
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = json!({ "name": "F", "fields": fields });
    let form = ada.post("/api/lead-capture/forms", &form).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let submit = async |email: &str| {
        let path = format!("/api/lead-capture/webhook/{form}");
        server.post(&path, &json!({ "email": email })).await.expect(201);
    };
    let submissions = format!("/api/lead-capture/forms/{form}/submissions");
    submit("idle@b.example").await;
    submit("active@b.example").await;
    eve.post("/api/leads", &json!({ "email": "idle@b.example" }))
        .await;
    let content = json!({ "subject": "x", "html": "x" });
    let campaign = json!({ "name": "C", "type": "email", "content": content });
    let campaign = ada.post("/api/campaigns", &campaign).await;
    let campaign = format!("/api/campaigns/{}", campaign["id"].as_str().unwrap());
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    for mail in server.app.system.outbox().latest(None, 10).await.unwrap() {
        let open = mail.html.split("/t/o/").nth(1).unwrap();
        let open = open.split('"').next().unwrap();
        server.fetch(&format!("/t/o/{open}")).await.expect(200);
    }
    server.judge_visits().await;
    let numbers = async || {
        (
            ada.get("/api/leads/analytics/overview").await,
            ada.get(&format!("{campaign}/metrics")).await,
        )
    };
    let before = numbers().await;
    assert_eq!(before.1["unique_opens"], 2);

    // A hundred days, then everything is kept for ten; the first night is the one after.
    server.clock.advance(TimeDelta::days(100));
    submit("active@b.example").await;
    let retention = json!({ "leads_inactive_days": 10, "submissions_days": 10, "messages_days": 10,
        "events_days": 10, "audit_days": 10 });
    ada.patch("/api/organization", &json!({ "retention": retention }))
        .await;
    assert_eq!(night().await, 0);
    assert_eq!(total(&ada, "/api/leads").await, 2);
    server.clock.advance(TimeDelta::days(1));
    assert_eq!(night().await, 1);

    assert_eq!(total(&ada, "/api/leads").await, 1, "who did something stays");
    assert_eq!(total(&ada, &submissions).await, 1);
    assert_eq!(total(&ada, "/api/email/messages").await, 0);
    assert_eq!(server.app.system.outbox().latest(None, 10).await.unwrap(), []);
    assert_eq!(server.rows_with("idle@b.example").await.len(), 1, "Eve's");
    assert_eq!(total(&eve, "/api/leads").await, 1);
    let old = ada.get_list("/api/audit-log?action=form.created").await;
    assert_eq!(old["data"], json!([]));
    assert_eq!(numbers().await, before, "statistics stay");
    let log = ada.get_list("/api/audit-log?action=retention.applied").await;
    let after = &log["data"][0]["after"];
    for (kind, rows) in [("leads", 1), ("submissions", 1), ("messages", 2)] {
        assert_eq!(after[kind], rows, "{after}");
    }
    assert!(after["audit"].as_i64() >= Some(3), "{after}");

    assert_eq!(night().await, 0, "once a night");
    server.clock.advance(TimeDelta::days(1));
    assert_eq!(night().await, 1);
    let log = ada
        .get_list("/api/audit-log?action=retention.applied&with_total=true")
        .await;
    assert_eq!(log["total"], 1, "nothing was over: {log}");
    server.stop().await;
}

async fn a_longer_audit_log_outlives_the_operators_days(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let eve = server.register("Eve").await.with_key().await;
    ada.patch(
        "/api/organization",
        &json!({ "retention": { "audit_days": 1000 } }),
    )
    .await;
    server.clock.advance(TimeDelta::days(500));
    groundswell_app::audit::forget_expired(&server.app).await.unwrap();
    assert!(total(&ada, "/api/audit-log").await > 0);
    assert_eq!(total(&eve, "/api/audit-log").await, 0);
    server.clock.advance(TimeDelta::days(600));
    assert_eq!(schedule_retention(&server.app).await.unwrap(), 1);
    server.drain().await;
    let log = ada.get_list("/api/audit-log").await;
    assert_eq!(log["data"].as_array().unwrap().len(), 1, "{log}");
    assert_eq!(log["data"][0]["action"], "retention.applied");
    server.stop().await;
}
