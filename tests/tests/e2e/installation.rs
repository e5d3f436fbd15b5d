//! Operators of the installation work on other organizations through doors of their own.

use groundswell_domain::identity::Role;
use groundswell_tests::{Backend, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(
    an_operator_makes_and_visits_organizations,
    a_public_address_of_its_own
);

async fn an_operator_makes_and_visits_organizations(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    let operator = server.member(&ada, Role::Superadmin).await;
    let list = operator
        .get_list("/api/admin/organizations?with_total=true&sort=name")
        .await;
    assert_eq!(list["total"], 2);
    let ids = [&ada.organization, &eve.organization].map(|id| json!(id));
    let seen: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["id"])
        .collect();
    assert_eq!(seen, ids.iter().collect::<Vec<_>>());
    let path = format!("/api/admin/organizations/{}", eve.organization);
    assert_eq!(operator.get(&path).await["id"], json!(eve.organization));
    // Everything else still shows the operator's own organization only.
    eve.post("/api/leads", &json!({ "email": "lead@eve.example" }))
        .await;
    assert_eq!(operator.get_list("/api/leads?with_total=true").await["total"], 0);

    let body = json!({ "name": "New", "administrator": { "email": "nina@new.example", "name": "Nina" } });
    let made = operator.post("/api/admin/organizations", &body).await;
    assert_eq!(made["name"], "New");
    let again = operator
        .send(Method::POST, "/api/admin/organizations", Some(&body))
        .await;
    again.expect_error(409, "email_taken");
    let list = operator
        .get_list("/api/admin/organizations?with_total=true")
        .await;
    assert_eq!(list["total"], 3, "a refusal leaves nothing behind");

    let helper = json!({ "email": "help@eve.example", "name": "Help" });
    let user = operator.post(&format!("{path}/administrators"), &helper).await;
    assert_eq!(
        (user["role"].as_str(), user["organization_id"].as_str()),
        (Some("company_admin"), Some(eve.organization.as_str()))
    );
    // The organization itself sees who was there.
    let log = eve.get_list("/api/audit-log?action=user.invited").await;
    assert_eq!(log["data"][0]["actor"]["user_id"], json!(operator.user));
    server.drain().await;
    server.stop().await;
}

async fn a_public_address_of_its_own(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for bad in [
        "news.example.com",
        "https://news.example.com/path",
        "ftp://a.example",
    ] {
        let body = json!({ "public_url": bad });
        let refused = ada.send(Method::PATCH, "/api/organization", Some(&body)).await;
        refused.expect_error(400, "invalid_input");
    }
    let body = json!({ "public_url": "https://news.ada.example" });
    let changed = ada.patch("/api/organization", &body).await;
    assert_eq!(changed["public_url"], "https://news.ada.example/");
    let mail = json!({ "to": "bob@x.example", "subject": "Hi", "body": "<p><a href=\"https://a.example\">A</a></p>" });
    ada.post("/api/email/send", &mail).await;
    server.drain().await;
    let mailbox = server.fetch("/dev/mailbox").await;
    let first = mailbox.text.split("/dev/mailbox/").nth(1).unwrap();
    let id: String = first
        .chars()
        .take_while(|c| c.is_ascii_hexdigit() || *c == '-')
        .collect();
    let shown = server.fetch(&format!("/dev/mailbox/{id}")).await.text;
    assert!(
        shown.contains("news.ada.example/t/c/") || shown.contains("news.ada.example&#x2f;t"),
        "{shown}"
    );
    let body = json!({ "public_url": null });
    assert!(ada.patch("/api/organization", &body).await["public_url"].is_null());
    server.drain().await;
    server.stop().await;
}
