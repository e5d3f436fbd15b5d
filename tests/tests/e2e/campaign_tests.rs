//! A/B/n tests of campaigns: who gets which version, who waits, and what goes out in the end.

use crate::campaigns::{checked, draft, make};
use crate::contacts::follow;
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    the_better_version_goes_to_everybody_who_waits,
    without_a_difference_the_default_goes_out,
    a_bandit_spreads_everybody_in_batches,
    a_person_decides_and_a_pause_keeps_everybody,
);

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36";

/// Writes leads straight into the store, in one go.
async fn leads(account: &Account<'_>, count: usize) {
    let csv: String = (0..count)
        .map(|index| format!("lead{index}@x.example,Lead {index}\n"))
        .collect();
    let file =
        reqwest::multipart::Part::bytes(format!("email,name\n{csv}").into_bytes()).file_name("leads.csv");
    let form = reqwest::multipart::Form::new().part("file", file);
    let request = account.request(Method::POST, "/api/leads/import").multipart(form);
    account.expect(request, reqwest::StatusCode::ACCEPTED).await;
}

fn design(more: &Value) -> Value {
    let mut design = json!({ "metric": "opens", "share": 0.5, "min_hours": 1, "max_hours": 6,
        "variants": [{ "name": "A" }, { "name": "B", "subject": "Better, {{ lead.first_name | default('you') }}" }] });
    for (name, value) in more.as_object().unwrap() {
        design[name] = value.clone();
    }
    design
}

/// A campaign with a test, launched, and those in the test written to.
async fn launched(server: &TestServer, account: &Account<'_>, more: &Value) -> String {
    let path = make(account, &draft(&json!({}))).await;
    let reply = account
        .send(Method::POST, &format!("{path}/ab-tests"), Some(&design(more)))
        .await;
    assert_eq!(reply.expect(201).data()["status"], "draft");
    account.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    server.after(TimeDelta::minutes(2)).await;
    path
}

async fn report(account: &Account<'_>, path: &str) -> Value {
    account.get_list(&format!("{path}/ab-tests")).await["data"][0].take()
}

fn number(report: &Value, variant: usize, name: &str) -> i64 {
    report["figures"][variant][name].as_i64().unwrap()
}

/// People open so many of the mails with this in the subject.
async fn open(server: &TestServer, subject: &str, most: usize) {
    let mut before = None;
    let mut opened = 0;
    loop {
        let mails = server.app.system.outbox().latest(before, 200).await.unwrap();
        let Some(last) = mails.last() else { return };
        before = Some(last.id);
        for mail in mails.iter().filter(|mail| mail.subject.contains(subject)) {
            if opened == most {
                return;
            }
            opened += 1;
            let token = mail
                .html
                .split("/t/o/")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            follow(server, &format!("/t/o/{token}"), BROWSER).await;
        }
    }
}

async fn the_better_version_goes_to_everybody_who_waits(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 300).await;
    server.drain().await;
    let path = launched(&server, &ada, &json!({})).await;
    let first = report(&ada, &path).await;
    let (a, b) = (number(&first, 0, "sent"), number(&first, 1, "sent"));
    let waiting = first["waiting"].as_i64().unwrap();
    assert_eq!(a + b + waiting, 300, "{first}");
    assert!((40..120).contains(&a) && (40..120).contains(&b), "{first}");
    let running = checked(&ada, &path).await;
    assert_eq!(
        (&running["status"], &first["status"]),
        (&json!("active"), &json!("running"))
    );
    // Nobody opens A, nearly everybody B; and nothing is decided within the hour.
    open(&server, "Better", 60).await;
    server.after(TimeDelta::minutes(20)).await;
    assert_eq!(report(&ada, &path).await["status"], "running");
    server.after(TimeDelta::minutes(50)).await;
    server.after(TimeDelta::minutes(1)).await;
    let decided = report(&ada, &path).await;
    assert_eq!(
        (
            &decided["status"],
            &decided["winner"],
            &decided["outcome"]["verdict"]
        ),
        (&json!("decided"), &json!(1), &json!("winner")),
        "{decided}"
    );
    assert_eq!(
        decided["outcome"]["figures"][0]["sent"], a,
        "as they were when it was decided"
    );
    assert_eq!(decided["waiting"], 0);
    assert_eq!(number(&decided, 1, "sent"), b + waiting);
    assert_eq!(number(&decided, 0, "sent"), a, "nobody else gets A");
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(300))
    );

    // Sent again to who did not open: the version that won.
    let again = ada
        .post(&format!("{path}/resend"), &json!({ "subject": "Once more" }))
        .await;
    assert_eq!(
        (&again["status"], &again["name"]),
        (&json!("draft"), &json!("Spring (again)"))
    );
    let again = format!("/api/campaigns/{}", again["id"].as_str().unwrap());
    let forecast = ada.post(&format!("{again}/forecast"), &json!({})).await;
    assert_eq!(forecast["recipients"], 300 - b.min(60), "{forecast}");
    server.stop().await;
}

async fn without_a_difference_the_default_goes_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 60).await;
    server.drain().await;
    let path = launched(&server, &ada, &json!({ "default_variant": 1 })).await;
    open(&server, "Hello", 5).await;
    open(&server, "Better", 5).await;
    server.after(TimeDelta::hours(5)).await;
    let waiting = report(&ada, &path).await["waiting"].as_i64().unwrap();
    assert!(waiting > 10);
    server.after(TimeDelta::hours(2)).await;
    server.after(TimeDelta::minutes(1)).await;
    let decided = report(&ada, &path).await;
    assert_eq!(
        (
            &decided["status"],
            &decided["winner"],
            &decided["outcome"]["verdict"]
        ),
        (&json!("decided"), &json!(1), &json!("no_winner")),
        "{decided}"
    );
    let reason = decided["outcome"]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("the declared default, B"), "{reason}");
    assert_eq!(checked(&ada, &path).await["status"], "completed");
    server.stop().await;
}

async fn a_bandit_spreads_everybody_in_batches(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 200).await;
    server.drain().await;
    let path = launched(&server, &ada, &json!({ "mode": "bandit", "share": 0.3 })).await;
    let first = report(&ada, &path).await;
    let begun = first["waiting"].as_i64().unwrap();
    assert!((100..180).contains(&begun), "{first}");
    open(&server, "Better", 60).await;
    let mut waiting = vec![begun];
    for _ in 0..4 {
        server.after(TimeDelta::minutes(61)).await;
        server.after(TimeDelta::minutes(1)).await;
        waiting.push(report(&ada, &path).await["waiting"].as_i64().unwrap());
    }
    assert_eq!(waiting[0] - waiting[1], 60, "{waiting:?}");
    assert_eq!(waiting[4], 0, "{waiting:?}");
    let done = report(&ada, &path).await;
    let (a, b) = (number(&done, 0, "sent"), number(&done, 1, "sent"));
    let (before_a, before_b) = (number(&first, 0, "sent"), number(&first, 1, "sent"));
    assert!(
        b - before_b > 4 * (a - before_a),
        "it leans towards what is opened: {done}"
    );
    assert_eq!(
        (a + b, checked(&ada, &path).await["status"].as_str()),
        (200, Some("completed"))
    );
    server.stop().await;
}

async fn a_person_decides_and_a_pause_keeps_everybody(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 40).await;
    server.drain().await;
    let path = launched(&server, &ada, &json!({})).await;
    let late = ada
        .send(
            Method::POST,
            &format!("{path}/ab-tests"),
            Some(&design(&json!({}))),
        )
        .await;
    late.expect_error(409, "campaign_state");
    ada.post(&format!("{path}/pause"), &json!({})).await;
    let decide = format!("{path}/ab-tests/decide");
    let wrong = ada
        .send(Method::POST, &decide, Some(&json!({ "variant": 2 })))
        .await;
    wrong.expect(400).expect_envelope();
    let decided = ada.post(&decide, &json!({ "variant": 0 })).await;
    assert_eq!(
        (&decided["status"], &decided["winner"]),
        (&json!("decided"), &json!(0))
    );
    let again = ada
        .send(Method::POST, &decide, Some(&json!({ "variant": 1 })))
        .await;
    again.expect_error(409, "ab_test_state");
    server.after(TimeDelta::hours(10)).await;
    let waiting = report(&ada, &path).await["waiting"].as_i64().unwrap();
    assert!(waiting > 5, "it is paused");
    ada.post(&format!("{path}/resume"), &json!({})).await;
    server.drain().await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(40))
    );

    // One that is cancelled while most wait.
    let other = launched(&server, &ada, &json!({})).await;
    ada.post(&format!("{other}/cancel"), &json!({})).await;
    server.after(TimeDelta::hours(10)).await;
    let metrics = checked(&ada, &other).await["metrics"].take();
    assert_eq!(metrics["queued"], 0, "{metrics}");
    assert!(metrics["cancelled"].as_i64().unwrap() > 5, "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn a_test_that_makes_no_sense_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let path = make(&ada, &draft(&json!({}))).await;
    assert_eq!(ada.get_list(&format!("{path}/ab-tests")).await["data"], json!([]));
    for (more, said) in [
        (json!({ "variants": [{ "name": "A" }] }), "variants"),
        (
            json!({ "variants": [{ "name": "A" }, { "name": "B", "subject": "{{ lead.nmae }}" }] }),
            "variants[1].subject",
        ),
        (
            json!({ "variants": [{ "name": "A" }, { "name": "B", "template_id": "00000000-0000-7000-8000-000000000001" }] }),
            "variants[1].template_id",
        ),
        (json!({ "share": 2 }), "share"),
        (json!({ "metric": "money" }), "metric"),
        (json!({ "max_hours": 0 }), "max_hours"),
    ] {
        let reply = ada
            .send(Method::POST, &format!("{path}/ab-tests"), Some(&design(&more)))
            .await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(said), "{more}: {}", reply.text);
    }
    let decide = format!("{path}/ab-tests/decide");
    let reply = ada
        .send(Method::POST, &decide, Some(&json!({ "variant": 0 })))
        .await;
    reply.expect_error(409, "ab_test_state");
    ada.post(&format!("{path}/ab-tests"), &design(&json!({}))).await;
    let reply = ada
        .send(Method::POST, &decide, Some(&json!({ "variant": 0 })))
        .await;
    reply.expect_error(409, "ab_test_state");
    server.stop().await;
}
