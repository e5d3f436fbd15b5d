//! Versions and partial changes: `ETag`, `If-Match`, PATCH and PUT.

use crate::samples::{address, sample};
use groundswell_tests::{Account, Backend, Reply, TestServer, make};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    versions_guard_changes,
    one_of_ten_changes_of_a_version_wins,
    patch_tells_absent_null_and_value_apart,
    put_replaces,
);

const VERSIONED: [(&str, &str); 6] = [
    ("/api/leads/", "create_lead"),
    ("/api/lead-capture/forms/", "create_form"),
    ("/api/campaigns/", "create_campaign"),
    ("/api/clients/", "create_client"),
    ("/api/projects/", "create_project"),
    ("/api/email/templates/", "create_template"),
];

async fn patch(account: &Account<'_>, path: &str, expected: &str, body: &Value) -> Reply {
    let request = account.request(Method::PATCH, path).header("if-match", expected);
    Reply::to(request.json(body)).await
}

async fn versions_guard_changes(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for (base, operation) in VERSIONED {
        let path = format!("{base}{}", make(&server, &ada, base).await);
        let name = |text: &str| json!({ "name": text });
        let read = ada.send(Method::GET, &path, None).await;
        assert_eq!(
            (read.header("etag"), &read.data()["version"]),
            ("\"1\"", &json!(1)),
            "{path}"
        );
        let changed = patch(&ada, &path, "\"1\"", &name("Second")).await;
        assert_eq!(changed.expect(200).header("etag"), "\"2\"");
        let stale = patch(&ada, &path, "\"1\"", &name("Lost")).await;
        stale.expect_error(412, "stale_version");
        assert!(
            stale.json()["error"].as_str().unwrap().contains('2'),
            "{}",
            stale.text
        );
        patch(&ada, &path, "W/\"1\"", &name("Lost"))
            .await
            .expect_error(412, "stale_version");
        for (fresh, version) in [("W/\"2\"", 3), ("3", 4), ("*", 5)] {
            let changed = patch(&ada, &path, fresh, &name("Newer")).await;
            assert_eq!(changed.expect(200).data()["version"], version, "{path} {fresh}");
        }
        for wrong in ["\"abc\"", "", "\"99999999999999\"", "\"1\", \"5\"", "-"] {
            let reply = patch(&ada, &path, wrong, &name("Lost")).await;
            assert!(
                matches!(reply.status.as_u16(), 400 | 412),
                "{wrong}: {}",
                reply.text
            );
        }
        let body = sample(operation);
        let put = ada
            .request(Method::PUT, &path)
            .header("if-match", "\"4\"")
            .json(&body);
        Reply::to(put).await.expect_error(412, "stale_version");
        let read = ada.get(&path).await;
        assert_eq!(
            (&read["name"], &read["version"]),
            (&json!("Newer"), &json!(5)),
            "nothing was lost"
        );
        ada.send(Method::DELETE, &path, None).await.expect(200);
        patch(&ada, &path, "\"5\"", &name("Gone"))
            .await
            .expect(404)
            .expect_envelope();
    }
    server.stop().await;
}

async fn one_of_ten_changes_of_a_version_wins(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for (base, _) in VERSIONED {
        let path = format!("{base}{}", make(&server, &ada, base).await);
        let names: Vec<Value> = (0..10)
            .map(|index| json!({ "name": format!("Name {index}") }))
            .collect();
        let replies =
            futures_util::future::join_all(names.iter().map(|name| patch(&ada, &path, "\"1\"", name))).await;
        let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(
            won.len(),
            1,
            "{base}: {:?}",
            replies.iter().map(|reply| reply.status).collect::<Vec<_>>()
        );
        replies
            .iter()
            .filter(|reply| reply.status != 200)
            .for_each(|reply| {
                reply.expect_error(412, "stale_version");
            });
        let read = ada.get(&path).await;
        assert_eq!(
            (&read["name"], &read["version"]),
            (&won[0].data()["name"], &json!(2))
        );
    }
    server.stop().await;
}

async fn patch_tells_absent_null_and_value_apart(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = json!({ "email": address(), "name": "Grace", "phone": "123", "company": "Navy", "tags": ["b", "a"], "custom_fields": { "x": 1, "y": [2], "z": null } });
    let lead = ada.post("/api/leads", &lead).await;
    let path = format!("/api/leads/{}", lead["id"].as_str().unwrap());
    let after = ada.patch(&path, &json!({})).await;
    for field in [
        "email",
        "name",
        "phone",
        "company",
        "tags",
        "custom_fields",
        "source",
        "created_at",
    ] {
        assert_eq!(after[field], lead[field], "{field}");
    }
    let after = ada.patch(&path, &json!({ "phone": null, "company": "Army", "custom_fields": { "x": null, "w": { "deep": true } } })).await;
    assert_eq!(
        (&after["phone"], &after["company"], &after["name"]),
        (&Value::Null, &json!("Army"), &json!("Grace"))
    );
    assert_eq!(
        (&after["custom_fields"]["y"], &after["custom_fields"]["w"]),
        (&json!([2]), &json!({ "deep": true }))
    );
    assert!(after["custom_fields"].get("x").is_none(), "{after}");
    let after = ada
        .patch(
            &path,
            &json!({ "tags": null, "custom_fields": null, "name": null }),
        )
        .await;
    assert_eq!(
        (&after["tags"], &after["custom_fields"], &after["name"]),
        (&json!([]), &json!({}), &json!(""))
    );
    assert_eq!(ada.get(&path).await, after);

    let path = format!(
        "/api/campaigns/{}",
        ada.post("/api/campaigns", &sample("create_campaign")).await["id"]
            .as_str()
            .unwrap()
    );
    let after = ada
        .patch(&path, &json!({ "budget": null, "objective": null }))
        .await;
    assert_eq!(
        (
            &after["budget_allocated"],
            &after["objective"],
            &after["description"]
        ),
        (&Value::Null, &Value::Null, &json!("More"))
    );
    let after = ada
        .patch(
            &path,
            &json!({ "budget": { "amount": 12.34, "currency": "USD" } }),
        )
        .await;
    assert_eq!(
        (&after["budget_allocated"], &after["currency"]),
        (&json!(12.34), &json!("USD"))
    );

    let path = format!(
        "/api/clients/{}",
        ada.post("/api/clients", &sample("create_client")).await["id"]
            .as_str()
            .unwrap()
    );
    let after = ada
        .patch(
            &path,
            &json!({ "industry": null, "contacts": null, "annual_revenue": null, "employees": 7 }),
        )
        .await;
    for (field, value) in [
        ("industry", Value::Null),
        ("contacts", json!([])),
        ("annual_revenue", Value::Null),
        ("employees", json!(7)),
        ("country", json!("DE")),
        ("tags", json!(["vip"])),
        ("notes", json!("Pays late")),
    ] {
        assert_eq!(after[field], value, "{field}");
    }

    let path = format!(
        "/api/email/templates/{}",
        ada.post("/api/email/templates", &sample("create_template")).await["id"]
            .as_str()
            .unwrap()
    );
    let after = ada.patch(&path, &json!({ "text": null })).await;
    assert_eq!(
        (&after["text"], &after["category"]),
        (&Value::Null, &json!("news"))
    );
    server.stop().await;
}

async fn put_replaces(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let old = ada.post("/api/leads", &sample("create_lead")).await;
    let path = format!("/api/leads/{}", old["id"].as_str().unwrap());
    let mail = address();
    let new = ada
        .send(Method::PUT, &path, Some(&json!({ "email": mail })))
        .await;
    let new = new.expect(200).data();
    for (field, value) in [
        ("name", json!("")),
        ("phone", Value::Null),
        ("company", Value::Null),
        ("tags", json!([])),
        ("custom_fields", json!({})),
        ("email", json!(mail)),
        ("version", json!(2)),
    ] {
        assert_eq!(new[field], value, "{field}");
    }
    for field in ["id", "created_at", "score"] {
        assert_eq!(new[field], old[field], "{field}");
    }
    let twin = ada.post("/api/leads", &sample("create_lead")).await;
    let taken = json!({ "email": twin["email"].as_str().unwrap().to_uppercase() });
    ada.send(Method::PUT, &path, Some(&taken))
        .await
        .expect_error(409, "lead_exists");
    for (base, operation, cleared) in [
        (
            "/api/campaigns/",
            "create_campaign",
            ["objective", "description", "budget_allocated"],
        ),
        (
            "/api/lead-capture/forms/",
            "create_form",
            ["campaign_id", "campaign_id", "campaign_id"],
        ),
        (
            "/api/clients/",
            "create_client",
            ["industry", "annual_revenue", "notes"],
        ),
        (
            "/api/projects/",
            "create_project",
            ["description", "start_date", "end_date"],
        ),
        (
            "/api/email/templates/",
            "create_template",
            ["text", "text", "text"],
        ),
    ] {
        let old = ada.post(base.trim_end_matches('/'), &sample(operation)).await;
        let path = format!("{base}{}", old["id"].as_str().unwrap());
        let small = match operation {
            "create_campaign" => json!({ "name": "Small", "type": "email" }),
            "create_form" => {
                json!({ "name": "Small", "fields": [{ "name": "email", "type": "email", "required": true }] })
            }
            "create_client" | "create_project" => json!({ "name": "Small" }),
            _ => json!({ "name": "Small", "subject": "x", "html": "x" }),
        };
        let new = ada.send(Method::PUT, &path, Some(&small)).await;
        let new = new.expect(200).data();
        assert_eq!(
            (&new["name"], &new["id"], &new["version"]),
            (&json!("Small"), &old["id"], &json!(2))
        );
        for field in cleared {
            assert_eq!(new[field], Value::Null, "{field}");
        }
        ada.send(Method::PUT, &path, Some(&json!({ "nam": "x" })))
            .await
            .expect_error(400, "invalid_input");
    }
    server.stop().await;
}
