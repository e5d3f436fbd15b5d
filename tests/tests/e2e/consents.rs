//! What leads agree to: by a form, by somebody who writes it down, and how they take it back.

use crate::campaigns::{checked, draft, make};
use crate::capture::webhook;
use chrono::TimeDelta;
use groundswell_domain::identity::Role;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::{Method, multipart};
use serde_json::{Value, json};

on_both!(
    a_box_that_is_ticked_is_kept_with_its_words,
    somebody_writes_it_down,
    the_link_in_a_mail_withdraws,
    campaigns_leave_out_who_withdrew,
    what_is_erased_is_gone_and_what_is_deleted_too,
);

const FORMS: &str = "/api/lead-capture/forms";
const WORDS: &str = "Yes, write to me \u{2764}.\n I can  take it back at any time <b>";

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

async fn form(account: &Account<'_>) -> String {
    let body = json!({
        "name": "Contact",
        "fields": [{ "name": "email", "type": "email", "required": true }],
        "settings": { "consents": [
            { "purpose": "marketing", "text": WORDS },
            { "purpose": "privacy", "text": "I have read the notice.", "required": true }
        ] }
    });
    let made = account.post(FORMS, &body).await;
    assert_eq!(
        made["settings"]["consents"][0],
        json!({ "purpose": "marketing", "text": WORDS, "required": false })
    );
    id(&made).to_owned()
}

fn consents_of(lead: &str) -> String {
    format!("/api/leads/{lead}/consents")
}

async fn all(account: &Account<'_>, lead: &str) -> Vec<Value> {
    let list = account.get_list(&consents_of(lead)).await;
    list["data"].as_array().unwrap().clone()
}

/// Purpose and decision of what counts now, in order of purpose.
async fn current(account: &Account<'_>, lead: &str) -> Vec<(String, String)> {
    let list = account
        .get_list(&format!("{}?current=true", consents_of(lead)))
        .await;
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let mut found: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (text(line, "purpose"), text(line, "decision")))
        .collect();
    found.sort();
    found
}

fn pair(purpose: &str, decision: &str) -> (String, String) {
    (purpose.to_owned(), decision.to_owned())
}

async fn a_box_that_is_ticked_is_kept_with_its_words(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada).await;
    let page = server.fetch(&format!("/f/{form}?consent.marketing=yes")).await;
    assert!(page.expect(200).text.contains("name=\"consent.marketing\""));
    assert!(!page.text.contains(" checked"), "nothing is ticked beforehand");

    // Without the one that is required: by programs and by browsers.
    let body = json!({ "email": "grace@x.example", "consent.marketing": true });
    let refused = server.post(&webhook(&form), &body).await;
    refused.expect_error(400, "invalid_input");
    assert_eq!(
        refused.json()["details"],
        json!([{ "field": "consent.privacy", "message": "must be ticked" }])
    );
    let url = server.url(&webhook(&form));
    let page = Reply::to(server.http.post(&url).form(&[("email", "grace@x.example")])).await;
    assert!(page.expect(400).text.contains("id=\"consent-privacy-error\""));
    let unknown = json!({ "email": "grace@x.example", "consent.privacy": true, "consent.other": true });
    let refused = server.post(&webhook(&form), &unknown).await;
    assert_eq!(refused.expect(400).json()["details"][0]["field"], "consent.other");
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 0);

    // In each encoding; the same key twice is one.
    let body = json!({ "email": "json@x.example", "consent.privacy": "yes", "consent.marketing": true });
    let captured = async || {
        let request = server.http.post(&url).header("idempotency-key", "once");
        Reply::to(request.json(&body)).await.expect(201).data()
    };
    let data = captured().await;
    assert_eq!(captured().await, data);
    let fields = |email| {
        [
            ("email", email),
            ("consent.privacy", "yes"),
            ("consent.marketing", "on"),
        ]
    };
    let parts = fields("multipart@x.example")
        .into_iter()
        .fold(multipart::Form::new(), |form, (name, text)| form.text(name, text));
    for request in [
        server.http.post(&url).form(&fields("form@x.example")),
        server.http.post(&url).multipart(parts),
    ] {
        Reply::to(request).await.expect(200);
    }
    for name in ["json", "form", "multipart"] {
        let found = ada.get_list(&format!("/api/leads?q={name}@x.example")).await;
        let lead = id(&found["data"][0]);
        assert_eq!(found["data"][0]["custom_fields"], json!({}));
        let lines = all(&ada, lead).await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        let line = lines.iter().find(|line| line["purpose"] == "marketing").unwrap();
        assert_eq!(
            (&line["decision"], &line["source"], &line["text"]),
            (&json!("granted"), &json!("form"), &json!(WORDS))
        );
        assert_eq!(
            (&line["form_id"], &line["lead_id"], &line["recorded_by"]),
            (&json!(form), &json!(lead), &Value::Null)
        );
        if name == "json" {
            assert_eq!(line["submission_id"], data["submission_id"]);
        }
    }

    // Other words from now on; what was agreed to stays as it was, also when the form is gone.
    let settings = json!({ "consents": [{ "purpose": "marketing", "text": "New words" }] });
    ada.patch(&format!("{FORMS}/{form}"), &json!({ "settings": settings }))
        .await;
    server.clock.advance(TimeDelta::seconds(5));
    let lead = data["lead_id"].as_str().unwrap();
    let again = json!({ "email": "json@x.example", "consent.marketing": true });
    server.post(&webhook(&form), &again).await.expect(201);
    // Left alone, a box says nothing.
    let silent = json!({ "email": "json@x.example", "consent.marketing": false });
    server.post(&webhook(&form), &silent).await.expect(201);
    ada.send(Method::DELETE, &format!("{FORMS}/{form}"), None)
        .await
        .expect(200);
    let lines = all(&ada, lead).await;
    let texts: Vec<_> = lines
        .iter()
        .filter(|line| line["purpose"] == "marketing")
        .map(|line| line["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["New words", WORDS]);
    assert_eq!(
        current(&ada, lead).await,
        [pair("marketing", "granted"), pair("privacy", "granted")]
    );
    server.stop().await;
}

async fn somebody_writes_it_down(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = ada.post("/api/clients", &json!({ "name": "Theirs" })).await;
    let body = json!({ "email": "grace@x.example", "client_id": client["id"] });
    let lead = id(&ada.post("/api/leads", &body).await).to_owned();
    let other = ada
        .post("/api/leads", &json!({ "email": "mary@x.example" }))
        .await;
    let path = consents_of(&lead);
    assert_eq!(all(&ada, &lead).await, [] as [Value; 0]);
    let by_phone = json!({ "purpose": "marketing", "decision": "granted", "text": "May we write to you?" });
    let reply = ada.send(Method::POST, &path, Some(&by_phone)).await;
    let made = reply.expect(201).data();
    assert_eq!(
        (&made["source"], &made["recorded_by"], &made["text"]),
        (&json!("api"), &json!(ada.user), &by_phone["text"])
    );
    assert_eq!(all(&ada, &lead).await, std::slice::from_ref(&made));
    let entry = ada.get_list("/api/audit-log?action=consent.recorded").await["data"][0].take();
    assert_eq!(
        (&entry["target"], &entry["after"]),
        (
            &json!({ "type": "lead", "id": lead }),
            &json!({ "purpose": "marketing", "decision": "granted" })
        )
    );

    server.clock.advance(TimeDelta::seconds(1));
    ada.post(&path, &json!({ "purpose": "marketing", "decision": "withdrawn" }))
        .await;
    ada.post(&path, &json!({ "purpose": "sms", "decision": "granted" }))
        .await;
    assert_eq!(
        current(&ada, &lead).await,
        [pair("marketing", "withdrawn"), pair("sms", "granted")]
    );
    let list = ada
        .get_list(&format!("{path}?purpose=marketing&with_total=true&limit=1"))
        .await;
    assert_eq!(
        (&list["total"], &list["data"][0]["decision"]),
        (&json!(2), &json!("withdrawn"))
    );
    assert!(list["next_cursor"].is_string());

    for (body, field) in [
        (json!({ "purpose": "A b", "decision": "granted" }), "purpose"),
        (json!({ "purpose": "a", "decision": "perhaps" }), "decision"),
        (json!({ "decision": "granted" }), "purpose"),
        (
            json!({ "purpose": "a", "decision": "granted", "text": "" }),
            "text",
        ),
        (
            json!({ "purpose": "a", "decision": "granted", "text": "x".repeat(2001) }),
            "text",
        ),
        (
            json!({ "purpose": "a", "decision": "granted", "source": "form" }),
            "source",
        ),
    ] {
        let reply = ada.send(Method::POST, &path, Some(&body)).await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(field), "{field}: {}", reply.text);
    }
    assert_eq!(all(&ada, &lead).await.len(), 3);

    // Somebody of the client sees what their own leads said.
    let theirs = id(&client).parse::<uuid::Uuid>().unwrap().into();
    let person = server.member_of(&ada, Role::Client, Some(theirs)).await;
    assert_eq!(all(&person, &lead).await.len(), 3);
    person
        .send(Method::GET, &consents_of(id(&other)), None)
        .await
        .expect_error(404, "lead_not_found");
    person
        .send(Method::POST, &path, Some(&by_phone))
        .await
        .expect_error(403, "forbidden");
    server.stop().await;
}

/// Follows the link at the end of the newest mail to this address.
async fn unsubscribe(server: &TestServer, to: &str) {
    let mails = server.app.system.outbox().latest(None, 50).await.unwrap();
    let mail = mails.iter().find(|mail| mail.to.contains(to)).unwrap();
    let link = mail.html.split("/u/").nth(1).unwrap().split('"').next().unwrap();
    let url = server.url(&format!("/u/{link}"));
    let post = server.http.post(url).form(&[("List-Unsubscribe", "One-Click")]);
    Reply::to(post).await.expect(200);
}

async fn the_link_in_a_mail_withdraws(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada).await;
    let body = json!({ "email": "grace@x.example", "consent.privacy": true, "consent.marketing": true });
    let captured = server.post(&webhook(&form), &body).await.expect(201).data();
    let grace = captured["lead_id"].as_str().unwrap();
    let mary = ada
        .post("/api/leads", &json!({ "email": "mary@x.example" }))
        .await;
    let campaign = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    assert_eq!(
        checked(&ada, &campaign).await["metrics"]["sent"],
        2,
        "a lead without a line is written to"
    );
    server.clock.advance(TimeDelta::seconds(1));
    for _ in 0..2 {
        unsubscribe(&server, "grace@x.example").await;
    }
    unsubscribe(&server, "mary@x.example").await;
    assert_eq!(
        current(&ada, grace).await,
        [pair("marketing", "withdrawn"), pair("privacy", "granted")]
    );
    let lines = all(&ada, grace).await;
    assert_eq!(lines.len(), 3, "twice is once: {lines:?}");
    assert_eq!(
        (&lines[0]["source"], &lines[0]["text"], &lines[0]["recorded_by"]),
        (&json!("unsubscribe"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        all(&ada, id(&mary)).await,
        [] as [Value; 0],
        "there was nothing to withdraw"
    );
    server.stop().await;
}

async fn campaigns_leave_out_who_withdrew(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let decide = async |lead: &str, decision: &str| {
        let body = json!({ "purpose": "marketing", "decision": decision });
        ada.post(&consents_of(lead), &body).await;
        server.clock.advance(TimeDelta::seconds(1));
    };
    let mut leads = Vec::new();
    for name in ["never", "granted", "withdrawn", "again", "late", "listed"] {
        let lead = ada
            .post("/api/leads", &json!({ "email": format!("{name}@x.example") }))
            .await;
        leads.push(id(&lead).to_owned());
    }
    for (lead, decisions) in [
        (1, &["granted"][..]),
        (2, &["granted", "withdrawn"]),
        (3, &["withdrawn", "granted"]),
        (5, &["withdrawn"]),
    ] {
        for decision in decisions {
            decide(&leads[lead], decision).await;
        }
    }
    ada.post("/api/email/suppressions", &json!({ "email": "listed@x.example" }))
        .await;
    let campaign = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain_kind("campaigns.snapshot").await;
    // Between the launch and the mail.
    decide(&leads[4], "withdrawn").await;
    server.drain().await;
    let done = checked(&ada, &campaign).await;
    assert_eq!(
        (
            &done["status"],
            &done["metrics"]["sent"],
            &done["metrics"]["suppressed"]
        ),
        (&json!("completed"), &json!(3), &json!(3))
    );
    for (name, status, reason) in [
        ("never", "sent", ""),
        ("granted", "sent", ""),
        ("again", "sent", ""),
        ("withdrawn", "suppressed", "consent withdrawn"),
        ("late", "suppressed", "consent withdrawn"),
        ("listed", "suppressed", "suppressed: manual"),
    ] {
        let found = ada
            .get_list(&format!("/api/email/messages?to={name}@x.example"))
            .await;
        let mail = &found["data"][0];
        assert_eq!(mail["status"], status, "{name}: {mail}");
        assert!(reason.is_empty() || mail["reason"] == reason, "{name}: {mail}");
    }
    // A mail that somebody writes to one person is no marketing of ours.
    let single = json!({ "to": "withdrawn@x.example", "subject": "Your order", "body": "It is on its way." });
    ada.post("/api/email/send", &single).await;
    server.drain().await;
    let found = ada
        .get_list("/api/email/messages?to=withdrawn@x.example&kind=single")
        .await;
    assert_eq!(found["data"][0]["status"], "sent");
    server.stop().await;
}

async fn what_is_erased_is_gone_and_what_is_deleted_too(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let mut leads = Vec::new();
    for name in ["grace", "mary"] {
        let lead = ada
            .post("/api/leads", &json!({ "email": format!("{name}@x.example") }))
            .await;
        let body = json!({ "purpose": "sms", "decision": "granted", "text": format!("words for {name}") });
        ada.post(&consents_of(id(&lead)), &body).await;
        leads.push(id(&lead).to_owned());
    }
    let receipt = ada
        .post(&format!("/api/leads/{}/erase", leads[0]), &json!({}))
        .await;
    let stores = receipt["stores"].as_array().unwrap();
    assert!(
        stores.contains(&json!({ "store": "consents", "treatment": "deleted", "rows": 1 })),
        "{receipt}"
    );
    assert_eq!(server.rows_with("words for grace").await, []);
    assert_eq!(server.rows_with("words for mary").await.len(), 1);
    ada.send(Method::DELETE, &format!("/api/leads/{}", leads[1]), None)
        .await
        .expect(200);
    assert_eq!(server.rows_with("words for mary").await, []);
    for lead in &leads {
        ada.send(Method::GET, &consents_of(lead), None)
            .await
            .expect_error(404, "lead_not_found");
    }
    server.stop().await;
}
