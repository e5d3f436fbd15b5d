//! Lists: every row once, in the order asked for, whatever happens meanwhile.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer, make};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    a_walk_sees_every_row_once_while_others_come,
    every_order_goes_both_ways,
    totals_are_of_the_whole_list,
    filters_hold,
);

/// All pages of a list.
async fn walk(account: &Account<'_>, path: &str, mut between: impl AsyncFnMut()) -> Vec<Value> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = account.get_list(&format!("{path}{joint}cursor={cursor}")).await;
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            return all;
        };
        next.clone_into(&mut cursor);
        between().await;
    }
}

async fn a_walk_sees_every_row_once_while_others_come(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let add = async |name: String| {
        ada.post(
            "/api/leads",
            &json!({ "email": format!("{name}@walk.example"), "name": name }),
        )
        .await["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut there = BTreeSet::new();
    for index in 0..120 {
        // Ten at a time share their time: then the id decides.
        if index % 10 == 0 {
            server.clock.advance(TimeDelta::milliseconds(1));
        }
        there.insert(add(format!("lead{}", (index * 37) % 120)).await);
    }
    let mut extra = 0;
    for sort in [
        "-created_at",
        "created_at",
        "name",
        "-name",
        "email",
        "-score",
        "updated_at",
    ] {
        let seen = walk(&ada, &format!("/api/leads?limit=7&sort={sort}"), async || {
            extra += 1;
            add(format!("m{extra}")).await;
        })
        .await;
        let ids: Vec<&str> = seen.iter().map(|lead| lead["id"].as_str().unwrap()).collect();
        let set: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(set.len(), ids.len(), "{sort}: a row came twice");
        assert!(there.is_subset(&set), "{sort}: a row is missing");
    }
    server.stop().await;
}

async fn every_order_goes_both_ways(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let template = json!({ "subject": "x", "html": "x" });
    for (index, name) in [
        "delta", "alpha", "Échelon", "charlie", "bravo", "Alpha", "alpha 2",
    ]
    .iter()
    .enumerate()
    {
        let named = |mut value: Value| {
            value["name"] = json!(name);
            value
        };
        ada.post(
            "/api/leads",
            &named(json!({ "email": format!("p{}@sort.example", 9 - index) })),
        )
        .await;
        ada.post(
            "/api/lead-capture/forms",
            &named(json!({ "fields": [{ "name": "email", "type": "email", "required": true }] })),
        )
        .await;
        ada.post("/api/campaigns", &named(json!({ "type": "email" })))
            .await;
        ada.post("/api/clients", &named(json!({}))).await;
        ada.post("/api/projects", &named(json!({}))).await;
        ada.post("/api/email/templates", &named(template.clone())).await;
        ada.post(
            "/api/email/suppressions",
            &json!({ "email": format!("s{}@sort.example", 9 - index) }),
        )
        .await;
        make(&server, &ada, "/api/email/messages/").await;
        server.clock.advance(TimeDelta::seconds(1));
    }
    let form = ada.get("/api/lead-capture/forms?limit=1").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for index in 0..5 {
        server
            .post(
                &format!("/api/lead-capture/webhook/{form}"),
                &json!({ "email": format!("p{}@sort.example", 9 - index % 2) }),
            )
            .await
            .expect(201);
        server.clock.advance(TimeDelta::seconds(1));
    }
    server.drain().await;
    let submissions = format!("/api/lead-capture/forms/{form}/submissions");
    for (path, fields) in [
        (
            "/api/leads",
            &["created_at", "updated_at", "name", "email", "score"][..],
        ),
        ("/api/lead-capture/forms", &["created_at", "updated_at", "name"]),
        (submissions.as_str(), &["created_at"]),
        ("/api/campaigns", &["created_at", "updated_at", "name"]),
        ("/api/clients", &["created_at", "updated_at", "name"]),
        (
            "/api/clients/health/clients",
            &["created_at", "updated_at", "name"],
        ),
        ("/api/projects", &["created_at", "updated_at", "name"]),
        ("/api/email/templates", &["created_at", "updated_at", "name"]),
        ("/api/email/messages", &["created_at"]),
        ("/api/email/suppressions", &["created_at", "email"]),
        ("/api/jobs", &["created_at"]),
    ] {
        for field in fields {
            let up = walk(&ada, &format!("{path}?limit=2&sort={field}"), async || {}).await;
            let mut down = walk(&ada, &format!("{path}?limit=3&sort=-{field}"), async || {}).await;
            assert!(up.len() >= 5, "{path}");
            down.reverse();
            assert_eq!(ids(&up), ids(&down), "{path} by {field}: both ways");
            let whole = ada.get_list(&format!("{path}?sort={field}")).await;
            assert_eq!(
                ids(&up),
                ids(whole["data"].as_array().unwrap()),
                "{path} by {field}: in one page"
            );
            if *field == "score" {
                assert!(
                    up.is_sorted_by_key(|lead| lead["score"]["total"].as_i64()),
                    "{path}"
                );
            } else if field.ends_with("_at") {
                assert!(
                    up.is_sorted_by_key(|row| row[field]
                        .as_str()
                        .unwrap()
                        .parse::<chrono::DateTime<chrono::Utc>>()
                        .unwrap()),
                    "{path} by {field}"
                );
            } else {
                let texts: Vec<String> = up
                    .iter()
                    .map(|row| row[field].as_str().unwrap().to_lowercase())
                    .filter(|text| text.is_ascii())
                    .collect();
                assert!(texts.is_sorted(), "{path} by {field}: {texts:?}");
            }
        }
    }
    server.stop().await;
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

async fn totals_are_of_the_whole_list(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let empty = ada.get_list("/api/leads?with_total=true").await;
    assert_eq!(
        (&empty["data"], &empty["total"], &empty["next_cursor"]),
        (&json!([]), &json!(0), &Value::Null)
    );
    for index in 0..5 {
        ada.post(
            "/api/leads",
            &json!({ "email": format!("t{index}@total.example"), "tags": [format!("t{}", index % 2)] }),
        )
        .await;
    }
    let page = ada.get_list("/api/leads?with_total=true&limit=2").await;
    assert_eq!(
        (page["data"].as_array().unwrap().len(), &page["total"]),
        (2, &json!(5))
    );
    assert_eq!((&page["success"], &page["error"]), (&json!(true), &Value::Null));
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(
        ada.get_list(&format!("/api/leads?with_total=true&limit=3&cursor={next}"))
            .await["total"],
        5
    );
    assert_eq!(
        ada.get_list("/api/leads?with_total=true&tag=t0").await["total"],
        3
    );
    assert!(ada.get_list("/api/leads?limit=2").await.get("total").is_none());
    // Exactly as many as fit: there is no next page.
    assert_eq!(
        ada.get_list("/api/leads?limit=5").await["next_cursor"],
        Value::Null
    );
    server.stop().await;
}

async fn filters_hold(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let start = server.app.now();
    for (index, (status, source, tags, company)) in [
        ("new", "fair", json!(["a", "b"]), "Navy"),
        ("qualified", "fair", json!(["a"]), "NAVY yard"),
        ("qualified", "web", json!([]), "Army"),
        ("disqualified", "web", json!(["b"]), "Straße"),
    ]
    .into_iter()
    .enumerate()
    {
        ada.post("/api/leads", &json!({ "email": format!("f{index}@filter.example"), "name": format!("Person {index}"), "status": status, "source": source, "tags": tags, "company": company })).await;
        server.clock.advance(TimeDelta::minutes(1));
    }
    let from = (start + TimeDelta::minutes(1)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    for (query, expected) in [
        ("status=qualified".to_owned(), 2),
        ("source=web".into(), 2),
        ("status=qualified&source=web".into(), 1),
        ("tag=a".into(), 2),
        ("tag=a,b".into(), 1),
        ("tag=A&tag=B".into(), 1),
        ("company=navy".into(), 2),
        ("q=person%20army".into(), 1),
        ("q=f3@filter".into(), 1),
        ("q=person%20nobody".into(), 0),
        ("min_score=1".into(), 0),
        ("min_score=0".into(), 4),
        (format!("created_from={from}"), 3),
        (format!("created_before={from}"), 1),
        (format!("created_from={from}&created_before={from}"), 0),
    ] {
        let list = ada.get_list(&format!("/api/leads?{query}&with_total=true")).await;
        assert_eq!(
            (list["data"].as_array().unwrap().len(), &list["total"]),
            (expected, &json!(expected)),
            "{query}"
        );
    }
    server.stop().await;
}
