//! Conversions by goal, and the leads behind every number.

use crate::campaigns::{draft, make};
use crate::contacts::{follow, link};
use crate::sequences::{active, enroll, lead, send};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_campaign_counts_who_did_it_in_time,
    a_click_that_is_asked_is_a_persons,
    a_sequence_counts_each_of_its_goals,
    goals_that_make_no_sense_are_refused,
    sequences_let_in_at_once,
);

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

async fn tell(account: &Account<'_>, lead: &str, name: &str) {
    account
        .post(&format!("/api/leads/{lead}/events"), &json!({ "name": name }))
        .await;
}

/// Number and list agree: the names, and the number that was said.
async fn listed(account: &Account<'_>, counted: &Value) -> String {
    let path = counted["leads"].as_str().unwrap();
    let list = account.get_list(&format!("{path}&with_total=true")).await;
    assert_eq!(list["total"], counted["count"], "{counted}");
    let mut names: Vec<String> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lead| lead["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.join(" ")
}

async fn figures(account: &Account<'_>, campaign: &str) -> Value {
    account.get(&format!("{campaign}/metrics")).await["goal"].clone()
}

async fn a_campaign_counts_who_did_it_in_time(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut ids = Vec::new();
    for (name, value) in [
        ("before", json!(null)),
        ("early", json!({ "amount": 1000.5, "currency": "EUR" })),
        ("twice", json!({ "amount": 500, "currency": "USD" })),
        ("late", json!({ "amount": 7, "currency": "EUR" })),
        ("never", json!(null)),
    ] {
        ids.push(lead(&ada, name, json!({ "value": value })).await);
    }
    tell(&ada, &ids[0], "trial").await;
    server.clock.advance(TimeDelta::minutes(1));
    let mut body = draft(&json!({}));
    body["goal"] = json!({ "when": { "event": { "kind": "custom", "name": "trial" } }, "within_days": 7 });
    let campaign = make(&ada, &body).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    let outsider = lead(&ada, "outsider", json!({})).await;
    server.clock.advance(TimeDelta::days(1));
    for id in [&ids[1], &ids[2], &outsider] {
        tell(&ada, id, "trial").await;
    }
    tell(&ada, &ids[4], "something").await;
    server.clock.advance(TimeDelta::days(5));
    tell(&ada, &ids[2], "trial").await;
    server.clock.advance(TimeDelta::days(2));
    tell(&ada, &ids[3], "trial").await;
    server.drain().await;

    let goal = figures(&ada, &campaign).await;
    assert_eq!(goal["goal"], "custom \"trial\" within 7 days after sent");
    assert_eq!(
        listed(&ada, &goal["asked"]).await,
        "before early late never twice"
    );
    assert_eq!(listed(&ada, &goal["converted"]).await, "early twice");
    assert_eq!(goal["rate"]["value"], 0.4);
    assert_eq!(goal["value"], json!({ "EUR": 1000.5, "USD": 500.0 }));

    // Other goals of the same campaign: nothing has to be sent again.
    for (when, names) in [
        (json!({ "event": { "kind": "custom" } }), "early never twice"),
        (json!({ "tag": "VIP" }), "never"),
        (json!({ "stage": "qualified" }), "late"),
    ] {
        if names == "never" {
            ada.patch(&format!("/api/leads/{}", ids[4]), &json!({ "tags": ["vip"] }))
                .await;
        }
        if names == "late" {
            ada.patch(
                &format!("/api/leads/{}", ids[3]),
                &json!({ "stage": "opportunity" }),
            )
            .await;
        }
        server.drain().await;
        let days = if names == "late" { 30 } else { 7 };
        // A campaign that is over is not changed any more: a copy of its goal is asked of the store.
        let repos = server.app.store.begin(&scope(&server, &ada)).await.unwrap();
        let id = campaign
            .rsplit('/')
            .next()
            .unwrap()
            .parse::<uuid::Uuid>()
            .unwrap()
            .into();
        let mut kept = repos.campaigns().get(id).await.unwrap().unwrap();
        let version = kept.version;
        kept.goal = serde_json::from_value(json!({ "when": when, "within_days": days })).unwrap();
        if let Some(goal) = &mut kept.goal {
            let mut problems = groundswell_domain::validate::Problems::new();
            goal.check(&mut problems);
            assert!(problems.is_empty());
        }
        assert!(repos.campaigns().update(&kept, version).await.unwrap());
        repos.commit().await.unwrap();
        let goal = figures(&ada, &campaign).await;
        assert_eq!(listed(&ada, &goal["converted"]).await, names, "{goal}");
    }
    server.stop().await;
}

fn scope(server: &TestServer, account: &Account<'_>) -> groundswell_domain::Scope {
    let organization = account.organization.parse::<uuid::Uuid>().unwrap();
    groundswell_domain::Scope::system(organization.into(), server.app.request_id())
}

async fn a_click_that_is_asked_is_a_persons(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut ids = Vec::new();
    for name in ["person", "robot", "silent"] {
        ids.push(lead(&ada, name, json!({})).await);
    }
    let mut body = draft(&json!({}));
    body["content"]["html"] = json!("<p><a href=\"https://shop.example/\">Shop</a></p>");
    body["goal"] = json!({ "when": { "event": { "kind": "custom" } }, "within_days": 7, "after": "clicked" });
    let campaign = make(&ada, &body).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    server.clock.advance(TimeDelta::hours(1));
    for (name, agent) in [("person", PERSON), ("robot", "Googlebot/2.1")] {
        let click = link(&server, &format!("{name}@x.example"), "/t/c/").await;
        let request = server.http.get(server.url(&click)).header("user-agent", agent);
        let request = request.header("accept-language", "de");
        assert_eq!(request.send().await.unwrap().status(), 302);
    }
    server.clock.advance(TimeDelta::hours(1));
    for id in &ids {
        tell(&ada, id, "trial").await;
    }
    server.drain().await;
    let goal = figures(&ada, &campaign).await;
    assert_eq!(listed(&ada, &goal["asked"]).await, "person", "{goal}");
    assert_eq!(listed(&ada, &goal["converted"]).await, "person");
    // Opens don't matter here.
    let open = link(&server, "silent@x.example", "/t/o/").await;
    follow(&server, &open, PERSON).await;
    assert_eq!(figures(&ada, &campaign).await["asked"]["count"], 1);
    server.stop().await;
}

async fn a_sequence_counts_each_of_its_goals(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let steps = json!([send("one"), { "id": "wait", "type": "wait", "for": { "days": 9 } }]);
    let goals = json!([{ "condition": "tag = \"vip\"" }, { "event": { "kind": "custom", "name": "trial" } }]);
    let path = active(&ada, json!({ "name": "Goals", "steps": steps, "goals": goals })).await;
    let mut ids = Vec::new();
    for name in ["tagged", "trying", "still"] {
        ids.push(
            lead(
                &ada,
                name,
                json!({ "value": { "amount": 10, "currency": "EUR" } }),
            )
            .await,
        );
    }
    enroll(&ada, &path, &[&ids[0], &ids[1], &ids[2]]).await;
    server.drain().await;
    ada.patch(&format!("/api/leads/{}", ids[0]), &json!({ "tags": ["vip"] }))
        .await;
    tell(&ada, &ids[1], "trial").await;
    server.drain().await;
    let stats = ada.get(&format!("{path}/stats")).await;
    assert_eq!(stats["exits"], json!({ "goal": 2 }));
    for (number, label, names) in [
        (0, "tag = \"vip\"", "tagged"),
        (1, "custom \"trial\" since entry", "trying"),
    ] {
        let goal = &stats["goals"][number];
        assert_eq!(goal["goal"], label);
        assert_eq!(listed(&ada, &goal["asked"]).await, "still tagged trying");
        assert_eq!(listed(&ada, &goal["converted"]).await, names);
        assert_eq!(goal["value"], json!({ "EUR": 10.0 }));
    }
    let id = path.rsplit('/').next().unwrap();
    for (query, field) in [
        (format!("goal_sequence_id={id}&goal=3"), "goal"),
        (format!("goal_sequence_id={id}&goal=0"), "goal"),
        (format!("goal_campaign_id={id}"), "goal_campaign_id"),
        (
            format!("goal_campaign_id={id}&goal_sequence_id={id}"),
            "goal_sequence_id",
        ),
        ("goal=1".to_owned(), "goal"),
        ("goal_part=asked".to_owned(), "goal_part"),
    ] {
        let path = format!("/api/leads/analytics/leads?{query}");
        let refused = ada.send(Method::GET, &path, None).await;
        assert_eq!(
            refused.expect(400).json()["details"][0]["field"],
            field,
            "{query}"
        );
    }
    server.stop().await;
}

async fn goals_that_make_no_sense_are_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for (goal, field) in [
        (
            json!({ "when": { "tag": "x" }, "within_days": 0 }),
            "goal.within_days",
        ),
        (json!({ "when": { "stage": "new" } }), "goal.when.stage"),
        (
            json!({ "when": { "event": { "kind": "email_sent" } } }),
            "goal.when.event.kind",
        ),
    ] {
        let mut body = draft(&json!({}));
        body["goal"] = goal;
        let refused = ada.send(Method::POST, "/api/campaigns", Some(&body)).await;
        assert_eq!(refused.expect(400).json()["details"][0]["field"], field);
    }
    let campaign = make(&ada, &draft(&json!({}))).await;
    assert_eq!(figures(&ada, &campaign).await, Value::Null);
    let goal = json!({ "goal": { "when": { "tag": "x" } } });
    assert_eq!(
        ada.patch(&campaign, &goal).await["goal"],
        json!({ "when": { "tag": "x" }, "within_days": 30, "after": "sent" })
    );
    assert_eq!(
        figures(&ada, &campaign).await["rate"],
        json!({ "value": null, "low": 0.0, "high": 1.0 })
    );
    assert_eq!(
        ada.patch(&campaign, &json!({ "goal": null })).await["goal"],
        Value::Null
    );
    server.stop().await;
}

/// Into the segment of a sequence, and by the mail of a campaign.
async fn sequences_let_in_at_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let segment = json!({ "name": "VIP", "expression": "tag = \"vip\" and not sent within 1 day" });
    let segment = ada.post("/api/segments", &segment).await["id"].clone();
    let campaign = make(&ada, &draft(&json!({ "tags_any": ["fair"] }))).await;
    let id = campaign.rsplit('/').next().unwrap();
    let wait = json!([{ "id": "wait", "type": "wait", "for": { "days": 9 } }]);
    let by_segment = active(
        &ada,
        json!({ "name": "Segment", "steps": wait, "entry": { "segment_id": segment } }),
    )
    .await;
    let by_campaign = active(
        &ada,
        json!({ "name": "Campaign", "steps": wait, "entry": { "campaigns": [{ "campaign_id": id, "on": "sent" }] } }),
    )
    .await;
    server.drain().await;
    let inside = async |path: &str| ada.get(&format!("{path}/stats")).await["entered"].clone();
    let grace = lead(&ada, "grace", json!({ "tags": ["fair"] })).await;
    server.drain().await;
    assert_eq!(
        (inside(&by_segment).await, inside(&by_campaign).await),
        (json!(0), json!(0))
    );
    ada.patch(
        &format!("/api/leads/{grace}"),
        &json!({ "tags": ["fair", "vip"] }),
    )
    .await;
    server.drain().await;
    assert_eq!(inside(&by_segment).await, 1, "at once, when the lead was written");
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    assert_eq!(inside(&by_campaign).await, 1, "at once, when the mail was sent");
    server.stop().await;
}
