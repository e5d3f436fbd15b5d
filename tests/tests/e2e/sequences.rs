//! Sequences: over days on the test clock, through crashes, and edited while leads are inside.

use crate::contacts::link;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_app::jobs::{Progress, Stop};
use groundswell_app::sequences::run_sequences;
use groundswell_domain::sequences::RunSequences;
use groundswell_domain::{Error, OrganizationId, Scope};
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

on_both!(
    day_0_3_and_7,
    a_crash_at_any_moment_neither_skips_nor_repeats,
    what_is_simulated_is_what_happens,
    who_comes_in_and_who_may_come_again,
    an_edit_keeps_those_inside_or_moves_them,
    mistakes_name_the_step,
);

pub(crate) const SEQUENCES: &str = "/api/email/sequences";

pub(crate) fn mail(subject: &str) -> Value {
    json!({ "subject": subject, "html": "<p>Hello {{ lead.first_name | default('there') }}</p><p><a href=\"https://shop.example/offer\">Our offer</a></p>" })
}

pub(crate) fn send(id: &str) -> Value {
    json!({ "id": id, "type": "send", "content": mail(id) })
}

/// A sequence that is active: its address.
pub(crate) async fn active(account: &Account<'_>, body: Value) -> String {
    let made = account.post(SEQUENCES, &body).await;
    let path = format!("{SEQUENCES}/{}", made["id"].as_str().unwrap());
    account.post(&format!("{path}/activate"), &json!({})).await;
    path
}

pub(crate) async fn lead(account: &Account<'_>, name: &str, more: Value) -> String {
    let mut body = json!({ "email": format!("{name}@x.example"), "name": name });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let made = account.post("/api/leads", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn enroll(account: &Account<'_>, path: &str, leads: &[&str]) -> Value {
    account
        .post(&format!("{path}/enroll"), &json!({ "lead_ids": leads }))
        .await
}

/// When the lead got mails, the oldest first.
async fn mails(account: &Account<'_>, lead: &str) -> Vec<DateTime<Utc>> {
    let list = account
        .get_list(&format!(
            "/api/email/messages?lead_id={lead}&sort=created_at&limit=200"
        ))
        .await;
    let mails = list["data"].as_array().unwrap();
    assert!(
        mails
            .iter()
            .all(|mail| mail["kind"] == "sequence" && mail["status"] == "sent"),
        "{list}"
    );
    mails
        .iter()
        .map(|mail| mail["created_at"].as_str().unwrap().parse().unwrap())
        .collect()
}

pub(crate) async fn enrollment(account: &Account<'_>, path: &str, lead: &str) -> Value {
    let mut list = account
        .get_list(&format!("{path}/enrollments?lead_id={lead}&limit=1"))
        .await;
    list["data"][0].take()
}

async fn day_0_3_and_7(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = active(
        &ada,
        json!({ "name": "Welcome", "steps": [
            send("day0"),
            { "id": "three", "type": "wait", "for": { "days": 3 } },
            { "id": "clicked", "type": "branch", "when": { "clicked": { "step": "day0", "link": "OFFER" } }, "then": "warm" },
            { "id": "day3", "type": "send", "content": mail("day3"), "next": "four" },
            send("warm"),
            { "id": "four", "type": "wait", "for": { "days": 4 } },
            send("day7"),
        ] }),
    )
    .await;
    let (plain, keen, leaving) = (
        lead(&ada, "plain", json!({})).await,
        lead(&ada, "keen", json!({})).await,
        lead(&ada, "leaving", json!({})).await,
    );
    let answer = enroll(&ada, &path, &[&plain, &keen, &leaving]).await;
    assert_eq!((&answer["entered"], &answer["refused"]), (&json!(3), &json!([])));
    let again = enroll(&ada, &path, &[&plain]).await;
    assert_eq!(again["refused"][0]["reason"], "is in the sequence");
    server.drain().await;
    let inside = enrollment(&ada, &path, &plain).await;
    assert_eq!(
        (&inside["step"], &inside["phase"]),
        (&json!("three"), &json!("waiting")),
        "{inside}"
    );

    server.after(TimeDelta::days(1)).await;
    let click = link(&server, "keen@x.example", "/t/c/").await;
    assert_eq!(
        server.http.get(server.url(&click)).send().await.unwrap().status(),
        302
    );
    server.judge_visits().await;
    server.after(TimeDelta::days(2)).await;
    server.after(TimeDelta::days(2)).await;
    let stop = link(&server, "leaving@x.example", "/u/").await;
    let request = server
        .http
        .post(server.url(&stop))
        .body("List-Unsubscribe=One-Click");
    let stopped = request
        .header("content-type", "application/x-www-form-urlencoded")
        .send()
        .await;
    assert_eq!(stopped.unwrap().status(), 200);
    let left = enrollment(&ada, &path, &leaving).await;
    assert_eq!(
        (&left["status"], &left["exit_reason"]),
        (&json!("exited"), &json!("unsubscribed")),
        "{left}"
    );
    server.after(TimeDelta::days(2)).await;
    server.after(TimeDelta::days(30)).await;

    for (lead, days, end) in [
        (&plain, &[0, 3, 7][..], "finished"),
        (&keen, &[0, 3, 7], "finished"),
        (&leaving, &[0, 3], "unsubscribed"),
    ] {
        let times = mails(&ada, lead).await;
        let found: Vec<i64> = times.iter().map(|time| (*time - times[0]).num_days()).collect();
        assert_eq!(found, days);
        assert_eq!(enrollment(&ada, &path, lead).await["exit_reason"], end);
    }
    let stats = ada.get(&format!("{path}/stats")).await;
    let figures_of = |id: &str| {
        let steps = stats["steps"].as_array().unwrap();
        steps.iter().find(|step| step["step"] == id).unwrap().clone()
    };
    assert_eq!(
        (
            figures_of("day0")["sent"].clone(),
            figures_of("day0")["clicked"].clone()
        ),
        (json!(3), json!(1)),
        "{stats}"
    );
    assert_eq!(
        (
            figures_of("warm")["sent"].clone(),
            figures_of("day3")["sent"].clone()
        ),
        (json!(1), json!(2))
    );
    assert_eq!(
        (
            figures_of("day7")["sent"].clone(),
            figures_of("day3")["unsubscribed"].clone()
        ),
        (json!(2), json!(1))
    );
    assert_eq!((&stats["entered"], &stats["active"]), (&json!(3), &json!(0)));
    assert_eq!(stats["exits"], json!({ "finished": 2, "unsubscribed": 1 }));
    server.stop().await;
}

/// Goes on for so many looks, and is then gone: what the process holds at that moment is lost.
struct Crashing<F> {
    inner: Pin<Box<F>>,
    left: u32,
}

impl<F: Future> Future for Crashing<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}

async fn crash_after(server: &TestServer, scope: &Scope, looks: u32) -> Option<Result<Progress, Error>> {
    let (job, stop) = (RunSequences {}, Stop::default());
    let run = run_sequences(&server.app, scope, &job, &stop);
    Crashing {
        inner: Box::pin(run),
        left: looks,
    }
    .await
}

async fn a_crash_at_any_moment_neither_skips_nor_repeats(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = active(
        &ada,
        json!({ "name": "No waits", "steps": [
            send("a"),
            { "id": "tag", "type": "add_tag", "tag": "one" },
            send("b"),
            { "id": "stage", "type": "change_stage", "stage": "engaged" },
            { "id": "task", "type": "create_task", "title": "Call them" },
            send("c"),
        ] }),
    )
    .await;
    let organization: OrganizationId = ada.organization.parse::<uuid::Uuid>().unwrap().into();
    let scope = Scope::job(organization, server.app.request_id());
    // Steps that were taken when it crashed.
    let mut crashed_at = BTreeMap::<i64, u32>::new();
    let mut people = Vec::new();
    // How often it looks differs from run to run: until it crashed before each step more than once, within reason.
    for round in 0..60_u32 {
        let everywhere = (0..6).all(|taken| crashed_at.get(&taken).is_some_and(|crashes| *crashes >= 2));
        if round >= 6 && everywhere {
            break;
        }
        let id = lead(&ada, &format!("lead{round}"), json!({})).await;
        enroll(&ada, &path, &[&id]).await;
        // Each time somewhere else, so that every place is hit in every step.
        let mut looks = 1 + round % 6 * 5;
        loop {
            match crash_after(&server, &scope, looks).await {
                None => {
                    let taken = enrollment(&ada, &path, &id).await["taken"].as_i64().unwrap();
                    *crashed_at.entry(taken).or_default() += 1;
                }
                Some(ended) => {
                    ended.unwrap();
                    break;
                }
            }
            looks = if looks > 60 { 1 + round % 6 } else { looks + 1 };
            // The jobs that were put into the queue meanwhile do no harm.
            if looks % 9 == 0 {
                server.drain_kind("sequences.deliver").await;
            }
        }
        people.push(id);
    }
    // Before each step, and more than once in each.
    for taken in 0..6 {
        let crashes = crashed_at.get(&taken).copied().unwrap_or_default();
        assert!(crashes >= 2, "{taken}: {crashed_at:?}");
    }
    // Two at once, and the jobs that are left.
    let last = lead(&ada, "last", json!({})).await;
    enroll(&ada, &path, &[&last]).await;
    let (job, stop) = (RunSequences {}, Stop::default());
    let both = tokio::join!(
        run_sequences(&server.app, &scope, &job, &stop),
        run_sequences(&server.app, &scope, &job, &stop)
    );
    both.0.unwrap();
    both.1.unwrap();
    people.push(last);
    server.drain().await;
    for id in &people {
        assert_eq!(mails(&ada, id).await.len(), 3, "one for each step");
        let kept = enrollment(&ada, &path, id).await;
        assert_eq!(
            (&kept["exit_reason"], &kept["taken"]),
            (&json!("finished"), &json!(6)),
            "{kept}"
        );
        let events = ada.get_list(&format!("/api/leads/{id}/timeline?limit=200")).await;
        let count = |kind: &str| {
            let events = events["data"].as_array().unwrap().iter();
            events.filter(|event| event["kind"] == kind).count()
        };
        assert_eq!((count("stage_changed"), count("task_created")), (1, 1));
        let found = ada.get(&format!("/api/leads/{id}")).await;
        assert_eq!(
            (&found["tags"], &found["stage"]),
            (&json!(["one"]), &json!("engaged"))
        );
    }
    let stats = ada.get(&format!("{path}/stats")).await;
    for step in stats["steps"].as_array().unwrap() {
        assert_eq!(step["arrived"], people.len(), "{stats}");
    }
    server.stop().await;
}

async fn what_is_simulated_is_what_happens(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    // Clocks are put forward in Berlin on 28 March 2027; Friday, nine in the evening there.
    server.clock.set("2027-03-26T20:00:00Z".parse().unwrap());
    let path = active(
        &ada,
        json!({ "name": "Timed", "steps": [
            send("one"),
            { "id": "day", "type": "wait", "for": { "days": 1, "hours": 1 } },
            send("two"),
            { "id": "reply", "type": "wait_until", "until": { "event": { "kind": "custom", "name": "replied" } }, "timeout": { "days": 4 }, "otherwise": "three" },
            { "id": "tag", "type": "add_tag", "tag": "replied", "next": "end" },
            send("three"),
        ],
        "timing": { "quiet_hours": { "from": 22, "until": 7 }, "windows": [{ "days": ["sat", "sun", "mon", "thu"], "from": 6, "until": 22 }] },
        "goals": [{ "condition": "tag = \"customer\"" }] }),
    )
    .await;
    let berlin = json!({ "custom_fields": { "time_zone": "Europe/Berlin" } });
    let (silent, replies) = (
        lead(&ada, "silent", berlin.clone()).await,
        lead(&ada, "replies", berlin).await,
    );
    let answer = json!([{ "days": 3, "what": { "event": { "kind": "custom", "name": "replied" } } }]);
    let simulate = format!("{path}/simulate");
    let first = ada
        .post(&simulate, &json!({ "lead_id": silent, "days": 30 }))
        .await;
    let second = ada
        .post(
            &simulate,
            &json!({ "lead_id": replies, "days": 30, "assume": answer }),
        )
        .await;
    enroll(&ada, &path, &[&silent, &replies]).await;
    server.drain().await;
    for hour in 1..=(12 * 24) {
        if hour == 72 {
            server.clock.advance(TimeDelta::hours(1));
            ada.post(
                &format!("/api/leads/{replies}/events"),
                &json!({ "name": "replied" }),
            )
            .await;
            server.drain().await;
        } else {
            server.after(TimeDelta::hours(1)).await;
        }
    }
    for (lead, simulation) in [(&silent, &first), (&replies, &second)] {
        let lines = simulation["lines"].as_array().unwrap();
        let expected: Vec<DateTime<Utc>> = lines
            .iter()
            .filter(|line| line["effect"]["effect"] == "send")
            .map(|line| line["at"].as_str().unwrap().parse().unwrap())
            .collect();
        let found = mails(&ada, lead).await;
        assert_eq!(found, expected, "{simulation}");
        let end = lines.last().unwrap();
        let kept = enrollment(&ada, &path, lead).await;
        assert_eq!(kept["exit_reason"], end["exit_reason"], "{kept}");
        assert_eq!(simulation["ended"], true);
    }
    let one = first["lines"][1]["at"]
        .as_str()
        .unwrap()
        .parse::<DateTime<Utc>>()
        .unwrap();
    assert_eq!(
        one,
        "2027-03-27T06:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        "Saturday at seven in Berlin: {first}"
    );
    let two = first["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["effect"]["effect"] == "send");
    let two: DateTime<Utc> = { two }.nth(1).unwrap()["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        two,
        "2027-03-28T06:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        "a calendar day and an hour later: {first}"
    );
    let lead = ada.get(&format!("/api/leads/{replies}")).await;
    assert_eq!(lead["tags"], json!(["replied"]));
    server.stop().await;
}

async fn who_comes_in_and_who_may_come_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "Trial", "fields": fields }),
        )
        .await;
    let form = form["id"].as_str().unwrap();
    let segment = ada
        .post(
            "/api/segments",
            &json!({ "name": "VIP", "expression": "tag = \"vip\"" }),
        )
        .await;
    let segment = segment["id"].as_str().unwrap();
    let path = active(
        &ada,
        json!({ "name": "All ways in", "steps": [send("hello")], "reentry": { "after_days": 10 },
            "entry": { "forms": [form], "segment_id": segment, "events": [{ "kind": "custom", "name": "trial" }] } }),
    )
    .await;
    let vip = lead(&ada, "vip", json!({ "tags": ["vip"] })).await;
    let other = lead(&ada, "other", json!({})).await;
    server.drain().await;
    assert_eq!(mails(&ada, &vip).await.len(), 1, "the segment was looked at");
    assert_eq!(mails(&ada, &other).await.len(), 0);
    ada.post(
        &format!("/api/leads/{other}/events"),
        &json!({ "name": "something" }),
    )
    .await;
    server.drain().await;
    assert_eq!(mails(&ada, &other).await.len(), 0);
    ada.post(&format!("/api/leads/{other}/events"), &json!({ "name": "trial" }))
        .await;
    server.drain().await;
    assert_eq!(mails(&ada, &other).await.len(), 1);
    let captured = server
        .post(
            &format!("/api/lead-capture/webhook/{form}"),
            &json!({ "email": "visitor@x.example" }),
        )
        .await
        .expect(201)
        .data();
    let visitor = captured["lead_id"].as_str().unwrap().to_owned();
    server.drain().await;
    assert_eq!(mails(&ada, &visitor).await.len(), 1);
    let late = lead(&ada, "late", json!({ "tags": ["vip"] })).await;
    server.after(TimeDelta::hours(1)).await;
    assert_eq!(
        mails(&ada, &late).await.len(),
        1,
        "the segment is looked at each hour"
    );

    let refused = enroll(&ada, &path, &[&other]).await;
    assert_eq!(
        refused["refused"][0]["reason"],
        "left the sequence too short a time ago"
    );
    server.after(TimeDelta::days(9)).await;
    ada.post(&format!("/api/leads/{other}/events"), &json!({ "name": "trial" }))
        .await;
    server.drain().await;
    assert_eq!(mails(&ada, &other).await.len(), 1);
    server.after(TimeDelta::days(1)).await;
    assert_eq!(enroll(&ada, &path, &[&other]).await["entered"], 1);
    server.drain().await;
    assert_eq!(mails(&ada, &other).await.len(), 2);

    // Suppressed people leave without a mail, and a paused sequence lets nobody in.
    let banned = lead(&ada, "banned", json!({})).await;
    ada.post("/api/email/suppressions", &json!({ "email": "banned@x.example" }))
        .await;
    enroll(&ada, &path, &[&banned]).await;
    server.drain().await;
    assert_eq!(
        enrollment(&ada, &path, &banned).await["exit_reason"],
        "suppressed"
    );
    ada.post(&format!("{path}/pause"), &json!({})).await;
    let body = json!({ "lead_ids": [late] });
    ada.send(Method::POST, &format!("{path}/enroll"), Some(&body))
        .await
        .expect_error(409, "sequence_state");
    ada.send(Method::DELETE, &path, None).await.expect(200);
    server.after(TimeDelta::days(1)).await;
    server.stop().await;
}

async fn an_edit_keeps_those_inside_or_moves_them(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let steps = |days: u32, last: &str| json!([send("first"), { "id": "wait", "type": "wait", "for": { "days": days } }, send(last)]);
    let path = active(&ada, json!({ "name": "Edited", "steps": steps(10, "old") })).await;
    let (kept, moved, gone) = (
        lead(&ada, "kept", json!({})).await,
        lead(&ada, "moved", json!({})).await,
        lead(&ada, "gone", json!({})).await,
    );
    enroll(&ada, &path, &[&kept]).await;
    server.drain().await;
    let edited = ada.patch(&path, &json!({ "steps": steps(2, "new") })).await;
    assert_eq!((&edited["revision"], &edited["version"]), (&json!(2), &json!(3)));
    let renamed = ada.patch(&path, &json!({ "name": "Other" })).await;
    assert_eq!(renamed["revision"], 2, "a name is no revision");
    enroll(&ada, &path, &[&moved]).await;
    server.drain().await;
    server.after(TimeDelta::days(1)).await;
    // A day of waiting has passed already.
    ada.patch(&path, &json!({ "steps": steps(5, "new"), "migrate": "move" }))
        .await;
    server.drain().await;
    let inside = enrollment(&ada, &path, &moved).await;
    assert_eq!(
        (&inside["version"], &inside["step"]),
        (&json!(3), &json!("wait")),
        "{inside}"
    );
    assert_eq!(enrollment(&ada, &path, &kept).await["version"], 3);
    server.after(TimeDelta::days(3)).await;
    assert_eq!(mails(&ada, &moved).await.len(), 1);
    server.after(TimeDelta::days(1)).await;
    for lead in [&kept, &moved] {
        assert_eq!(mails(&ada, lead).await.len(), 2);
        assert_eq!(enrollment(&ada, &path, lead).await["exit_reason"], "finished");
    }
    // Who keeps its version goes on with steps that the newest one does not have.
    enroll(&ada, &path, &[&gone]).await;
    server.drain().await;
    ada.patch(&path, &json!({ "steps": [send("first")] })).await;
    server.after(TimeDelta::days(1)).await;
    assert_eq!(enrollment(&ada, &path, &gone).await["step"], "wait");
    ada.patch(
        &path,
        &json!({ "steps": [send("first"), { "id": "more", "type": "exit" }], "migrate": "move" }),
    )
    .await;
    server.drain().await;
    let left = enrollment(&ada, &path, &gone).await;
    assert_eq!(left["exit_reason"], "moved", "{left}");
    assert!(left["exit_note"].as_str().unwrap().contains("`wait`"), "{left}");
    let stale = ada
        .request(Method::PATCH, &path)
        .header("if-match", "\"1\"")
        .json(&json!({ "name": "x" }));
    ada.expect(stale, reqwest::StatusCode::PRECONDITION_FAILED).await;
    server.stop().await;
}

async fn mistakes_name_the_step(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let nobody = uuid::Uuid::nil();
    for (body, field, part) in [
        (json!({ "name": "x", "steps": [] }), "steps", "at least one"),
        (
            json!({ "name": "x", "steps": [{ "id": "a", "type": "send", "content": { "template_id": nobody } }] }),
            "steps[0].content.template_id",
            "no such template",
        ),
        (
            json!({ "name": "x", "steps": [{ "id": "a", "type": "send", "content": { "subject": "{{ nobody.knows }}", "html": "<p>x</p>" } }] }),
            "steps[0].content.subject",
            "nobody",
        ),
        (
            json!({ "name": "x", "steps": [{ "id": "a", "type": "send", "content": { "personal": true } }] }),
            "steps[0].content",
            "outreach",
        ),
        (
            json!({ "name": "x", "steps": [{ "id": "a", "type": "exit" }], "entry": { "segment_id": nobody } }),
            "entry.segment_id",
            "no such segment",
        ),
        (
            json!({ "name": "x", "steps": [{ "id": "a", "type": "branch", "when": { "condition": "scor > 5" }, "then": "end" }] }),
            "steps[0].when.condition",
            "score.total",
        ),
    ] {
        let reply = ada.send(Method::POST, SEQUENCES, Some(&body)).await;
        let details = reply.expect(400).json()["details"].take();
        let found = details.as_array().unwrap().iter();
        let mut found = found.filter(|detail| detail["field"] == field);
        let detail = found.next().unwrap_or_else(|| panic!("{field}: {details}"));
        assert!(detail["message"].as_str().unwrap().contains(part), "{detail}");
    }
    for body in [
        json!({ "name": "x", "steps": [{ "id": "a", "type": "dance" }] }),
        json!({ "name": "x", "steps": [{ "id": "a", "type": "exit", "nonsense": 1 }] }),
    ] {
        ada.send(Method::POST, SEQUENCES, Some(&body)).await.expect(400);
    }
    let page = format!("{SEQUENCES}?nonsense=1");
    ada.send(Method::GET, &page, None).await.expect(400);
    server.stop().await;
}
