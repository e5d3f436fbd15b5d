//! Sequences where two things meet: a merge and a draft, a refusal and the night, an erasure and a task.

use crate::sequences::{SEQUENCES, active, enroll, enrollment, lead, send};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Account, Backend, Options, TestServer};
use serde_json::{Value, json};

on_both!(
    one_looks_each_hour_however_often_it_is_switched_on,
    what_was_put_off_leaves_no_one_awake,
    a_task_goes_with_its_lead,
    after_a_merge_nobody_gets_what_nobody_approved,
    dates_of_another_age_are_none,
);

async fn mails(account: &Account<'_>) -> Vec<Value> {
    let mut list = account
        .get_list("/api/email/messages?kind=sequence&limit=200")
        .await;
    match list["data"].take() {
        Value::Array(mails) => mails,
        other => panic!("{other}"),
    }
}

async fn one_looks_each_hour_however_often_it_is_switched_on(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let segment = ada
        .post(
            "/api/segments",
            &json!({ "name": "VIP", "expression": "tag = \"vip\"" }),
        )
        .await;
    let body = json!({ "name": "VIPs", "steps": [send("hello")], "entry": { "segment_id": segment["id"] } });
    let path = active(&ada, body).await;
    server.drain().await;
    let looks = async || {
        let jobs = ada
            .get_list("/api/jobs?kind=sequences.look&status=queued&with_total=true")
            .await;
        jobs["total"].as_i64().unwrap()
    };
    assert_eq!(looks().await, 1);
    for round in 0..4 {
        ada.post(&format!("{path}/pause"), &json!({})).await;
        if round == 2 {
            // It sleeps, and does not end: somebody may make the sequence active while it looks.
            server.after(TimeDelta::hours(2)).await;
            assert_eq!(looks().await, 1, "while the sequence is paused");
        }
        ada.post(&format!("{path}/activate"), &json!({})).await;
        ada.patch(&path, &json!({ "name": format!("VIPs {round}") }))
            .await;
        // Whoever came meanwhile does not wait for the hour.
        lead(&ada, &format!("vip{round}"), json!({ "tags": ["vip"] })).await;
        ada.post(&format!("{path}/pause"), &json!({})).await;
        ada.post(&format!("{path}/activate"), &json!({})).await;
        server.drain().await;
        assert_eq!(mails(&ada).await.len(), round + 1, "at once");
        assert_eq!(looks().await, 1, "round {round}");
    }
    lead(&ada, "late", json!({ "tags": ["vip"] })).await;
    server.after(TimeDelta::hours(1)).await;
    assert_eq!((mails(&ada).await.len(), looks().await), (5, 1));
    server.discard().await;
}

async fn what_was_put_off_leaves_no_one_awake(backend: Backend) {
    let mut sink = SmtpSink::start(&["-b", "451 4.3.0 not now", "-r", "RCPT"])
        .await
        .unwrap();
    let options = Options {
        smtp_url: Some(sink.url()),
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = active(&ada, json!({ "name": "Evening", "steps": [send("hello")] })).await;
    let late = lead(&ada, "late", json!({})).await;
    // Nights are from ten to seven.
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    server.clock.set(at("2027-01-15T21:59:50Z"));
    enroll(&ada, &path, &[&late]).await;
    server.drain().await;
    let tried = mails(&ada).await;
    assert_eq!(
        (&tried[0]["status"], &tried[0]["attempts"]),
        (&json!("queued"), &json!(1)),
        "{tried:?}"
    );
    sink.restart(&[]).await.unwrap();
    for (now, sent) in [
        ("2027-01-15T22:05:00Z", 0),
        ("2027-01-16T03:00:00Z", 0),
        ("2027-01-16T06:59:00Z", 0),
        ("2027-01-16T07:00:30Z", 1),
        ("2027-01-16T23:00:00Z", 1),
    ] {
        server.clock.set(at(now));
        server.drain().await;
        assert_eq!(sink.mails().unwrap().len(), sent, "{now}");
    }
    server.stop().await;
}

async fn a_task_goes_with_its_lead(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let task = json!({ "id": "task", "type": "create_task", "title": "Call them", "text": "They asked for it", "user_id": ada.user });
    let path = active(&ada, json!({ "name": "Call", "steps": [task] })).await;
    let grace = lead(&ada, "hopper", json!({ "name": "Grace Hopper" })).await;
    let other = lead(&ada, "jackson", json!({ "name": "Mary Jackson" })).await;
    enroll(&ada, &path, &[&grace, &other]).await;
    server.drain().await;
    assert!(!server.rows_with("hopper").await.is_empty());
    ada.post(&format!("/api/leads/{grace}/erase"), &json!({})).await;
    assert_eq!(
        server.rows_with("hopper").await,
        [],
        "not in what told Ada of it, either"
    );
    let page = server.fetch("/dev/mailbox").await;
    assert!(
        page.text.contains("To do: Call them"),
        "that about another lead stays"
    );
    server.stop().await;
}

async fn after_a_merge_nobody_gets_what_nobody_approved(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut people = Vec::new();
    for name in ["approved", "unread"] {
        // It is midnight there.
        let night = json!({ "custom_fields": { "time_zone": "US/Pacific" } });
        people.push(lead(&ada, name, night).await);
    }
    let body = json!({ "name": "Fair", "lead_ids": people, "subject": "For {{ lead.name }}", "html": "<p>Dear {{ lead.name }}</p>" });
    let made = ada.post("/api/leads/outreach", &body).await;
    let path = format!("/api/leads/outreach/{}", made["id"].as_str().unwrap());
    server.drain().await;
    let drafts = ada.get_list(&format!("{path}/drafts")).await;
    let drafts = drafts["data"].as_array().unwrap();
    let approved = drafts.iter().find(|draft| draft["lead_id"] == people[0].as_str());
    let draft = format!(
        "/api/leads/outreach/drafts/{}",
        approved.unwrap()["id"].as_str().unwrap()
    );
    ada.post(&format!("{draft}/approve"), &json!({})).await;
    server.drain().await;
    let sequence = path.replace("/api/leads/outreach", SEQUENCES);
    let waits = enrollment(&ada, &sequence, &people[0]).await;
    assert_eq!(
        (&waits["step"], &waits["status"]),
        (&json!("mail"), &json!("active")),
        "{waits}"
    );
    assert!(mails(&ada).await.is_empty(), "it waits for the morning");

    // The lead that stays has a draft of its own, and no one looked at that.
    ada.post(
        &format!("/api/leads/{}/merge", people[1]),
        &json!({ "lead_id": people[0] }),
    )
    .await;
    for _ in 0..48 {
        server.after(TimeDelta::hours(1)).await;
    }
    let mails = mails(&ada).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0]["status"], "failed", "{mails:?}");
    assert!(
        mails[0]["reason"].as_str().unwrap().contains("no approved draft"),
        "{mails:?}"
    );
    let page = server.fetch("/dev/mailbox").await;
    assert!(page.text.contains("No mails yet"), "{}", page.text);
    server.stop().await;
}

/// Anybody may write any date into a form, and it must stop nothing.
async fn dates_of_another_age_are_none(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let until = json!({ "date": { "field": "renewal", "offset_days": 366, "hour": 8 } });
    let body = json!({ "name": "Renew", "steps": [
        { "id": "wait", "type": "wait_until", "until": until, "otherwise": "none" },
        { "id": "due", "type": "add_tag", "tag": "renewed", "next": "end" },
        { "id": "none", "type": "exit", "note": "no date" },
    ] });
    let path = active(&ada, body).await;
    let mut people = Vec::new();
    for (number, date) in [
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "+262142-12-31",
        "+262142-12-31T23:59:59Z",
        "-262143-01-01",
        "0000-01-01",
    ]
    .into_iter()
    .enumerate()
    {
        let more = json!({ "custom_fields": { "renewal": date } });
        people.push(lead(&ada, &format!("far{number}"), more).await);
    }
    let near = lead(
        &ada,
        "near",
        json!({ "custom_fields": { "renewal": "2026-01-20" } }),
    )
    .await;
    people.push(near.clone());
    let all: Vec<&str> = people.iter().map(String::as_str).collect();
    enroll(&ada, &path, &all).await;
    server.drain().await;
    for person in &people[..people.len() - 1] {
        let left = enrollment(&ada, &path, person).await;
        assert_eq!(left["exit_note"], "no date", "{left}");
    }
    server.after(TimeDelta::days(10)).await;
    assert_eq!(
        ada.get(&format!("/api/leads/{near}")).await["tags"],
        json!(["renewed"])
    );
    server.stop().await;
}
