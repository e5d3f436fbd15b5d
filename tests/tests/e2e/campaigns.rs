//! What a campaign may look like, whom it reaches, and its numbers.

use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    campaigns_are_made_read_changed_and_deleted,
    many_are_made_all_or_none,
    the_summary_adds_everything_up,
);

const CAMPAIGNS: &str = "/api/campaigns";

pub(crate) fn draft(audience: &Value) -> Value {
    json!({ "name": "Spring", "type": "email", "target_audience": audience,
        "content": { "subject": "Hello {{ lead.first_name | default('there') }}", "html": "<p>Hello {{ lead.name | default('friend') }}</p>" } })
}

pub(crate) async fn make(account: &Account<'_>, body: &Value) -> String {
    let made = account.post(CAMPAIGNS, body).await;
    format!("{CAMPAIGNS}/{}", made["id"].as_str().unwrap())
}

/// The campaign, whose numbers must add up and agree with its recipients.
pub(crate) async fn checked(account: &Account<'_>, path: &str) -> Value {
    let campaign = account.get(path).await;
    let metrics = &campaign["metrics"];
    let number = |name: &str| metrics[name].as_i64().unwrap();
    let states = ["queued", "sent", "failed", "suppressed", "unknown", "cancelled"];
    let sum: i64 = states.iter().map(|name| number(name)).sum();
    assert_eq!(number("audience"), sum, "{metrics}");
    assert_eq!(account.get(&format!("{path}/metrics")).await, *metrics);
    let all = account
        .get_list(&format!("{path}/recipients?with_total=true"))
        .await;
    assert_eq!(all["total"], metrics["audience"], "{metrics}");
    for state in &states[1..] {
        let some = account
            .get_list(&format!("{path}/recipients?status={state}&with_total=true"))
            .await;
        assert_eq!(some["total"], metrics[*state], "{state} in {metrics}");
    }
    if campaign["status"] == "completed" {
        assert_eq!(number("queued"), 0, "finished too early: {metrics}");
    }
    campaign
}

async fn campaigns_are_made_read_changed_and_deleted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let mut body = draft(&json!({ "tags_any": [" VIP "], "min_score": 5 }));
    body["budget"] = json!({ "amount": 1234.5, "currency": "USD" });
    body["end_date"] = json!("2027-03-01T00:00:00Z");
    let reply = ada.send(Method::POST, CAMPAIGNS, Some(&body)).await;
    let made = reply.expect(201).data();
    let path = format!("{CAMPAIGNS}/{}", made["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), path);
    assert_eq!(
        (&made["status"], &made["budget_allocated"], &made["currency"]),
        (&json!("draft"), &json!(1234.5), &json!("USD"))
    );
    assert_eq!(
        made["target_audience"],
        json!({ "tags_any": ["vip"], "min_score": 5 })
    );
    assert_eq!(
        (&made["channels"], &made["created_by"]),
        (&json!(["email"]), &json!(ada.user))
    );
    assert_eq!(ada.get(&path).await, made);

    let patched = ada
        .patch(
            &path,
            &json!({ "budget": null, "objective": "More", "end_date": null }),
        )
        .await;
    assert_eq!(
        (
            &patched["budget_allocated"],
            &patched["currency"],
            &patched["end_date"]
        ),
        (&Value::Null, &json!("EUR"), &Value::Null)
    );
    assert_eq!(
        (&patched["objective"], &patched["content"]),
        (&json!("More"), &made["content"])
    );
    let put = ada
        .send(
            Method::PUT,
            &path,
            Some(&json!({ "name": "Other", "type": "mixed", "budget": 10 })),
        )
        .await;
    let put = put.expect(200).data();
    assert_eq!(
        (&put["type"], &put["content"], &put["budget_allocated"]),
        (&json!("mixed"), &json!({}), &json!(10.0))
    );

    make(&ada, &draft(&json!({}))).await;
    for (query, expected) in [
        ("", 2),
        ("type=mixed", 1),
        ("type=social", 0),
        ("status=draft", 2),
        ("status=active", 0),
        ("q=OTH", 1),
    ] {
        let found = ada
            .get_list(&format!("{CAMPAIGNS}?{query}&with_total=true"))
            .await;
        assert_eq!(found["total"], expected, "{query}");
    }
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::GET, &path, None)
        .await
        .expect_error(404, "campaign_not_found");
    server.stop().await;
}

async fn many_are_made_all_or_none(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let good = draft(&json!({}));
    let body = json!({ "campaigns": [good, { "name": "", "type": "email" }, { "name": "x", "type": "email", "budget": -1 }] });
    let reply = ada
        .send(Method::POST, "/api/campaigns/bulk/create", Some(&body))
        .await;
    let fields: Vec<_> = reply.expect(400).json()["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["campaigns[1].name", "campaigns[2].budget"]);
    assert_eq!(ada.get_list(CAMPAIGNS).await["data"], json!([]));
    for count in [0, 101] {
        let body = json!({ "campaigns": vec![good.clone(); count] });
        ada.send(Method::POST, "/api/campaigns/bulk/create", Some(&body))
            .await
            .expect(400)
            .expect_envelope();
    }
    let made = ada
        .post(
            "/api/campaigns/bulk/create",
            &json!({ "campaigns": vec![good; 3] }),
        )
        .await;
    assert_eq!(made["created"], 3);
    assert_eq!(ada.get_list("/api/campaigns?with_total=true").await["total"], 3);
    server.stop().await;
}

async fn the_summary_adds_everything_up(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    server.register("Bob").await;
    for name in ["grace", "mary"] {
        ada.post("/api/leads", &json!({ "email": format!("{name}@x.example") }))
            .await;
    }
    let mut body = draft(&json!({}));
    body["budget"] = json!(100);
    let one = make(&ada, &body).await;
    let two = make(&ada, &body).await;
    body["budget"] = json!({ "amount": 0.5, "currency": "USD" });
    make(&ada, &body).await;
    make(&ada, &json!({ "name": "Posts", "type": "social" })).await;
    for path in [&one, &two] {
        ada.post(&format!("{path}/launch"), &json!({})).await;
    }
    server.drain().await;
    for path in [&one, &two] {
        let done = checked(&ada, path).await;
        assert_eq!(
            (&done["status"], &done["metrics"]["sent"]),
            (&json!("completed"), &json!(2))
        );
    }
    let summary = ada.get("/api/campaigns/stats/summary").await;
    assert_eq!(summary["total"], 4, "{summary}");
    assert_eq!(
        (&summary["by_status"]["completed"], &summary["by_status"]["draft"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        (&summary["by_type"]["email"], &summary["by_type"]["social"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(summary["budget"], json!({ "EUR": 200.0, "USD": 0.5 }));
    assert_eq!(
        (&summary["metrics"]["audience"], &summary["metrics"]["sent"]),
        (&json!(4), &json!(4))
    );
    server.stop().await;
}

#[tokio::test]
async fn mistakes_are_named_when_a_campaign_is_saved() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let kept = make(&ada, &draft(&json!({}))).await;
    let before = ada.get(&kept).await;
    for (name, value, said) in [
        ("name", json!(""), "name"),
        ("type", json!("pigeon"), "type"),
        ("content", json!({ "subject": "x" }), "both subject and html"),
        (
            "content",
            json!({ "subject": "{{ lead.nmae }}", "html": "<p>x</p>" }),
            "lead.nmae",
        ),
        (
            "content",
            json!({ "subject": "x", "html": "<p>{{ customer.name }}</p>" }),
            "customer",
        ),
        (
            "content",
            json!({ "subject": "x", "html": "{% if %}" }),
            "content.html",
        ),
        (
            "content",
            json!({ "subject": "x", "html": "<p>x</p>", "text": "{{ lead.nmae }}" }),
            "lead.nmae",
        ),
        (
            "content",
            json!({ "template_id": "00000000-0000-7000-8000-000000000001" }),
            "content.template_id",
        ),
        (
            "content",
            json!({ "template_id": "00000000-0000-7000-8000-000000000001", "subject": "x", "html": "y" }),
            "not both",
        ),
        (
            "target_audience",
            json!({ "segment_id": "00000000-0000-7000-8000-000000000001" }),
            "segment_id",
        ),
        ("target_audience", json!({ "tag": "x" }), "target_audience"),
        (
            "target_audience",
            json!({ "tags_any": [""] }),
            "target_audience.tags_any",
        ),
        ("budget", json!({ "amount": 1, "currency": "XXXX" }), "budget"),
        ("budget", json!(-5), "budget"),
        ("start_date", json!("tomorrow"), "start_date"),
    ] {
        let mut body = draft(&json!({}));
        body[name] = value.clone();
        let patch = json!({ name: value });
        for (method, path, body) in [
            (Method::POST, CAMPAIGNS, &body),
            (Method::PUT, &kept, &body),
            (Method::PATCH, &kept, &patch),
        ] {
            let reply = ada.send(method.clone(), path, Some(body)).await;
            reply.expect(400).expect_envelope();
            assert!(reply.text.contains(said), "{method} {body}: {}", reply.text);
        }
    }
    let mut body = draft(&json!({}));
    (body["start_date"], body["end_date"]) = (json!("2027-03-02T00:00:00Z"), json!("2027-03-01T00:00:00Z"));
    let reply = ada.send(Method::POST, CAMPAIGNS, Some(&body)).await;
    assert_eq!(reply.expect(400).json()["details"][0]["field"], "end_date");
    assert_eq!(ada.get(&kept).await, before);
    server.stop().await;
}
