//! An organization's people: making, inviting, changing and losing them.

use chrono::TimeDelta;
use groundswell_domain::identity::Role;
use groundswell_tests::{Account, Backend, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    an_administrator_manages_people,
    the_last_administrator_stays,
    nobody_raises_anybody_above_themselves,
    an_invitation_is_good_once,
    a_lost_password_is_replaced_by_mail,
    a_changed_password_ends_every_session,
    an_address_is_confirmed_by_mail,
    who_registers_is_asked_to_confirm,
    sessions_are_seen_and_ended,
    settings_and_preferences_are_kept,
    account_links_have_pages,
);

const PASSWORD: &str = "correct horse";
const NEW_PASSWORD: &str = "battery staple";

fn person(email: &str, role: &str) -> Value {
    json!({ "email": email, "name": "Ben", "role": role, "password": PASSWORD })
}

async fn try_login(server: &TestServer, email: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "password": password });
    server.post("/api/auth/login", &body).await
}

/// The last part of the link in the newest mail to this address.
pub async fn link(server: &TestServer, to: &str) -> String {
    server.drain().await;
    let mails = server.app.system.outbox().latest(None, 50).await.unwrap();
    let mail = mails.iter().find(|mail| mail.to.as_str() == to);
    let mail = mail.unwrap_or_else(|| {
        panic!(
            "no mail to {to}: {:?}",
            mails
                .iter()
                .map(|mail| (&mail.to, &mail.subject))
                .collect::<Vec<_>>()
        )
    });
    let start = mail.text.find("/account/").expect("a link") + "/account/".len();
    mail.text[start..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}

async fn mails(server: &TestServer) -> usize {
    server.drain().await;
    server.app.system.outbox().latest(None, 100).await.unwrap().len()
}

async fn is_in(account: &Account<'_>) -> bool {
    account.send(Method::GET, "/api/auth/me", None).await.status == 200
}

async fn an_administrator_manages_people(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let ben = ada
        .post("/api/users", &person("ben@ada.example", "content_manager"))
        .await;
    assert_eq!(
        (ben["role"].as_str(), ben["status"].as_str()),
        (Some("content_manager"), Some("active"))
    );
    let taken = ada
        .send(
            Method::POST,
            "/api/users",
            Some(&person("BEN@ada.example", "content_writer")),
        )
        .await;
    taken.expect_error(409, "email_taken");
    let path = format!("/api/users/{}", ben["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await["email"], "ben@ada.example");
    for (query, count) in [
        ("", 2),
        ("?q=ben", 1),
        ("?q=BEN@ADA", 1),
        ("?role=client", 0),
        ("?status=active", 2),
    ] {
        let list = ada.get_list(&format!("/api/users{query}")).await;
        assert_eq!(list["data"].as_array().unwrap().len(), count, "{query}");
    }
    let session = server.login("ben@ada.example", PASSWORD).await;
    session
        .send(Method::GET, "/api/users", None)
        .await
        .expect_error(403, "forbidden");
    // A new role counts from the next look, not from the next token.
    let stale = ada.request(Method::PATCH, &path).header("if-match", "\"7\"");
    Reply::to(stale.json(&json!({ "name": "Benjamin" })))
        .await
        .expect(412);
    let changed = ada
        .patch(&path, &json!({ "role": "company_admin", "name": "Benjamin" }))
        .await;
    assert_eq!(
        (changed["name"].as_str(), changed["version"].as_i64()),
        (Some("Benjamin"), Some(2))
    );
    let again = server.login("ben@ada.example", PASSWORD).await;
    again.send(Method::GET, "/api/users", None).await.expect(200);

    ada.patch(&path, &json!({ "disabled": true })).await;
    assert!(!is_in(&again).await, "their sessions ended");
    let refused = try_login(&server, "ben@ada.example", PASSWORD).await;
    let unknown = try_login(&server, "nobody@ada.example", PASSWORD).await;
    refused.expect_error(401, "unauthenticated");
    assert_eq!(refused.json()["error"], unknown.json()["error"]);
    ada.patch(&path, &json!({ "disabled": false })).await;
    server.login("ben@ada.example", PASSWORD).await;
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(404, "user_not_found");
    try_login(&server, "ben@ada.example", PASSWORD).await.expect(401);
    server.stop().await;
}

async fn the_last_administrator_stays(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let path = format!("/api/users/{}", ada.user);
    for change in [json!({ "role": "content_writer" }), json!({ "disabled": true })] {
        let refused = ada.send(Method::PATCH, &path, Some(&change)).await;
        refused.expect_error(409, "last_admin");
    }
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(409, "last_admin");
    ada.post("/api/users", &person("ben@ada.example", "company_admin"))
        .await;
    ada.patch(&path, &json!({ "role": "content_writer" })).await;
    server.stop().await;
}

async fn nobody_raises_anybody_above_themselves(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for path in ["/api/users", "/api/users/invite"] {
        let mut body = person("ben@ada.example", "superadmin");
        if path.ends_with("invite") {
            body.as_object_mut().unwrap().remove("password");
        }
        ada.send(Method::POST, path, Some(&body))
            .await
            .expect_error(403, "forbidden");
    }
    let above = server.member(&ada, Role::Superadmin).await;
    let path = format!("/api/users/{}", above.user);
    for (method, body) in [
        (Method::PATCH, Some(json!({ "disabled": true }))),
        (Method::DELETE, None),
    ] {
        ada.send(method, &path, body.as_ref())
            .await
            .expect_error(403, "forbidden");
    }
    let own = format!("/api/users/{}", ada.user);
    let raise = json!({ "role": "superadmin" });
    ada.send(Method::PATCH, &own, Some(&raise))
        .await
        .expect_error(403, "forbidden");
    server.stop().await;
}

async fn an_invitation_is_good_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let invitation = json!({ "email": "ben@ada.example", "name": "Ben", "role": "content_writer" });
    let user = ada.post("/api/users/invite", &invitation).await;
    assert_eq!(user["status"], "invited");
    let first = link(&server, "ben@ada.example").await;
    try_login(&server, "ben@ada.example", "").await.expect(401);
    try_login(&server, "ben@ada.example", PASSWORD).await.expect(401);
    server
        .post(
            "/api/auth/password/forgot",
            &json!({ "email": "ben@ada.example" }),
        )
        .await
        .expect(202);
    let before = mails(&server).await;
    server.clock.advance(TimeDelta::seconds(1));
    ada.post("/api/users/invite", &invitation).await;
    assert_eq!(mails(&server).await, before + 1);
    let second = link(&server, "ben@ada.example").await;
    assert_ne!(first, second);
    let accept = async |token: &str, password: &str| {
        let body = json!({ "token": token, "password": password, "name": "Benjamin" });
        server.post("/api/auth/invitations/accept", &body).await
    };
    accept(&first, PASSWORD).await.expect_error(400, "invalid_input");
    accept(&second, "short").await.expect_error(400, "invalid_input");
    let body = json!({ "token": second, "password": PASSWORD });
    server
        .post("/api/auth/password/reset", &body)
        .await
        .expect_error(400, "invalid_input");
    let accepted = accept(&second, PASSWORD).await;
    accepted.expect(200);
    assert_eq!(accepted.data()["user"]["name"], "Benjamin");
    assert_eq!(accepted.data()["user"]["status"], "active");
    assert!(accepted.data()["user"]["email_verified_at"].is_string());
    accept(&second, NEW_PASSWORD)
        .await
        .expect_error(400, "invalid_input");
    server.login("ben@ada.example", PASSWORD).await;

    let late = json!({ "email": "late@ada.example", "name": "Late", "role": "content_writer" });
    ada.post("/api/users/invite", &late).await;
    let token = link(&server, "late@ada.example").await;
    server.after(TimeDelta::days(7)).await;
    accept(&token, PASSWORD).await.expect_error(400, "invalid_input");
    server.stop().await;
}

async fn a_lost_password_is_replaced_by_mail(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let email = ada.get("/api/auth/me").await["user"]["email"]
        .as_str()
        .unwrap()
        .to_owned();
    let forgot = async |email: &str| {
        let request = server.http.post(server.url("/api/auth/password/forgot"));
        let request = request
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example");
        Reply::to(request.json(&json!({ "email": email }))).await
    };
    let known = forgot(&email).await;
    let unknown = forgot("nobody@nowhere.example").await;
    assert_eq!((known.status, known.text), (unknown.status, unknown.text));
    assert_eq!(mails(&server).await, 1);
    let token = link(&server, &email).await;
    let mail = &server.app.system.outbox().latest(None, 1).await.unwrap()[0];
    assert!(!mail.text.contains("evil.example") && !mail.html.contains("evil.example"));
    let reset = async |token: &str| {
        let body = json!({ "token": token, "password": NEW_PASSWORD });
        server.post("/api/auth/password/reset", &body).await
    };
    let mut changed = token.clone().into_bytes();
    *changed.last_mut().unwrap() ^= 1;
    reset(&String::from_utf8(changed).unwrap())
        .await
        .expect_error(400, "invalid_input");
    let body = json!({ "token": token });
    server
        .post("/api/auth/email/verify", &body)
        .await
        .expect_error(400, "invalid_input");
    let key = json!({ "name": "K", "scopes": ["leads:read"] });
    let key = ada.post("/api/auth/api-keys", &key).await;
    let program = server.bearer(key["api_key"].as_str().unwrap());
    program.get_list("/api/leads").await;
    let done = reset(&token).await;
    done.expect(200);
    // Whoever made it need not be who reads the mail.
    program
        .send(Method::GET, "/api/leads", None)
        .await
        .expect_error(401, "unauthenticated");
    assert!(!is_in(&ada).await, "every older session ended");
    let session = server.bearer(done.data()["access_token"].as_str().unwrap());
    assert!(is_in(&session).await);
    reset(&token).await.expect_error(400, "invalid_input");
    try_login(&server, &email, PASSWORD).await.expect(401);
    server.login(&email, NEW_PASSWORD).await;
    forgot(&email).await;
    let late = link(&server, &email).await;
    server.after(TimeDelta::hours(1)).await;
    reset(&late).await.expect_error(400, "invalid_input");
    server.stop().await;
}

async fn a_changed_password_ends_every_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let email = ada.get("/api/auth/me").await["user"]["email"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = server.login(&email, PASSWORD).await;
    let change = |current: &str| json!({ "current_password": current, "new_password": NEW_PASSWORD });
    let path = "/api/auth/password/change";
    ada.send(Method::POST, path, Some(&change("wrong")))
        .await
        .expect_error(400, "invalid_input");
    let done = ada.send(Method::POST, path, Some(&change(PASSWORD))).await;
    done.expect(200);
    assert!(!is_in(&ada).await && !is_in(&other).await);
    let body = json!({ "refresh_token": other.refresh_token });
    server
        .post("/api/auth/refresh", &body)
        .await
        .expect_error(401, "unauthenticated");
    assert!(is_in(&server.bearer(done.data()["access_token"].as_str().unwrap())).await);
    try_login(&server, &email, PASSWORD).await.expect(401);
    server.login(&email, NEW_PASSWORD).await;
    server.stop().await;
}

async fn an_address_is_confirmed_by_mail(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let me = ada.get("/api/auth/me").await;
    assert!(me["user"]["email_verified_at"].is_null());
    let path = "/api/auth/email/verify/request";
    ada.send(Method::POST, path, None).await.expect(202);
    let token = link(&server, me["user"]["email"].as_str().unwrap()).await;
    let verify = async || {
        server
            .post("/api/auth/email/verify", &json!({ "token": token }))
            .await
    };
    verify().await.expect(200);
    verify().await.expect_error(400, "invalid_input");
    assert!(ada.get("/api/auth/me").await["user"]["email_verified_at"].is_string());
    ada.send(Method::POST, path, None).await.expect(202);
    assert_eq!(mails(&server).await, 1, "nothing is left to confirm");
    server.stop().await;
}

async fn who_registers_is_asked_to_confirm(backend: Backend) {
    let options = Options {
        settings: vec![("auth.confirm_addresses", json!(true))],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options.clone()).await;
    let ada = server.register("Ada").await;
    assert_eq!(mails(&server).await, 1);
    let token = link(&server, "ada@ada.example").await;
    let body = json!({ "token": token });
    server.post("/api/auth/email/verify", &body).await.expect(200);
    assert!(ada.get("/api/auth/me").await["user"]["email_verified_at"].is_string());
    // Neither a failed registration nor an account that somebody else makes is such a case.
    let again =
        json!({ "email": "ada@ada.example", "password": PASSWORD, "name": "A", "organization_name": "A" });
    server.post("/api/auth/register", &again).await.expect(409);
    ada.post("/api/users", &person("ben@ada.example", "content_writer"))
        .await;
    assert_eq!(mails(&server).await, 1);
    server.stop().await;

    // No mail server listens there: the registration does not notice.
    let away = Options {
        smtp_url: Some("smtp://127.0.0.1:1?tls=none".into()),
        ..options
    };
    let server = TestServer::start_with(backend, away).await;
    server.register("Ada").await;
    server.drain().await;
    server.login("ada@ada.example", PASSWORD).await;
    server.discard().await;
}

async fn sessions_are_seen_and_ended(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let email = ada.get("/api/auth/me").await["user"]["email"]
        .as_str()
        .unwrap()
        .to_owned();
    let phone = server.login(&email, PASSWORD).await;
    let tablet = server.login(&email, PASSWORD).await;
    let list = ada.get("/api/auth/sessions").await;
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 3);
    assert_eq!(
        list.iter().filter(|session| session["current"] == true).count(),
        1
    );
    let own = phone.get("/api/auth/sessions").await;
    let own = own
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["current"] == true)
        .unwrap();
    let path = format!("/api/auth/sessions/{}", own["id"].as_str().unwrap());
    let colleague = server.member(&ada, Role::Superadmin).await;
    colleague
        .send(Method::DELETE, &path, None)
        .await
        .expect_error(404, "session_not_found");
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(404, "session_not_found");
    assert!(!is_in(&phone).await && is_in(&tablet).await);
    let ended = ada.send(Method::DELETE, "/api/auth/sessions", None).await;
    assert_eq!(ended.data()["ended"], 1);
    assert!(!is_in(&tablet).await && is_in(&ada).await);
    let key = ada
        .post(
            "/api/auth/api-keys",
            &json!({ "name": "k", "scopes": ["leads:read"] }),
        )
        .await;
    let program = server.bearer(key["api_key"].as_str().unwrap());
    program
        .send(Method::GET, "/api/auth/sessions", None)
        .await
        .expect_error(403, "forbidden");
    server.stop().await;
}

async fn settings_and_preferences_are_kept(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let path = "/api/organization";
    let change =
        json!({ "name": "Engines", "currency": "USD", "time_zone": "America/New_York", "locale": "en-us" });
    let changed = ada.patch(path, &change).await;
    assert_eq!(
        (changed["locale"].as_str(), changed["version"].as_i64()),
        (Some("en-US"), Some(2))
    );
    assert_eq!(ada.get(path).await, changed);
    for wrong in [
        json!({ "time_zone": "Mars" }),
        json!({ "currency": "euro" }),
        json!({ "locale": "?" }),
        json!({ "name": "" }),
    ] {
        ada.send(Method::PATCH, path, Some(&wrong)).await.expect(400);
    }
    let campaign = json!({ "name": "A", "type": "email", "budget": 5 });
    assert_eq!(ada.post("/api/campaigns", &campaign).await["currency"], "USD");

    let path = "/api/user/preferences";
    assert_eq!(ada.get(path).await, json!({}));
    let preferences = json!({ "theme": "dark", "columns": ["name", { "deep": null }] });
    ada.send(Method::PUT, path, Some(&preferences)).await.expect(200);
    assert_eq!(ada.get(path).await, preferences);
    let colleague = server.member(&ada, Role::Client).await;
    assert_eq!(colleague.get(path).await, json!({}), "they are each person's own");
    let huge = json!({ "x": "y".repeat(40_000) });
    ada.send(Method::PUT, path, Some(&huge))
        .await
        .expect_error(400, "invalid_input");
    server.stop().await;
}

async fn account_links_have_pages(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let invitation = json!({ "email": "ben@ada.example", "name": "<i>Ben</i>", "role": "content_writer" });
    ada.post("/api/users/invite", &invitation).await;
    let token = link(&server, "ben@ada.example").await;
    let path = format!("/account/{token}");
    let page = server.fetch(&path).await;
    page.expect(200);
    assert!(
        page.text.contains("&lt;i&gt;Ben") && !page.text.contains("<i>Ben"),
        "{}",
        page.text
    );
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let send = async |password: &str| {
        Reply::to(
            server
                .http
                .post(server.url(&path))
                .form(&[("password", password)]),
        )
        .await
    };
    let short = send("short").await;
    assert!(
        short.expect(400).text.contains("8 to 200 characters"),
        "{}",
        short.text
    );
    assert!(send(PASSWORD).await.expect(200).text.contains("You can sign in"));
    assert!(server.fetch(&path).await.expect(400).text.contains("<h1>"));
    server.login("ben@ada.example", PASSWORD).await;
    server.fetch("/account/nonsense").await.expect(404);
    server.stop().await;
}
