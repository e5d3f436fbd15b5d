//! What a campaign would do, what it did hour by hour, and sending it again.

use crate::campaigns::{checked, draft, make};
use crate::contacts::{follow, link};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_forecast_is_what_then_happens,
    who_did_not_open_gets_it_again_once,
    a_campaign_is_told_hour_by_hour,
);

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36";

async fn leads(account: &Account<'_>, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        let body = json!({ "email": format!("{name}@x.example"), "name": *name });
        let lead = account.post("/api/leads", &body).await;
        ids.push(lead["id"].as_str().unwrap().to_owned());
    }
    ids
}

async fn forecast(account: &Account<'_>, path: &str) -> Value {
    account.post(&format!("{path}/forecast"), &json!({})).await
}

async fn a_forecast_is_what_then_happens(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let ids = leads(&ada, &["a", "b", "c", "d", "e", "f", "g", "h"]).await;
    let empty = make(&ada, &json!({ "name": "Empty", "type": "social" })).await;
    let told = forecast(&ada, &empty).await;
    assert!(
        told["obstacles"][0].as_str().unwrap().contains("social"),
        "{told}"
    );
    // One had a mail already, one bounced (as far as anybody says), one took back its consent.
    let only = make(&ada, &draft(&json!({ "lead_ids": [ids[0]] }))).await;
    ada.post(&format!("{only}/launch"), &json!({})).await;
    server.drain().await;
    ada.post("/api/email/suppressions", &json!({ "email": "b@x.example" }))
        .await;
    let consent = json!({ "purpose": "marketing", "decision": "withdrawn" });
    ada.post(&format!("/api/leads/{}/consents", ids[2]), &consent)
        .await;
    let again = json!({ "purpose": "marketing", "decision": "granted" });
    for decision in [&consent, &again] {
        ada.post(&format!("/api/leads/{}/consents", ids[3]), decision)
            .await;
        server.clock.advance(TimeDelta::seconds(1));
    }
    let mailing = json!({ "per_lead_day": 1, "price_per_thousand": 800 });
    ada.patch("/api/organization", &json!({ "mailing": mailing }))
        .await;
    let mut body = draft(&json!({}));
    body["delivery"] = json!({ "daily_cap": 3, "window": { "from": "10:00", "to": "12:00" } });
    let path = make(&ada, &body).await;
    let told = forecast(&ada, &path).await;
    assert_eq!(
        (&told["audience"], &told["recipients"]),
        (&json!(8), &json!(5)),
        "{told}"
    );
    assert_eq!(
        told["excluded"],
        json!([
            { "reason": "consent withdrawn", "leads": 1 },
            { "reason": "frequency cap", "leads": 1 },
            { "reason": "suppressed: manual", "leads": 1 }
        ])
    );
    assert_eq!(
        told["days"],
        json!([{ "date": "2027-01-15", "mails": 3 }, { "date": "2027-01-16", "mails": 2 }])
    );
    assert!(
        told["first_mail_at"]
            .as_str()
            .unwrap()
            .starts_with("2027-01-15T10:00"),
        "{told}"
    );
    assert!(
        told["last_mail_at"]
            .as_str()
            .unwrap()
            .starts_with("2027-01-16T10:00"),
        "{told}"
    );
    assert_eq!(
        told["cost"],
        json!({ "amount": 4.0, "currency": "EUR", "per_thousand": 800.0 })
    );
    assert_eq!(told["rate"]["basis"], "configured");
    assert_eq!(told["obstacles"], json!([]));
    // With patience nobody is left out for having had enough.
    let patient = json!({ "delivery": { "over_cap": "postpone" } });
    ada.patch(&path, &patient).await;
    let told = forecast(&ada, &path).await;
    assert_eq!((&told["recipients"], &told["postponed"]), (&json!(6), &json!(1)));
    ada.patch(&path, &json!({ "delivery": body["delivery"] })).await;
    ada.patch("/api/organization", &json!({ "mailing": { "per_lead_day": 1 } }))
        .await;
    assert_eq!(
        forecast(&ada, &path).await["cost"],
        Value::Null,
        "unknown is not nothing"
    );

    ada.post(&format!("{path}/launch"), &json!({})).await;
    let late = ada.send(Method::POST, &format!("{path}/forecast"), None).await;
    late.expect_error(409, "campaign_state");
    server.drain().await;
    server.clock.set("2027-01-15T10:00:01Z".parse().unwrap());
    server.drain().await;
    assert_eq!(checked(&ada, &path).await["metrics"]["sent"], 3);
    server.clock.set("2027-01-16T10:00:01Z".parse().unwrap());
    server.drain().await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (
            &done["status"],
            &done["metrics"]["sent"],
            &done["metrics"]["suppressed"]
        ),
        (&json!("completed"), &json!(5), &json!(3))
    );
    server.stop().await;
}

async fn who_did_not_open_gets_it_again_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, &["opens", "sleeps", "leaves", "bot"]).await;
    let first = make(&ada, &draft(&json!({}))).await;
    let early = ada
        .send(Method::POST, &format!("{first}/resend"), Some(&json!({})))
        .await;
    early.expect_error(409, "campaign_not_launched");
    ada.post(&format!("{first}/launch"), &json!({})).await;
    server.drain().await;
    let open = async |name: &str, agent: &str| {
        let open = link(&server, &format!("{name}@x.example"), "/t/o/").await;
        follow(&server, &open, agent).await;
    };
    open("opens", BROWSER).await;
    open("bot", "curl/8.11.0").await;
    leads(&ada, &["later"]).await;
    let wrong = json!({ "subject": "{{ lead.nmae }}" });
    let reply = ada
        .send(Method::POST, &format!("{first}/resend"), Some(&wrong))
        .await;
    assert_eq!(reply.expect(400).json()["details"][0]["field"], "subject");
    let again = ada
        .post(
            &format!("{first}/resend"),
            &json!({ "name": "Reminder", "subject": "Did you see it?" }),
        )
        .await;
    assert_eq!(
        format!("/api/campaigns/{}", again["resend_of"].as_str().unwrap()),
        first
    );
    let again = format!("/api/campaigns/{}", again["id"].as_str().unwrap());
    ada.post("/api/email/suppressions", &json!({ "email": "leaves@x.example" }))
        .await;
    let told = forecast(&ada, &again).await;
    assert_eq!(
        (&told["audience"], &told["recipients"]),
        (&json!(3), &json!(2)),
        "{told}"
    );
    ada.post(&format!("{again}/launch"), &json!({})).await;
    server.drain().await;
    let done = checked(&ada, &again).await;
    assert_eq!(
        (
            &done["metrics"]["audience"],
            &done["metrics"]["sent"],
            &done["metrics"]["suppressed"]
        ),
        (&json!(3), &json!(2), &json!(1))
    );
    let mails = server.app.system.outbox().latest(None, 50).await.unwrap();
    let mut to: Vec<_> = mails
        .iter()
        .filter(|mail| mail.subject == "Did you see it?")
        .map(|mail| mail.to.as_str())
        .collect();
    to.sort_unstable();
    assert!(
        to.len() == 2 && to[0].contains("bot@") && to[1].contains("sleeps@"),
        "{to:?}"
    );
    server.stop().await;
}

async fn a_campaign_is_told_hour_by_hour(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, &["a", "b", "c"]).await;
    let path = make(&ada, &draft(&json!({}))).await;
    let nothing = ada.get(&format!("{path}/timeline")).await;
    assert_eq!(nothing["hours"], json!([]));
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    server.clock.advance(TimeDelta::minutes(90));
    for name in ["a", "b"] {
        let open = link(&server, &format!("{name}@x.example"), "/t/o/").await;
        follow(&server, &open, BROWSER).await;
        follow(&server, &open, BROWSER).await;
    }
    let unsubscribe = link(&server, "b@x.example", "/u/").await;
    let one_click = [("List-Unsubscribe", "One-Click")];
    server
        .http
        .post(server.url(&unsubscribe))
        .form(&one_click)
        .send()
        .await
        .unwrap();
    let hour = |at: &str, sent: i64, opens: i64, unsubscribes: i64| json!({ "at": at, "sent": sent, "opens": opens, "clicks": 0, "unsubscribes": unsubscribes });
    let told = ada.get(&format!("{path}/timeline")).await;
    let hours = [
        hour("2027-01-15T08:00:00Z", 3, 0, 0),
        hour("2027-01-15T09:00:00Z", 0, 2, 1),
    ];
    assert_eq!(told["hours"], json!(hours), "{told}");
    let next = ada
        .get(&format!("{path}/timeline?from=2027-01-15T09:00:00Z&hours=1"))
        .await;
    assert_eq!(next["hours"], json!([hours[1]]));
    assert!(
        next["until"].as_str().unwrap().starts_with("2027-01-15T10:00:00"),
        "{next}"
    );
    let last = ada
        .get(&format!("{path}/timeline?from=9999-12-31T22:00:00Z&hours=1"))
        .await;
    assert_eq!(last["hours"], json!([]));
    for wrong in [
        "hours=0",
        "hours=745",
        "from=now",
        "by=day",
        // It would end in a year that nobody can write.
        "from=9999-12-31T22:00:00Z",
        "from=9999-12-31T23:00:00Z&hours=1",
    ] {
        let reply = ada
            .send(Method::GET, &format!("{path}/timeline?{wrong}"), None)
            .await;
        reply.expect(400).expect_envelope();
    }
    server.stop().await;
}
