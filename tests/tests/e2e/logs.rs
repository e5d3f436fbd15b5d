//! The log of the real program, at its most talkative, has no secret in it.

use groundswell_tests::{Binary, Reply};
use serde_json::{Value, json};

const PASSWORD: &str = "correct-horse-battery-staple";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_logged() {
    let mut binary = Binary::start(&[
        ("GROUNDSWELL__LOG__LEVEL", "trace"),
        ("GROUNDSWELL__SERVER__METRICS_TOKEN", "metrics-secret-token"),
    ])
    .await;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = |path: &str| format!("{}{path}", binary.base);
    let post = async |path: &str, token: &str, body: Value| {
        let reply = Reply::to(http.post(url(path)).bearer_auth(token).json(&body)).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text);
        reply.data()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let account = json!({ "email": "ada@ada.example", "password": PASSWORD, "name": "Ada", "organization_name": "Ada Ltd" });
    let ada = post("/api/auth/register", "", account).await;
    let mut secrets = vec![
        PASSWORD.to_owned(),
        "metrics-secret-token".to_owned(),
        text(&ada["access_token"]),
        text(&ada["refresh_token"]),
    ];
    let login = post(
        "/api/auth/login",
        "",
        json!({ "email": "ada@ada.example", "password": PASSWORD }),
    )
    .await;
    secrets.extend([text(&login["access_token"]), text(&login["refresh_token"])]);
    let next = post(
        "/api/auth/refresh",
        "",
        json!({ "refresh_token": login["refresh_token"] }),
    )
    .await;
    secrets.extend([text(&next["access_token"]), text(&next["refresh_token"])]);
    let access = text(&ada["access_token"]);
    let key = post(
        "/api/auth/api-keys",
        &access,
        json!({ "name": "CRM", "scopes": ["leads:read"] }),
    )
    .await;
    let key = text(&key["api_key"]);
    secrets.push(key.clone());
    Reply::to(http.get(url("/api/leads")).bearer_auth(&key))
        .await
        .expect(200);
    Reply::to(http.get(url("/metrics")).bearer_auth("metrics-secret-token"))
        .await
        .expect(200);
    Reply::to(http.get(url("/metrics"))).await.expect(404);
    let wrong = http
        .post(url("/api/auth/login"))
        .json(&json!({ "email": "ada@ada.example", "password": "wrong-password-of-somebody" }));
    Reply::to(wrong).await.expect(401);
    secrets.push("wrong-password-of-somebody".into());
    let typo = http
        .post(url("/api/auth/register"))
        .json(&json!({ "email": "x@x.example", "passwort": "typed-into-a-wrong-field" }));
    Reply::to(typo).await.expect(400);
    secrets.push("typed-into-a-wrong-field".into());
    Reply::to(
        http.get(url("/api/leads"))
            .bearer_auth("a-token-that-is-wrong-but-whose"),
    )
    .await
    .expect(401);
    secrets.push("a-token-that-is-wrong-but-whose".into());

    // Links in mails are secrets of their readers.
    post(
        "/api/email/send",
        &access,
        json!({ "to": "reader@x.example", "subject": "Hi", "body": "<a href=\"https://x.example/\">x</a>" }),
    )
    .await;
    let mail = binary.first_mail(&http).await;
    for path in ["/t/o/", "/t/c/", "/u/"] {
        let token = mail
            .split(path)
            .nth(1)
            .unwrap_or_else(|| panic!("no {path} in {mail}"));
        let token: String = token
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .collect();
        let reply = Reply::to(http.get(url(&format!("{path}{token}")))).await;
        assert!(
            reply.status.is_success() || reply.status.is_redirection(),
            "{path}: {}",
            reply.text
        );
        secrets.push(token);
    }
    post(
        "/api/auth/logout",
        "",
        json!({ "refresh_token": next["refresh_token"] }),
    )
    .await;

    let master = std::fs::read_to_string(binary.folder().join("master.key")).unwrap();
    secrets.push(master.trim().to_owned());
    let log = binary.stop().await;
    assert!(
        log.matches("answered").count() > 10,
        "the log has something to find: {log}"
    );
    for secret in secrets {
        assert!(secret.len() >= 16, "{secret:?} would be found by chance");
        for part in [secret.as_str(), &secret[secret.len() - 16..]] {
            let line = log.lines().find(|line| line.contains(part));
            assert_eq!(line, None, "a secret is in the log");
        }
    }
    assert!(!log.contains("argon2id$"), "a hash is in the log");
}
