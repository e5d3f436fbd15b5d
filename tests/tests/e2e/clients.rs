//! Clients and projects: what hangs together, what can't be taken away, and what is known about all of them.

use crate::samples::sample;
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    clients_are_made_read_and_found,
    mistakes_are_named,
    campaigns_and_leads_of_a_client,
    a_client_with_running_campaigns_stays,
    deleting_a_client_keeps_what_was_done_for_it,
    projects_belong_to_one_client,
    health_has_reasons,
    the_overview_counts,
);

const CLIENTS: &str = "/api/clients";

async fn add(account: &Account<'_>, path: &str, body: &Value) -> String {
    account.post(path, body).await["id"].as_str().unwrap().to_owned()
}

fn mail_campaign(more: &Value) -> Value {
    let mut campaign =
        json!({ "name": "Spring", "type": "email", "content": { "subject": "x", "html": "<p>x</p>" } });
    campaign
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    campaign
}

async fn clients_are_made_read_and_found(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let mut body = sample("create_client");
    body["country"] = json!("de");
    body["name"] = json!("  Acme  ");
    body["annual_revenue"] = json!({ "amount": 1_234.56, "currency": "usd" });
    let reply = ada.send(Method::POST, CLIENTS, Some(&body)).await;
    let made = reply.expect(201).data();
    let path = format!("{CLIENTS}/{}", made["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), path);
    for (field, value) in [
        ("name", json!("Acme")),
        ("country", json!("DE")),
        ("annual_revenue", json!(1234.56)),
        ("currency", json!("USD")),
        ("status", json!("active")),
        ("version", json!(1)),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let mut read = ada.get(&path).await;
    let health = read.as_object_mut().unwrap().remove("health").unwrap();
    assert_eq!(read, made);
    assert_eq!(health["reasons"].as_array().unwrap().len(), 5, "{health}");

    server.clock.advance(TimeDelta::minutes(1));
    ada.post(
        CLIENTS,
        &json!({ "name": "Bare", "status": "prospect", "annual_revenue": 900 }),
    )
    .await;
    let between =
        (server.app.now() - TimeDelta::seconds(30)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    for (query, expected) in [
        ("q=ACM".to_owned(), vec!["Acme"]),
        ("industry=Software".into(), vec!["Acme"]),
        ("country=DE".into(), vec!["Acme"]),
        ("country=de".into(), vec!["Acme"]),
        ("status=prospect".into(), vec!["Bare"]),
        ("min_employees=120&max_employees=120".into(), vec!["Acme"]),
        ("min_employees=121".into(), vec![]),
        ("min_revenue=1".into(), vec!["Bare"]),
        ("min_revenue=1234.56&currency=USD".into(), vec!["Acme"]),
        ("max_revenue=1234.55&currency=USD".into(), vec![]),
        (format!("created_after={between}"), vec!["Bare"]),
        (format!("created_before={between}"), vec!["Acme"]),
        ("sort=name".into(), vec!["Acme", "Bare"]),
        ("sort=-name".into(), vec!["Bare", "Acme"]),
    ] {
        for list in [CLIENTS, "/api/clients/health/clients"] {
            let found = ada.get_list(&format!("{list}?{query}&with_total=true")).await;
            let names: Vec<_> = found["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|client| client["name"].as_str().unwrap())
                .collect();
            assert_eq!(names, expected, "{list}?{query}");
            assert_eq!(found["total"], expected.len(), "{list}?{query}");
        }
    }
    for query in ["min_revenue=1.001", "max_revenue=99999999999999999", "country=XX"] {
        ada.send(Method::GET, &format!("{CLIENTS}?{query}"), None)
            .await
            .expect_error(400, "invalid_input");
    }
    ada.send(Method::DELETE, &path, None).await.expect(200);
    for method in [Method::GET, Method::DELETE] {
        ada.send(method, &path, None)
            .await
            .expect_error(404, "client_not_found");
    }
    server.stop().await;
}

async fn mistakes_are_named(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let contact = |more: Value| {
        let mut contact = json!({ "name": "Grace" });
        contact
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([contact])
    };
    let primary = json!({ "name": "Grace", "is_primary": true });
    for (field, value, named) in [
        ("name", json!(""), "name"),
        ("name", json!("x".repeat(201)), "name"),
        ("industry", json!("a\nb"), "industry"),
        ("country", json!("UK"), "country"),
        ("country", json!("Germany"), "country"),
        ("website", json!("javascript:alert(1)"), "website"),
        ("website", json!("acme.example"), "website"),
        ("annual_revenue", json!(-1), "annual_revenue"),
        ("annual_revenue", json!(1.001), "annual_revenue"),
        ("employees", json!(-1), "employees"),
        ("employees", json!(1.5), "employees"),
        ("notes", json!("x".repeat(10_001)), "notes"),
        ("status", json!("gone"), "status"),
        ("tags", json!(["a,b"]), "tags"),
        ("contacts", json!(vec![json!({ "name": "x" }); 51]), "contacts"),
        ("contacts", json!([primary, primary]), "contacts"),
        ("contacts", contact(json!({ "name": " " })), "contacts[0].name"),
        (
            "contacts",
            contact(json!({ "email": "nobody" })),
            "contacts[0].email",
        ),
        ("contacts", contact(json!({ "fax": "1" })), "contacts[0].fax"),
    ] {
        let mut body = sample("create_client");
        body[field] = value;
        let path = add(&ada, CLIENTS, &sample("create_client")).await;
        for (method, path) in [
            (Method::POST, CLIENTS.to_owned()),
            (Method::PATCH, format!("{CLIENTS}/{path}")),
        ] {
            let reply = ada.send(method, &path, Some(&body)).await;
            reply.expect_error(400, "invalid_input");
            let found = reply.json()["details"][0]["field"].as_str().unwrap().to_owned();
            assert!(
                found.starts_with(named) || named.starts_with(&found),
                "{}",
                reply.text
            );
        }
    }
    let both = json!({ "name": "", "employees": -1 });
    let reply = ada.send(Method::POST, CLIENTS, Some(&both)).await;
    assert_eq!(
        reply.json()["details"].as_array().unwrap().len(),
        2,
        "{}",
        reply.text
    );
    server.stop().await;
}

async fn campaigns_and_leads_of_a_client(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = add(&ada, CLIENTS, &json!({ "name": "Acme" })).await;
    let project = add(
        &ada,
        "/api/projects",
        &json!({ "name": "Relaunch", "client_id": client }),
    )
    .await;
    let campaign = mail_campaign(&json!({ "client_id": client, "project_id": project }));
    let bulk = json!({ "campaigns": [campaign, mail_campaign(&json!({ "client_id": client }))] });
    ada.post("/api/campaigns/bulk/create", &bulk).await;
    let other = add(&ada, "/api/campaigns", &mail_campaign(&json!({}))).await;
    let campaigns = format!("{CLIENTS}/{client}/campaigns?with_total=true");
    assert_eq!(ada.get_list(&campaigns).await["total"], 2);
    assert_eq!(
        ada.get_list(&format!("{campaigns}&project_id={project}")).await["total"],
        1
    );
    for (query, expected) in [
        (format!("client_id={client}"), 2),
        (format!("project_id={project}"), 1),
    ] {
        let list = ada
            .get_list(&format!("/api/campaigns?{query}&with_total=true"))
            .await;
        assert_eq!(list["total"], expected, "{query}");
    }
    let path = format!("/api/campaigns/{other}");
    let moved = ada
        .patch(&path, &json!({ "client_id": client, "project_id": project }))
        .await;
    assert_eq!(
        (&moved["client_id"], &moved["project_id"]),
        (&json!(client), &json!(project))
    );
    assert_eq!(
        ada.patch(&path, &json!({ "name": "x" })).await["client_id"],
        client
    );
    let cleared = ada.patch(&path, &json!({ "client_id": null })).await;
    assert_eq!(
        (&cleared["client_id"], &cleared["project_id"]),
        (&Value::Null, &json!(project))
    );

    let lead = add(
        &ada,
        "/api/leads",
        &json!({ "email": "a@links.example", "client_id": client }),
    )
    .await;
    ada.post("/api/leads", &json!({ "email": "b@links.example" }))
        .await;
    let leads = format!("/api/leads?client_id={client}&with_total=true");
    assert_eq!(ada.get_list(&leads).await["total"], 1);
    let path = format!("/api/leads/{lead}");
    assert_eq!(
        ada.patch(&path, &json!({ "name": "A" })).await["client_id"],
        client
    );
    assert_eq!(
        ada.patch(&path, &json!({ "client_id": null })).await["client_id"],
        Value::Null
    );

    let nothing = server.app.id::<uuid::Uuid>();
    for (method, path, body, field) in [
        (
            Method::POST,
            "/api/campaigns".to_owned(),
            mail_campaign(&json!({ "client_id": nothing })),
            "client_id",
        ),
        (
            Method::PATCH,
            format!("/api/campaigns/{other}"),
            json!({ "project_id": nothing }),
            "project_id",
        ),
        (
            Method::POST,
            "/api/campaigns/bulk/create".into(),
            json!({ "campaigns": [mail_campaign(&json!({ "client_id": nothing }))] }),
            "campaigns[0].client_id",
        ),
        (Method::PATCH, path, json!({ "client_id": nothing }), "client_id"),
        (
            Method::POST,
            "/api/projects".into(),
            json!({ "name": "x", "client_id": nothing }),
            "client_id",
        ),
    ] {
        let reply = ada.send(method, &path, Some(&body)).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], field, "{}", reply.text);
    }
    server.stop().await;
}

async fn a_client_with_running_campaigns_stays(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = add(&ada, CLIENTS, &json!({ "name": "Acme" })).await;
    let path = format!("{CLIENTS}/{client}");
    let campaign = add(
        &ada,
        "/api/campaigns",
        &mail_campaign(&json!({ "client_id": client })),
    )
    .await;
    let schedule = json!({ "start_date": "2037-02-01T00:00:00Z" });
    ada.post(&format!("/api/campaigns/{campaign}/schedule"), &schedule)
        .await;
    let refused = ada.send(Method::DELETE, &path, None).await;
    refused.expect_error(409, "client_has_active_campaigns");
    assert!(
        refused.text.contains("Spring") && refused.text.contains(&campaign),
        "{}",
        refused.text
    );
    ada.get(&path).await;
    ada.post(&format!("/api/campaigns/{campaign}/cancel"), &json!({}))
        .await;
    ada.send(Method::DELETE, &path, None).await.expect(200);
    server.discard().await;
}

async fn deleting_a_client_keeps_what_was_done_for_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = add(&ada, CLIENTS, &json!({ "name": "Acme" })).await;
    let project = add(
        &ada,
        "/api/projects",
        &json!({ "name": "Relaunch", "client_id": client }),
    )
    .await;
    let links = json!({ "client_id": client, "project_id": project });
    let campaign = add(&ada, "/api/campaigns", &mail_campaign(&links)).await;
    let lead = add(
        &ada,
        "/api/leads",
        &json!({ "email": "a@links.example", "client_id": client }),
    )
    .await;
    ada.send(Method::DELETE, &format!("{CLIENTS}/{client}"), None)
        .await
        .expect(200);
    let campaign = ada.get(&format!("/api/campaigns/{campaign}")).await;
    assert_eq!(
        (&campaign["client_id"], &campaign["project_id"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        ada.get(&format!("/api/leads/{lead}")).await["client_id"],
        Value::Null
    );
    ada.send(Method::GET, &format!("/api/projects/{project}"), None)
        .await
        .expect_error(404, "project_not_found");
    server.stop().await;
}

async fn projects_belong_to_one_client(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let acme = add(&ada, CLIENTS, &json!({ "name": "Acme" })).await;
    let other = add(&ada, CLIENTS, &json!({ "name": "Other" })).await;
    let project = add(
        &ada,
        "/api/projects",
        &json!({ "name": "Relaunch", "client_id": acme }),
    )
    .await;
    let path = format!("/api/projects/{project}");
    let wrong = mail_campaign(&json!({ "client_id": other, "project_id": project }));
    let reply = ada.send(Method::POST, "/api/campaigns", Some(&wrong)).await;
    reply.expect_error(400, "invalid_input");
    assert_eq!(
        reply.json()["details"][0]["field"],
        "project_id",
        "{}",
        reply.text
    );

    let campaign = add(
        &ada,
        "/api/campaigns",
        &mail_campaign(&json!({ "client_id": acme, "project_id": project })),
    )
    .await;
    ada.send(Method::PATCH, &path, Some(&json!({ "client_id": other })))
        .await
        .expect_error(409, "project_has_campaigns");
    ada.patch(
        &format!("/api/campaigns/{campaign}"),
        &json!({ "project_id": null }),
    )
    .await;
    let moved = ada
        .patch(&path, &json!({ "client_id": other, "status": "archived" }))
        .await;
    assert_eq!(
        (&moved["client_id"], &moved["version"]),
        (&json!(other), &json!(2))
    );
    for (query, expected) in [
        (format!("client_id={other}"), 1),
        (format!("client_id={acme}"), 0),
        ("status=archived".into(), 1),
        ("q=LAUNCH".into(), 1),
        ("status=active".into(), 0),
    ] {
        let list = ada
            .get_list(&format!("/api/projects?{query}&with_total=true"))
            .await;
        assert_eq!(list["total"], expected, "{query}");
    }
    let backwards = json!({ "start_date": "2027-02-02T00:00:00Z", "end_date": "2027-02-01T00:00:00Z" });
    let reply = ada.send(Method::PATCH, &path, Some(&backwards)).await;
    reply.expect_error(400, "invalid_input");
    assert_eq!(reply.json()["details"][0]["field"], "end_date");
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(404, "project_not_found");
    server.stop().await;
}

async fn health_has_reasons(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let quiet = add(&ada, CLIENTS, &json!({ "name": "Quiet" })).await;
    let contacts = json!([{ "name": "Grace", "email": "g@busy.example", "is_primary": true }]);
    let busy = add(&ada, CLIENTS, &json!({ "name": "Busy", "contacts": contacts })).await;
    ada.post("/api/leads", &json!({ "email": "a@health.example" }))
        .await;
    let campaign = add(
        &ada,
        "/api/campaigns",
        &mail_campaign(&json!({ "client_id": busy })),
    )
    .await;
    ada.post(&format!("/api/campaigns/{campaign}/launch"), &json!({}))
        .await;
    let health = ada.get(&format!("{CLIENTS}/{busy}")).await["health"].take();
    assert_eq!(
        (&health["score"], &health["level"]),
        (&json!(100), &json!("healthy")),
        "{health}"
    );
    server.drain().await;
    let list = ada.get_list("/api/clients/health/clients?sort=name").await;
    let found: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|client| {
            (
                client["id"].as_str().unwrap(),
                client["score"].as_i64().unwrap(),
                client["level"].as_str().unwrap(),
            )
        })
        .collect();
    // The campaign is completed by now: nothing runs, but something happened.
    assert_eq!(
        found,
        [(busy.as_str(), 70, "healthy"), (quiet.as_str(), 35, "at_risk")]
    );
    let reasons = list["data"][1]["reasons"].as_array().unwrap();
    let points: i64 = reasons
        .iter()
        .map(|reason| reason["points"].as_i64().unwrap())
        .sum();
    assert_eq!(points, 35);
    assert!(
        reasons
            .iter()
            .all(|reason| reason["message"].as_str().unwrap().contains(' ')),
        "{list}"
    );
    server.stop().await;
}

async fn the_overview_counts(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for (industry, country, revenue) in [
        ("Food", "DE", json!(100)),
        ("Food", "FR", json!(200.5)),
        ("Media", "DE", json!({ "amount": 7, "currency": "JPY" })),
    ] {
        ada.post(
            CLIENTS,
            &json!({ "name": "x", "industry": industry, "country": country, "annual_revenue": revenue }),
        )
        .await;
    }
    ada.post(CLIENTS, &json!({ "name": "x", "status": "inactive" }))
        .await;
    let stats = ada.get("/api/clients/stats/overview").await;
    assert_eq!(stats["total"], 4);
    assert_eq!(stats["by_status"], json!({ "active": 3, "inactive": 1 }));
    assert_eq!(
        stats["by_industry"][0],
        json!({ "industry": "Food", "clients": 2 })
    );
    assert_eq!(stats["by_country"][0], json!({ "country": "DE", "clients": 2 }));
    assert_eq!(stats["average_revenue"], json!({ "EUR": 150.25, "JPY": 7.0 }));
    let growth = stats["growth_by_month"].as_array().unwrap();
    assert_eq!((growth.len(), &growth[11]["clients"]), (12, &json!(4)));
    assert_eq!(growth[11]["month"], server.app.now().format("%Y-%m").to_string());
    server.stop().await;
}
