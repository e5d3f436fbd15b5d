//! Steps that do something elsewhere, goals, and outreach.

use crate::sequences::{active, enroll, enrollment, lead, send};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use groundswell_testkit::FakeWeb;
use groundswell_tests::{Backend, Options, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    programs_are_told_and_people_get_something_to_do,
    goals_end_it_and_hands_take_out,
    outreach_is_approved_and_sent_at_the_best_hour,
    leads_that_go_or_become_one,
);

async fn programs_are_told_and_people_get_something_to_do(backend: Backend) {
    let web = FakeWeb::default();
    let hook = "https://crm.example/hook";
    web.answers(hook, 200, "text/plain", "ok");
    let options = Options {
        web: Some(web.clone()),
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = active(
        &ada,
        json!({ "name": "Tell", "steps": [
            { "id": "tell", "type": "webhook", "url": hook, "on_failure": "task" },
            { "id": "tag", "type": "add_tag", "tag": "told", "next": "end" },
            { "id": "task", "type": "create_task", "title": "Call them", "text": "The CRM is down", "user_id": ada.user },
        ] }),
    )
    .await;
    let first = lead(&ada, "first", json!({ "company": "Navy" })).await;
    enroll(&ada, &path, &[&first]).await;
    server.drain().await;
    let asked = web.take_asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    let header = |name: &str| {
        let found = asked[0].headers.iter().find(|(header, _)| header == name);
        found.unwrap().1.clone()
    };
    let body = asked[0].body.clone().unwrap();
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&told["type"], &told["data"]["step"]),
        (&json!("sequence.step"), &json!("tell"))
    );
    assert_eq!(told["data"]["lead"]["company"], "Navy");
    let secret = ada.get(&format!("{path}/webhook-secret")).await["secret"].take();
    let key = STANDARD
        .decode(secret.as_str().unwrap().strip_prefix("whsec_").unwrap())
        .unwrap();
    let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(&key, signed.as_bytes())));
    assert_eq!(header("webhook-signature"), expected);
    assert_eq!(
        ada.get(&format!("/api/leads/{first}")).await["tags"],
        json!(["told"])
    );

    web.answers(hook, 503, "text/plain", "later");
    let second = lead(&ada, "second", json!({})).await;
    enroll(&ada, &path, &[&second]).await;
    server.drain().await;
    let inside = enrollment(&ada, &path, &second).await;
    assert_eq!(
        (&inside["phase"], &inside["attempt"]),
        (&json!("calling"), &json!(1)),
        "{inside}"
    );
    for _ in 0..8 {
        server.after(TimeDelta::hours(10)).await;
    }
    let asked = web.take_asked();
    assert_eq!(asked.len(), 8, "and no more");
    let ids: Vec<_> = asked
        .iter()
        .map(|asked| asked.headers.iter().find(|(name, _)| name == "webhook-id"))
        .collect();
    assert!(
        ids.windows(2).all(|pair| pair[0] == pair[1]),
        "the same message at every try"
    );
    assert_eq!(enrollment(&ada, &path, &second).await["exit_reason"], "finished");
    let events = ada.get_list(&format!("/api/leads/{second}/timeline")).await;
    let task = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["kind"] == "task_created");
    assert_eq!(task.unwrap()["data"]["title"], "Call them");
    let page = server.fetch("/dev/mailbox").await;
    assert!(page.text.contains("To do: Call them"), "{}", page.text);
    server.stop().await;
}

/// RFC 2104, by hand: what the receiver of a webhook computes.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize();
    outer.to_vec()
}

async fn goals_end_it_and_hands_take_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = active(
        &ada,
        json!({ "name": "Until they buy", "goals": [{ "condition": "tag = \"customer\"" }], "steps": [
            send("hello"),
            { "id": "wait", "type": "wait", "for": { "days": 5 } },
            send("again"),
        ] }),
    )
    .await;
    let (buys, taken) = (
        lead(&ada, "buys", json!({})).await,
        lead(&ada, "taken", json!({})).await,
    );
    enroll(&ada, &path, &[&buys, &taken]).await;
    server.after(TimeDelta::days(1)).await;
    ada.patch(&format!("/api/leads/{taken}"), &json!({ "tags": ["nothing"] }))
        .await;
    ada.patch(&format!("/api/leads/{buys}"), &json!({ "tags": ["customer"] }))
        .await;
    server.drain().await;
    let goal = enrollment(&ada, &path, &buys).await;
    assert_eq!(
        (&goal["exit_reason"], &goal["step"]),
        (&json!("goal"), &json!("wait")),
        "at once: {goal}"
    );
    let still = enrollment(&ada, &path, &taken).await;
    assert_eq!(
        (&still["status"], &still["next_at"]),
        (&json!("active"), &still["due_at"]),
        "{still}"
    );
    let exit = format!("{path}/exit");
    let out = ada
        .post(&exit, &json!({ "lead_id": taken, "note": "Called" }))
        .await;
    assert_eq!(
        (&out["exit_reason"], &out["exit_note"]),
        (&json!("manual"), &json!("Called"))
    );
    ada.send(Method::POST, &exit, Some(&json!({ "lead_id": taken })))
        .await
        .expect_error(409, "lead_not_enrolled");
    server.after(TimeDelta::days(10)).await;
    let mails = ada
        .get_list("/api/email/messages?kind=sequence&with_total=true")
        .await;
    assert_eq!(mails["total"], 2);
    server.stop().await;
}

async fn outreach_is_approved_and_sent_at_the_best_hour(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let segment = ada
        .post(
            "/api/segments",
            &json!({ "name": "VIP", "expression": "tag = \"vip\"" }),
        )
        .await;
    let mut people = Vec::new();
    for (name, zone) in [
        ("yes", "Asia/Tokyo"),
        ("no", "UTC"),
        ("later", "UTC"),
        ("stopped", "UTC"),
    ] {
        let more =
            json!({ "tags": ["vip"], "name": "Braces {{ 7 * 7 }}", "custom_fields": { "time_zone": zone } });
        people.push(lead(&ada, name, more).await);
    }
    ada.post(
        "/api/email/suppressions",
        &json!({ "email": "stopped@x.example" }),
    )
    .await;
    let body = json!({ "name": "Fair", "segment_id": segment["id"], "subject": "For {{ lead.name }}",
        "html": "<p>Dear {{ lead.name }}, <a href=\"https://shop.example/fair\">come</a></p>" });
    let reply = ada.send(Method::POST, "/api/leads/outreach", Some(&body)).await;
    let made = reply.expect(202).data();
    let path = format!("/api/leads/outreach/{}", made["id"].as_str().unwrap());
    server.drain().await;
    let drafts = ada.get_list(&format!("{path}/drafts")).await;
    let drafts = drafts["data"].as_array().unwrap();
    assert_eq!(drafts.len(), 3, "who must not be written to has none");
    let of = |lead: &str| {
        let draft = drafts.iter().find(|draft| draft["lead_id"] == lead).unwrap();
        (
            format!("/api/leads/outreach/drafts/{}", draft["id"].as_str().unwrap()),
            draft,
        )
    };
    let (yes, draft) = of(&people[0]);
    assert_eq!(draft["subject"], "For Braces {{ 7 * 7 }}");
    assert!(
        draft["html"].as_str().unwrap().contains("{{ unsubscribe_url }}"),
        "{draft}"
    );
    let html = draft["html"].as_str().unwrap().replace("Dear", "My dear");
    ada.patch(&yes, &json!({ "html": html })).await;
    let (no, _) = of(&people[1]);
    ada.post(&format!("{no}/reject"), &json!({})).await;
    server.after(TimeDelta::hours(1)).await;
    assert_eq!(
        ada.get_list("/api/email/messages?kind=sequence").await["data"],
        json!([]),
        "nobody approved"
    );
    ada.post(&format!("{yes}/approve"), &json!({})).await;
    ada.send(Method::PATCH, &yes, Some(&json!({ "subject": "x" })))
        .await
        .expect_error(409, "draft_state");
    let all = ada.post(&format!("{path}/approve"), &json!({})).await;
    assert_eq!(all["approved"], 1, "the one that was left");
    server.drain().await;
    let sequence = path.replace("/api/leads/outreach", "/api/email/sequences");
    let waits = enrollment(&ada, &sequence, &people[0]).await;
    assert_eq!(waits["step"], "mail", "{waits}");
    let counts = ada.get(&path).await["drafts"].take();
    assert_eq!(
        counts,
        json!({ "draft": 0, "approved": 0, "rejected": 1, "entered": 2 })
    );
    for _ in 0..48 {
        server.after(TimeDelta::hours(1)).await;
    }
    let mails = ada.get_list("/api/email/messages?kind=sequence").await;
    let mails = mails["data"].as_array().unwrap();
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(mails.iter().all(|mail| mail["status"] == "sent"), "{mails:?}");
    let page = server.fetch("/dev/mailbox").await;
    assert!(page.text.contains("For Braces {{ 7 * 7 }}"), "{}", page.text);
    server.stop().await;
}

async fn leads_that_go_or_become_one(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let path = active(
        &ada,
        json!({ "name": "Slow", "steps": [{ "id": "wait", "type": "wait", "for": { "days": 5 } }, send("mail")] }),
    )
    .await;
    let mut people = Vec::new();
    for name in ["deleted", "erased", "stays", "other", "both"] {
        people.push(lead(&ada, name, json!({})).await);
    }
    let [deleted, erased, stays, other, both] = &people[..] else {
        unreachable!()
    };
    enroll(&ada, &path, &[deleted, erased, stays, other]).await;
    server.drain().await;
    ada.send(Method::DELETE, &format!("/api/leads/{deleted}"), None)
        .await
        .expect(200);
    ada.post("/api/privacy/erasures", &json!({ "email": "erased@x.example" }))
        .await;
    ada.post(&format!("/api/leads/{both}/merge"), &json!({ "lead_id": other }))
        .await;
    ada.post(&format!("/api/leads/{stays}/merge"), &json!({ "lead_id": both }))
        .await;
    let list = ada.get_list(&format!("{path}/enrollments?status=active")).await;
    let list = list["data"].as_array().unwrap();
    assert_eq!(list.len(), 1, "they are one person by now: {list:?}");
    assert_eq!(list[0]["lead_id"], stays.as_str());
    let figures = ada.get(&format!("{path}/stats")).await;
    assert_eq!(
        figures["exits"],
        json!({ "erased": 1, "deleted": 1 }),
        "{figures}"
    );
    server.after(TimeDelta::days(5)).await;
    let mails = ada.get_list("/api/email/messages?kind=sequence").await;
    assert_eq!(mails["data"].as_array().unwrap().len(), 1);
    server.stop().await;
}
