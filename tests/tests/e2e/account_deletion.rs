//! A person takes their account away.

use groundswell_domain::identity::Role;
use groundswell_tests::{Account, Backend, Reply, TestServer, make};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    nothing_is_left_of_a_person,
    somebody_must_stay_in_charge,
    the_last_one_takes_everything_along,
);

const PATH: &str = "/api/user/account";

async fn leave(account: &Account<'_>, body: Value) -> Reply {
    account.send(Method::DELETE, PATH, Some(&body)).await
}

async fn nothing_is_left_of_a_person(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let invitation =
        json!({ "email": "Grace@hopper.example", "name": "Grace Hopper", "role": "company_admin" });
    ada.post("/api/users/invite", &invitation).await;
    server.drain().await;
    let mails = server.app.system.outbox().latest(None, 1).await.unwrap();
    let token = mails[0].text.split("/account/").nth(1).unwrap();
    let token: String = token
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    let accept = json!({ "token": token, "password": "correct horse", "name": "Grace Hopper" });
    server
        .post("/api/auth/invitations/accept", &accept)
        .await
        .expect(200);
    let grace = server.login("grace@hopper.example", "correct horse").await;
    let other = server.login("grace@hopper.example", "correct horse").await;
    let campaign = make(&server, &grace, "/api/campaigns/").await;
    let key = json!({ "name": "K", "scopes": ["leads:read"] });
    let key = grace.post("/api/auth/api-keys", &key).await;
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let notify = json!({ "notify": ["team@ada.example", "grace@hopper.example"] });
    let form = json!({ "name": "F", "fields": fields, "settings": notify });
    let form = grace.post("/api/lead-capture/forms", &form).await;
    grace
        .send(Method::GET, "/api/user/data-export", None)
        .await
        .expect(202);
    server.drain().await;
    assert!(!server.rows_with("hopper").await.is_empty());

    leave(&grace, json!({})).await.expect_error(400, "invalid_input");
    let wrong = leave(&grace, json!({ "password": "battery staple" })).await;
    wrong.expect_error(400, "invalid_input");
    assert_eq!(wrong.json()["details"][0]["field"], "password");
    let program = server.bearer(key["api_key"].as_str().unwrap());
    leave(&program, json!({ "password": "correct horse" }))
        .await
        .expect_error(403, "forbidden");
    let receipt = leave(&grace, json!({ "password": "correct horse" }))
        .await
        .expect(200)
        .data();
    assert_eq!(
        (&receipt["kind"], &receipt["subject_id"]),
        (&json!("user"), &json!(grace.user))
    );

    for gone in [&grace, &other, &program] {
        gone.send(Method::GET, "/api/leads", None)
            .await
            .expect_error(401, "unauthenticated");
    }
    assert_eq!(server.rows_with("hopper").await, []);
    // What they made stays, and the log knows their id.
    let campaign = ada.get(&format!("/api/campaigns/{campaign}")).await;
    assert_eq!(campaign["created_by"], Value::Null);
    let form = ada
        .get(&format!(
            "/api/lead-capture/forms/{}",
            form["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(form["settings"]["notify"], json!(["team@ada.example"]));
    let log = ada
        .get_list(&format!(
            "/api/audit-log?user_id={}&action=user.erased",
            grace.user
        ))
        .await;
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
    let path = format!("/api/privacy/erasures/{}", receipt["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await, receipt);
    // They may come back.
    let again = json!({ "email": "grace@hopper.example", "name": "G", "role": "content_writer", "password": "correct horse" });
    ada.post("/api/users", &again).await;
    server.stop().await;
}

async fn somebody_must_stay_in_charge(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let password = json!({ "password": "correct horse" });
    leave(&ada, password.clone())
        .await
        .expect_error(409, "only_person");
    let writer = server.member(&ada, Role::ContentWriter).await;
    leave(&ada, password.clone())
        .await
        .expect_error(409, "last_admin");
    let all = json!({ "password": "correct horse", "delete_organization": true });
    leave(&ada, all.clone())
        .await
        .expect_error(409, "not_only_person");
    leave(&writer, all).await.expect_error(409, "not_only_person");
    server.member(&ada, Role::CompanyAdmin).await;
    leave(&ada, password.clone()).await.expect(200);
    leave(&writer, password).await.expect(200);
    server.stop().await;
}

async fn the_last_one_takes_everything_along(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    for path in [
        "/api/leads/",
        "/f/",
        "/api/clients/",
        "/api/projects/",
        "/api/email/templates/",
        "/api/email/suppressions/",
        "/api/email/messages/",
        "/api/leads/imports/",
        "/api/privacy/erasures/",
    ] {
        make(&server, &ada, path).await;
        make(&server, &eve, path).await;
    }
    let form = make(&server, &ada, "/f/").await;
    let webhook = format!("/api/lead-capture/webhook/{form}");
    let visitor = json!({ "email": "visitor@things.example" });
    server.post(&webhook, &visitor).await.expect(201);
    let campaign = make(&server, &ada, "/api/campaigns/").await;
    ada.post(&format!("/api/campaigns/{campaign}/launch"), &json!({}))
        .await;
    ada.send(Method::GET, "/api/user/data-export", None)
        .await
        .expect(202);
    server.drain().await;
    let all = json!({ "password": "correct horse", "delete_organization": true });
    let receipt = leave(&ada, all).await.expect(200).data();
    ada.send(Method::GET, "/api/leads", None)
        .await
        .expect_error(401, "unauthenticated");
    server.drain().await;

    let organization = ada.organization.replace('-', "");
    let left = server.rows().await;
    let left = left
        .iter()
        .filter(|(_, row)| row.replace('-', "").to_lowercase().contains(&organization));
    for (table, row) in left {
        // Receipts tell of nobody; the job that did it holds nothing.
        assert!(matches!(table.as_str(), "erasures" | "jobs"), "{table}: {row}");
    }
    let body = json!({ "email": "ada@ada.example", "password": "correct horse" });
    server.post("/api/auth/login", &body).await.expect(401);
    let journal = std::fs::read_to_string(server.folder().join("erasures.jsonl")).unwrap();
    for line in [receipt["id"].as_str().unwrap(), "\"kind\":\"organization\""] {
        assert!(journal.contains(line), "{journal}");
    }
    // Nobody else lost anything.
    assert!(eve.get_list("/api/leads").await["data"].as_array().unwrap().len() >= 2);
    assert_eq!(
        eve.get_list("/api/clients").await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    server.stop().await;
}
