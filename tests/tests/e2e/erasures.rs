//! A lead is erased: nothing is left of them anywhere, the numbers stay, and what is restored forgets them again.

use groundswell_app::privacy::{Replayed, replay_erasures};
use groundswell_domain::privacy::ErasureRecord;
use groundswell_tests::{Account, Backend, Binary, Reply, TestServer, command, new_folder};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    nothing_is_left_and_the_numbers_stay,
    an_erased_address_stays_out,
    what_waits_is_not_sent,
    somebody_who_is_no_lead_is_erased_by_address,
    a_journal_is_replayed,
);

const GRACE: &str = "Grace.M@hopper.example";

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

async fn lead_of(account: &Account<'_>, text: &str) -> String {
    let found = account.get_list(&format!("/api/leads?q={text}")).await;
    id(&found["data"][0]).to_owned()
}

async fn erase(account: &Account<'_>, lead: &str) -> Value {
    account
        .post(&format!("/api/leads/{lead}/erase"), &json!({}))
        .await
}

async fn import(server: &TestServer, account: &Account<'_>, csv: &str) -> Value {
    let part = reqwest::multipart::Part::bytes(csv.as_bytes().to_vec()).file_name("leads.csv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = account.request(Method::POST, "/api/leads/import").multipart(form);
    let started = Reply::to(request).await.expect(202).data();
    server.drain().await;
    let path = format!("/api/leads/imports/{}", started["import_id"].as_str().unwrap());
    account.get(&path).await
}

async fn campaign(account: &Account<'_>) -> String {
    let body = json!({ "name": "Spring", "type": "email", "content":
        { "subject": "Hello {{ lead.name }}", "html": "<a href=\"https://x.example/?for={{ lead.email }}\">Read</a>" } });
    let campaign = account.post("/api/campaigns", &body).await;
    let path = format!("/api/campaigns/{}", id(&campaign));
    account.post(&format!("{path}/launch"), &json!({})).await;
    path
}

/// Everything that a person can leave behind.
async fn a_whole_life(server: &TestServer, ada: &Account<'_>) -> String {
    let fields = json!([{ "name": "email", "type": "email", "required": true }, { "name": "note", "type": "textarea" }]);
    let form = json!({ "name": "Contact", "fields": fields, "settings": { "notify": ["team@ada.example"] } });
    let form = ada.post("/api/lead-capture/forms", &form).await;
    let webhook = format!("/api/lead-capture/webhook/{}", id(&form));
    for note in ["I am Hopper", "Hopper again"] {
        let body = json!({ "email": GRACE, "name": "Grace Hopper", "note": note });
        let request = server
            .http
            .post(server.url(&webhook))
            .header("user-agent", "Hopper/1.0");
        Reply::to(request.json(&body)).await.expect(201);
    }
    server.drain().await;
    let path = campaign(ada).await;
    let single = json!({ "to": GRACE, "subject": "Dear Grace Hopper", "body": "<a href=\"https://x.example/hopper\">x</a>" });
    ada.request(Method::POST, "/api/email/send")
        .header("idempotency-key", "one")
        .json(&single)
        .send()
        .await
        .unwrap();
    server.drain().await;
    // A line that can't be imported is kept as it was.
    import(
        server,
        ada,
        &format!("email,status\n{GRACE},nonsense\nother@b.example,new\n"),
    )
    .await;
    for mail in server.app.system.outbox().latest(None, 50).await.unwrap() {
        if mail.to.to_lowercase().contains("hopper") {
            for start in ["/t/c/", "/t/o/"] {
                let link = mail.html.split(start).nth(1).unwrap().split('"').next().unwrap();
                let request = server.http.get(server.url(&format!("{start}{link}")));
                Reply::to(request.header("user-agent", "Hopper/1.0")).await;
            }
            server.judge_visits().await;
            let link = mail.html.split("/u/").nth(1).unwrap().split('"').next().unwrap();
            let request = server.http.post(server.url(&format!("/u/{link}")));
            Reply::to(request.header("user-agent", "Hopper/1.0"))
                .await
                .expect(200);
        }
    }
    path
}

async fn nothing_is_left_and_the_numbers_stay(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let campaign = a_whole_life(&server, &ada).await;
    assert!(!server.rows_with("hopper").await.is_empty());
    let numbers = async || {
        (
            ada.get("/api/leads/analytics/overview").await,
            ada.get(&format!("{campaign}/metrics")).await,
        )
    };
    let before = numbers().await;
    assert_eq!(before.1["unsubscribes"], 1, "{}", before.1);

    let lead = lead_of(&ada, "hopper").await;
    let receipt = erase(&ada, &lead).await;
    assert_eq!(
        (&receipt["kind"], &receipt["subject_id"], &receipt["requested_by"]),
        (&json!("lead"), &json!(lead), &json!(ada.user))
    );
    let stores = receipt["stores"].as_array().unwrap();
    let rows = |store: &str, treatment: &str| {
        stores
            .iter()
            .find(|touched| touched["store"] == store && touched["treatment"] == treatment)
            .map_or(0, |touched| touched["rows"].as_i64().unwrap())
    };
    for (store, treatment, count) in [
        ("leads", "deleted", 1),
        ("submissions", "deleted", 2),
        ("email_messages", "anonymized", 4),
        ("email_contents", "deleted", 3),
        ("outbox_mails", "deleted", 4),
        ("lead_import_errors", "anonymized", 1),
        ("suppressions", "deleted", 1),
        ("suppressions", "added", 1),
        ("audit_log", "anonymized", 1),
    ] {
        assert_eq!(rows(store, treatment), count, "{store} {treatment}: {receipt}");
    }
    assert!(rows("score_entries", "deleted") >= 2, "{receipt}");

    for text in ["hopper", "grace"] {
        assert_eq!(server.rows_with(text).await, [], "{text}");
    }
    let journal = std::fs::read_to_string(server.folder().join("erasures.jsonl")).unwrap();
    assert!(
        journal.contains(id(&receipt)) && !journal.to_lowercase().contains("hopper"),
        "{journal}"
    );
    assert_eq!(numbers().await, before, "statistics stay");
    ada.send(Method::GET, &format!("/api/leads/{lead}"), None)
        .await
        .expect_error(404, "lead_not_found");
    let again = format!("/api/leads/{lead}/erase");
    ada.send(Method::POST, &again, Some(&json!({})))
        .await
        .expect_error(404, "lead_not_found");

    // The receipt stays, for those who may see it.
    let path = format!("/api/privacy/erasures/{}", id(&receipt));
    assert_eq!(ada.get(&path).await, receipt);
    let list = ada.get_list("/api/privacy/erasures?with_total=true").await;
    assert_eq!((&list["total"], &list["data"][0]), (&json!(1), &receipt));
    let log = ada.get_list("/api/audit-log?action=lead.erased").await;
    assert_eq!(
        log["data"][0]["target"],
        json!({ "type": "erasure", "id": receipt["id"] })
    );
    server.stop().await;
}

async fn an_erased_address_stays_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = ada
        .post("/api/leads", &json!({ "email": GRACE, "name": "Grace" }))
        .await;
    let receipt = erase(&ada, id(&lead)).await;

    let list = ada.get_list("/api/email/suppressions").await;
    let entry = &list["data"][0];
    assert_eq!(
        (&entry["email"], &entry["email_hash"], &entry["reason"]),
        (&Value::Null, &receipt["subject_hash"], &json!("erasure"))
    );
    let found = ada
        .get_list("/api/email/suppressions?email=GRACE.m@hopper.example")
        .await;
    assert_eq!(found["data"], list["data"]);
    let other = ada
        .get_list("/api/email/suppressions?email=other@hopper.example")
        .await;
    assert_eq!(other["data"], json!([]));

    let mail = json!({ "to": GRACE, "subject": "x", "body": "x" });
    ada.send(Method::POST, "/api/email/send", Some(&mail))
        .await
        .expect_error(409, "recipient_suppressed");
    let plain = json!({ "email": GRACE });
    ada.send(Method::POST, "/api/leads", Some(&plain))
        .await
        .expect_error(409, "lead_erased");
    ada.send(Method::POST, "/api/email/suppressions", Some(&plain))
        .await
        .expect_error(409, "already_suppressed");
    let other = ada
        .post("/api/leads", &json!({ "email": "other@b.example" }))
        .await;
    let path = format!("/api/leads/{}", id(&other));
    ada.send(Method::PATCH, &path, Some(&plain))
        .await
        .expect_error(409, "lead_erased");

    let done = import(
        &server,
        &ada,
        "email,name\ngrace.M@hopper.example,Grace\nnew@b.example,New\n",
    )
    .await;
    assert_eq!(
        (&done["created"], &done["failed"], &done["rows"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let errors = format!("/api/leads/imports/{}/errors", id(&done));
    let errors = ada.send(Method::GET, &errors, None).await;
    assert!(errors.text.contains("asked to be forgotten"), "{}", errors.text);
    assert_eq!(server.rows_with("hopper").await, []);

    // Another organization knows nothing of it.
    let eve = server.register("Eve").await;
    eve.post("/api/leads", &plain).await;

    // Who comes back by their own hand is a lead again, and gets no mail until somebody lets them.
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "F", "fields": fields }),
        )
        .await;
    server
        .post(&format!("/api/lead-capture/webhook/{}", id(&form)), &plain)
        .await
        .expect(201);
    let path = campaign(&ada).await;
    server.drain().await;
    let metrics = ada.get(&format!("{path}/metrics")).await;
    assert_eq!(
        (&metrics["audience"], &metrics["suppressed"], &metrics["sent"]),
        (&json!(3), &json!(1), &json!(2))
    );
    let entry = format!("/api/email/suppressions/{}", id(entry));
    ada.send(Method::DELETE, &entry, None).await.expect(200);
    ada.post("/api/email/send", &mail).await;
    server.drain().await;
    server.stop().await;
}

async fn what_waits_is_not_sent(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = ada.post("/api/leads", &json!({ "email": GRACE })).await;
    ada.post("/api/leads", &json!({ "email": "other@b.example" }))
        .await;
    let path = campaign(&ada).await;
    server.drain_kind("campaigns.snapshot").await;
    let mail = json!({ "to": GRACE, "subject": "x", "body": "x" });
    ada.post("/api/email/send", &mail).await;
    let receipt = erase(&ada, id(&lead)).await;
    let cancelled = json!({ "store": "jobs", "treatment": "cancelled", "rows": 1 });
    assert!(
        receipt["stores"].as_array().unwrap().contains(&cancelled),
        "{receipt}"
    );
    server.drain().await;
    let metrics = ada.get(&format!("{path}/metrics")).await;
    assert_eq!(
        (
            &metrics["sent"],
            &metrics["suppressed"],
            &metrics["queued"],
            &metrics["audience"]
        ),
        (&json!(1), &json!(1), &json!(0), &json!(2))
    );
    let sent = server.app.system.outbox().latest(None, 10).await.unwrap();
    assert_eq!(sent.len(), 1, "only the other one got a mail");
    assert_eq!(server.rows_with("hopper").await, []);
    server.stop().await;
}

async fn somebody_who_is_no_lead_is_erased_by_address(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let mail = json!({ "to": GRACE, "subject": "x", "body": "x" });
    ada.post("/api/email/send", &mail).await;
    server.drain().await;
    let body = json!({ "email": GRACE.to_uppercase() });
    let made = ada.send(Method::POST, "/api/privacy/erasures", Some(&body)).await;
    let receipt = made.expect(201).data();
    assert_eq!(
        made.header("location"),
        format!("/api/privacy/erasures/{}", id(&receipt))
    );
    assert_eq!(receipt["subject_id"], Value::Null);
    assert_eq!(server.rows_with("hopper").await, []);
    let list = ada.get_list("/api/email/messages").await;
    assert_eq!(list["data"][0]["to"], "erased@erased.invalid");
    // Twice is fine, and finds nothing more.
    let again = ada.post("/api/privacy/erasures", &body).await;
    assert_eq!(again["stores"], json!([]));
    server.stop().await;
}

fn journal(server: &TestServer) -> Vec<ErasureRecord> {
    let text = std::fs::read_to_string(server.folder().join("erasures.jsonl")).unwrap();
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn a_journal_is_replayed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = ada.post("/api/leads", &json!({ "email": GRACE })).await;
    erase(&ada, id(&lead)).await;
    let records = journal(&server);
    let replay = async || replay_erasures(&server.app, &records).await.unwrap();
    let outcome = |applied, known, elsewhere| Replayed {
        applied,
        known,
        elsewhere,
        stale: 0,
    };
    assert_eq!(replay().await, outcome(0, 1, 0));

    // The database of before, in which the lead had another id.
    server.sabotage("DELETE FROM erasures").await;
    server.sabotage("DELETE FROM suppressions").await;
    ada.post("/api/leads", &json!({ "email": GRACE })).await;
    ada.post("/api/leads", &json!({ "email": "other@b.example" }))
        .await;
    assert_eq!(replay().await, outcome(1, 0, 0));
    assert_eq!(replay().await, outcome(0, 1, 0));
    assert_eq!(server.rows_with("hopper").await, []);
    let left = ada.get_list("/api/leads").await;
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
    ada.send(Method::POST, "/api/leads", Some(&json!({ "email": GRACE })))
        .await
        .expect_error(409, "lead_erased");

    // Of an organization that this database has never seen.
    let mut stranger = records[0].clone();
    stranger.organization_id = server.app.id();
    let elsewhere = replay_erasures(&server.app, &[stranger]).await.unwrap();
    assert_eq!(elsewhere, outcome(0, 0, 1));
    server.stop().await;
}

/// With the program itself: a backup from before the erasure is put back.
#[tokio::test]
async fn a_restored_backup_forgets_again() {
    let data = new_folder();
    let database = data.join("groundswell.db");
    let backup = data.with_extension("backup");
    let http = reqwest::Client::new();
    let mut binary = Binary::start_in(&data, "serve", &[]).await;
    let body = json!({ "email": "ada@ada.example", "password": "correct horse", "name": "Ada", "organization_name": "Ada" });
    let url = |base: &str, path: &str| format!("{base}{path}");
    let answer = Reply::to(http.post(url(&binary.base, "/api/auth/register")).json(&body)).await;
    let token = answer.expect(201).data()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let lead = http
        .post(url(&binary.base, "/api/leads"))
        .bearer_auth(&token)
        .json(&json!({ "email": GRACE }));
    let lead = Reply::to(lead).await.expect(201).data();
    binary.end().await;
    std::fs::copy(&database, &backup).unwrap();

    let mut binary = Binary::start_in(&data, "serve", &[]).await;
    let path = format!("/api/leads/{}", id(&lead));
    let erase = http
        .post(url(&binary.base, &format!("{path}/erase")))
        .bearer_auth(&token);
    Reply::to(erase).await.expect(200);
    binary.end().await;

    let restore = || {
        for name in ["groundswell.db-wal", "groundswell.db-shm"] {
            let _ = std::fs::remove_file(data.join(name));
        }
        std::fs::copy(&backup, &database).unwrap();
    };
    restore();
    let replay = ["privacy", "replay"];
    command(&data, &replay, &[])
        .await
        .expect(0, &["1 erasures were done again, 0 were known"]);
    command(&data, &replay, &[])
        .await
        .expect(0, &["0 erasures were done again, 1 were known"]);
    let missing = ["privacy", "replay", "--journal", "/no/such/file"];
    command(&data, &missing, &[])
        .await
        .expect(1, &["no journal /no/such/file"]);

    // And at the start.
    restore();
    let mut binary = Binary::start_in(&data, "serve", &[]).await;
    let gone = http.get(url(&binary.base, &path)).bearer_auth(&token);
    Reply::to(gone).await.expect_error(404, "lead_not_found");
    binary.stop().await;
    std::fs::remove_file(backup).unwrap();
}
