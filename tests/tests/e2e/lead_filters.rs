//! Finding leads.

use chrono::TimeDelta;
use groundswell_tests::{Backend, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(filters_and_words_find_leads,);

async fn filters_and_words_find_leads(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let people = [
        json!({ "email": "grace@navy.example", "name": "Grace Hopper", "company": "US Navy", "tags": ["vip", "fair"], "status": "qualified", "source": "fair" }),
        json!({ "email": "mary@langley.example", "name": "Mary Jackson", "company": "Langley Ltd", "tags": ["fair"], "status": "new" }),
        json!({ "email": "joerg@x.example", "name": "Jörg 100% Müller_Ä", "company": "Ölmühle", "tags": ["vip"], "status": "new" }),
    ];
    let start = server.app.now();
    for person in &people {
        ada.post("/api/leads", person).await;
        server.clock.advance(TimeDelta::hours(1));
    }
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "F", "fields": [{ "name": "email", "type": "email", "required": true }] }),
        )
        .await;
    let webhook = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    server
        .post(&webhook, &json!({ "email": "mary@langley.example" }))
        .await
        .expect(201);
    let time =
        |hours: i64| (start + TimeDelta::hours(hours)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let from = format!("created_from={}", time(1));
    let before = format!("created_before={}", time(1));
    let between = format!("created_from={}&created_before={}", time(1), time(2));
    for (query, expected) in [
        ("", "grace joerg mary"),
        ("status=new", "joerg mary"),
        ("status=converted", ""),
        ("tag=VIP", "grace joerg"),
        ("tag=vip,fair", "grace"),
        ("tag=vi", ""),
        ("source=fair", "grace"),
        ("source=manual", "joerg mary"),
        ("min_score=10", "mary"),
        ("min_score=11", ""),
        ("company=navy", "grace"),
        ("company=%C3%B6lm", "joerg"),
        ("company=%25", ""),
        ("q=HOPPER", "grace"),
        ("q=grace+navy", "grace"),
        ("q=grace+langley", ""),
        ("q=langley.example", "mary"),
        ("q=J%C3%B6rg", "joerg"),
        ("q=100%25", "joerg"),
        ("q=ller_", "joerg"),
        ("q=_", "joerg"),
        ("q=%25", "joerg"),
        ("q='", ""),
        (&from, "joerg mary"),
        (&before, "grace"),
        (&between, "mary"),
        ("status=new&tag=vip&company=l", "joerg"),
    ] {
        let list = ada
            .get_list(&format!("/api/leads?{query}&with_total=true&sort=email"))
            .await;
        let found: Vec<_> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lead| lead["email"].as_str().unwrap().split('@').next().unwrap())
            .collect();
        assert_eq!(found.join(" "), expected, "{query}");
        assert_eq!(list["total"], found.len(), "{query}");
        // The export means the same.
        let export = ada
            .get_list(&format!("/api/leads/export?format=json&{query}"))
            .await;
        assert_eq!(export.as_array().unwrap().len(), found.len(), "{query}");
    }
    for wrong in [
        "status=hot",
        "min_score=x",
        "created_from=yesterday",
        "nonsense=1",
        "sort=phone",
    ] {
        ada.send(Method::GET, &format!("/api/leads?{wrong}"), None)
            .await
            .expect(400)
            .expect_envelope();
    }
    ada.send(Method::GET, "/api/leads/search", None).await.expect(400);
    server.stop().await;
}
