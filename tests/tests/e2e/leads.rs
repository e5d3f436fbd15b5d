//! Keeping leads, finding them, and the numbers about them.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    leads_are_made_read_changed_and_deleted,
    one_address_is_one_lead,
    the_overview_is_the_truth_after_many_changes,
    the_score_is_the_sum_of_its_ledger,
);

fn path(lead: &Value) -> String {
    format!("/api/leads/{}", lead["id"].as_str().unwrap())
}

async fn leads_are_made_read_changed_and_deleted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let body = json!({ "email": "Grace@Navy.example", "name": " Grace Hopper ", "tags": ["VIP", " spring ", "vip"], "status": "qualified",
        "stage": "opportunity", "custom_fields": { "size": "L", "age": 40, "nested": { "a": [1] } }, "utm": { "source": "fair" } });
    let reply = ada.send(Method::POST, "/api/leads", Some(&body)).await;
    let lead = reply.expect(201).data();
    assert_eq!(reply.header("location"), path(&lead));
    assert_eq!(lead["tags"], json!(["spring", "vip"]), "tags have one spelling");
    assert_eq!(
        (&lead["name"], &lead["email"]),
        (&json!("Grace Hopper"), &json!("Grace@Navy.example"))
    );
    assert_eq!(
        (&lead["source"], &lead["score"]["total"]),
        (&json!("manual"), &json!(0))
    );
    assert_eq!(ada.get(&path(&lead)).await, lead);

    server.clock.advance(TimeDelta::seconds(1));
    let patch = json!({ "custom_fields": { "size": null, "age": 41, "new": true }, "company": "Navy", "tags": ["Two"] });
    let patched = ada.patch(&path(&lead), &patch).await;
    assert_eq!(
        patched["custom_fields"],
        json!({ "age": 41, "new": true, "nested": { "a": [1] } })
    );
    assert_eq!(
        (&patched["tags"], &patched["version"]),
        (&json!(["two"]), &json!(2))
    );
    assert_eq!(
        (&patched["utm"], &patched["stage"]),
        (&lead["utm"], &lead["stage"])
    );
    let cleared = ada
        .patch(
            &path(&lead),
            &json!({ "company": null, "custom_fields": null, "tags": null }),
        )
        .await;
    assert_eq!(
        (&cleared["company"], &cleared["custom_fields"], &cleared["tags"]),
        (&Value::Null, &json!({}), &json!([]))
    );

    let replaced = ada
        .send(
            Method::PUT,
            &path(&lead),
            Some(&json!({ "email": "grace@army.example" })),
        )
        .await;
    let replaced = replaced.expect(200).data();
    assert_eq!(
        (&replaced["name"], &replaced["status"], &replaced["id"]),
        (&json!(""), &lead["status"], &lead["id"]),
        "where it stands is history"
    );
    ada.send(Method::DELETE, &path(&lead), None).await.expect(200);
    for method in [Method::GET, Method::DELETE] {
        ada.send(method, &path(&lead), None)
            .await
            .expect_error(404, "lead_not_found");
    }
    for (body, field) in [
        (json!({ "email": "nobody" }), "email"),
        (
            json!({ "email": "a@b.example", "name": "a\r\nBcc: x@y.example" }),
            "name",
        ),
        (
            json!({ "email": "a@b.example", "company": "x".repeat(301) }),
            "company",
        ),
        (json!({ "email": "a@b.example", "source": "" }), "source"),
        (json!({ "email": "a@b.example", "tags": ["a,b"] }), "tags"),
        (json!({ "email": "a@b.example", "status": "hot" }), "status"),
        (json!({ "email": "a@b.example", "score": 5 }), "score"),
        (
            json!({ "email": "a@b.example", "custom_fields": { "": 1 } }),
            "custom_fields",
        ),
        (json!({ "name": "Nobody" }), "email"),
    ] {
        let reply = ada.send(Method::POST, "/api/leads", Some(&body)).await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(field), "{body}: {}", reply.text);
    }
    server.stop().await;
}

async fn one_address_is_one_lead(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let bob = server.register("Bob").await;
    let body = json!({ "email": "Grace@Navy.example" });
    let lead = ada.post("/api/leads", &body).await;
    for spelling in ["grace@navy.example", " GRACE@NAVY.EXAMPLE "] {
        let reply = ada
            .send(Method::POST, "/api/leads", Some(&json!({ "email": spelling })))
            .await;
        reply.expect_error(409, "lead_exists");
    }
    let other = ada
        .post("/api/leads", &json!({ "email": "other@x.example" }))
        .await;
    for method in [Method::PATCH, Method::PUT] {
        let reply = ada
            .send(
                method,
                &path(&other),
                Some(&json!({ "email": "grace@navy.example" })),
            )
            .await;
        reply.expect_error(409, "lead_exists");
    }
    // Its own address in another spelling is no conflict, and another organization has its own people.
    assert_eq!(
        ada.patch(&path(&lead), &json!({ "email": "GRACE@navy.example" }))
            .await["email"],
        "GRACE@navy.example"
    );
    bob.post("/api/leads", &body).await;
    server.stop().await;
}

/// The overview as the list of all leads has it.
async fn truth(account: &Account<'_>) -> Value {
    let all = account.get_list("/api/leads/export?format=json").await;
    let all = all.as_array().unwrap();
    let count = |status: &str| all.iter().filter(|lead| lead["status"] == status).count();
    #[expect(clippy::cast_precision_loss, reason = "a handful of leads")]
    let rate = if all.is_empty() {
        0.0
    } else {
        count("converted") as f64 / all.len() as f64
    };
    json!({ "total_leads": all.len(), "new_leads": count("new"), "qualified_leads": count("qualified"), "conversion_rate": rate })
}

async fn the_overview_is_the_truth_after_many_changes(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let bob = server.register("Bob").await;
    let overview = async || ada.get("/api/leads/analytics/overview").await;
    assert_eq!(overview().await, truth(&ada).await);
    let statuses = ["new", "contacted", "qualified", "converted", "disqualified"];
    let mut leads = Vec::new();
    for (index, status) in statuses.iter().cycle().take(12).enumerate() {
        let body = json!({ "email": format!("lead{index}@x.example"), "status": status });
        leads.push(ada.post("/api/leads", &body).await);
    }
    assert_eq!(overview().await, truth(&ada).await);
    for (index, lead) in leads.iter().enumerate().take(9) {
        let body = json!({ "status": statuses[(index * 3 + 1) % 5] });
        let reply = ada.send(Method::PATCH, &path(lead), Some(&body)).await;
        // Neither customers nor disqualified leads become just anything.
        reply.expect(if index % 5 < 3 { 200 } else { 409 });
    }
    // Changes that are refused count for nothing, and so do changes of the same lead at the same time.
    let stale = ada
        .request(Method::PATCH, &path(&leads[0]))
        .header("if-match", "\"1\"")
        .json(&json!({ "status": "qualified" }));
    groundswell_tests::Reply::to(stale).await.expect(412);
    let racing = (0..10).map(|index| {
        let (ada, lead) = (&ada, &leads[10]);
        async move {
            let body = json!({ "status": statuses[index % 3] });
            ada.send(Method::PATCH, &path(lead), Some(&body)).await.status
        }
    });
    for status in futures_util::future::join_all(racing).await {
        assert!([200, 412].contains(&status.as_u16()), "{status}");
    }
    ada.send(
        Method::PUT,
        &path(&leads[11]),
        Some(&json!({ "email": "put@x.example", "status": "converted" })),
    )
    .await
    .expect(200);
    for lead in &leads[..4] {
        ada.send(Method::DELETE, &path(lead), None).await.expect(200);
    }
    let last = path(&leads[4]);
    let deleting = (0..3).map(|_| ada.send(Method::DELETE, &last, None));
    let gone = futures_util::future::join_all(deleting).await;
    assert_eq!(gone.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(overview().await["total_leads"], 7);
    assert_eq!(overview().await, truth(&ada).await);
    assert_eq!(bob.get("/api/leads/analytics/overview").await["total_leads"], 0);
    server.stop().await;
}

async fn the_score_is_the_sum_of_its_ledger(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "F", "fields": fields }),
        )
        .await;
    let webhook = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    for _ in 0..3 {
        server
            .post(&webhook, &json!({ "email": "grace@navy.example" }))
            .await
            .expect(201);
        server.clock.advance(TimeDelta::seconds(1));
    }
    let lead = ada.get_list("/api/leads").await["data"][0].take();
    let first = ada
        .get_list(&format!(
            "{}/score/entries?limit=2&with_total=true&sort=created_at",
            path(&lead)
        ))
        .await;
    let next = first["next_cursor"].as_str().unwrap();
    let second = ada
        .get_list(&format!(
            "{}/score/entries?limit=2&sort=created_at&cursor={next}",
            path(&lead)
        ))
        .await;
    let entries: Vec<&Value> = first["data"]
        .as_array()
        .unwrap()
        .iter()
        .chain(second["data"].as_array().unwrap())
        .collect();
    assert_eq!((entries.len(), &first["total"]), (3, &json!(3)));
    let sum: i64 = entries
        .iter()
        .map(|entry| entry["points"].as_i64().unwrap())
        .sum();
    assert_eq!(
        lead["score"],
        json!({ "total": sum, "fit": 0, "engagement": sum })
    );
    for entry in entries {
        assert_eq!(
            (&entry["rule"], &entry["lead_id"]),
            (&json!("form_submitted"), &lead["id"])
        );
        assert!(entry["event"].as_str().unwrap().starts_with("submission:"));
    }
    // Changing everything else of the lead leaves its score alone; deleting it takes the ledger along.
    ada.send(
        Method::PUT,
        &path(&lead),
        Some(&json!({ "email": "grace@army.example" })),
    )
    .await
    .expect(200);
    assert_eq!(ada.get(&path(&lead)).await["score"], lead["score"]);
    ada.send(Method::DELETE, &path(&lead), None).await.expect(200);
    ada.send(Method::GET, &format!("{}/score/entries", path(&lead)), None)
        .await
        .expect_error(404, "lead_not_found");
    server.stop().await;
}
