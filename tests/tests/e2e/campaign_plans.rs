//! When the mails of campaigns leave, how many at once, and what their links say.

use crate::campaigns::{checked, draft, make};
use crate::contacts::{follow, link};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_tests::{Account, Backend, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_window_and_a_cap_hold_for_days_and_lose_nobody,
    each_lead_gets_it_on_its_own_clock,
    a_rate_and_a_ramp_hold_over_a_pause,
    nobody_gets_more_than_the_organization_allows,
    mails_leave_at_the_best_hour_of_each_lead,
    links_say_where_visitors_come_from,
);

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36";

async fn leads(account: &Account<'_>, count: usize) {
    for index in 0..count {
        let body = json!({ "email": format!("lead{index}@x.example"), "name": format!("Lead {index}") });
        account.post("/api/leads", &body).await;
    }
}

/// A campaign with this delivery, launched.
async fn launched(account: &Account<'_>, delivery: Value) -> String {
    let mut body = draft(&json!({}));
    body["delivery"] = delivery.clone();
    let path = make(account, &body).await;
    assert_eq!(account.get(&path).await["delivery"], delivery);
    account.post(&format!("{path}/launch"), &json!({})).await;
    path
}

async fn sent(account: &Account<'_>, path: &str) -> i64 {
    checked(account, path).await["metrics"]["sent"].as_i64().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn a_window_and_a_cap_hold_for_days_and_lose_nobody(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 5).await;
    // It is Friday, 9:00 in Berlin.
    let window = json!({ "days": ["friday", "monday", "tuesday"], "from": "10:00", "to": "17:00", "time_zone": "Europe/Berlin" });
    let path = launched(&ada, json!({ "window": window, "daily_cap": 2 })).await;
    server.drain().await;
    assert_eq!(sent(&ada, &path).await, 0, "the window is closed");
    server.clock.set(at("2027-01-15T08:59:59Z"));
    server.drain().await;
    assert_eq!(sent(&ada, &path).await, 0);
    for (now, expected) in [
        ("2027-01-15T09:00:02Z", 2),
        ("2027-01-15T12:00:00Z", 2),
        // Saturday; a paused Sunday; Monday before and in the window; Tuesday.
        ("2027-01-16T12:00:00Z", 2),
        ("2027-01-18T08:30:00Z", 2),
        ("2027-01-18T10:00:00Z", 4),
        ("2027-01-18T15:00:00Z", 4),
        ("2027-01-19T10:00:00Z", 5),
    ] {
        server.clock.set(at(now));
        server.drain().await;
        assert_eq!(sent(&ada, &path).await, expected, "{now}");
        if expected < 5 {
            ada.post(&format!("{path}/pause"), &json!({})).await;
            ada.post(&format!("{path}/resume"), &json!({})).await;
            server.drain().await;
            assert_eq!(sent(&ada, &path).await, expected, "also after a pause, {now}");
        }
    }
    assert_eq!(ada.get(&path).await["status"], "completed");
    server.stop().await;
}

async fn each_lead_gets_it_on_its_own_clock(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    for (name, zone) in [
        ("tokyo", "Asia/Tokyo"),
        ("new.york", "America/New_York"),
        ("here", "?"),
    ] {
        let body = json!({ "email": format!("{name}@x.example"), "custom_fields": { "time_zone": zone } });
        ada.post("/api/leads", &body).await;
    }
    // 8:00 in UTC, which is the organization's zone, 3:00 in New York, 17:00 in Tokyo.
    let window = json!({ "from": "09:00", "to": "12:00", "time_zone": "lead" });
    let path = launched(&ada, json!({ "window": window })).await;
    for (now, expected) in [
        ("2027-01-15T08:30:00Z", 0),
        ("2027-01-15T09:01:00Z", 1),
        ("2027-01-15T13:59:00Z", 1),
        ("2027-01-15T14:01:00Z", 2),
        ("2027-01-15T23:59:00Z", 2),
        ("2027-01-16T00:01:00Z", 3),
    ] {
        server.clock.set(at(now));
        server.drain().await;
        assert_eq!(sent(&ada, &path).await, expected, "{now}");
    }
    // It is morning in Tokyo. No worker is there while it is in the two other places: they wait for the next one.
    let late = launched(&ada, json!({ "window": window })).await;
    server.drain().await;
    for now in ["2027-01-16T12:30:00Z", "2027-01-17T12:30:00Z"] {
        server.clock.set(at(now));
        server.drain().await;
        assert_eq!(sent(&ada, &late).await, 1, "{now}");
    }
    for now in [
        "2027-01-17T14:30:00Z",
        "2027-01-18T00:30:00Z",
        "2027-01-18T09:30:00Z",
    ] {
        server.clock.set(at(now));
        server.drain().await;
    }
    assert_eq!(checked(&ada, &late).await["status"], "completed");
    server.stop().await;
}

async fn a_rate_and_a_ramp_hold_over_a_pause(backend: Backend) {
    let options = Options {
        settings: vec![("email.send_lanes", json!(3))],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 8).await;
    let fast = launched(&ada, json!({ "hourly_rate": 120 })).await;
    for minute in 0..5 {
        // Two workers at once.
        tokio::join!(server.drain(), server.drain());
        assert_eq!(sent(&ada, &fast).await, 8.min(2 + 2 * minute), "minute {minute}");
        server.clock.advance(TimeDelta::minutes(1));
    }
    let slow = launched(&ada, json!({ "ramp": { "first_day": 1, "factor": 2.0 } })).await;
    let mut expected = Vec::new();
    for day in 0..6 {
        server.drain().await;
        if day == 2 {
            ada.post(&format!("{slow}/pause"), &json!({})).await;
        }
        if day == 4 {
            ada.post(&format!("{slow}/resume"), &json!({})).await;
            server.drain().await;
        }
        expected.push(sent(&ada, &slow).await);
        server.after(TimeDelta::days(1)).await;
    }
    assert_eq!(expected[..2], [1, 3]);
    assert_eq!(expected[5], 8);
    assert_eq!(checked(&ada, &slow).await["status"], "completed");
    server.stop().await;
}

async fn nobody_gets_more_than_the_organization_allows(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 2).await;
    let mailing = json!({ "per_lead_day": 1, "per_lead_week": 3, "price_per_thousand": null });
    let organization = ada
        .patch("/api/organization", &json!({ "mailing": mailing }))
        .await;
    assert_eq!(organization["mailing"], mailing);
    for wrong in [
        json!({ "per_lead_day": 0 }),
        json!({ "price_per_thousand": -1 }),
        json!({ "per_year": 1 }),
    ] {
        let reply = ada
            .send(
                Method::PATCH,
                "/api/organization",
                Some(&json!({ "mailing": wrong })),
            )
            .await;
        reply.expect(400).expect_envelope();
    }
    // Two at once, of which each lead gets one; a single mail is no marketing.
    let patient = json!({ "over_cap": "postpone" });
    let first = launched(&ada, patient.clone()).await;
    let second = launched(&ada, patient).await;
    let single = json!({ "to": "lead0@x.example", "subject": "Invoice", "body": "Please pay" });
    ada.post("/api/email/send", &single).await;
    tokio::join!(server.drain(), server.drain());
    server.after(TimeDelta::minutes(5)).await;
    assert_eq!(sent(&ada, &first).await + sent(&ada, &second).await, 2);
    let invoices = ada
        .get_list("/api/email/messages?kind=single&status=sent&with_total=true")
        .await;
    assert_eq!(invoices["total"], 1);
    // One that does not wait.
    let third = launched(&ada, json!({})).await;
    server.drain().await;
    let left_out = ada
        .get_list(&format!("{third}/recipients?status=suppressed"))
        .await;
    let reasons: Vec<_> = left_out["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["reason"])
        .collect();
    assert_eq!(reasons, [&json!("frequency cap"); 2]);
    assert_eq!(checked(&ada, &third).await["status"], "completed");
    // The caps are looked at again when a mail is about to leave.
    let window = json!({ "from": "12:00", "to": "13:00", "time_zone": "organization" });
    let fourth = launched(&ada, json!({ "window": window })).await;
    server.drain().await;
    server.clock.set(at("2027-01-15T12:30:00Z"));
    server.drain().await;
    assert_eq!(checked(&ada, &fourth).await["metrics"]["suppressed"], 2);
    server.after(TimeDelta::hours(24)).await;
    assert_eq!(
        sent(&ada, &first).await + sent(&ada, &second).await,
        4,
        "a day later"
    );
    for path in [&first, &second] {
        assert_eq!(checked(&ada, path).await["status"], "completed");
    }
    server.stop().await;
}

async fn mails_leave_at_the_best_hour_of_each_lead(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 1).await;
    // A Monday; the lead looks at five mails in the hour from 15:00.
    server.clock.set(at("2027-01-18T10:00:00Z"));
    for _ in 0..5 {
        launched(&ada, json!({})).await;
    }
    server.drain().await;
    server.clock.set(at("2027-01-18T15:20:00Z"));
    for mail in server.app.system.outbox().latest(None, 50).await.unwrap() {
        let token = mail
            .html
            .split("/t/o/")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        follow(&server, &format!("/t/o/{token}"), BROWSER).await;
    }
    server.clock.set(at("2027-01-25T06:00:00Z"));
    let path = launched(&ada, json!({ "best_time_within_hours": 24 })).await;
    for (now, expected) in [
        ("2027-01-25T06:30:00Z", 0),
        ("2027-01-25T14:59:00Z", 0),
        ("2027-01-25T15:00:30Z", 1),
    ] {
        server.clock.set(at(now));
        server.drain().await;
        assert_eq!(sent(&ada, &path).await, expected, "{now}");
    }
    server.stop().await;
}

async fn links_say_where_visitors_come_from(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    leads(&ada, 1).await;
    let client = ada
        .post("/api/clients", &json!({ "name": "Müller & Söhne" }))
        .await;
    let lands = async |utm: Value, href: &str, client: Value| {
        let html = format!("<p><a href=\"{href}\">Go</a></p>");
        let body = json!({ "name": "Spring Sale", "type": "email", "client_id": client, "utm": utm,
            "content": { "subject": "Hello", "html": html } });
        let path = make(&ada, &body).await;
        ada.post(&format!("{path}/launch"), &json!({})).await;
        server.drain().await;
        let click = link(&server, "lead0@x.example", "/t/c/").await;
        let reply = Reply::to(server.http.get(server.url(&click)).header("user-agent", BROWSER)).await;
        reply.header("location").to_owned()
    };
    assert_eq!(
        lands(json!({}), "https://x.example/a?b=1#c", Value::Null).await,
        "https://x.example/a?b=1&utm_source=ada-ltd&utm_medium=email&utm_campaign=spring-sale#c"
    );
    assert_eq!(
        lands(
            json!({ "campaign": "Own", "content": "top" }),
            "https://x.example/",
            client["id"].clone()
        )
        .await,
        "https://x.example/?utm_source=muller-sohne&utm_medium=email&utm_campaign=Own&utm_content=top"
    );
    let own = "https://x.example/?utm_source=mine";
    assert_eq!(lands(json!({}), own, Value::Null).await, own);
    let plain = "https://x.example/plain";
    assert_eq!(
        lands(json!({ "enabled": false }), plain, Value::Null).await,
        plain
    );

    // A lead that comes from such a link to a form knows where from.
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "Offer", "fields": fields }),
        )
        .await;
    let form = form["id"].as_str().unwrap();
    let landed = lands(json!({}), &server.url(&format!("/f/{form}")), Value::Null).await;
    let page = Reply::to(server.http.get(&landed)).await;
    assert!(
        page.text.contains("utm_source") && page.text.contains("ada-ltd"),
        "{}",
        page.text
    );
    let query = landed.split_once('?').unwrap().1;
    let mut sent: Vec<(String, String)> = url_pairs(query);
    sent.push(("email".into(), "new@x.example".into()));
    let path = format!("/api/lead-capture/webhook/{form}");
    Reply::to(server.http.post(server.url(&path)).form(&sent)).await;
    let found = ada.get_list("/api/leads/search?q=new@x.example").await;
    assert_eq!(
        found["data"][0]["utm"],
        json!({ "source": "ada-ltd", "medium": "email", "campaign": "spring-sale" })
    );
    server.discard().await;
}

fn url_pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        part.split_once('=')
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    query.split('&').filter_map(pair).collect()
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    for (name, value, said) in [
        ("delivery", json!({ "daily_cap": 0 }), "delivery.daily_cap"),
        (
            "delivery",
            json!({ "window": { "from": "10:00", "to": "09:00" } }),
            "delivery.window.to",
        ),
        (
            "delivery",
            json!({ "window": { "from": "10:00", "to": "11:00", "time_zone": "Moon" } }),
            "time zone",
        ),
        (
            "delivery",
            json!({ "ramp": { "first_day": 10, "factor": 0.1 } }),
            "delivery.ramp.factor",
        ),
        ("delivery", json!({ "slowly": true }), "slowly"),
        ("utm", json!({ "source": "a\nb" }), "utm.source"),
    ] {
        let mut body = draft(&json!({}));
        body[name] = value;
        let reply = ada.send(Method::POST, "/api/campaigns", Some(&body)).await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(said), "{body}: {}", reply.text);
    }
    server.stop().await;
}
