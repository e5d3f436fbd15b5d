//! The audit log: an entry for every effect, and none without one.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Options, Reply, TestServer, make, until};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    effects_are_written_down,
    an_account_s_life_is_written_down,
    a_campaign_s_life_is_written_down,
    what_fails_leaves_no_entry,
    failed_logins_are_one_entry_a_minute,
    the_log_is_asked_by_what_one_looks_for,
    entries_go_when_their_time_is_over,
);

const LOG: &str = "/api/audit-log?limit=200";

/// Newest first.
async fn log(account: &Account<'_>) -> Vec<Value> {
    account.get_list(LOG).await["data"].as_array().unwrap().clone()
}

async fn newest(account: &Account<'_>) -> Value {
    log(account).await.remove(0)
}

fn actions(log: &[Value]) -> Vec<&str> {
    log.iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect()
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

async fn delete(account: &Account<'_>, path: &str) {
    account.send(Method::DELETE, path, None).await.expect(200);
}

async fn effects_are_written_down(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;

    // Who, from where, in which request.
    let scopes = json!({ "name": "CRM", "scopes": ["leads:read", "forms:write"] });
    let request = ada
        .request(Method::POST, "/api/auth/api-keys")
        .header("user-agent", "tests/1.0")
        .json(&scopes);
    let made = Reply::to(request).await;
    let key = made.expect(201).data();
    let entry = newest(&ada).await;
    assert_eq!(entry["action"], "api_key.created");
    assert_eq!(
        entry["actor"],
        json!({ "kind": "user", "user_id": ada.user, "api_key_id": null })
    );
    assert_eq!(entry["target"], json!({ "type": "api_key", "id": key["id"] }));
    assert_eq!(
        (&entry["ip"], &entry["user_agent"]),
        (&json!("127.0.0.1"), &json!("tests/1.0"))
    );
    assert_eq!(entry["request_id"], made.header("x-request-id"));
    assert_eq!(entry["before"], Value::Null);
    assert_eq!(
        entry["after"],
        json!({ "name": "CRM", "scopes": ["leads:read", "forms:write"], "expires_at": null, "client_id": null,
            "ip_ranges": [], "budget": null, "replaces": null })
    );
    let secret = key["api_key"].as_str().unwrap().to_owned();
    assert!(
        !log(&ada)
            .await
            .iter()
            .any(|entry| entry.to_string().contains(&secret))
    );

    // A program acts for a person.
    let program = server.bearer(&secret);
    let form = make(&server, &program, "/f/").await;
    let entry = newest(&ada).await;
    assert_eq!(entry["action"], "form.created");
    assert_eq!(
        entry["actor"],
        json!({ "kind": "api_key", "user_id": ada.user, "api_key_id": key["id"] })
    );

    // What changed, as it was and as it became; nothing else.
    let path = format!("/api/lead-capture/forms/{form}");
    let settings = json!({ "settings": { "thank_you": "Thanks", "notify": ["team@ada.example"] } });
    ada.patch(&path, &settings).await;
    let entry = newest(&ada).await;
    assert_eq!(
        (&entry["action"], &entry["target"]["id"]),
        (&json!("form.updated"), &json!(form))
    );
    assert_eq!(
        entry["before"],
        json!({ "settings": { "double_opt_in": false, "notify": [], "consents": [] } })
    );
    assert_eq!(
        entry["after"],
        json!({ "settings": { "double_opt_in": false, "notify": ["team@ada.example"], "thank_you": "Thanks", "consents": [] } })
    );
    let intro = json!({ "styling": { "intro": "x".repeat(400), "more": "y".repeat(9000) } });
    ada.patch(&path, &intro).await;
    let styling = newest(&ada).await["after"]["styling"].clone();
    assert!(styling.as_str().unwrap().ends_with(" bytes)"), "{styling}");
    delete(&ada, &path).await;

    let lead = make(&server, &ada, "/api/leads/").await;
    let export = "/api/leads/export?status=new&q=lead-";
    assert_eq!(
        ada.send(Method::GET, export, None)
            .await
            .expect(200)
            .text
            .lines()
            .count(),
        2
    );
    let entry = newest(&ada).await;
    assert_eq!(
        (&entry["action"], &entry["target"]),
        (&json!("leads.exported"), &Value::Null)
    );
    let filter = &entry["after"]["filter"];
    assert_eq!(
        (&filter["status"], &filter["searched"]),
        (&json!("new"), &json!(true)),
        "{entry}"
    );
    delete(&ada, &format!("/api/leads/{lead}")).await;

    let template = make(&server, &ada, "/api/email/templates/").await;
    delete(&ada, &format!("/api/email/templates/{template}")).await;
    assert_eq!(newest(&ada).await["before"], json!({ "name": "A template" }));
    let suppression = make(&server, &ada, "/api/email/suppressions/").await;
    delete(&ada, &format!("/api/email/suppressions/{suppression}")).await;
    assert_eq!(newest(&ada).await["before"], json!({ "reason": "manual" }));
    let job = make(&server, &ada, "/api/jobs/").await;
    ada.post(&format!("/api/jobs/{job}/cancel"), &json!({})).await;
    ada.post(&format!("/api/jobs/{job}/retry"), &json!({})).await;
    assert_eq!(
        newest(&ada).await["after"],
        json!({ "kind": "leads.import", "status": "queued" })
    );
    delete(&ada, &format!("/api/auth/api-keys/{}", id(&key))).await;
    assert_eq!(
        newest(&ada).await["before"]["scopes"],
        json!(["leads:read", "forms:write"])
    );

    let log = log(&ada).await;
    let mut story = actions(&log);
    story.reverse();
    let expected = [
        "organization.created",
        "user.created",
        "user.login",
        "api_key.created",
        "form.created",
        "form.updated",
        "form.updated",
        "form.deleted",
        "leads.exported",
        "lead.deleted",
        "template.deleted",
        "suppression.added",
        "suppression.removed",
        "import.started",
        "job.cancelled",
        "job.retried",
        "api_key.deleted",
    ];
    assert_eq!(story, expected);
    // It can't be changed, so it must name nobody who could ask to be forgotten.
    let text = Value::from(log).to_string();
    assert!(!text.contains("things.example"), "{text}");

    let eve = server.register("Eve").await;
    assert_eq!(self::log(&eve).await.len(), 3, "another organization's log");
    server.drain().await;
    server.stop().await;
}

async fn an_account_s_life_is_written_down(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let first = log(&ada).await;
    assert_eq!(
        actions(&first),
        ["user.login", "user.created", "organization.created"]
    );
    for entry in &first {
        assert_eq!(
            entry["actor"],
            json!({ "kind": "user", "user_id": ada.user, "api_key_id": null })
        );
        assert_eq!(entry["ip"], "127.0.0.1");
    }
    assert_eq!(first[1]["after"], json!({ "role": "company_admin" }));
    assert_eq!(
        first[2]["target"],
        json!({ "type": "organization", "id": ada.organization })
    );

    let tablet = server.login("ada@ada.example", "correct horse").await;
    let session = newest(&ada).await["target"].clone();
    assert_eq!(session["type"], "session");
    for _ in 0..2 {
        let out = server
            .post(
                "/api/auth/logout",
                &json!({ "refresh_token": tablet.refresh_token }),
            )
            .await;
        out.expect(200);
    }
    let entries = log(&ada).await;
    assert_eq!(
        actions(&entries)[..3],
        ["user.logout", "user.login", "user.login"],
        "doing it twice is one effect"
    );
    assert_eq!(entries[0]["target"], session);

    // A copy of a refresh token is used after the original.
    let refresh = async |token: &str| {
        server
            .post("/api/auth/refresh", &json!({ "refresh_token": token }))
            .await
    };
    let phone = server.login("ada@ada.example", "correct horse").await;
    let next = refresh(&phone.refresh_token).await.expect(200).data();
    server.clock.advance(TimeDelta::seconds(60));
    let reused = refresh(&phone.refresh_token).await;
    reused.expect_error(401, "unauthenticated");
    refresh(next["refresh_token"].as_str().unwrap())
        .await
        .expect_error(401, "unauthenticated");
    refresh(&phone.refresh_token)
        .await
        .expect_error(401, "unauthenticated");
    let entries = log(&ada).await;
    assert_eq!(actions(&entries)[..2], ["session.reused", "user.login"]);
    assert_eq!(entries[0]["request_id"], reused.header("x-request-id"));
    assert_eq!(entries[0]["target"], entries[1]["target"]);
    assert_eq!(entries[0]["actor"]["kind"], "visitor", "who it is, nobody knows");
    server.stop().await;
}

async fn a_campaign_s_life_is_written_down(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    make(&server, &ada, "/api/leads/").await;
    let campaign = make(&server, &ada, "/api/campaigns/").await;
    let path = format!("/api/campaigns/{campaign}");
    let post = async |step: &str, body: Value| ada.post(&format!("{path}/{step}"), &body).await;
    post("schedule", json!({ "start_date": "2099-01-01T00:00:00Z" })).await;
    let entry = newest(&ada).await;
    assert_eq!(entry["before"], json!({ "status": "draft" }));
    assert_eq!(
        entry["after"],
        json!({ "status": "scheduled", "start_date": "2099-01-01T00:00:00Z" })
    );
    for step in ["launch", "pause", "resume"] {
        post(step, json!({})).await;
    }
    server.drain().await;
    let done = newest(&ada).await;
    assert_eq!(done["action"], "campaign.completed");
    assert_eq!(
        done["actor"],
        json!({ "kind": "job", "user_id": null, "api_key_id": null })
    );
    assert_eq!((&done["ip"], &done["user_agent"]), (&Value::Null, &Value::Null));
    delete(&ada, &path).await;
    let other = make(&server, &ada, "/api/campaigns/").await;
    ada.post(&format!("/api/campaigns/{other}/cancel"), &json!({}))
        .await;

    let entries = ada
        .get_list("/api/audit-log?target_type=campaign&sort=created_at")
        .await;
    let entries = entries["data"].as_array().unwrap().clone();
    let expected = [
        "campaign.scheduled",
        "campaign.launched",
        "campaign.paused",
        "campaign.resumed",
        "campaign.completed",
        "campaign.deleted",
        "campaign.cancelled",
    ];
    assert_eq!(actions(&entries), expected);
    // The scheduled start and the mail's reader.
    let last = make(&server, &ada, "/api/campaigns/").await;
    let start = server.app.now() + TimeDelta::hours(1);
    ada.post(
        &format!("/api/campaigns/{last}/schedule"),
        &json!({ "start_date": start }),
    )
    .await;
    server.after(TimeDelta::hours(2)).await;
    let ada = server.login("ada@ada.example", "correct horse").await;
    let launched = ada
        .get_list(&format!(
            "/api/audit-log?target_id={last}&action=campaign.launched"
        ))
        .await;
    assert_eq!(launched["data"][0]["actor"]["kind"], "job");
    let mail = ada.get_list("/api/email/messages").await["data"][0]["id"].clone();
    let page = server
        .fetch(&format!("/dev/mailbox/{}", mail.as_str().unwrap()))
        .await;
    let page = page.text.replace("&#x2f;", "/");
    let link = page.split(&format!("{}/u/", server.base)).nth(1).unwrap();
    let link = link.split(['"', '&', '>', '<', ' ', '\n']).next().unwrap();
    for _ in 0..2 {
        let click = server.http.post(server.url(&format!("/u/{link}")));
        Reply::to(click.header("user-agent", "Mail/2")).await.expect(200);
    }
    let entries = ada.get_list("/api/audit-log?action=suppression.added").await;
    let entries = entries["data"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["actor"]["kind"], "recipient");
    assert_eq!(entries[0]["after"], json!({ "reason": "unsubscribe" }));
    assert_eq!(
        (&entries[0]["ip"], &entries[0]["user_agent"]),
        (&json!("127.0.0.1"), &json!("Mail/2"))
    );
    server.stop().await;
}

async fn what_fails_leaves_no_entry(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    let form = make(&server, &ada, "/f/").await;
    let campaign = make(&server, &ada, "/api/campaigns/").await;
    let key = make(&server, &ada, "/api/auth/api-keys/").await;
    let (mine, theirs) = (log(&ada).await.len(), log(&eve).await.len());
    let form = format!("/api/lead-capture/forms/{form}");
    for path in [
        &form,
        &format!("/api/auth/api-keys/{key}"),
        &format!("/api/campaigns/{campaign}"),
    ] {
        eve.send(Method::DELETE, path, None).await.expect(404);
    }
    let stale = ada.request(Method::PATCH, &form).header("if-match", "\"7\"");
    Reply::to(stale.json(&json!({ "name": "Lost" })))
        .await
        .expect_error(412, "stale_version");
    ada.send(Method::PATCH, &form, Some(&json!({ "name": "" })))
        .await
        .expect(400);
    for step in ["pause", "resume", "complete"] {
        let path = format!("/api/campaigns/{campaign}/{step}");
        ada.send(Method::POST, &path, Some(&json!({}))).await.expect(409);
    }
    // The same effect twice under one key is one effect.
    for _ in 0..2 {
        let request = ada
            .request(Method::POST, "/api/email/suppressions")
            .header("idempotency-key", "once");
        Reply::to(request.json(&json!({ "email": "x@things.example" })))
            .await
            .expect(201);
    }
    // The entry can't be written: so the effect does not happen, either.
    server
        .sabotage("ALTER TABLE audit_log RENAME TO audit_log_away")
        .await;
    ada.send(Method::DELETE, &form, None).await.expect(500);
    server
        .sabotage("ALTER TABLE audit_log_away RENAME TO audit_log")
        .await;
    ada.get(&form).await;
    assert_eq!(log(&ada).await.len(), mine + 1);
    assert_eq!(log(&eve).await.len(), theirs);
    server.stop().await;
}

async fn failed_logins_are_one_entry_a_minute(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let failures = async || {
        ada.get_list("/api/audit-log?action=user.login_failed&with_total=true")
            .await
    };
    let guess = async |email: &str| {
        let body = json!({ "email": email, "password": "wrong horse" });
        server
            .post("/api/auth/login", &body)
            .await
            .expect_error(401, "unauthenticated");
    };
    for minute in 1..=2 {
        for _ in 0..4 {
            guess("nobody@ada.example").await;
            guess("ADA@ada.example").await;
        }
        let form = [("username", "ada@ada.example"), ("password", "wrong")];
        Reply::to(server.http.post(server.url("/api/auth/token")).form(&form))
            .await
            .expect(400);
        // They are noted after their answers.
        assert!(until(async || failures().await["total"] == minute).await);
        server.clock.advance(TimeDelta::minutes(1));
    }
    let failures = failures().await;
    assert_eq!(failures["total"], 2, "{failures}");
    for entry in failures["data"].as_array().unwrap() {
        assert_eq!(entry["target"], json!({ "type": "user", "id": ada.user }));
        assert_eq!(
            entry["actor"],
            json!({ "kind": "visitor", "user_id": null, "api_key_id": null })
        );
        assert_eq!(entry["ip"], "127.0.0.1");
    }
    server.stop().await;
}

async fn the_log_is_asked_by_what_one_looks_for(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    server.clock.advance(TimeDelta::minutes(1));
    let since = server
        .app
        .now()
        .to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let form = make(&server, &ada, "/f/").await;
    delete(&ada, &format!("/api/lead-capture/forms/{form}")).await;
    for (query, expected) in [
        (String::new(), 5),
        ("action=form.deleted".into(), 1),
        (format!("target_id={form}"), 2),
        ("target_type=form".into(), 2),
        (format!("target_type=lead&target_id={form}"), 0),
        (format!("user_id={}", ada.user), 5),
        (format!("user_id={form}"), 0),
        ("ip=127.0.0.1".into(), 5),
        ("ip=::ffff:127.0.0.1".into(), 5),
        ("ip=127.0.0.2".into(), 0),
        (format!("since={since}"), 2),
        (format!("until={since}"), 3),
    ] {
        let list = ada
            .get_list(&format!("/api/audit-log?with_total=true&{query}"))
            .await;
        assert_eq!(list["total"], expected, "{query}");
        assert_eq!(list["data"].as_array().unwrap().len(), expected, "{query}");
    }
    for (name, value) in [
        ("action", "form.eaten"),
        ("target_type", "horse"),
        ("target_id", "7"),
        ("user_id", "ada"),
        ("ip", "300.1.1.1"),
        ("since", "yesterday"),
        ("until", "-262143-01-01T00:00:00Z"),
        ("since", "+10000-01-01T00:00:00Z"),
        ("sort", "action"),
    ] {
        let reply = Reply::to(ada.request(Method::GET, "/api/audit-log").query(&[(name, value)])).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], name, "{}", reply.text);
    }
    let path = "/api/audit-log";
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        ada.send(method, path, None)
            .await
            .expect_error(405, "method_not_allowed");
    }
    server.stop().await;
}

async fn entries_go_when_their_time_is_over(backend: Backend) {
    for (days, kept) in [(30, 1), (0, 4)] {
        let options = Options {
            settings: vec![("retention.audit_days", json!(days))],
            ..Options::default()
        };
        let server = TestServer::start_with(backend, options).await;
        server.register("Ada").await;
        server.clock.advance(TimeDelta::days(30));
        let forget = async || groundswell_app::audit::forget_expired(&server.app).await.unwrap();
        assert_eq!(forget().await, 0, "exactly as old is not older");
        server.clock.advance(TimeDelta::seconds(1));
        let ada = server.login("ada@ada.example", "correct horse").await;
        assert_eq!(forget().await, 4 - kept);
        assert_eq!(forget().await, 0);
        assert_eq!(log(&ada).await.len() as u64, kept);
        server.stop().await;
    }
}
