//! Looking for duplicates, and saying no to a proposal.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_scan_proposes_with_the_evidence,
    what_was_dismissed_is_not_proposed_again,
    leads_that_come_later_are_compared_too,
);

async fn lead(account: &Account<'_>, name: &str, email: &str, more: Value) -> String {
    let mut body = json!({ "name": name, "email": email });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let lead = account.post("/api/leads", &body).await;
    lead["id"].as_str().unwrap().to_owned()
}

async fn scan(server: &TestServer, account: &Account<'_>) -> Value {
    let started = account
        .send(Method::POST, "/api/leads/duplicates/scan", Some(&json!({})))
        .await
        .expect(202)
        .data();
    assert_eq!(started["status"], "indexing");
    server.drain().await;
    let done = account.get("/api/leads/duplicates/scan").await["scan"].take();
    assert_eq!(
        (&done["id"], &done["status"]),
        (&started["id"], &json!("done")),
        "{done}"
    );
    done
}

async fn proposals(account: &Account<'_>) -> Vec<Value> {
    let list = account.get_list("/api/leads/duplicates?with_total=true").await;
    let items = list["data"].as_array().unwrap().clone();
    assert_eq!(list["total"], items.len());
    items
}

async fn two_of_one(account: &Account<'_>) -> (String, String) {
    let first = lead(
        account,
        "Robert Quellmann",
        "r.quellmann@acme-tools.example",
        json!({ "phone": "+49 30 901820", "company": "Acme Tools GmbH" }),
    )
    .await;
    lead(
        account,
        "Maria Quellmann",
        "m.quellmann@acme-tools.example",
        json!({ "company": "Acme Tools" }),
    )
    .await;
    lead(
        account,
        "Grace Hopper",
        "grace@navy.example",
        json!({ "phone": "+1 202 555 0123" }),
    )
    .await;
    let second = lead(
        account,
        "Quellman, Bob",
        "bob77@web.example",
        json!({ "phone": "+4930901820", "company": "ACME Tools" }),
    )
    .await;
    (first, second)
}

async fn a_scan_proposes_with_the_evidence(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    assert_eq!(
        ada.get("/api/leads/duplicates/scan").await,
        json!({ "scan": null })
    );
    let (first, second) = two_of_one(&ada).await;
    assert_eq!(proposals(&ada).await, Vec::<Value>::new());
    let done = scan(&server, &ada).await;
    assert_eq!(
        (&done["leads"], &done["done"], &done["proposed"]),
        (&json!(4), &json!(8), &json!(1)),
        "{done}"
    );
    let found = proposals(&ada).await;
    let [pair] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (&pair["lead_a"], &pair["lead_b"]),
        (&json!(first), &json!(second))
    );
    assert_eq!(pair["status"], "proposed");
    assert!(pair["probability"].as_f64().unwrap() > 0.9, "{pair}");
    let levels: Vec<_> = pair["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|evidence| {
            (
                evidence["field"].as_str().unwrap(),
                evidence["level"].as_str().unwrap(),
            )
        })
        .collect();
    for expected in [
        ("given_name", "nickname"),
        ("family_name", "close"),
        ("phone", "exact"),
        ("company", "exact"),
    ] {
        assert!(levels.contains(&expected), "{levels:?}");
    }
    let text = pair["evidence"][0]["text"].as_str().unwrap();
    assert!(
        !text.to_lowercase().contains("quellman"),
        "evidence repeats no values: {text}"
    );

    let of_lead = ada.get_list(&format!("/api/leads/{second}/duplicates")).await;
    assert_eq!(of_lead["data"][0], *pair);
    for (query, status) in [
        ("min_probability=0.999999", 200),
        ("min_probability=2", 400),
        ("status=merged", 400),
    ] {
        let answer = ada
            .send(Method::GET, &format!("/api/leads/duplicates?{query}"), None)
            .await;
        answer.expect(status);
    }

    // Another scan brings it up to date; what does not hold any more goes away.
    let pair_id = pair["id"].clone();
    scan(&server, &ada).await;
    assert_eq!(proposals(&ada).await[0]["id"], pair_id);
    let patch = json!({ "name": "Olga Petrowa", "phone": null, "company": null });
    ada.send(Method::PATCH, &format!("/api/leads/{second}"), Some(&patch))
        .await
        .expect(200);
    scan(&server, &ada).await;
    assert_eq!(proposals(&ada).await, Vec::<Value>::new());

    let eve = server.register("Eve").await;
    assert_eq!(proposals(&eve).await, Vec::<Value>::new());
    server.stop().await;
}

async fn what_was_dismissed_is_not_proposed_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let (first, _) = two_of_one(&ada).await;
    scan(&server, &ada).await;
    let id = proposals(&ada).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/leads/duplicates/{id}/dismiss");
    let dismissed = ada.post(&path, &json!({})).await;
    assert_eq!(
        (&dismissed["status"], &dismissed["decided_by"]),
        (&json!("dismissed"), &json!(ada.user))
    );
    assert_eq!(
        ada.post(&path, &json!({})).await,
        dismissed,
        "who said it first has said it"
    );
    scan(&server, &ada).await;
    assert_eq!(proposals(&ada).await, Vec::<Value>::new());
    let list = ada.get_list("/api/leads/duplicates?status=dismissed").await;
    assert_eq!(list["data"][0]["id"], json!(id));
    let log = ada.get_list("/api/audit-log?action=duplicate.dismissed").await;
    assert_eq!(log["data"][0]["target"]["id"], json!(first));
    let eve = server.register("Eve").await;
    eve.send(Method::POST, &path, Some(&json!({}))).await.expect(404);
    server.stop().await;
}

async fn leads_that_come_later_are_compared_too(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let sweep = async || {
        server.clock.advance(TimeDelta::minutes(1));
        let due = groundswell_app::duplicates::schedule_comparison(&server.app)
            .await
            .unwrap();
        server.drain().await;
        due
    };
    lead(
        &ada,
        "Xaver Quellmann",
        "xq@one.example",
        json!({ "phone": "+49 30 901820" }),
    )
    .await;
    assert_eq!(sweep().await, 0, "nobody asked for it yet");
    scan(&server, &ada).await;
    let second = lead(
        &ada,
        "Xaver Quelmann",
        "x@two.example",
        json!({ "phone": "+49 30 901820" }),
    )
    .await;
    assert_eq!(sweep().await, 1);
    let found = proposals(&ada).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["lead_b"], json!(second));
    assert_eq!(sweep().await, 0);
    let path = format!("/api/leads/{second}");
    ada.send(Method::PATCH, &path, Some(&json!({ "name": "Olga Petrowa" })))
        .await
        .expect(200);
    assert_eq!(sweep().await, 1);
    assert_eq!(proposals(&ada).await, Vec::<Value>::new());
    server.stop().await;
}
