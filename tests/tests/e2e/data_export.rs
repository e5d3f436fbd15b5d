//! A person gets everything that is kept about them.

use base64::Engine;
use chrono::TimeDelta;
use groundswell_domain::identity::Role;
use groundswell_tests::{Account, Backend, TestServer, make};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{Cursor, Read};

on_both!(
    everything_about_a_person_is_in_the_file,
    a_file_is_kept_for_a_week,
    an_export_is_for_the_person_alone,
);

const PATH: &str = "/api/user/data-export";

type Zip = zip::ZipArchive<Cursor<Vec<u8>>>;

async fn fetch(account: &Account<'_>) -> Zip {
    let answer = account.request(Method::GET, PATH).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("data-export.zip"), "{disposition}");
    let bytes = answer.bytes().await.unwrap().to_vec();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap()
}

fn text(zip: &mut Zip, name: &str) -> String {
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn read(zip: &mut Zip, name: &str) -> Value {
    serde_json::from_str(&text(zip, name)).unwrap()
}

async fn everything_about_a_person_is_in_the_file(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let again = server.login("ada@ada.example", "correct horse").await;
    let key = json!({ "name": "CRM", "scopes": ["leads:read"] });
    let key = ada.post("/api/auth/api-keys", &key).await;
    make(&server, &ada, "/api/campaigns/").await;
    let preferences = json!({ "theme": "dark" });
    ada.send(Method::PUT, "/api/user/preferences", Some(&preferences))
        .await
        .expect(200);
    // Hardly compressible, so that the file has several pieces.
    let mut bytes = vec![0; 300_000];
    server.app.entropy.fill(&mut bytes);
    let noise = base64::engine::general_purpose::STANDARD.encode(bytes);
    for part in noise.as_bytes().chunks(80_000) {
        let body = format!("{} the end", std::str::from_utf8(part).unwrap());
        let mail = json!({ "to": "Ada@ada.example", "subject": "Noise", "body": body });
        ada.post("/api/email/send", &mail).await;
    }
    let colleague = ada
        .post(
            "/api/users",
            &json!({ "email": "ben@ada.example", "name": "Ben", "role": "company_admin", "password": "correct horse" }),
        )
        .await;
    let ben = server.login("ben@ada.example", "correct horse").await;
    ben.patch(&format!("/api/users/{}", ada.user), &json!({ "name": "Ada L." }))
        .await;

    let first = ada.send(Method::GET, PATH, None).await;
    let started = first.expect(202).data();
    assert_eq!(first.header("retry-after"), "5");
    assert_eq!(started["status"], "pending");
    let job = ada
        .get(&format!("/api/jobs/{}", started["job_id"].as_str().unwrap()))
        .await;
    assert_eq!(job["status"], "queued");
    let asked = again
        .send(Method::GET, "/api/user/data-export?fresh=true", None)
        .await;
    assert_eq!(
        asked.expect(202).data()["job_id"],
        started["job_id"],
        "it is coming"
    );
    server.drain().await;

    let mut zip = fetch(&ada).await;
    assert!(text(&mut zip, "README.txt").contains("mails.json"));
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let readme = text(&mut zip, "README.txt");
    for name in &names {
        assert!(
            name == "README.txt" || readme.contains(name.as_str()),
            "{name} is not explained"
        );
    }
    let account = read(&mut zip, "account.json");
    assert_eq!(
        (&account["user"]["email"], &account["organization"]["name"]),
        (&json!("ada@ada.example"), &json!("Ada Ltd"))
    );
    assert_eq!(read(&mut zip, "preferences.json"), preferences);
    let length = |value: Value| value.as_array().unwrap().len();
    assert_eq!(length(read(&mut zip, "sessions.json")), 2);
    let keys = read(&mut zip, "api_keys.json");
    assert_eq!((&keys[0]["name"], &keys[0]["id"]), (&json!("CRM"), &key["id"]));
    assert_eq!(length(read(&mut zip, "created.json")), 1);
    assert_eq!(length(read(&mut zip, "account_links.json")), 0);
    let mails = read(&mut zip, "mails.json");
    let pieces = noise.len().div_ceil(80_000);
    assert_eq!(length(mails.clone()), pieces);
    assert!(mails[0]["html"].as_str().unwrap().contains("the end"));
    let log = read(&mut zip, "audit_log.json");
    let actions: Vec<_> = log.as_array().unwrap().iter().map(|e| &e["action"]).collect();
    assert!(actions.contains(&&json!("api_key.created")), "{actions:?}");
    let about = read(&mut zip, "audit_log_about_you.json");
    let theirs = about
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["actor"]["user_id"] == colleague["id"])
        .unwrap();
    assert_eq!(
        (&theirs["action"], &theirs["ip"]),
        (&json!("user.updated"), &Value::Null)
    );
    for name in names {
        let text = text(&mut zip, &name);
        let secret = key["api_key"].as_str().unwrap();
        assert!(!text.contains(secret) && !text.contains("argon2"), "{name}");
    }
    let chunks: Vec<_> = server
        .rows()
        .await
        .into_iter()
        .filter(|(table, _)| table == "data_export_chunks")
        .collect();
    assert!(chunks.len() > 1, "{} pieces", chunks.len());
    // 256 KiB, as two digits for each byte, and the keys.
    assert!(chunks.iter().all(|(_, row)| row.len() < 2 * 256 * 1024 + 300));
    server.stop().await;
}

async fn a_file_is_kept_for_a_week(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.send(Method::GET, PATH, None).await.expect(202);
    server.drain().await;
    fetch(&ada).await;
    let fresh = format!("{PATH}?fresh=true");
    ada.send(Method::GET, &fresh, None).await.expect(202);
    ada.send(Method::GET, PATH, None).await.expect(202);
    server.drain().await;
    let mut zip = fetch(&ada).await;
    let log = read(&mut zip, "audit_log.json");
    let asked = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] == "user.data_exported");
    assert_eq!(asked.count(), 2);

    server.clock.advance(TimeDelta::days(7));
    let ada = server.login("ada@ada.example", "correct horse").await;
    ada.send(Method::GET, PATH, None).await.expect(202);
    server.drain().await;
    fetch(&ada).await;
    server.clock.advance(TimeDelta::days(7));
    assert!(server.app.system.forget_expired(server.app.now()).await.unwrap() >= 1);
    let left = server.rows().await;
    assert!(!left.iter().any(|(table, _)| table.starts_with("data_export")));
    server.stop().await;
}

async fn an_export_is_for_the_person_alone(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.send(Method::GET, PATH, None).await.expect(202);
    server.drain().await;
    fetch(&ada).await;
    for role in Role::ALL {
        let person = server.member(&ada, role).await;
        person.send(Method::GET, PATH, None).await.expect(202);
        server.drain().await;
        let account = read(&mut fetch(&person).await, "account.json");
        assert_eq!(account["user"]["id"], json!(person.user));
    }
    let key = server
        .login("ada@ada.example", "correct horse")
        .await
        .with_key()
        .await;
    key.send(Method::GET, PATH, None)
        .await
        .expect_error(403, "forbidden");
    server.stop().await;
}
