//! Distinctive values in every secret field: nothing that the program answers, exports, logs or stores has one in plain.

use groundswell_tests::{
    Account, Backend, Binary, Options, Reply, TestServer, command, make_for, operations,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write;

on_both!(none_is_answered_exported_or_stored,);

const PASSWORD: &str = "canary-password-one";
const CHANGED: &str = "canary-password-changed";
const COLLEAGUE: &str = "canary-password-of-colleague";
const MAIL: &str = "canary-smtp-password";
const OWN: &str = "canary-secret-of-user";
const CLIENTS: &str = "canary-secret-of-client";
const SHARED: &str = "canary-secret-of-organization";
const MASTER: &str = "ca4a51ca4a51ca4a51ca4a51ca4a51ca4a51ca4a51ca4a51ca4a51ca4a51ca4a";

/// Every field of a body that the document calls a password, and those that are tried here. A new one needs a canary.
const FIELDS: [(&str, &str); 9] = [
    ("accept_invitation", "password"),
    ("change_password", "current_password"),
    ("change_password", "new_password"),
    ("create_user", "password"),
    ("delete_account", "password"),
    ("login", "password"),
    ("put_secret", "value"),
    ("register", "password"),
    ("reset_password", "password"),
];

#[test]
fn every_secret_field_is_known() {
    let document = serde_json::to_value(groundswell_api::openapi()).unwrap();
    let mut found = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let kinds = operation["requestBody"]["content"].as_object();
            let name = kinds
                .and_then(|kinds| kinds.get("application/json"))
                .and_then(|kind| kind["schema"]["$ref"].as_str())
                .and_then(|name| name.rsplit('/').next());
            let Some(name) = name else { continue };
            let fields = document["components"]["schemas"][name]["properties"].as_object();
            for (field, schema) in fields.into_iter().flatten() {
                if schema["format"] == "password" {
                    found.push((operation["operationId"].as_str().unwrap(), field.as_str()));
                }
            }
        }
    }
    found.sort_unstable();
    assert_eq!(found, FIELDS);
}

/// The value itself, and as the databases write bytes.
fn assert_absent(haystack: &[u8], canary: &str, place: &str) {
    let hex = canary.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    for needle in [canary, &hex] {
        let found = haystack
            .windows(needle.len())
            .any(|part| part == needle.as_bytes());
        assert!(!found, "{canary} is in {place}");
    }
}

async fn put(account: &Account<'_>, service: &str, body: &Value) {
    account
        .send(Method::PUT, &format!("/api/user/secrets/{service}"), Some(body))
        .await
        .expect(200);
}

async fn none_is_answered_exported_or_stored(backend: Backend) {
    let server = TestServer::start_with(
        backend,
        Options {
            smtp_url: Some(format!("smtp://canary:{MAIL}@127.0.0.1:1?tls=none")),
            settings: vec![("security.master_key", json!(MASTER))],
            ..Options::default()
        },
    )
    .await;
    let account = json!({ "email": "ada@ada.example", "password": PASSWORD, "name": "Ada", "organization_name": "Ada Ltd" });
    server.post("/api/auth/register", &account).await.expect(201);
    let ada = server.login("ada@ada.example", PASSWORD).await;
    let body = json!({ "current_password": PASSWORD, "new_password": CHANGED });
    ada.post("/api/auth/password/change", &body).await;
    let ada = server.login("ada@ada.example", CHANGED).await;
    let ben =
        json!({ "email": "ben@ada.example", "name": "Ben", "role": "content_writer", "password": COLLEAGUE });
    ada.post("/api/users", &ben).await;
    let wrong = ada
        .send(
            Method::DELETE,
            "/api/user/account",
            Some(&json!({ "password": COLLEAGUE })),
        )
        .await;
    assert!(
        wrong.status.is_client_error() && !wrong.text.contains("canary"),
        "{}",
        wrong.text
    );
    for path in ["/api/auth/password/reset", "/api/auth/invitations/accept"] {
        let body = json!({ "token": "no-such-token", "password": CHANGED, "name": "Ben" });
        let reply = server.post(path, &body).await;
        assert!(
            reply.status.is_client_error() && !reply.text.contains("canary"),
            "{}",
            reply.text
        );
    }
    let scopes = json!({ "name": "Key", "scopes": ["leads:read", "secrets:manage"] });
    let key = ada.post("/api/auth/api-keys", &scopes).await["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    server.bearer(&key).get("/api/user/secrets").await;
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await["id"].take();
    // Once to keep, once to replace.
    for _ in 0..2 {
        put(&ada, "openai", &json!({ "value": OWN })).await;
        put(&ada, "openai", &json!({ "value": CLIENTS, "client_id": client })).await;
        put(
            &ada,
            "openai",
            &json!({ "value": SHARED, "holder": "organization" }),
        )
        .await;
    }
    let mut canaries = vec![
        PASSWORD, CHANGED, COLLEAGUE, MAIL, OWN, CLIENTS, SHARED, MASTER, &key,
    ];
    let tokens = [ada.access_token.clone(), ada.refresh_token.clone()];
    canaries.extend(tokens.iter().map(String::as_str));

    let mut answers = 0;
    for operation in operations() {
        if operation.method != Method::GET {
            continue;
        }
        let id = make_for(&server, &ada, &operation).await;
        let reply = ada.send(Method::GET, &operation.address(&id), None).await;
        for canary in &canaries {
            assert_absent(reply.text.as_bytes(), canary, &operation.id);
            assert_absent(format!("{:?}", reply.headers).as_bytes(), canary, &operation.id);
        }
        answers += u32::from(reply.status.is_success());
    }
    assert!(answers > 25, "only {answers} answers");
    for export in [
        "/api/leads/export?format=csv",
        "/api/leads/export?format=json",
        "/metrics",
        "/docs/",
    ] {
        let reply = ada.send(Method::GET, export, None).await;
        for canary in &canaries {
            assert_absent(reply.expect(200).text.as_bytes(), canary, export);
        }
    }
    let stored = server.everything_stored().await;
    // What is to be found is found: the search does work.
    for public in ["ada@ada.example", "openai"] {
        assert!(
            stored.windows(public.len()).any(|part| part == public.as_bytes()),
            "{public}"
        );
    }
    for canary in &canaries {
        assert_absent(&stored, canary, "what is stored");
    }
    server.discard().await;
}

/// At the most talkative level, with mistakes, with a mail server that refuses, and with keys being rotated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_is_logged_or_printed() {
    let url = format!("smtp://canary:{MAIL}@127.0.0.1:1?tls=none");
    let settings = [
        ("GROUNDSWELL__LOG__LEVEL", "trace"),
        ("GROUNDSWELL__EMAIL__TRANSPORT", "smtp"),
        ("GROUNDSWELL__EMAIL__SMTP_URL", url.as_str()),
        ("GROUNDSWELL__SECURITY__MASTER_KEY", MASTER),
    ];
    let mut binary = Binary::start(&settings).await;
    let http = reqwest::Client::new();
    let address = |path: &str| format!("{}{path}", binary.base);
    let account = json!({ "email": "ada@ada.example", "password": PASSWORD, "name": "Ada", "organization_name": "Ada Ltd" });
    let register = http.post(address("/api/auth/register")).json(&account);
    let ada = Reply::to(register).await;
    let token = ada.expect(201).data()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let send = async |method: Method, path: &str, body: Value| {
        let request = http
            .request(method, address(path))
            .bearer_auth(&token)
            .json(&body);
        Reply::to(request).await
    };
    for (body, status) in [
        (json!({ "value": OWN }), 200),
        (json!({ "value": SHARED, "holder": "organization" }), 200),
        (json!({ "value": format!("{CLIENTS}\n") }), 400),
        (json!({ "value": [CLIENTS] }), 400),
        (json!({ "valeu": CLIENTS }), 400),
        (json!({ "value": CLIENTS.repeat(500) }), 400),
    ] {
        let reply = send(Method::PUT, "/api/user/secrets/openai", body).await;
        assert!(!reply.expect(status).text.contains("canary"), "{}", reply.text);
    }
    let mail = json!({ "to": "reader@x.example", "subject": "Hi", "body": "Hello" });
    let accepted = send(Method::POST, "/api/email/send", mail).await;
    let message = format!(
        "/api/email/messages/{}",
        accepted.expect(202).data()["email_id"].as_str().unwrap()
    );
    let tried = groundswell_tests::until(async || {
        let found = send(Method::GET, &message, Value::Null).await.data();
        found["reason"].as_str().is_some_and(|reason| !reason.is_empty())
    })
    .await;
    assert!(tried, "the mail was not tried");
    let mut said = String::new();
    for arguments in [
        &["keys", "status"][..],
        &["keys", "rotate"],
        &["keys", "verify"],
        &["doctor"],
    ] {
        let ended = command(binary.folder(), arguments, &settings).await;
        said.push_str(&ended.out);
        said.push_str(&ended.err);
    }
    assert!(said.contains("2 secrets can be read"), "{said}");
    // What is stored, while the program still runs and its log of writes is not folded in.
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(binary.folder()).unwrap() {
        stored.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let log = binary.stop().await;
    assert!(log.matches("answered").count() > 5, "{log}");
    for canary in [PASSWORD, MAIL, OWN, CLIENTS, SHARED, MASTER, &token] {
        assert_absent(log.as_bytes(), canary, "the log");
        assert_absent(said.as_bytes(), canary, "what commands print");
        assert_absent(&stored, canary, "what is stored");
    }
}
