//! Whom a campaign reaches, and whom it must not.

use crate::campaigns::{checked, draft, make};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    the_audience_is_who_the_filter_means,
    people_who_must_not_be_written_to_are_left_out,
);

/// Who is in the audience of a campaign, by the part before the `@`.
async fn reached(server: &TestServer, account: &Account<'_>, audience: Value) -> String {
    let path = make(account, &draft(&audience)).await;
    account.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    assert_eq!(checked(account, &path).await["status"], "completed");
    let list = account.get_list(&format!("{path}/recipients")).await;
    let names: BTreeSet<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["to"].as_str().unwrap().split('@').next().unwrap())
        .collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

async fn the_audience_is_who_the_filter_means(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let bob = server.register("Bob").await;
    bob.post(
        "/api/leads",
        &json!({ "email": "foreign@x.example", "tags": ["vip"] }),
    )
    .await;
    let mut ids = Vec::new();
    for person in [
        json!({ "email": "grace@x.example", "tags": ["vip", "fair"], "status": "qualified", "source": "fair", "company": "US Navy" }),
        json!({ "email": "mary@x.example", "tags": ["fair"], "company": "Langley" }),
        json!({ "email": "ann@x.example", "tags": ["vip"] }),
    ] {
        ids.push(ada.post("/api/leads", &person).await["id"].clone());
    }
    for (audience, expected) in [
        (json!({}), "ann grace mary"),
        (json!({ "tags_any": ["vip"] }), "ann grace"),
        (json!({ "tags_any": ["VIP", "fair"] }), "ann grace mary"),
        (json!({ "tags_all": ["vip", "fair"] }), "grace"),
        (json!({ "tags_all": ["fair"], "status": "new" }), "mary"),
        (json!({ "source": "fair" }), "grace"),
        (json!({ "company": "LANG" }), "mary"),
        (json!({ "min_score": 1 }), ""),
        (json!({ "lead_ids": [ids[0], ids[2]] }), "ann grace"),
        (
            json!({ "lead_ids": [ids[0], ids[2]], "tags_any": ["fair"] }),
            "grace",
        ),
        (json!({ "lead_ids": [] }), ""),
        (json!({ "tags_any": ["nobody"] }), ""),
    ] {
        assert_eq!(
            reached(&server, &ada, audience.clone()).await,
            expected,
            "{audience}"
        );
    }
    // Who came after the launch is not part of it, whenever the audience is written down.
    let path = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.clock.advance(TimeDelta::seconds(1));
    ada.post("/api/leads", &json!({ "email": "late@x.example" }))
        .await;
    server.drain().await;
    assert_eq!(checked(&ada, &path).await["metrics"]["audience"], 3);
    server.stop().await;
}

async fn people_who_must_not_be_written_to_are_left_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    for name in ["grace", "mary", "ann", "late", "gone"] {
        ada.post("/api/leads", &json!({ "email": format!("{name}@x.example") }))
            .await;
    }
    // One unsubscribes by the link in her mail, one is put on the list by hand.
    let first = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{first}/launch"), &json!({})).await;
    server.drain().await;
    let mail = ada.get_list("/api/email/messages?to=mary@x.example").await["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = server
        .fetch(&format!("/dev/mailbox/{mail}"))
        .await
        .text
        .replace("&#x2f;", "/");
    let link = page
        .split(&format!("{}/u/", server.base))
        .nth(1)
        .unwrap()
        .split(['"', '&', '>', '<', ' ', '\n'])
        .next()
        .unwrap();
    let link = server.url(&format!("/u/{link}"));
    groundswell_tests::Reply::to(server.http.post(link).form(&[("List-Unsubscribe", "One-Click")]))
        .await
        .expect(200);
    ada.post(
        "/api/email/suppressions",
        &json!({ "email": "ANN@x.example", "note": "Called" }),
    )
    .await;

    server.clock.advance(TimeDelta::minutes(1));
    let second = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{second}/launch"), &json!({})).await;
    server.drain_kind("campaigns.snapshot").await;
    // Between the launch and the mail: one more is suppressed, one lead is deleted.
    ada.post("/api/email/suppressions", &json!({ "email": "late@x.example" }))
        .await;
    let gone = ada.get_list("/api/leads/search?q=gone").await["data"][0]["id"].clone();
    ada.send(
        Method::DELETE,
        &format!("/api/leads/{}", gone.as_str().unwrap()),
        None,
    )
    .await
    .expect(200);
    server.drain().await;
    let campaign = ada.get(&second).await;
    assert_eq!(campaign["status"], "completed");
    assert_eq!(
        (&campaign["metrics"]["audience"], &campaign["metrics"]["sent"]),
        (&json!(5), &json!(1)),
        "{campaign}"
    );
    let list = ada
        .get_list(&format!("{second}/recipients?status=suppressed"))
        .await;
    let reasons: BTreeSet<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| {
            (
                mail["to"].as_str().unwrap().to_owned(),
                mail["reason"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let expected = [
        ("ann@x.example", "suppressed: manual"),
        ("gone@x.example", "lead deleted"),
        ("late@x.example", "suppressed: manual"),
        ("mary@x.example", "suppressed: unsubscribe"),
    ];
    let expected: BTreeSet<_> = expected
        .into_iter()
        .map(|(to, reason)| (to.to_owned(), reason.to_owned()))
        .collect();
    assert_eq!(reasons, expected);
    checked(&ada, &second).await;

    // Whoever is taken off the list is written to again.
    let entry = ada.get_list("/api/email/suppressions?reason=manual").await["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["email"] == "ANN@x.example")
        .unwrap()["id"]
        .clone();
    ada.send(
        Method::DELETE,
        &format!("/api/email/suppressions/{}", entry.as_str().unwrap()),
        None,
    )
    .await
    .expect(200);
    let third = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{third}/launch"), &json!({})).await;
    server.drain().await;
    assert_eq!(checked(&ada, &third).await["metrics"]["sent"], 2);
    server.stop().await;
}
