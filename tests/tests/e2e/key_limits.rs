//! What an API key can be limited to besides its scopes, and how it is replaced.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_tests::{Account, Backend, Options, Reply, TestServer, make};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    limits_are_shown_and_checked,
    a_key_works_only_from_its_addresses,
    a_key_of_a_client_ends_with_it,
    a_key_of_a_person_who_is_locked_out_does_nothing,
    both_keys_work_during_the_overlap,
    a_rotation_happens_once_and_is_audited,
);

const KEYS: &str = "/api/auth/api-keys";

async fn key(account: &Account<'_>, limits: &Value) -> (String, Value) {
    let mut body = json!({ "name": "CRM", "scopes": ["leads:read"] });
    for (name, value) in limits.as_object().unwrap() {
        body[name] = value.clone();
    }
    let mut made = account.post(KEYS, &body).await;
    let text = made["api_key"].as_str().unwrap().to_owned();
    made.as_object_mut().unwrap().remove("api_key");
    (text, made)
}

fn path(key: &Value) -> String {
    format!("{KEYS}/{}", key["id"].as_str().unwrap())
}

async fn status(server: &TestServer, key: &str) -> u16 {
    let reply = server.bearer(key).send(Method::GET, "/api/leads", None).await;
    reply.status.as_u16()
}

async fn limits_are_shown_and_checked(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = make(&server, &ada, "/api/clients/").await;
    let limits = json!({ "client_id": client, "budget": { "amount": 12.5, "currency": "USD" },
        "ip_ranges": ["2001:DB8::/32", "10.1.2.3/8", "10.0.0.0/8", "127.0.0.1"] });
    let (_, made) = key(&ada, &limits).await;
    assert_eq!(made["client_id"], client.as_str());
    assert_eq!(
        made["ip_ranges"],
        json!(["10.0.0.0/8", "127.0.0.1/32", "2001:db8::/32"])
    );
    assert_eq!(made["budget"], json!({ "amount": 12.5, "currency": "USD" }));
    assert_eq!(ada.get(&path(&made)).await, made);
    assert_eq!(ada.get(KEYS).await[0], made);
    let (_, bare) = key(&ada, &json!({ "budget": 50 })).await;
    assert_eq!(bare["budget"], json!({ "amount": 50.0, "currency": "EUR" }));
    for name in ["client_id", "replaces", "replaced_by", "last_used_ip"] {
        assert_eq!(bare[name], Value::Null, "{name}");
    }
    assert_eq!(bare["ip_ranges"], json!([]));

    for (field, wrong) in [
        ("client_id", json!({ "client_id": server.app.id::<uuid::Uuid>() })),
        ("client_id", json!({ "client_id": "acme" })),
        (
            "ip_ranges[1]",
            json!({ "ip_ranges": ["10.0.0.1", "10.0.0.0/33"] }),
        ),
        ("ip_ranges[0]", json!({ "ip_ranges": ["example.com"] })),
        ("ip_ranges", json!({ "ip_ranges": vec!["10.0.0.1"; 51] })),
        ("budget", json!({ "budget": -1 })),
        ("budget", json!({ "budget": 0.001 })),
    ] {
        let mut body = json!({ "name": "CRM", "scopes": ["leads:read"] });
        body[wrong.as_object().unwrap().keys().next().unwrap()] =
            wrong.as_object().unwrap().values().next().unwrap().clone();
        let reply = ada.send(Method::POST, KEYS, Some(&body)).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], field, "{}", reply.text);
    }
    server.stop().await;
}

async fn a_key_works_only_from_its_addresses(backend: Backend) {
    let options = Options {
        settings: vec![("server.trusted_proxies", json!(["127.0.0.1"]))],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await;
    let limits = json!({ "ip_ranges": ["203.0.113.0/24", "2001:db8::/32"] });
    let (text, made) = key(&ada, &limits).await;
    let from = async |ip: &str| {
        let request = server.bearer(&text).request(Method::GET, "/api/leads");
        Reply::to(request.header("x-forwarded-for", ip)).await
    };
    for outside in [
        "203.0.114.1",
        "2001:db9::1",
        "127.0.0.1",
        "203.0.113.7, 198.51.100.1",
    ] {
        let reply = from(outside).await;
        reply.expect_error(403, "forbidden");
        assert!(
            !reply.text.contains("203.0.113") && !reply.text.contains("2001:db8"),
            "{}",
            reply.text
        );
    }
    assert_eq!(ada.get(&path(&made)).await["last_used_ip"], Value::Null);
    for inside in ["203.0.113.7", "::ffff:203.0.113.8", "2001:db8::7"] {
        from(inside).await.expect(200);
        server.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(ada.get(&path(&made)).await["last_used_ip"], "2001:db8::7");
    // With a wrong secret the answer is the one for every wrong key, from wherever.
    let wrong = format!("{}_{}", &text[..12], "A".repeat(43));
    server
        .bearer(&wrong)
        .send(Method::GET, "/api/leads", None)
        .await
        .expect_error(401, "unauthenticated");
    server.stop().await;

    // Without a proxy that is trusted, nobody can say where they come from.
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let (text, _) = key(&ada, &limits).await;
    let request = server.bearer(&text).request(Method::GET, "/api/leads");
    Reply::to(request.header("x-forwarded-for", "203.0.113.7"))
        .await
        .expect_error(403, "forbidden");
    let (local, _) = key(&ada, &json!({ "ip_ranges": ["127.0.0.0/8"] })).await;
    assert_eq!(status(&server, &local).await, 200);
    server.stop().await;
}

async fn a_key_of_a_client_ends_with_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = make(&server, &ada, "/api/clients/").await;
    let (text, made) = key(&ada, &json!({ "client_id": client })).await;
    assert_eq!(status(&server, &text).await, 200);
    let record = format!("/api/clients/{client}");
    for (state, expected) in [("inactive", 401), ("prospect", 200), ("active", 200)] {
        ada.patch(&record, &json!({ "status": state })).await;
        assert_eq!(status(&server, &text).await, expected, "{state}");
    }
    ada.send(Method::DELETE, &record, None).await.expect(200);
    assert_eq!(status(&server, &text).await, 401);
    ada.send(Method::GET, &path(&made), None)
        .await
        .expect_error(404, "api_key_not_found");
    server.stop().await;
}

async fn a_key_of_a_person_who_is_locked_out_does_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let ben = server
        .member(&ada, groundswell_domain::identity::Role::ContentManager)
        .await;
    let (text, _) = key(&ben, &json!({})).await;
    let person = format!("/api/users/{}", ben.user);
    for (disabled, expected) in [(true, 401), (false, 200)] {
        ada.patch(&person, &json!({ "disabled": disabled })).await;
        assert_eq!(status(&server, &text).await, expected);
    }
    server.stop().await;
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn both_keys_work_during_the_overlap(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let start = server.app.now();
    let limits =
        json!({ "ip_ranges": ["127.0.0.1"], "budget": 5, "expires_at": start + TimeDelta::days(10) });
    let (old, made) = key(&ada, &limits).await;
    server.clock.advance(TimeDelta::minutes(2));
    let now = server.app.now();
    let mut rotated = ada.post(&format!("{}/rotate", path(&made)), &json!({})).await;
    let new = rotated["api_key"].as_str().unwrap().to_owned();
    rotated.as_object_mut().unwrap().remove("api_key");
    for limit in ["name", "scopes", "client_id", "ip_ranges", "budget", "user_id"] {
        assert_eq!(rotated[limit], made[limit], "{limit}");
    }
    assert_eq!(rotated["replaces"], made["id"]);
    assert_eq!(time(&rotated["expires_at"]), now + TimeDelta::days(10));
    assert_ne!(rotated["prefix"], made["prefix"]);
    assert_eq!(ada.get(&path(&rotated)).await, rotated);
    let replaced = ada.get(&path(&made)).await;
    assert_eq!(replaced["replaced_by"], rotated["id"]);
    assert_eq!(time(&replaced["expires_at"]), now + TimeDelta::hours(24));

    server.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(
        (status(&server, &old).await, status(&server, &new).await),
        (200, 200)
    );
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        (status(&server, &old).await, status(&server, &new).await),
        (401, 200)
    );

    // A key that would have ended sooner does.
    let ada = server.login("ada@ada.example", "correct horse").await;
    let soon = server.app.now() + TimeDelta::hours(2);
    let (_, short) = key(&ada, &json!({ "expires_at": soon })).await;
    let body = json!({ "overlap_hours": 720, "name": "CRM again" });
    let again = ada.post(&format!("{}/rotate", path(&short)), &body).await;
    assert_eq!(again["name"], "CRM again");
    assert_eq!(time(&ada.get(&path(&short)).await["expires_at"]), soon);
    // Without an overlap the old one ends at once; one that knows no end goes on knowing none.
    let (gone, endless) = key(&ada, &json!({})).await;
    let body = json!({ "overlap_hours": 0 });
    let next = ada.post(&format!("{}/rotate", path(&endless)), &body).await;
    assert_eq!(next["expires_at"], Value::Null);
    assert_eq!(status(&server, &gone).await, 401);
    assert_eq!(status(&server, next["api_key"].as_str().unwrap()).await, 200);
    server.stop().await;
}

async fn a_rotation_happens_once_and_is_audited(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let (text, made) = key(&ada, &json!({})).await;
    let rotate = format!("{}/rotate", path(&made));
    for (field, body) in [
        ("overlap_hours", json!({ "overlap_hours": -1 })),
        ("overlap_hours", json!({ "overlap_hours": 721 })),
        ("overlap_hours", json!({ "overlap_hours": "day" })),
        ("name", json!({ "name": " " })),
        ("scopes", json!({ "scopes": ["leads:write"] })),
    ] {
        let reply = ada.send(Method::POST, &rotate, Some(&body)).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], field, "{}", reply.text);
    }
    let all = json!({ "name": "All", "scopes": ["api_keys:manage", "leads:read"] });
    let all = ada.post(KEYS, &all).await;
    let all = server.bearer(all["api_key"].as_str().unwrap());
    for key in [&all, &server.bearer(&text)] {
        // Not even itself: a key that was taken could live for ever.
        key.send(Method::POST, &rotate, None)
            .await
            .expect_error(403, "forbidden");
        key.send(Method::GET, &path(&made), None)
            .await
            .expect_error(403, "forbidden");
    }
    let tries = (0..5).map(|_| ada.send(Method::POST, &rotate, None));
    let replies = futures_util::future::join_all(tries).await;
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(
        won.len(),
        1,
        "{:?}",
        replies.iter().map(|r| r.status).collect::<Vec<_>>()
    );
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.expect_error(409, "api_key_replaced");
    }
    let new = won[0].data();
    assert_eq!(won[0].header("location"), path(&new));
    assert_eq!(ada.get(KEYS).await.as_array().unwrap().len(), 3);
    let log = ada.get_list("/api/audit-log?action=api_key.rotated").await;
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
    let entry = &log["data"][0];
    assert_eq!(entry["target"], json!({ "type": "api_key", "id": made["id"] }));
    assert_eq!(entry["before"], json!({ "expires_at": null }));
    assert_eq!(entry["after"]["replaced_by"], new["id"]);
    let made_log = format!(
        "/api/audit-log?action=api_key.created&target_id={}",
        new["id"].as_str().unwrap()
    );
    assert_eq!(
        ada.get_list(&made_log).await["data"][0]["after"]["replaces"],
        made["id"]
    );

    // Whoever lost a right does not renew it; and what has ended is not brought back.
    let ben = server
        .member(&ada, groundswell_domain::identity::Role::ContentManager)
        .await;
    let strong = ben
        .post(KEYS, &json!({ "name": "Strong", "scopes": ["leads:write"] }))
        .await;
    ada.patch(
        &format!("/api/users/{}", ben.user),
        &json!({ "role": "content_writer" }),
    )
    .await;
    let expiring = server.app.now() + TimeDelta::seconds(30);
    let (_, ended) = key(&ada, &json!({ "expires_at": expiring })).await;
    server.clock.advance(TimeDelta::seconds(30));
    ada.send(Method::POST, &format!("{}/rotate", path(&ended)), None)
        .await
        .expect_error(409, "api_key_expired");
    let email = ada.get(&format!("/api/users/{}", ben.user)).await["email"].clone();
    let ben = server.login(email.as_str().unwrap(), "correct horse").await;
    ben.send(Method::POST, &format!("{}/rotate", path(&strong)), None)
        .await
        .expect_error(403, "forbidden");
    server.stop().await;
}
