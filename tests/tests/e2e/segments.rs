//! Segments: described, looked at, frozen, and used.

use crate::campaigns::{checked, draft, make};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    expressions_find_leads_and_mistakes_have_a_place,
    segments_are_used_where_leads_are_chosen,
    a_frozen_segment_stays_as_it_was,
    a_campaign_keeps_the_segment_of_its_launch,
    whoever_is_bound_to_a_client_sees_its_segments,
);

const SEGMENTS: &str = "/api/segments";

async fn people(account: &Account<'_>) {
    for person in [
        json!({ "email": "grace@navy.example", "name": "Grace O'Neil", "tags": ["vip", "fair"], "status": "qualified", "custom_fields": { "seats": "120" } }),
        json!({ "email": "mary@langley.example", "name": "Mary", "tags": ["fair"], "company": "Langley", "custom_fields": { "seats": 7 } }),
        json!({ "email": "ann@x.example", "tags": ["vip"] }),
    ] {
        account.post("/api/leads", &person).await;
    }
}

fn names<'a>(leads: impl IntoIterator<Item = &'a Value>) -> String {
    let names: BTreeSet<_> = leads
        .into_iter()
        .map(|lead| lead["email"].as_str().unwrap().split('@').next().unwrap())
        .collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

async fn segment(account: &Account<'_>, expression: &str) -> (String, String) {
    let body = json!({ "name": "Those", "expression": expression });
    let made = account.post(SEGMENTS, &body).await;
    let id = made["id"].as_str().unwrap().to_owned();
    (format!("{SEGMENTS}/{id}"), id)
}

async fn expressions_find_leads_and_mistakes_have_a_place(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let bob = server.register("Bob").await;
    bob.post(
        "/api/leads",
        &json!({ "email": "foreign@x.example", "tags": ["vip"] }),
    )
    .await;
    people(&ada).await;
    for (expression, expected) in [
        ("everyone", "ann grace mary"),
        ("tag = 'vip' and stage = qualified", "grace"),
        ("custom.seats > 50 or company contains \"LANG\"", "grace mary"),
        ("name is empty", "ann"),
        (
            "not submitted ever and email.domain != \"x.example\"",
            "grace mary",
        ),
        ("opened", ""),
    ] {
        let preview = ada
            .post("/api/segments/preview", &json!({ "expression": expression }))
            .await;
        let sample = preview["sample"].as_array().unwrap();
        assert_eq!(names(sample), expected, "{expression}");
        assert_eq!(preview["count"], sample.len(), "{expression}");
        assert!(preview["took_ms"].is_i64(), "{preview}");
    }
    let body = json!({ "expression": "not tag = 'VIP'", "limit": 0 });
    let preview = ada.post("/api/segments/preview", &body).await;
    assert_eq!(preview["canonical"], "tag != \"vip\"");
    assert_eq!((&preview["count"], &preview["sample"]), (&json!(1), &json!([])));

    let wrong = "everyone and\n  scor > 5";
    let body = json!({ "name": "Wrong", "expression": wrong });
    for (method, path) in [(Method::POST, SEGMENTS), (Method::POST, "/api/segments/preview")] {
        let mut body = body.clone();
        if path != SEGMENTS {
            body.as_object_mut().unwrap().remove("name");
        }
        let reply = ada.send(method, path, Some(&body)).await;
        let detail = &reply.expect(400).json()["details"][0];
        assert_eq!(detail["field"], "expression");
        assert_eq!(detail["position"], json!({ "line": 2, "column": 3, "length": 4 }));
        assert_eq!(
            detail["message"],
            "`scor` is no field; did you mean `score.total`?"
        );
    }
    let form = groundswell_tests::make(&server, &bob, "/api/lead-capture/forms/").await;
    let reply = ada
        .send(
            Method::POST,
            "/api/segments/preview",
            Some(&json!({ "expression": format!("submitted form(\"{form}\")") })),
        )
        .await;
    assert!(
        reply.expect(400).text.contains("there is no form"),
        "{}",
        reply.text
    );
    server.stop().await;
}

async fn segments_are_used_where_leads_are_chosen(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    people(&ada).await;
    let (path, id) = segment(&ada, "tag in ('vip')").await;
    assert_eq!(ada.get(&path).await["expression"], "tag = \"vip\"");
    for list in [
        format!("{path}/leads?sort=name"),
        format!("/api/leads?segment_id={id}"),
        format!("/api/leads/search?q=example&segment_id={id}"),
    ] {
        let found = ada.get_list(&list).await;
        assert_eq!(names(found["data"].as_array().unwrap()), "ann grace", "{list}");
    }
    let list = ada
        .get_list(&format!("/api/leads?segment_id={id}&tag=fair&with_total=true"))
        .await;
    assert_eq!(
        (names(list["data"].as_array().unwrap()).as_str(), &list["total"]),
        ("grace", &json!(1))
    );
    let export = ada
        .send(
            Method::GET,
            &format!("/api/leads/export?format=json&segment_id={id}"),
            None,
        )
        .await;
    assert_eq!(names(export.expect(200).json().as_array().unwrap()), "ann grace");

    let changed = ada.patch(&path, &json!({ "expression": "tag = 'fair'" })).await;
    assert_eq!(
        (&changed["version"], &changed["name"]),
        (&json!(2), &json!("Those"))
    );
    let found = ada.get_list(&format!("{path}/leads")).await;
    assert_eq!(names(found["data"].as_array().unwrap()), "grace mary");

    let unknown = uuid::Uuid::nil();
    for list in [
        format!("/api/leads?segment_id={unknown}"),
        format!("/api/leads/export?segment_id={unknown}"),
    ] {
        let reply = ada.send(Method::GET, &list, None).await;
        assert_eq!(reply.expect(400).json()["details"][0]["field"], "segment_id");
    }
    server.stop().await;
}

async fn a_frozen_segment_stays_as_it_was(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    people(&ada).await;
    let (path, _) = segment(&ada, "tag = 'vip'").await;
    let freeze = format!("{path}/freeze");
    let begun = ada.send(Method::POST, &freeze, None).await;
    assert!(begun.expect(202).data()["job_id"].is_string());
    let leads = format!("{path}/leads");
    ada.send(Method::GET, &leads, None)
        .await
        .expect_error(409, "segment_freezing");
    server.drain().await;
    let frozen = ada.get(&path).await;
    assert_eq!(
        (&frozen["kind"], &frozen["count_at_freeze"]),
        (&json!("frozen"), &json!(2))
    );
    assert!(frozen["frozen_at"].is_string());
    ada.post(
        "/api/leads",
        &json!({ "email": "late@x.example", "tags": ["vip"] }),
    )
    .await;
    let list = ada.get_list(&leads).await;
    assert_eq!(names(list["data"].as_array().unwrap()), "ann grace");
    let grace = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|lead| lead["email"] == "grace@navy.example");
    let lead = format!("/api/leads/{}", grace.unwrap()["id"].as_str().unwrap());
    ada.patch(&lead, &json!({ "tags": [] })).await;
    assert_eq!(
        names(ada.get_list(&leads).await["data"].as_array().unwrap()),
        "ann grace"
    );
    ada.send(Method::DELETE, &lead, None).await.expect(200);
    assert_eq!(
        names(ada.get_list(&leads).await["data"].as_array().unwrap()),
        "ann"
    );

    ada.send(Method::POST, &freeze, None)
        .await
        .expect_error(409, "segment_frozen");
    ada.send(Method::PATCH, &path, Some(&json!({ "expression": "everyone" })))
        .await
        .expect_error(409, "segment_frozen");
    assert_eq!(ada.patch(&path, &json!({ "name": "VIPs" })).await["name"], "VIPs");
    let body = json!({ "name": "At once", "expression": "everyone", "kind": "frozen" });
    let made = ada.post(SEGMENTS, &body).await;
    server.drain().await;
    let path = format!("{SEGMENTS}/{}", made["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await["count_at_freeze"], 3);
    server.stop().await;
}

async fn a_campaign_keeps_the_segment_of_its_launch(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    people(&ada).await;
    let (path, id) = segment(&ada, "tag = 'vip' and created within 1 hours").await;
    let campaign = make(
        &ada,
        &draft(&json!({ "segment_id": id, "tags_any": ["fair", "vip"] })),
    )
    .await;
    let refused = ada.send(Method::DELETE, &path, None).await;
    refused.expect_error(409, "segment_in_use");
    assert!(
        refused
            .text
            .contains(&ada.get(&campaign).await["id"].as_str().unwrap().to_owned())
    );
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    // What happens to the segment now is too late, and so is the clock.
    ada.patch(&path, &json!({ "expression": "everyone" })).await;
    server.clock.advance(TimeDelta::hours(5));
    server.drain().await;
    assert_eq!(checked(&ada, &campaign).await["status"], "completed");
    let list = ada.get_list(&format!("{campaign}/recipients")).await;
    let reached: BTreeSet<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["to"].as_str().unwrap())
        .collect();
    assert_eq!(reached, BTreeSet::from(["ann@x.example", "grace@navy.example"]));
    ada.send(Method::DELETE, &path, None).await.expect(200);
    server.stop().await;
}

async fn whoever_is_bound_to_a_client_sees_its_segments(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await["id"].clone();
    people(&ada).await;
    ada.post(
        "/api/leads",
        &json!({ "email": "theirs@acme.example", "tags": ["vip"], "client_id": client }),
    )
    .await;
    let (whole, whole_id) = segment(&ada, "tag = 'vip'").await;
    let body = json!({ "name": "Theirs", "expression": "tag = 'vip'", "client_id": client });
    let theirs = ada.post(SEGMENTS, &body).await["id"].as_str().unwrap().to_owned();
    let found = ada.get_list(&format!("{SEGMENTS}/{theirs}/leads")).await;
    assert_eq!(names(found["data"].as_array().unwrap()), "theirs");
    let key = json!({ "name": "Key", "scopes": ["leads:read", "leads:write"], "client_id": client });
    let key = ada.post("/api/auth/api-keys", &key).await["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let bound = server.bearer(&key);
    bound.send(Method::GET, &whole, None).await.expect(404);
    let reply = bound
        .send(Method::GET, &format!("/api/leads?segment_id={whole_id}"), None)
        .await;
    reply.expect(400);
    let list = bound.get_list(SEGMENTS).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let preview = bound
        .post("/api/segments/preview", &json!({ "expression": "everyone" }))
        .await;
    assert_eq!(names(preview["sample"].as_array().unwrap()), "theirs");
    let mut other = body.clone();
    other.as_object_mut().unwrap().remove("client_id");
    let reply = bound.send(Method::POST, SEGMENTS, Some(&other)).await;
    assert_eq!(reply.expect(400).json()["details"][0]["field"], "client_id");
    bound.post(SEGMENTS, &body).await;
    server.stop().await;
}
