//! One lead of two, and back: everything moves, and everything returns.

use crate::contacts::{follow, link};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    merge_and_unmerge_leave_everything_byte_for_byte,
    everything_that_happened_moves_to_the_lead_that_stays,
    what_happens_in_between_stays,
    the_other_address_finds_the_lead,
    chains_are_taken_apart_in_reverse,
    who_does_not_want_mail_does_not_want_it,
    an_erasure_takes_all_of_it,
    what_can_not_be_merged_says_why,
    who_opened_stays_who_opened,
);

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

async fn lead(account: &Account<'_>, body: Value) -> String {
    id(&account.post("/api/leads", &body).await).to_owned()
}

async fn merge(account: &Account<'_>, this: &str, other: &str, fields: Value) -> Value {
    let body = json!({ "lead_id": other, "fields": fields });
    account.post(&format!("/api/leads/{this}/merge"), &body).await
}

async fn unmerge(account: &Account<'_>, this: &str) -> Value {
    let body = json!({ "do_not_merge": false });
    account.post(&format!("/api/leads/{this}/unmerge"), &body).await
}

/// Every row but those that say that something was done, and counters, of which only the sums are promised.
async fn rows(server: &TestServer) -> Vec<(String, String)> {
    let said = [
        "api_keys",
        "audit_log",
        // Written some time after the visit.
        "form_visits",
        "idempotency_keys",
        "jobs",
        "lead_counters",
        "sessions",
    ];
    let mut rows = server.rows().await;
    rows.retain(|(table, row)| {
        !(said.contains(&table.as_str()) || table == "lead_events" && row.contains("merge_id"))
    });
    rows.sort();
    rows
}

/// Says which rows are not the same.
fn same(before: &[(String, String)], after: &[(String, String)], what: &str) {
    let differ = |one: &[(String, String)], other: &[(String, String)]| {
        one.iter()
            .filter(|row| !other.contains(row))
            .cloned()
            .collect::<Vec<_>>()
    };
    let (gone, new) = (differ(before, after), differ(after, before));
    assert!(
        gone.is_empty() && new.is_empty(),
        "{what}\nwas {gone:#?}\nis {new:#?}"
    );
    assert_eq!(before.len(), after.len());
}

async fn form(account: &Account<'_>) -> String {
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let settings =
        json!({ "consents": [{ "purpose": "marketing", "text": "Write to me", "required": false }] });
    let form = json!({ "name": "Contact", "fields": fields, "settings": settings });
    let form = account.post("/api/lead-capture/forms", &form).await;
    format!("/api/lead-capture/webhook/{}", id(&form))
}

async fn capture(server: &TestServer, webhook: &str, email: &str, company: &str) -> Value {
    let body =
        json!({ "email": email, "name": "Xaver Quellmann", "company": company, "consent.marketing": true });
    let kept = server.post(webhook, &body).await.expect(201).data();
    server.drain().await;
    kept
}

/// A lead with something in every table that there is.
async fn a_life(
    server: &TestServer,
    account: &Account<'_>,
    webhook: &str,
    email: &str,
    number: u64,
) -> String {
    let kept = capture(server, webhook, email, "ACME").await;
    let lead = kept["lead_id"].as_str().unwrap().to_owned();
    let path = format!("/api/leads/{lead}");
    let at = usize::try_from(number).unwrap();
    let title = ["CEO", "Head of Sales", "Engineer"][at % 3];
    let stage = ["new", "engaged", "qualified", "disqualified"][at % 4];
    let phone = number.is_multiple_of(2).then_some("+49 30 901820");
    let change = json!({
        "title": title,
        "phone": phone,
        "tags": [format!("tag{}", number % 4), "both"],
        "custom_fields": { "size": number, "city \u{1F600}": ["x", null, 1.50], format!("only{number}"): true },
        "stage": stage,
        "value": { "amount": number + 1, "currency": "EUR" },
    });
    account
        .send(Method::PATCH, &path, Some(&change))
        .await
        .expect(200);
    if number.is_multiple_of(3) {
        let consent = json!({ "purpose": "news", "decision": "withdrawn", "text": null });
        account.post(&format!("{path}/consents"), &consent).await;
    }
    let mail = json!({ "to": email, "subject": "Hello", "body": "<a href=\"https://x.example/\">x</a>" });
    account.post("/api/email/send", &mail).await;
    let file = format!("email,name,{}\n{email},Xaver Q,1\n", "size");
    crate::lead_files::import(server, account, file.as_bytes(), &[("tags", "fair")]).await;
    account.post(&format!("{path}/score"), &json!({})).await;
    if !number.is_multiple_of(3) {
        let slot = ["budget", "authority"][at % 2];
        let answer = json!({ "slot": slot, "state": "weak", "evidence": "On the phone", "confidence": 0.5 });
        let body = json!({ "framework": "bant", "answers": [answer] });
        account.post(&format!("{path}/qualify"), &body).await;
    }
    server.drain().await;
    lead
}

async fn campaign(server: &TestServer, account: &Account<'_>) {
    let body = json!({ "name": "Spring", "type": "email", "content": { "subject": "Hello", "html": "<p>Hello</p>" } });
    let campaign = account.post("/api/campaigns", &body).await;
    account
        .post(&format!("/api/campaigns/{}/launch", id(&campaign)), &json!({}))
        .await;
    server.drain().await;
}

/// Choices of fields by the bits of a number.
fn choices(number: u64) -> Value {
    let names = [
        "name",
        "email",
        "phone",
        "company",
        "title",
        "source",
        "stage",
        "value",
        "utm",
        "client_id",
    ];
    let mut fields = serde_json::Map::new();
    for (at, name) in names.iter().enumerate() {
        match (number >> (2 * at)) % 4 {
            0 => drop(fields.insert((*name).to_owned(), json!("this"))),
            1 => drop(fields.insert((*name).to_owned(), json!("other"))),
            _ => {}
        }
    }
    fields.insert(
        "custom_fields".to_owned(),
        json!({ "size": if number.is_multiple_of(2) { "this" } else { "other" } }),
    );
    Value::Object(fields)
}

async fn merge_and_unmerge_leave_everything_byte_for_byte(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let webhook = form(&ada).await;
    let mut leads = Vec::new();
    for number in 0..6 {
        leads.push(
            a_life(
                &server,
                &ada,
                &webhook,
                &format!("Person{number}@x.example"),
                number,
            )
            .await,
        );
        server.clock.advance(TimeDelta::minutes(3));
    }
    // A mail of one campaign to each of them, which can't both belong to one lead.
    campaign(&server, &ada).await;
    ada.post("/api/leads/duplicates/scan", &json!({})).await;
    server.drain().await;
    let pairs = ada.get_list("/api/leads/duplicates").await;
    for pair in pairs["data"].as_array().unwrap().iter().take(3) {
        ada.post(&format!("/api/leads/duplicates/{}/dismiss", id(pair)), &json!({}))
            .await;
    }
    let segment = json!({ "name": "Those", "expression": "tag in (\"tag1\", \"tag2\")" });
    let segment = ada.post("/api/segments", &segment).await;
    ada.post(&format!("/api/segments/{}/freeze", id(&segment)), &json!({}))
        .await;
    server.drain().await;
    let overview = ada.get("/api/leads/analytics/overview").await;
    let before = rows(&server).await;
    assert!(before.iter().any(|(table, _)| table == "segment_members"));
    assert!(before.iter().any(|(table, _)| table == "slot_answers"));
    assert!(before.iter().any(|(table, _)| table == "stage_holds"));
    let mut seed = 7_u64;
    for round in 0..12_usize {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (this, other) = (
            &leads[round % 6],
            &leads[(round + 1 + (seed >> 40) as usize % 5) % 6],
        );
        server.clock.advance(TimeDelta::seconds(7));
        let fields = choices(seed >> 20);
        merge(&ada, this, other, fields.clone()).await;
        assert_ne!(rows(&server).await, before);
        assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 5);
        server.clock.advance(TimeDelta::seconds(7));
        unmerge(&ada, this).await;
        same(&before, &rows(&server).await, &format!("{this} {other} {fields}"));
    }
    // Several at once, and back in reverse.
    for other in 1..6 {
        merge(&ada, &leads[0], &leads[other], json!({})).await;
    }
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    for _ in 1..6 {
        unmerge(&ada, &leads[0]).await;
    }
    same(&before, &rows(&server).await, "in reverse");
    assert_eq!(ada.get("/api/leads/analytics/overview").await, overview);
    server.stop().await;
}

async fn everything_that_happened_moves_to_the_lead_that_stays(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let webhook = form(&ada).await;
    let this = a_life(&server, &ada, &webhook, "one@x.example", 1).await;
    let other = a_life(&server, &ada, &webhook, "two@x.example", 2).await;
    let kinds = async |lead: &str| {
        let list = ada
            .get_list(&format!("/api/leads/{lead}/timeline?limit=200"))
            .await;
        let all = list["data"].as_array().unwrap().clone();
        all.iter()
            .map(|event| event["kind"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let points = async |lead: &str| {
        ada.get(&format!("/api/leads/{lead}")).await["score"]["total"]
            .as_i64()
            .unwrap()
    };
    let (mine, theirs) = (kinds(&this).await, kinds(&other).await);
    let count = |kinds: &[String], kind: &str| kinds.iter().filter(|other| *other == kind).count();

    let request = json!({ "lead_id": other, "version": 99 });
    let path = format!("/api/leads/{this}/merge");
    ada.send(Method::POST, &path, Some(&request)).await.expect(412);
    let answer = merge(&ada, &this, &other, json!({ "phone": "other", "stage": "other" })).await;
    assert_eq!(
        (&answer["merge"]["survivor_id"], &answer["merge"]["other_id"]),
        (&json!(this), &json!(other))
    );
    let merged = &answer["lead"];
    assert_eq!(
        (&merged["phone"], &merged["stage"]),
        (&json!("+49 30 901820"), &json!("qualified"))
    );
    assert_eq!(merged["tags"], json!(["both", "fair", "tag1", "tag2"]));
    assert_eq!(
        (
            &merged["custom_fields"]["only1"],
            &merged["custom_fields"]["only2"]
        ),
        (&json!(true), &json!(true))
    );
    let all = kinds(&this).await;
    for kind in ["form_submitted", "consent_granted", "email_sent"] {
        assert_eq!(
            count(&all, kind),
            count(&mine, kind) + count(&theirs, kind),
            "{kind}: {all:?}"
        );
    }
    assert_eq!((count(&all, "merged"), count(&all, "created")), (1, 1));
    let entries = ada
        .get_list(&format!("/api/leads/{this}/score/entries?limit=200"))
        .await;
    let sum: i64 = entries["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["points"].as_i64().unwrap())
        .sum();
    assert_eq!(points(&this).await, sum);

    let gone = ada.send(Method::GET, &format!("/api/leads/{other}"), None).await;
    let gone = gone.expect(404).json();
    assert_eq!(gone["code"], "lead_merged", "{gone}");
    assert!(gone["error"].as_str().unwrap().contains(&this), "{gone}");
    let log = ada.get_list("/api/audit-log?action=lead.merged").await;
    assert_eq!(log["data"][0]["after"]["lead_id"], json!(other));
    unmerge(&ada, &this).await;
    let back: Vec<_> = kinds(&other)
        .await
        .into_iter()
        .filter(|kind| kind != "unmerged")
        .collect();
    assert_eq!(back, theirs);
    server.stop().await;
}

async fn what_happens_in_between_stays(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let webhook = form(&ada).await;
    let this = a_life(&server, &ada, &webhook, "one@x.example", 1).await;
    let other = a_life(&server, &ada, &webhook, "two@x.example", 2).await;
    let (was, theirs) = (
        ada.get(&format!("/api/leads/{this}")).await,
        ada.get(&format!("/api/leads/{other}")).await,
    );
    merge(&ada, &this, &other, json!({ "title": "other", "phone": "other" })).await;
    server.clock.advance(TimeDelta::minutes(1));
    capture(&server, &webhook, "two@x.example", "Late Ltd").await;
    let change = json!({ "name": "By hand", "tags": ["both", "tag2", "new"], "custom_fields": { "only2": null, "since": 1 } });
    let path = format!("/api/leads/{this}");
    let edited = ada
        .send(Method::PATCH, &path, Some(&change))
        .await
        .expect(200)
        .data();
    let back = unmerge(&ada, &this).await;
    assert_eq!(back["other"], theirs);
    let lead = &back["lead"];
    assert_eq!(
        (&lead["name"], &lead["title"], &lead["phone"]),
        (&json!("By hand"), &was["title"], &was["phone"])
    );
    assert_eq!(lead["custom_fields"]["since"], 1);
    assert_eq!(
        (&lead["custom_fields"]["size"], &lead["custom_fields"]["only2"]),
        (&was["custom_fields"]["size"], &Value::Null)
    );
    let tags: Vec<_> = lead["tags"].as_array().unwrap().clone();
    assert!(
        tags.contains(&json!("new")) && !tags.contains(&json!("tag2")),
        "{tags:?}"
    );
    assert!(lead["version"].as_i64() > edited["version"].as_i64());
    let list = ada.get_list(&format!("{path}/timeline?limit=200")).await;
    let captures = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["kind"] == "form_submitted")
        .count();
    assert_eq!(captures, 2, "what came meanwhile came to the lead that stayed");
    let entries = ada.get_list(&format!("{path}/score/entries?limit=200")).await;
    let sum: i64 = entries["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["points"].as_i64().unwrap())
        .sum();
    assert_eq!(lead["score"]["total"], sum);
    // It is found by what it says now.
    assert_eq!(
        ada.get_list("/api/leads?q=hand").await["data"][0]["id"],
        json!(this)
    );
    server.stop().await;
}

async fn the_other_address_finds_the_lead(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let webhook = form(&ada).await;
    let this = lead(&ada, json!({ "email": "one@x.example", "name": "Ada" })).await;
    let other = lead(&ada, json!({ "email": "Two@x.example" })).await;
    merge(&ada, &this, &other, json!({})).await;
    let kept = capture(&server, &webhook, "TWO@x.example", "ACME").await;
    assert_eq!(kept["lead_id"], json!(this));
    let file = b"email,title\ntwo@x.example,CEO\none@x.example,\nthree@x.example,CTO\n";
    let done = crate::lead_files::import(&server, &ada, file, &[]).await;
    assert_eq!(
        (&done["created"], &done["failed"]),
        (&json!(1), &json!(0)),
        "{done}"
    );
    let lead_now = ada.get(&format!("/api/leads/{this}")).await;
    assert_eq!(
        (&lead_now["title"], &lead_now["company"], &lead_now["email"]),
        (&json!("CEO"), &json!("ACME"), &json!("one@x.example"))
    );
    let new = json!({ "email": "two@x.example" });
    let taken = ada
        .send(Method::POST, "/api/leads", Some(&new))
        .await
        .expect(409)
        .json();
    assert_eq!(taken["code"], "lead_exists");
    let third = lead(&ada, json!({ "email": "four@x.example" })).await;
    let path = format!("/api/leads/{third}");
    ada.send(Method::PATCH, &path, Some(&new)).await.expect(409);
    // The lead itself may take it; then there is nothing to come back to.
    ada.send(Method::PATCH, &format!("/api/leads/{this}"), Some(&new))
        .await
        .expect(200);
    let path = format!("/api/leads/{this}/unmerge");
    let refused = ada
        .send(Method::POST, &path, Some(&json!({})))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "lead_exists");
    server.stop().await;
}

async fn chains_are_taken_apart_in_reverse(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let mut leads = Vec::new();
    for number in 0..4 {
        leads.push(lead(&ada, json!({ "email": format!("person{number}@x.example") })).await);
    }
    let before = rows(&server).await;
    merge(&ada, &leads[1], &leads[0], json!({})).await;
    merge(&ada, &leads[2], &leads[1], json!({})).await;
    merge(&ada, &leads[2], &leads[3], json!({})).await;
    for gone in [0, 1, 3] {
        let answer = ada
            .send(Method::GET, &format!("/api/leads/{}", leads[gone]), None)
            .await
            .expect(404)
            .json();
        assert!(answer["error"].as_str().unwrap().contains(&leads[2]), "{answer}");
    }
    let path = format!("/api/leads/{}/unmerge", leads[2]);
    for (wanted, status, code) in [
        (0, 409, "merged_since"),
        (1, 409, "merged_since"),
        (2, 400, "invalid_input"),
    ] {
        let body = json!({ "lead_id": leads[wanted] });
        let refused = ada
            .send(Method::POST, &path, Some(&body))
            .await
            .expect(status)
            .json();
        assert_eq!(refused["code"], code, "{refused}");
    }
    for (from, back) in [(2, 3), (2, 1), (1, 0)] {
        let body = json!({ "lead_id": leads[back], "do_not_merge": false });
        ada.post(&format!("/api/leads/{}/unmerge", leads[from]), &body)
            .await;
        ada.get(&format!("/api/leads/{}", leads[back])).await;
    }
    same(&before, &rows(&server).await, "");
    let refused = ada
        .send(Method::POST, &path, Some(&json!({})))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "nothing_merged");

    merge(&ada, &leads[0], &leads[1], json!({})).await;
    ada.post(&format!("/api/leads/{}/unmerge", leads[0]), &json!({}))
        .await;
    let said = ada.get_list("/api/leads/duplicates?status=dismissed").await;
    assert_eq!(
        said["data"].as_array().unwrap().len(),
        1,
        "who takes leads apart says that they are two"
    );
    server.stop().await;
}

async fn who_does_not_want_mail_does_not_want_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let this = lead(&ada, json!({ "email": "one@x.example" })).await;
    let other = lead(&ada, json!({ "email": "two@x.example" })).await;
    ada.post("/api/email/suppressions", &json!({ "email": "two@x.example" }))
        .await;
    let said = async |lead: &str, decision: &str| {
        let body = json!({ "purpose": "news", "decision": decision, "text": "News" });
        ada.post(&format!("/api/leads/{lead}/consents"), &body).await;
        server.clock.advance(TimeDelta::minutes(1));
    };
    said(&other, "withdrawn").await;
    said(&this, "granted").await;
    let current = async || {
        let list = ada
            .get_list(&format!("/api/leads/{this}/consents?current=true"))
            .await;
        list["data"][0]["decision"].as_str().unwrap().to_owned()
    };
    let before = rows(&server).await;
    merge(&ada, &this, &other, json!({})).await;
    assert_eq!(current().await, "withdrawn");
    let mail = json!({ "to": "one@x.example", "subject": "Hello", "body": "Hello" });
    let refused = ada
        .send(Method::POST, "/api/email/send", Some(&mail))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "recipient_suppressed");
    unmerge(&ada, &this).await;
    assert_eq!(current().await, "granted");
    same(&before, &rows(&server).await, "");
    server.stop().await;
}

async fn an_erasure_takes_all_of_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let webhook = form(&ada).await;
    for email in ["hopper@one.example", "hopper@two.example"] {
        capture(&server, &webhook, email, "Navy").await;
    }
    let leads = ada.get_list("/api/leads?sort=created_at").await;
    let (this, other) = (id(&leads["data"][0]), id(&leads["data"][1]));
    ada.post("/api/leads/duplicates/scan", &json!({})).await;
    server.drain().await;
    merge(&ada, this, other, json!({})).await;
    assert!(!server.rows_with("hopper@two").await.is_empty());
    ada.post("/api/privacy/erasures", &json!({ "email": "hopper@two.example" }))
        .await;
    assert_eq!(server.rows_with("hopper").await, Vec::new());
    assert_eq!(server.rows_with("quellmann").await, Vec::new());
    for email in ["hopper@one.example", "hopper@two.example"] {
        let back = ada
            .send(Method::POST, "/api/leads", Some(&json!({ "email": email })))
            .await
            .expect(409)
            .json();
        assert_eq!(back["code"], "lead_erased", "{email}");
    }
    server.stop().await;
}

async fn what_can_not_be_merged_says_why(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (ada, eve) = (server.register("Ada").await, server.register("Eve").await);
    let this = lead(&ada, json!({ "email": "one@x.example" })).await;
    let theirs = lead(&eve, json!({ "email": "two@x.example" })).await;
    let path = format!("/api/leads/{this}/merge");
    for (body, field) in [
        (json!({ "lead_id": this }), "lead_id"),
        (json!({ "lead_id": theirs }), "lead_id"),
    ] {
        let refused: Value = ada
            .send(Method::POST, &path, Some(&body))
            .await
            .expect(400)
            .json();
        assert_eq!(refused["details"][0]["field"], field, "{refused}");
    }
    for body in [
        json!({ "lead_id": theirs, "fields": { "name": "both" } }),
        json!({ "lead_id": 1 }),
        json!({}),
    ] {
        ada.send(Method::POST, &path, Some(&body)).await.expect(400);
    }
    eve.send(Method::POST, &path, Some(&json!({ "lead_id": theirs })))
        .await
        .expect(404);
    let request = ada.request(Method::POST, &path).header("if-match", "\"9\"");
    let other = lead(&ada, json!({ "email": "three@x.example" })).await;
    Reply::to(request.json(&json!({ "lead_id": other })))
        .await
        .expect(412);
    server.stop().await;
}

async fn who_opened_stays_who_opened(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let this = lead(&ada, json!({ "email": "one@x.example" })).await;
    let other = lead(&ada, json!({ "email": "two@x.example" })).await;
    let body = json!({ "name": "Spring", "type": "email", "content": { "subject": "Hello", "html": "<p>Hello</p>" } });
    let spring = ada.post("/api/campaigns", &body).await;
    ada.post(&format!("/api/campaigns/{}/launch", id(&spring)), &json!({}))
        .await;
    server.drain().await;
    follow(
        &server,
        &link(&server, "two@x.example", "/t/o/").await,
        "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    )
    .await;
    let who = async |expression: &str| {
        let expression = expression.replace("SPRING", id(&spring));
        let preview = ada
            .post("/api/segments/preview", &json!({ "expression": expression }))
            .await;
        let ids = preview["sample"].as_array().unwrap().iter();
        let ids: Vec<String> = ids.map(|lead| id(lead).to_owned()).collect();
        assert_eq!(preview["count"], ids.len());
        ids
    };
    let opened = "opened campaign(\"SPRING\") within 1 day";
    let not = "sent campaign(\"SPRING\") and not opened campaign(\"SPRING\")";
    assert_eq!(
        (who(opened).await, who(not).await),
        (vec![other.clone()], vec![this.clone()])
    );
    merge(&ada, &this, &other, json!({})).await;
    assert_eq!((who(opened).await, who(not).await), (vec![this.clone()], vec![]));
    unmerge(&ada, &this).await;
    assert_eq!((who(opened).await, who(not).await), (vec![other], vec![this]));
    server.stop().await;
}
