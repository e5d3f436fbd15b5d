//! Recurring work, on a clock that is moved by hand.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_app::schedules::tick;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_date_is_run_once,
    an_interval_is_run_again_and_again,
    a_cron_keeps_its_hour_when_clocks_are_set,
    what_nobody_was_there_for,
    not_more_than_so_many_at_once,
    paused_and_resumed,
    run_by_hand,
    a_campaign_is_launched_as_a_copy,
    a_source_is_pulled,
    four_schedulers_at_once,
    what_is_wrong_is_said,
    whoever_makes_it_must_be_allowed_to_do_it,
);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A schedule that looks for duplicates, changed by `more`.
async fn create(account: &Account<'_>, trigger: Value, more: Value) -> String {
    let mut body =
        json!({ "name": "Every now and then", "action": { "type": "scan_duplicates" }, "trigger": trigger });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = account.post("/api/schedules", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn read(account: &Account<'_>, id: &str) -> Value {
    account.get(&format!("/api/schedules/{id}")).await
}

#[track_caller]
fn assert_next(schedule: &Value, expected: &str) {
    let next = schedule["next_run_at"].as_str().map(at);
    assert_eq!(next, Some(at(expected)), "{schedule}");
}

/// The moments of its runs, the oldest first, whatever became of them.
async fn runs(account: &Account<'_>, id: &str) -> Vec<DateTime<Utc>> {
    let path = format!("/api/jobs?schedule_id={id}&kind=schedules.run&limit=200");
    let jobs = account.get(&path).await;
    let mut moments: Vec<_> = jobs
        .as_array()
        .unwrap()
        .iter()
        .map(|job| at(job["scheduled_for"].as_str().unwrap()))
        .collect();
    moments.sort_unstable();
    moments
}

async fn ticked(server: &TestServer) -> u64 {
    tick(&server.app).await.unwrap()
}

async fn a_date_is_run_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let date = json!({ "type": "date", "at": "2027-02-01T09:00:00+00:00" });
    let id = create(&ada, date, json!({})).await;
    let made = read(&ada, &id).await;
    assert_next(&made, "2027-02-01T09:00:00Z");
    assert_eq!(
        (&made["max_instances"], &made["misfire_grace"], &made["coalesce"]),
        (&json!(3), &json!(300), &json!(false))
    );
    assert_eq!(ticked(&server).await, 0, "not yet");
    server.clock.set(at("2027-02-01T09:00:00Z"));
    assert_eq!(ticked(&server).await, 1);
    assert_eq!(ticked(&server).await, 0, "once");
    let after = read(&ada, &id).await;
    assert_eq!(after["next_run_at"], Value::Null);
    assert_eq!(
        at(after["last_run_at"].as_str().unwrap()),
        at("2027-02-01T09:00:00Z")
    );
    assert_eq!(after["last_outcome"], "run");
    assert_eq!(after["version"], made["version"], "nobody changed it");
    server.drain().await;
    assert_eq!(runs(&ada, &id).await, [at("2027-02-01T09:00:00Z")]);
    let scan = ada.get("/api/leads/duplicates/scan").await;
    assert_eq!(scan["scan"]["status"], "done", "{scan}");
    // Its history stays when it goes.
    let path = format!("/api/schedules/{id}");
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::GET, &path, None)
        .await
        .expect_error(404, "schedule_not_found");
    assert_eq!(runs(&ada, &id).await.len(), 1);
    server.stop().await;
}

async fn an_interval_is_run_again_and_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let hourly = json!({ "type": "interval", "seconds": 3600 });
    let id = create(&ada, hourly, json!({})).await;
    assert_next(&read(&ada, &id).await, "2027-02-01T09:00:00Z");
    for hour in 9..12 {
        server.clock.set(at(&format!("2027-02-01T{hour:02}:00:01Z")));
        assert_eq!(ticked(&server).await, 1);
        server.drain().await;
    }
    let expected: Vec<_> = (9..12)
        .map(|hour| at(&format!("2027-02-01T{hour:02}:00:00Z")))
        .collect();
    assert_eq!(
        runs(&ada, &id).await,
        expected,
        "what was planned, not when it was noticed"
    );
    assert_next(&read(&ada, &id).await, "2027-02-01T12:00:00Z");
    server.stop().await;
}

async fn a_cron_keeps_its_hour_when_clocks_are_set(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-03-27T12:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    // The zone is the organization's.
    let zone = json!({ "time_zone": "Europe/Berlin" });
    ada.patch("/api/organization", &zone).await;
    let night = json!({ "type": "cron", "expression": " 30 2 * * * " });
    let id = create(&ada, night, json!({})).await;
    let made = read(&ada, &id).await;
    let kept = json!({ "type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Berlin" });
    assert_eq!(made["trigger"], kept);
    // There is no 02:30 on this day: the first moment after it is 03:00 in summer time.
    assert_next(&made, "2027-03-28T01:00:00Z");
    server.clock.set(at("2027-03-28T01:00:00Z"));
    assert_eq!(ticked(&server).await, 1);
    assert_next(&read(&ada, &id).await, "2027-03-29T00:30:00Z");
    server.drain().await;
    // There are two 02:30 on this day: the first one counts.
    server.clock.set(at("2027-10-30T12:00:00Z"));
    assert_eq!(ticked(&server).await, 0, "what came in summer is long ago");
    assert_next(&read(&ada, &id).await, "2027-10-31T00:30:00Z");
    server.clock.set(at("2027-10-31T00:30:00Z"));
    assert_eq!(ticked(&server).await, 1);
    assert_next(&read(&ada, &id).await, "2027-11-01T01:30:00Z");
    server.clock.set(at("2027-10-31T01:30:00Z"));
    assert_eq!(ticked(&server).await, 0);
    server.drain().await;
    server.stop().await;
}

async fn what_nobody_was_there_for(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let minute = || json!({ "type": "interval", "seconds": 60, "start": "2027-02-01T08:01:00Z" });
    let each = create(&ada, minute(), json!({ "max_instances": 100 })).await;
    let last = create(&ada, minute(), json!({ "coalesce": true })).await;
    let patient = create(
        &ada,
        minute(),
        json!({ "misfire_grace": 3600, "max_instances": 100 }),
    )
    .await;
    let once = create(
        &ada,
        json!({ "type": "date", "at": "2027-02-01T08:01:00Z" }),
        json!({}),
    )
    .await;
    // Nobody was there for twenty minutes; the grace is five.
    server.clock.set(at("2027-02-01T08:21:30Z"));
    assert_eq!(ticked(&server).await, 5 + 1 + 21);
    let moment = |minute: i64| at("2027-02-01T08:00:00Z") + TimeDelta::minutes(minute);
    assert_eq!(runs(&ada, &each).await, (17..=21).map(moment).collect::<Vec<_>>());
    assert_eq!(runs(&ada, &last).await, [moment(21)]);
    assert_eq!(
        runs(&ada, &patient).await,
        (1..=21).map(moment).collect::<Vec<_>>()
    );
    let missed = read(&ada, &once).await;
    assert_eq!(
        (
            &missed["last_outcome"],
            &missed["last_run_at"],
            &missed["next_run_at"]
        ),
        (&json!("misfired"), &Value::Null, &Value::Null)
    );
    assert!(runs(&ada, &once).await.is_empty());
    for id in [&each, &last, &patient] {
        let after = read(&ada, id).await;
        assert_eq!(after["last_outcome"], "run");
        assert_next(&after, "2027-02-01T08:22:00Z");
    }
    server.drain().await;
    server.stop().await;
}

async fn not_more_than_so_many_at_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let minute = json!({ "type": "interval", "seconds": 60, "start": "2027-02-01T08:01:00Z" });
    let id = create(&ada, minute, json!({})).await;
    for (minute, begun) in [(1, 1), (2, 1), (3, 1), (4, 0)] {
        server.clock.set(at(&format!("2027-02-01T08:{minute:02}:00Z")));
        assert_eq!(ticked(&server).await, begun, "minute {minute}");
        // The runs themselves are over; the work that they began is not.
        server.drain_kind("schedules.run").await;
    }
    let full = read(&ada, &id).await;
    assert_eq!(full["last_outcome"], "crowded_out");
    assert_eq!(
        at(full["last_run_at"].as_str().unwrap()),
        at("2027-02-01T08:03:00Z")
    );
    let path = format!("/api/schedules/{id}/run");
    let busy = ada.send(Method::POST, &path, None).await;
    busy.expect_error(409, "schedule_busy");
    server.drain().await;
    ada.post(&path, &json!({})).await;
    server.clock.set(at("2027-02-01T08:05:00Z"));
    assert_eq!(ticked(&server).await, 1);
    server.drain().await;
    server.stop().await;
}

async fn paused_and_resumed(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let minute = json!({ "type": "interval", "seconds": 60, "start": "2027-02-01T08:01:00Z" });
    let id = create(&ada, minute, json!({})).await;
    let path = format!("/api/schedules/{id}");
    let paused = ada.patch(&path, &json!({ "enabled": false })).await;
    assert_eq!(
        (&paused["enabled"], &paused["next_run_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(ada.get("/api/schedules?enabled=true").await, json!([]));
    assert_eq!(ada.get("/api/schedules?enabled=false").await[0]["id"], json!(id));
    server.clock.set(at("2027-02-01T08:03:10Z"));
    assert_eq!(ticked(&server).await, 0);
    // What came meanwhile is not made up for, although it is within the grace.
    assert_next(
        &ada.patch(&path, &json!({ "enabled": true })).await,
        "2027-02-01T08:04:00Z",
    );
    assert_eq!(ticked(&server).await, 0);
    // Another name takes no moment away.
    server.clock.set(at("2027-02-01T08:04:10Z"));
    let named = ada.patch(&path, &json!({ "name": "Every minute" })).await;
    assert_next(&named, "2027-02-01T08:04:00Z");
    assert_eq!(ticked(&server).await, 1);
    server.drain().await;
    let stale = ada
        .request(Method::PATCH, &path)
        .header("if-match", "\"1\"")
        .json(&json!({ "name": "x" }));
    let stale = groundswell_tests::Reply::to(stale).await;
    assert_eq!(stale.status, 412, "{}", stale.text);
    server.stop().await;
}

async fn run_by_hand(backend: Backend) {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let daily = json!({ "type": "cron", "expression": "@daily", "time_zone": "UTC" });
    let id = create(&ada, daily, json!({ "enabled": false })).await;
    let request = ada
        .request(Method::POST, &format!("/api/schedules/{id}/run"))
        .header("traceparent", TRACE);
    let reply = groundswell_tests::Reply::to(request).await;
    let job = reply.expect(202).data()["job_id"].as_str().unwrap().to_owned();
    server.drain().await;
    let run = ada.get(&format!("/api/jobs/{job}")).await;
    assert_eq!(
        (&run["status"], &run["kind"], &run["schedule_id"]),
        (&json!("succeeded"), &json!("schedules.run"), &json!(id))
    );
    assert_eq!(run["request_id"], reply.header("x-request-id"));
    // The work goes back to the same request, its trace, and the schedule.
    let all = ada
        .get(&format!("/api/jobs?schedule_id={id}&sort=created_at"))
        .await;
    let all = all.as_array().unwrap();
    assert_eq!(
        all.iter()
            .map(|job| job["kind"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["schedules.run", "leads.scan_duplicates"]
    );
    for job in all {
        assert_eq!(job["request_id"], reply.header("x-request-id"), "{job}");
        assert_eq!(job["traceparent"], TRACE, "{job}");
        assert_eq!(job["scheduled_for"], run["scheduled_for"], "{job}");
    }
    let after = read(&ada, &id).await;
    assert_eq!(
        (&after["last_outcome"], &after["last_run_at"], &after["enabled"]),
        (&json!("run"), &run["scheduled_for"], &json!(false))
    );
    let entry = ada.get("/api/audit-log?action=schedule.run").await;
    assert_eq!(entry[0]["target"]["id"], json!(id), "{entry}");
    server.stop().await;
}

async fn a_campaign_is_launched_as_a_copy(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    ada.post(
        "/api/leads",
        &json!({ "email": "grace@navy.example", "name": "Grace" }),
    )
    .await;
    let content = json!({ "subject": "News", "html": "<p>News</p>" });
    let campaign = ada
        .post(
            "/api/campaigns",
            &json!({ "name": "Weekly news", "type": "email", "content": content }),
        )
        .await;
    let weekly = json!({ "type": "cron", "expression": "0 9 * * MON", "time_zone": "Europe/Berlin" });
    let action = json!({ "type": "launch_campaign", "campaign_id": campaign["id"] });
    let id = create(&ada, weekly, json!({ "action": action })).await;
    server.clock.set(at("2027-02-08T08:00:00Z"));
    assert_eq!(ticked(&server).await, 1);
    server.drain_kind("schedules.run").await;
    // The worker died before it could say that it was done: the other attempt finds the copy.
    server
        .sabotage("UPDATE jobs SET status = 'queued', finished_at = NULL WHERE kind = 'schedules.run'")
        .await;
    server.drain().await;
    let campaigns = ada.get("/api/campaigns?sort=created_at").await;
    let campaigns = campaigns.as_array().unwrap();
    assert_eq!(campaigns.len(), 2, "{campaigns:?}");
    assert_eq!(campaigns[0]["status"], "draft", "the original stays");
    assert_eq!(campaigns[1]["name"], "Weekly news, 2027-02-08 08:00");
    assert_eq!(campaigns[1]["metrics"]["sent"], 1, "{}", campaigns[1]);
    // Its lanes go back to the run, too.
    let sent = ada
        .get(&format!("/api/jobs?schedule_id={id}&kind=campaigns.send"))
        .await;
    assert!(!sent.as_array().unwrap().is_empty());
    server.stop().await;
}

async fn a_source_is_pulled(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let source = json!({ "name": "CRM", "kind": "csv_url", "url": "https://crm.example/leads.csv" });
    let source = ada.post("/api/leads/sources", &source).await;
    let hourly = json!({ "type": "interval", "seconds": 3600 });
    let action = json!({ "type": "sync_leads", "source_id": source["id"] });
    let id = create(&ada, hourly, json!({ "action": action })).await;
    server.clock.advance(TimeDelta::hours(1));
    assert_eq!(ticked(&server).await, 1);
    server.drain_kind("schedules.run").await;
    let synced = ada
        .get(&format!("/api/jobs?schedule_id={id}&kind=leads.sync"))
        .await;
    assert_eq!(synced.as_array().unwrap().len(), 1, "{synced}");
    server.discard().await;
}

/// Of several schedules and moments, each is run once, whoever comes to it.
async fn four_schedulers_at_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        let minute = json!({ "type": "interval", "seconds": 60, "start": "2027-02-01T08:01:00Z" });
        ids.push(create(&ada, minute, json!({ "max_instances": 100 })).await);
    }
    let mut begun = 0;
    for round in 1..=5 {
        server
            .clock
            .set(at("2027-02-01T08:00:30Z") + TimeDelta::minutes(2 * round));
        let mut schedulers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let app = server.app.clone();
            schedulers.spawn(async move { tick(&app).await.unwrap() });
        }
        begun += schedulers.join_all().await.into_iter().sum::<u64>();
    }
    assert_eq!(begun, 10 * 10, "ten minutes of ten schedules");
    let expected: Vec<_> = (1..=10)
        .map(|minute| at("2027-02-01T08:00:00Z") + TimeDelta::minutes(minute))
        .collect();
    for id in &ids {
        assert_eq!(runs(&ada, id).await, expected);
    }
    server.drain().await;
    server.stop().await;
}

async fn what_is_wrong_is_said(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.clock.set(at("2027-02-01T08:00:00Z"));
    let ada = server.register("Ada").await.with_key().await;
    let action = json!({ "type": "scan_duplicates" });
    let daily = json!({ "type": "cron", "expression": "@daily" });
    let nobody = "01900000-0000-7000-8000-000000000000";
    for (field, body) in [
        ("name", json!({ "name": " ", "action": action, "trigger": daily })),
        (
            "trigger.expression",
            json!({ "name": "x", "action": action, "trigger": { "type": "cron", "expression": "61 * * * *" } }),
        ),
        (
            "trigger.expression",
            json!({ "name": "x", "action": action, "trigger": { "type": "cron", "expression": "0 0 30 2 *" } }),
        ),
        (
            "trigger.time_zone",
            json!({ "name": "x", "action": action, "trigger": { "type": "cron", "expression": "@daily", "time_zone": "Mars/Olympus" } }),
        ),
        (
            "trigger.seconds",
            json!({ "name": "x", "action": action, "trigger": { "type": "interval", "seconds": 59 } }),
        ),
        (
            "trigger",
            json!({ "name": "x", "action": action, "trigger": { "type": "date", "at": "2027-02-01T08:00:00Z" } }),
        ),
        (
            "max_instances",
            json!({ "name": "x", "action": action, "trigger": daily, "max_instances": 0 }),
        ),
        (
            "misfire_grace",
            json!({ "name": "x", "action": action, "trigger": daily, "misfire_grace": 86_401 }),
        ),
        (
            "action.campaign_id",
            json!({ "name": "x", "action": { "type": "launch_campaign", "campaign_id": nobody }, "trigger": daily }),
        ),
        (
            "action.source_id",
            json!({ "name": "x", "action": { "type": "sync_leads", "source_id": nobody }, "trigger": daily }),
        ),
    ] {
        let reply = ada.send(Method::POST, "/api/schedules", Some(&body)).await;
        reply.expect(400).expect_envelope();
        assert_eq!(reply.json()["details"][0]["field"], field, "{}", reply.text);
    }
    // What this build can't do is refused with what it can.
    let odd = json!({ "name": "x", "action": { "type": "make_coffee" }, "trigger": daily });
    let reply = ada.send(Method::POST, "/api/schedules", Some(&odd)).await;
    reply.expect(400).expect_envelope();
    assert!(reply.text.contains("scan_duplicates"), "{}", reply.text);
    let wrong = ada.send(Method::GET, "/api/jobs?schedule_id=x", None).await;
    wrong.expect(400).expect_envelope();
    assert_eq!(ada.get("/api/schedules").await, json!([]));
    server.stop().await;
}

async fn whoever_makes_it_must_be_allowed_to_do_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let daily = json!({ "type": "cron", "expression": "@daily" });
    let id = create(&ada, daily.clone(), json!({})).await;
    let key = json!({ "name": "Jobs only", "scopes": ["jobs:read", "jobs:manage"] });
    let key = ada.post("/api/auth/api-keys", &key).await;
    let limited = server.bearer(key["api_key"].as_str().unwrap());
    let body = json!({ "name": "x", "action": { "type": "scan_duplicates" }, "trigger": daily });
    let path = format!("/api/schedules/{id}");
    for (method, path, body) in [
        (Method::POST, "/api/schedules", Some(body.clone())),
        (Method::PUT, path.as_str(), Some(body)),
        (Method::PATCH, path.as_str(), Some(json!({ "enabled": false }))),
        (Method::POST, format!("{path}/run").as_str(), None),
    ] {
        let refused = limited.send(method, path, body.as_ref()).await;
        refused.expect_error(403, "forbidden");
        assert!(refused.text.contains("leads:write"), "{}", refused.text);
    }
    limited.send(Method::GET, &path, None).await.expect(200);
    limited.send(Method::DELETE, &path, None).await.expect(200);
    server.stop().await;
}
