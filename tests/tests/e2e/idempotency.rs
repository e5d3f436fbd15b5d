//! `Idempotency-Key`: asked for twice, done once.

use crate::samples::{address, sample};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer, make, operations};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_repetition_gets_the_first_answer,
    what_changes_nothing_may_be_asked_again,
    a_key_belongs_to_its_body_route_and_organization,
    a_key_lasts_a_day,
    the_public_webhook_takes_keys,
    ten_at_once_have_one_effect,
    a_failure_keeps_nothing,
);

async fn post(account: &Account<'_>, path: &str, key: &str, body: &Value) -> Reply {
    let request = account.request(Method::POST, path).header("idempotency-key", key);
    Reply::to(request.json(body)).await
}

#[track_caller]
fn assert_replayed(first: &Reply, again: &Reply) {
    assert_eq!((first.status, first.json()), (again.status, again.json()));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        ("", "true")
    );
}

/// Every POST that changes something for a signed-in caller.
async fn a_repetition_gets_the_first_answer(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for operation in operations()
        .iter()
        .filter(|o| o.method == Method::POST && !o.public)
    {
        // A new API key and the tokens after a new password are told once; a second telling would need them to be kept. An
        // import is tested below.
        if matches!(
            operation.id.as_str(),
            "create_api_key" | "rotate_api_key" | "change_password" | "import_leads" | "import_suppressions" |
            // They change nothing: see below.
            "preview_import" | "simulate_sequence" | "preview_template" | "lint_template" |
            // What is done to another organization is remembered there; a mail address is taken but once.
            "create_organization" | "add_administrator"
        ) {
            continue;
        }
        let id = if operation.has_id() {
            make(&server, &ada, &operation.path).await
        } else {
            String::new()
        };
        let campaign = format!("/api/campaigns/{id}");
        match operation.id.as_str() {
            "decide_campaign_ab_test" => {
                let test = sample("create_campaign_ab_test");
                ada.post(&format!("{campaign}/ab-tests"), &test).await;
                ada.post(&format!("{campaign}/launch"), &json!({})).await;
            }
            "pause_campaign" | "resume_campaign" | "resend_campaign" => {
                drop(ada.post(&format!("{campaign}/launch"), &json!({})).await);
            }
            "enroll_leads" | "exit_lead" | "pause_sequence" => {
                let activate = format!("/api/email/sequences/{id}/activate");
                drop(ada.post(&activate, &json!({})).await);
            }
            "publish_template" | "rollback_template" => {
                let template = format!("/api/email/templates/{id}");
                ada.patch(&template, &json!({ "subject": "Other" })).await;
                if operation.id == "rollback_template" {
                    let publish = format!("{template}/publish");
                    let body = sample("publish_template");
                    ada.send(Method::POST, &publish, Some(&body)).await.expect(200);
                }
            }
            "retry_job" => drop(ada.post(&format!("/api/jobs/{id}/cancel"), &json!({})).await),
            _ => {}
        }
        if operation.id == "resume_campaign" {
            ada.post(&format!("{campaign}/pause"), &json!({})).await;
        }
        let (path, mut body) = (operation.address(&id), sample(&operation.id));
        // Samples name nobody.
        if operation.id == "exit_lead" {
            body["lead_id"] = json!(make(&server, &ada, "/api/leads/{id}").await);
        }
        if operation.id == "create_outreach" {
            body["lead_ids"] = json!([make(&server, &ada, "/api/leads/{id}").await]);
        }
        if operation.id == "exit_lead" {
            let enroll = format!("/api/email/sequences/{id}/enroll");
            ada.post(&enroll, &json!({ "lead_ids": [body["lead_id"]] })).await;
        }
        if matches!(operation.id.as_str(), "merge_lead" | "unmerge_lead") {
            let other = json!(make(&server, &ada, "/api/leads/{id}").await);
            if operation.id == "merge_lead" {
                body["lead_id"] = other;
            } else {
                let merge = format!("/api/leads/{id}/merge");
                ada.post(&merge, &json!({ "lead_id": other })).await;
            }
        }
        let first = post(&ada, &path, "once", &body).await;
        if operation.id == "complete_campaign" {
            // Sending completes a campaign by itself, so there is nothing to be asked for twice.
            first.expect(409);
            continue;
        }
        assert!(first.status.is_success(), "{}: {}", operation.id, first.text);
        let again = post(&ada, &path, "once", &body).await;
        assert_replayed(&first, &again);
    }
    let suppress = || {
        let request = ada
            .request(Method::POST, "/api/email/suppressions/import")
            .header("idempotency-key", "suppress");
        Reply::to(
            request
                .header("content-type", "text/csv")
                .body("email\nsuppressed@samples.example\n"),
        )
    };
    let (first, again) = (suppress().await, suppress().await);
    assert_eq!(first.expect(200).data()["added"], 1);
    assert_replayed(&first, &again);
    let csv = "email\nimported@samples.example\n";
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
    );
    let import = || {
        let request = ada
            .request(Method::POST, "/api/leads/import")
            .header("idempotency-key", "import");
        Reply::to(
            request
                .header("content-type", "multipart/form-data; boundary=b")
                .body(body.clone()),
        )
    };
    let (first, again) = (import().await, import().await);
    first.expect(202);
    assert_replayed(&first, &again);
    server.drain().await;
    assert_eq!(count(&ada, "/api/leads?source=import&q=imported").await, 1);
    server.stop().await;
}

/// What only looks keeps no answer, and needs none: it does nothing, and says the same again.
async fn what_changes_nothing_may_be_asked_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = make(&server, &ada, "/api/leads/{id}").await;
    let mut looks = Vec::new();
    for operation in operations() {
        if matches!(
            operation.id.as_str(),
            "simulate_sequence" | "preview_template" | "lint_template"
        ) {
            let id = make(&server, &ada, &operation.path).await;
            looks.push((operation.id.clone(), operation.address(&id)));
        }
    }
    assert_eq!(looks.len(), 3);
    server.drain().await;
    let csv = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nemail\na@samples.example\n\r\n--b--\r\n";
    let preview_import = || {
        let request = ada
            .request(Method::POST, "/api/leads/import/preview")
            .header("idempotency-key", "once");
        Reply::to(
            request
                .header("content-type", "multipart/form-data; boundary=b")
                .body(csv),
        )
    };
    let before = server.rows().await;
    let mut pairs = vec![(preview_import().await, preview_import().await)];
    for (operation, path) in looks {
        let mut body = sample(&operation);
        if operation == "simulate_sequence" {
            body["lead_id"] = json!(lead);
        }
        let first = post(&ada, &path, "once", &body).await;
        pairs.push((first, post(&ada, &path, "once", &body).await));
    }
    for (first, again) in &pairs {
        first.expect(200);
        assert_eq!(first.json(), again.json());
        assert_eq!(again.header("idempotency-replayed"), "", "it was looked at anew");
    }
    let mut after = server.rows().await;
    after.retain(|row| !before.contains(row));
    assert_eq!(after, [], "nothing was written");
    server.stop().await;
}

async fn a_key_belongs_to_its_body_route_and_organization(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    let body = json!({ "email": "one@samples.example" });
    let first = post(&ada, "/api/leads", "key", &body).await;
    first.expect(201);
    let other = json!({ "email": "two@samples.example" });
    post(&ada, "/api/leads", "key", &other)
        .await
        .expect_error(422, "idempotency_key_reused");
    let theirs = post(&eve, "/api/leads", "key", &body).await;
    assert_eq!(
        (theirs.status.as_u16(), theirs.header("idempotency-replayed")),
        (201, "")
    );
    assert_ne!(theirs.data()["id"], first.data()["id"]);
    let elsewhere = post(&ada, "/api/email/suppressions", "key", &body).await;
    assert_eq!(
        (
            elsewhere.status.as_u16(),
            elsewhere.header("idempotency-replayed")
        ),
        (201, "")
    );
    // `/api/v1` and a trailing slash are the same route.
    for path in ["/api/v1/leads", "/api/leads/"] {
        assert_eq!(
            post(&ada, path, "key", &body)
                .await
                .header("idempotency-replayed"),
            "true",
            "{path}"
        );
    }
    assert_eq!(count(&ada, "/api/leads").await, 1);

    for length in [1, 255] {
        post(
            &ada,
            "/api/leads",
            &"k".repeat(length),
            &json!({ "email": address() }),
        )
        .await
        .expect(201);
    }
    for key in ["k".repeat(256), " ".to_owned(), "k".repeat(4000)] {
        let reply = post(&ada, "/api/leads", &key, &json!({ "email": address() })).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], "Idempotency-Key");
    }
    assert_eq!(count(&ada, "/api/leads").await, 3);
    server.stop().await;
}

async fn a_key_lasts_a_day(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.register("Ada").await;
    let body = json!({ "to": "a@b.example", "subject": "x", "body": "x" });
    let ada = server.login("ada@ada.example", "correct horse").await;
    let first = post(&ada, "/api/email/send", "day", &body).await;
    first.expect(202);
    server.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let ada = server.login("ada@ada.example", "correct horse").await;
    assert_replayed(&first, &post(&ada, "/api/email/send", "day", &body).await);
    server.clock.advance(TimeDelta::seconds(1));
    let second = post(&ada, "/api/email/send", "day", &body).await;
    assert_eq!(
        (second.status.as_u16(), second.header("idempotency-replayed")),
        (202, "")
    );
    assert_ne!(second.data()["email_id"], first.data()["email_id"]);
    assert_replayed(&second, &post(&ada, "/api/email/send", "day", &body).await);
    server.drain().await;
    assert_eq!(count(&ada, "/api/email/messages").await, 2);
    server.stop().await;
}

async fn the_public_webhook_takes_keys(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = make(&server, &ada, "/f/").await;
    let path = format!("/api/lead-capture/webhook/{form}");
    let body = json!({ "email": "v@samples.example", "name": "V" });
    let nobody = server.bearer("");
    let first = post(&nobody, &path, "v", &body).await;
    first.expect(201);
    let again = post(&nobody, &path, "v", &body).await;
    assert_replayed(&first, &again);
    post(&nobody, &path, "v", &json!({ "email": "w@samples.example" }))
        .await
        .expect_error(422, "idempotency_key_reused");
    post(&nobody, &path, &"k".repeat(256), &body)
        .await
        .expect_error(400, "invalid_input");
    let tries = (0..10).map(|_| post(&nobody, &path, "many", &body));
    for reply in futures_util::future::join_all(tries).await {
        if reply.status != 201 {
            reply.expect_error(409, "idempotency_in_progress");
        }
    }
    assert_eq!(
        count(&ada, &format!("/api/lead-capture/forms/{form}/submissions")).await,
        2
    );
    assert_eq!(count(&ada, "/api/leads").await, 1);
    server.drain().await;
    server.stop().await;
}

async fn ten_at_once_have_one_effect(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    make(&server, &ada, "/api/leads/").await;
    let campaign = make(&server, &ada, "/api/campaigns/").await;
    let launch = format!("/api/campaigns/{campaign}/launch");
    for (path, body, list) in [
        (
            "/api/leads",
            json!({ "email": "ten@samples.example" }),
            "/api/leads?source=manual&q=ten",
        ),
        (
            "/api/email/suppressions",
            json!({ "email": "ten@samples.example" }),
            "/api/email/suppressions",
        ),
        (
            "/api/campaigns",
            sample("create_campaign"),
            "/api/campaigns?status=draft&q=A",
        ),
        (
            "/api/email/templates",
            sample("create_template"),
            "/api/email/templates",
        ),
        (
            "/api/email/send",
            json!({ "to": "ten@else.example", "subject": "x", "body": "x" }),
            "/api/email/messages?kind=single",
        ),
        (launch.as_str(), json!({}), "/api/jobs?kind=campaigns.snapshot"),
    ] {
        let before = count(&ada, list).await;
        let replies = futures_util::future::join_all((0..10).map(|_| post(&ada, path, "ten", &body))).await;
        let done: Vec<_> = replies.iter().filter(|reply| reply.status.is_success()).collect();
        assert!(!done.is_empty(), "{path}");
        assert!(
            done.iter().all(|reply| reply.data() == done[0].data()),
            "{path}: different answers"
        );
        for reply in replies.iter().filter(|reply| !reply.status.is_success()) {
            reply.expect_error(409, "idempotency_in_progress");
        }
        let more = count(&ada, list).await - before;
        assert!(
            more == 1 || (path == launch && more <= 1),
            "{path}: {more} effects"
        );
        assert_eq!(
            post(&ada, path, "ten", &body)
                .await
                .header("idempotency-replayed"),
            "true",
            "{path}"
        );
    }
    server.drain().await;
    let metrics = ada.get(&format!("/api/campaigns/{campaign}/metrics")).await;
    assert_eq!((&metrics["sent"], &metrics["suppressed"]), (&json!(1), &json!(1)));
    server.stop().await;
}

async fn count(account: &Account<'_>, list: &str) -> u64 {
    let joint = if list.contains('?') { '&' } else { '?' };
    account
        .get_list(&format!("{list}{joint}with_total=true&limit=1"))
        .await["total"]
        .as_u64()
        .unwrap()
}

/// A request that failed did nothing, so its key is free for the mended one.
async fn a_failure_keeps_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    post(&ada, "/api/leads", "again", &json!({ "email": "nothing" }))
        .await
        .expect_error(400, "invalid_input");
    post(
        &ada,
        "/api/leads",
        "again",
        &json!({ "email": "good@samples.example" }),
    )
    .await
    .expect(201);
    post(
        &ada,
        "/api/leads",
        "twin",
        &json!({ "email": "good@samples.example" }),
    )
    .await
    .expect_error(409, "lead_exists");
    post(
        &ada,
        "/api/leads",
        "twin",
        &json!({ "email": "twin@samples.example" }),
    )
    .await
    .expect(201);
    server.stop().await;
}
