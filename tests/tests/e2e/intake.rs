//! What happens to a submission: it is confirmed, answered, held back, released, or a test.

use crate::capture::{submissions, webhook};
use chrono::TimeDelta;
use groundswell_domain::email::OutboxMail;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use serde_json::{Value, json};

on_both!(
    a_consent_counts_when_it_is_confirmed,
    what_was_withdrawn_comes_back_by_confirmation_only,
    a_stranger_s_mailbox_is_not_flooded,
    who_signs_up_for_two_things_is_asked_twice,
    visitors_are_answered_once_a_day,
    what_looks_like_spam_is_held_back,
    a_released_submission_is_like_any_other,
    what_is_released_later_finds_the_right_lead_and_the_right_day,
    a_test_goes_the_whole_way,
);

const FORMS: &str = "/api/lead-capture/forms";
const WORDS: &str = "Yes, write to me about news.\nI can stop it at any time.";

pub(crate) async fn form(account: &Account<'_>, settings: Value) -> String {
    let body = json!({ "name": "Newsletter & more", "settings": settings, "fields": [
        { "name": "email", "type": "email", "required": true },
        { "name": "name", "type": "text" },
        { "name": "plan", "type": "text" },
        { "name": "message", "type": "textarea" } ] });
    let made = account.post(FORMS, &body).await;
    made["id"].as_str().unwrap().to_owned()
}

pub(crate) fn double_opt_in() -> Value {
    json!({ "double_opt_in": true, "consents": [
        { "purpose": "marketing", "text": WORDS }, { "purpose": "privacy", "text": "I have read it", "required": true } ] })
}

fn answers(email: &str) -> Value {
    json!({ "email": email, "name": "Grace Hopper", "consent.marketing": true, "consent.privacy": true })
}

pub(crate) async fn send(server: &TestServer, form: &str, body: &Value) -> Value {
    server.post(&webhook(form), body).await.expect(201).data()
}

async fn mails_to(server: &TestServer, to: &str) -> Vec<OutboxMail> {
    let mails = server.app.system.outbox().latest(None, 100).await.unwrap();
    mails.into_iter().filter(|mail| mail.to.contains(to)).collect()
}

/// The address of the link in a mail.
fn link_in(server: &TestServer, mail: &OutboxMail) -> String {
    let start = server.url("/f/confirm/");
    let html = mail.html.replace("&#x2f;", "/");
    let token = html.split(&start).nth(1).unwrap();
    format!("{start}{}", token.split('"').next().unwrap())
}

async fn lines(account: &Account<'_>, lead: &Value, query: &str) -> Vec<Value> {
    let path = format!("/api/leads/{}/consents?{query}", lead.as_str().unwrap());
    account.get_list(&path).await["data"].as_array().unwrap().clone()
}

/// What counts about marketing.
async fn marketing(account: &Account<'_>, lead: &Value) -> Value {
    lines(account, lead, "current=true&purpose=marketing").await[0]["decision"].clone()
}

/// Sends a campaign to everybody; how it ended for this one.
async fn campaign(server: &TestServer, account: &Account<'_>, email: &str) -> (Value, Value) {
    server.clock.advance(TimeDelta::minutes(1));
    let body =
        json!({ "name": "C", "type": "email", "content": { "subject": "Hello", "html": "<p>Hello</p>" } });
    let campaign = account.post("/api/campaigns", &body).await;
    let id = campaign["id"].as_str().unwrap();
    account
        .post(&format!("/api/campaigns/{id}/launch"), &json!({}))
        .await;
    server.drain().await;
    let path = format!("/api/email/messages?campaign_id={id}&to={email}");
    let mail = account.get_list(&path).await["data"][0].clone();
    (mail["status"].clone(), mail["reason"].clone())
}

async fn a_consent_counts_when_it_is_confirmed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut settings = double_opt_in();
    settings["notify"] = json!(["team@ada.example"]);
    settings["auto_reply"] = json!({ "subject": "Welcome {{ lead.first_name }}", "html": "<p>{{ answers.name }}, {{ form }}</p>" });
    let form = form(&ada, settings).await;
    let captured = send(&server, &form, &answers("grace@navy.example")).await;
    let lead = &captured["lead_id"];
    server.drain().await;
    assert_eq!(mails_to(&server, "team@ada.example").await.len(), 1);
    let mails = mails_to(&server, "grace@navy.example").await;
    assert_eq!(mails.len(), 1, "the answer waits");
    assert!(
        mails[0].text.contains("Yes, write to me about news."),
        "{}",
        mails[0].text
    );
    assert!(!mails[0].text.contains("I have read it"));
    assert!(mails[0].headers.contains("Auto-Submitted: auto-generated"));
    let places = server.rows_with("/f/confirm/").await;
    assert!(
        places.iter().all(|(table, _)| table == "outbox_mails"),
        "{places:?}"
    );

    // Until then the lead is asked, no more: what a form can't be sent without counts at once.
    let before = lines(&ada, lead, "").await;
    let decisions: Vec<_> = before
        .iter()
        .map(|line| (line["purpose"].clone(), line["decision"].clone()))
        .collect();
    assert!(
        decisions.contains(&(json!("marketing"), json!("pending"))),
        "{decisions:?}"
    );
    assert!(
        decisions.contains(&(json!("privacy"), json!("granted"))),
        "{decisions:?}"
    );
    let ended = campaign(&server, &ada, "grace@navy.example").await;
    assert_eq!(ended, (json!("suppressed"), json!("unconfirmed")));

    // Scanners look at links, often twice.
    let link = link_in(&server, &mails[0]);
    for _ in 0..2 {
        let page = Reply::to(server.http.get(&link)).await;
        page.expect(200);
        assert!(
            page.text.contains("<button type=\"submit\">Confirm</button>"),
            "{}",
            page.text
        );
        assert!(page.text.contains("Yes, write to me about news."));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
    assert_eq!(marketing(&ada, lead).await, "pending");
    for _ in 0..2 {
        let page = Reply::to(server.http.post(&link).header("user-agent", "Lynx")).await;
        page.expect(200);
        assert!(
            page.text.contains("it is confirmed") && !page.text.contains("<button"),
            "{}",
            page.text
        );
    }
    let now = lines(&ada, lead, "purpose=marketing").await;
    assert_eq!(now.len(), 1, "{now:?}");
    assert_eq!(
        (&now[0]["decision"], &now[0]["text"]),
        (&json!("granted"), &json!(WORDS))
    );
    assert_eq!(now[0]["submission_id"], captured["submission_id"]);
    let proof = &now[0]["confirmation"];
    assert_eq!(
        (&proof["ip"], &proof["user_agent"]),
        (&json!("127.0.0.1"), &json!("Lynx"))
    );
    let asked = before.iter().find(|line| line["purpose"] == "marketing").unwrap();
    assert_eq!(proof["requested_at"], asked["created_at"]);
    let score = ada.get(&format!("/api/leads/{}", lead.as_str().unwrap())).await["score"]["total"].clone();
    assert_eq!(score, 15, "once");

    server.drain().await;
    let reply = &mails_to(&server, "grace@navy.example").await[0];
    assert_eq!(reply.subject, "Welcome Grace");
    assert!(
        reply.text.contains("Grace Hopper, Newsletter & more"),
        "{}",
        reply.text
    );
    assert!(reply.headers.contains("Auto-Submitted: auto-replied"));
    assert_eq!(campaign(&server, &ada, "grace@navy.example").await.0, "sent");

    // Links that are not ours, and ones that are too old.
    for token in [
        "nonsense".to_owned(),
        format!("{}x", link.rsplit('/').next().unwrap()),
    ] {
        let url = server.url(&format!("/f/confirm/{token}"));
        Reply::to(server.http.get(&url)).await.expect(404);
        Reply::to(server.http.post(&url)).await.expect(404);
    }
    let late = send(&server, &form, &answers("late@navy.example")).await;
    server.drain().await;
    let link = link_in(&server, &mails_to(&server, "late@navy.example").await[0]);
    server.clock.advance(TimeDelta::days(7));
    let page = Reply::to(server.http.post(&link)).await;
    page.expect(410);
    assert!(
        page.text
            .replace("&#x2f;", "/")
            .contains(&format!("href=\"/f/{form}\"")),
        "{}",
        page.text
    );
    assert_eq!(marketing(&ada, &late["lead_id"]).await, "pending");
    server.clock.advance(TimeDelta::days(24));
    server.app.system.forget_expired(server.app.now()).await.unwrap();
    assert_eq!(marketing(&ada, &late["lead_id"]).await, "lapsed");
    let ended = campaign(&server, &ada, "late@navy.example").await;
    assert_eq!(ended, (json!("suppressed"), json!("unconfirmed")));
    server.stop().await;
}

async fn what_was_withdrawn_comes_back_by_confirmation_only(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let form = form(&ada, double_opt_in()).await;
    let lead = ada
        .post("/api/leads", &json!({ "email": "grace@navy.example" }))
        .await["id"]
        .clone();
    let path = format!("/api/leads/{}/consents", lead.as_str().unwrap());
    for decision in ["pending", "lapsed"] {
        let body = json!({ "purpose": "marketing", "decision": decision });
        let request = ada.request(reqwest::Method::POST, &path).json(&body);
        Reply::to(request).await.expect(400);
    }
    ada.post(&path, &json!({ "purpose": "marketing", "decision": "withdrawn" }))
        .await;
    server.clock.advance(TimeDelta::minutes(1));
    let captured = send(&server, &form, &answers("grace@navy.example")).await;
    assert_eq!(captured["lead_id"], lead);
    assert_eq!(
        marketing(&ada, &lead).await,
        "withdrawn",
        "anybody can tick a box"
    );
    let ended = campaign(&server, &ada, "grace@navy.example").await;
    assert_eq!(ended, (json!("suppressed"), json!("consent withdrawn")));
    let mails = mails_to(&server, "grace@navy.example").await;
    Reply::to(server.http.post(link_in(&server, &mails[0])))
        .await
        .expect(200);
    assert_eq!(marketing(&ada, &lead).await, "granted");
    assert_eq!(campaign(&server, &ada, "grace@navy.example").await.0, "sent");

    // Who agreed is not silenced by whoever sends the form again.
    server.clock.advance(TimeDelta::minutes(1));
    send(&server, &form, &answers("grace@navy.example")).await;
    assert_eq!(marketing(&ada, &lead).await, "granted");
    assert_eq!(campaign(&server, &ada, "grace@navy.example").await.0, "sent");

    // Without a tick there is nothing to confirm.
    let silent = json!({ "email": "silent@navy.example", "consent.privacy": true });
    send(&server, &form, &silent).await;
    server.drain().await;
    assert!(mails_to(&server, "silent@navy.example").await.is_empty());
    assert_eq!(campaign(&server, &ada, "silent@navy.example").await.0, "sent");
    server.stop().await;
}

async fn a_stranger_s_mailbox_is_not_flooded(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut settings = double_opt_in();
    settings["confirmation"] = json!({ "subject": "Is it you, {{ lead.first_name }}?", "html": "<a href=\"{{ confirm_url }}\">Yes</a>" });
    let form = form(&ada, settings).await;
    for _ in 0..5 {
        for _ in 0..3 {
            send(&server, &form, &answers("Grace@navy.example")).await;
            send(&server, &form, &answers("grace@navy.example")).await;
        }
        server.drain().await;
        server.clock.advance(TimeDelta::minutes(61));
    }
    let mails = mails_to(&server, "avy.example").await;
    assert_eq!(mails.len(), 3);
    assert_eq!(mails[0].subject, "Is it you, Grace?");
    let list = "/api/email/messages?kind=confirmation&with_total=true";
    assert_eq!(ada.get_list(list).await["total"], 30);
    let left_out = ada.get_list(&format!("{list}&status=suppressed&limit=1")).await;
    assert_eq!(left_out["total"], 27);
    assert!(
        left_out["data"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("three times a day")
    );
    server.clock.advance(TimeDelta::days(1));
    send(&server, &form, &answers("grace@navy.example")).await;
    server.drain().await;
    assert_eq!(mails_to(&server, "avy.example").await.len(), 4);

    ada.post(
        "/api/email/suppressions",
        &json!({ "email": "stop@navy.example" }),
    )
    .await;
    send(&server, &form, &answers("stop@navy.example")).await;
    server.drain().await;
    assert!(mails_to(&server, "stop@navy.example").await.is_empty());
    // One that is forgotten is asked nothing more.
    let erased = send(&server, &form, &answers("erased@navy.example")).await;
    let path = format!("/api/leads/{}/erase", erased["lead_id"].as_str().unwrap());
    ada.post(&path, &json!({})).await;
    server.drain().await;
    assert!(mails_to(&server, "erased@navy.example").await.is_empty());
    server.stop().await;
}

async fn who_signs_up_for_two_things_is_asked_twice(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let (news, events) = (
        form(&ada, double_opt_in()).await,
        form(&ada, double_opt_in()).await,
    );
    send(&server, &news, &answers("grace@navy.example")).await;
    server.drain().await;
    send(&server, &events, &answers("grace@navy.example")).await;
    server.drain().await;
    assert_eq!(mails_to(&server, "grace@navy.example").await.len(), 1);
    server.clock.advance(TimeDelta::minutes(61));
    server.drain().await;
    let mails = mails_to(&server, "grace@navy.example").await;
    assert_eq!(
        mails.len(),
        2,
        "the second question waits an hour, and is not lost"
    );
    assert_ne!(link_in(&server, &mails[0]), link_in(&server, &mails[1]));
    server.stop().await;
}

async fn visitors_are_answered_once_a_day(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let template = json!({ "name": "T", "subject": "We got it, {{ lead.first_name | default('you') }}", "html": "<p>{{ organization.name }}: {{ code }}</p>", "variables": ["code"] });
    let template = ada.post("/api/email/templates", &template).await;
    let reply = json!({ "auto_reply": { "subject": "Thanks for \"{{ answers.plan }}\"", "html": "<p>Dear {{ lead.name }}</p>", "text": "Dear {{ lead.name }}" } });
    let own = form(&ada, reply).await;
    let with_template = form(&ada, json!({ "auto_reply": { "template_id": template["id"] } })).await;
    let body = |email: &str| json!({ "email": email, "name": "Grace <b>", "plan": "Pro" });
    for form in [&own, &own, &with_template, &own] {
        send(&server, form, &body("grace@navy.example")).await;
        server.drain().await;
    }
    let mails = mails_to(&server, "grace@navy.example").await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_eq!(mails[0].subject, "We got it, Grace");
    assert!(mails[0].html.contains("Ada"), "{}", mails[0].html);
    assert_eq!(mails[1].subject, "Thanks for \"Pro\"");
    assert!(mails[1].html.contains("Grace &lt;b&gt;"), "{}", mails[1].html);
    for header in [
        "Auto-Submitted: auto-replied",
        "Precedence: auto_reply",
        "X-Auto-Response-Suppress: All",
    ] {
        assert!(
            mails[1].headers.contains(header),
            "{header}: {}",
            mails[1].headers
        );
    }
    assert!(!mails[1].headers.contains("List-Unsubscribe"));
    server.clock.advance(TimeDelta::days(1));
    send(&server, &own, &body("GRACE@navy.example")).await;
    server.drain().await;
    let list = "/api/email/messages?kind=auto_reply&with_total=true";
    assert_eq!(ada.get_list(&format!("{list}&status=sent")).await["total"], 3);
    let left_out = ada.get_list(&format!("{list}&status=suppressed")).await;
    assert_eq!(left_out["total"], 2);
    assert!(
        left_out["data"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("answered just now")
    );

    ada.post(
        "/api/email/suppressions",
        &json!({ "email": "stop@navy.example" }),
    )
    .await;
    ada.send(
        reqwest::Method::DELETE,
        &format!("/api/email/templates/{}", template["id"].as_str().unwrap()),
        None,
    )
    .await
    .expect(200);
    for (form, email, reason) in [
        (
            &own,
            "info@navy.example",
            "a role address is not answered by itself",
        ),
        (
            &own,
            "mailer-daemon@navy.example",
            "a role address is not answered by itself",
        ),
        (&own, "stop@navy.example", "on the suppression list"),
        (
            &with_template,
            "mary@navy.example",
            "the template is gone, or was never published",
        ),
    ] {
        let captured = send(&server, form, &body(email)).await;
        assert!(captured["lead_id"].is_string());
        server.drain().await;
        let mail = ada.get_list(&format!("/api/email/messages?to={email}")).await["data"][0].clone();
        assert_eq!(
            (&mail["status"], &mail["reason"]),
            (&json!("suppressed"), &json!(reason)),
            "{mail}"
        );
        assert!(mails_to(&server, email).await.is_empty());
    }
    let role = &submissions(&ada, &own).await[1]["verdict"]["flags"];
    assert_eq!(*role, json!(["role"]), "flagged, and not dropped");
    server.stop().await;
}

fn spam(email: &str) -> Value {
    json!({ "email": email, "name": "RobertCig https://x.example", "company": "Spam Ltd", "custom_fields": { "size": 3 },
        "message": "SEO services: <a href=http://x.example>first page of Google</a>", "utm_source": "ads",
        "consent.marketing": true, "consent.privacy": "on" })
}

async fn held(account: &Account<'_>, form: &str, status: &str) -> Vec<Value> {
    let path = format!("{FORMS}/{form}/submissions?status={status}");
    account.get_list(&path).await["data"].as_array().unwrap().clone()
}

async fn what_looks_like_spam_is_held_back(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let eve = server.register("Eve").await.with_key().await;
    let mut settings = double_opt_in();
    settings["double_opt_in"] = json!(false);
    settings["notify"] = json!(["team@ada.example"]);
    settings["auto_reply"] = json!({ "subject": "Hi", "html": "Hi" });
    let form = form(&ada, settings).await;
    let fine = send(&server, &form, &answers("known@navy.example")).await;
    server.drain().await;
    let before = ada.get("/api/leads/analytics/overview").await;

    // The answers look the same, and name the same lead each time, as they do when all is fine.
    let key = |name: &str| {
        server
            .http
            .post(server.url(&webhook(&form)))
            .header("idempotency-key", name.to_owned())
    };
    let first = Reply::to(key("a").json(&spam("robot@x.example")))
        .await
        .expect(201)
        .data();
    let again = Reply::to(key("a").json(&spam("robot@x.example"))).await;
    assert_eq!(again.expect(201).data(), first);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let second = send(&server, &form, &spam("Robot@x.example")).await;
    assert_eq!(second["lead_id"], first["lead_id"]);
    assert_eq!(second["message"], fine["message"]);
    let known = send(&server, &form, &spam("known@navy.example")).await;
    assert_eq!(known["lead_id"], fine["lead_id"]);
    let page = Reply::to(server.http.post(server.url(&webhook(&form))).form(&[
        ("email", "trapped@x.example"),
        ("consent.privacy", "on"),
        ("website_url_confirm", "x"),
    ]))
    .await;
    page.expect(200);

    assert_eq!(server.drain().await, 0, "nothing follows");
    assert_eq!(ada.get("/api/leads/analytics/overview").await, before);
    let lead = format!("/api/leads/{}", fine["lead_id"].as_str().unwrap());
    assert_eq!(ada.get(&lead).await["score"]["total"], 10);
    assert_eq!(submissions(&ada, &form).await.len(), 1);
    let list = held(&ada, &form, "quarantined").await;
    assert_eq!(list.len(), 4);
    let verdict = &list[3]["verdict"];
    assert_eq!(
        (&list[3]["status"], &verdict["quarantined"]),
        (&json!("quarantined"), &json!(true))
    );
    assert!(verdict["score"].as_i64() >= Some(60), "{verdict}");
    let signals: Vec<_> = verdict["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["signal"].as_str().unwrap())
        .collect();
    for signal in ["link_in_name", "markup", "phrase", "no_user_agent"] {
        assert!(signals.contains(&signal), "{signals:?}");
    }
    assert_eq!(list[0]["verdict"]["reasons"][0]["signal"], "hidden_field");
    let rejected = format!(
        "/api/lead-capture/submissions/{}",
        list[3]["id"].as_str().unwrap()
    );
    for action in ["release", "reject"] {
        let path = format!("{rejected}/{action}");
        eve.send(reqwest::Method::POST, &path, None)
            .await
            .expect_error(404, "submission_not_found");
    }

    let request = ada.request(reqwest::Method::POST, &format!("{rejected}/reject"));
    assert_eq!(Reply::to(request).await.expect(200).data()["status"], "rejected");
    for action in ["release", "reject"] {
        let path = format!("{rejected}/{action}");
        ada.send(reqwest::Method::POST, &path, None)
            .await
            .expect_error(409, "not_quarantined");
    }
    assert_eq!(held(&ada, &form, "quarantined").await.len(), 3);
    assert_eq!(held(&ada, &form, "rejected").await.len(), 1);

    // An address that is forgotten is forgotten here, too; and in thirty days all of it.
    let receipt = ada
        .post("/api/privacy/erasures", &json!({ "email": "robot@x.example" }))
        .await;
    let gone = json!({ "store": "quarantined_submissions", "treatment": "deleted", "rows": 2 });
    assert!(receipt["stores"].as_array().unwrap().contains(&gone), "{receipt}");
    assert_eq!(held(&ada, &form, "quarantined").await.len(), 2);
    server.clock.advance(TimeDelta::days(30));
    server.app.system.forget_expired(server.app.now()).await.unwrap();
    assert!(held(&ada, &form, "quarantined").await.is_empty());

    // A form may take everything, and says so.
    let lax = json!({ "settings": { "spam": { "off": true } } });
    ada.patch(&format!("{FORMS}/{form}"), &lax).await;
    let body = json!({ "email": "lax@x.example", "website_url_confirm": "x" });
    send(&server, &form, &body).await;
    let kept = &submissions(&ada, &form).await[0];
    assert_eq!(
        (&kept["status"], &kept["verdict"]["score"]),
        (&json!("accepted"), &json!(100))
    );
    server.stop().await;
}

async fn a_released_submission_is_like_any_other(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut settings = double_opt_in();
    settings["notify"] = json!(["team@ada.example"]);
    settings["auto_reply"] = json!({ "subject": "Hi", "html": "Hi" });
    let form = form(&ada, settings).await;
    let told = send(&server, &form, &spam("robert@cig.example")).await;
    let path = format!(
        "/api/lead-capture/submissions/{}/release",
        told["submission_id"].as_str().unwrap()
    );
    server.clock.advance(TimeDelta::days(10));
    // The form asks for more by now; what was sent under its old rules stays good, in the old words.
    let fields = json!([{ "name": "email", "type": "email", "required": true }, { "name": "vat", "type": "text", "required": true }]);
    let settings = json!({ "notify": ["team@ada.example"], "auto_reply": { "subject": "Hi", "html": "Hi" }, "consents": [] });
    ada.patch(
        &format!("{FORMS}/{form}"),
        &json!({ "fields": fields, "settings": settings }),
    )
    .await;

    let release = || {
        ada.request(reqwest::Method::POST, &path)
            .header("idempotency-key", "k")
    };
    let taken = Reply::to(release()).await.expect(200).data();
    assert_eq!(
        Reply::to(release()).await.expect(200).data(),
        taken,
        "asked twice, done once"
    );
    assert_eq!(
        taken,
        json!({ "lead_id": told["lead_id"], "submission_id": told["submission_id"] })
    );
    ada.send(reqwest::Method::POST, &path, None)
        .await
        .expect_error(409, "not_quarantined");
    assert!(held(&ada, &form, "quarantined").await.is_empty());
    let kept = &submissions(&ada, &form).await[0];
    assert_eq!(
        (&kept["id"], &kept["status"]),
        (&told["submission_id"], &json!("accepted"))
    );
    assert_eq!(kept["verdict"]["quarantined"], true);
    let lead = ada
        .get(&format!("/api/leads/{}", told["lead_id"].as_str().unwrap()))
        .await;
    assert_eq!(
        (&lead["company"], &lead["custom_fields"]["size"]),
        (&json!("Spam Ltd"), &json!(3))
    );
    assert_eq!(
        (&lead["utm"]["source"], &lead["score"]["total"]),
        (&json!("ads"), &json!(10))
    );
    assert_eq!(marketing(&ada, &told["lead_id"]).await, "pending");
    server.drain().await;
    assert_eq!(mails_to(&server, "team@ada.example").await.len(), 1);
    let mails = mails_to(&server, "robert@cig.example").await;
    assert_eq!(mails.len(), 1);
    Reply::to(server.http.post(link_in(&server, &mails[0])))
        .await
        .expect(200);
    assert_eq!(marketing(&ada, &told["lead_id"]).await, "granted");
    server.drain().await;
    assert_eq!(mails_to(&server, "robert@cig.example").await.len(), 2);
    let log = ada.get_list("/api/audit-log?action=submission.released").await;
    assert_eq!(
        log["data"][0]["target"],
        json!({ "type": "submission", "id": told["submission_id"] })
    );

    // Two who click at once release one submission.
    let told = send(
        &server,
        &form,
        &json!({ "email": "twice@x.example", "vat": "1", "website_url_confirm": "x" }),
    )
    .await;
    let path = format!(
        "/api/lead-capture/submissions/{}/release",
        told["submission_id"].as_str().unwrap()
    );
    let both =
        futures_util::future::join_all((0..4).map(|_| ada.send(reqwest::Method::POST, &path, None))).await;
    let done = both.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1);
    let lead = ada
        .get(&format!("/api/leads/{}", told["lead_id"].as_str().unwrap()))
        .await;
    assert_eq!(lead["score"]["total"], 10);
    server.drain().await;
    server.stop().await;
}

async fn what_is_released_later_finds_the_right_lead_and_the_right_day(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let form = form(&ada, json!({})).await;
    let first = send(&server, &form, &json!({ "email": "old@x.example" })).await;
    let lead = format!("/api/leads/{}", first["lead_id"].as_str().unwrap());
    let spam = json!({ "email": "old@x.example", "website_url_confirm": "x" });
    let told = send(&server, &form, &spam).await;
    assert_eq!(told["lead_id"], first["lead_id"]);
    let day = server.app.now().date_naive();
    let until = day + TimeDelta::days(9);
    let analytics = format!("{FORMS}/{form}/analytics?from={day}&to={until}");
    assert_eq!(ada.get(&analytics).await["totals"]["completions"], 1);

    // Somebody corrects the address: what was sent from the old one is somebody else's.
    ada.patch(&lead, &json!({ "email": "new@x.example" })).await;
    server.clock.advance(TimeDelta::days(3));
    let path = format!(
        "/api/lead-capture/submissions/{}/release",
        told["submission_id"].as_str().unwrap()
    );
    let taken = ada.post(&path, &json!({})).await;
    assert_ne!(taken["lead_id"], first["lead_id"]);
    let other = ada
        .get(&format!("/api/leads/{}", taken["lead_id"].as_str().unwrap()))
        .await;
    assert_eq!(other["email"], "old@x.example");
    let after = ada.get(&analytics).await;
    assert_eq!(after["totals"]["completions"], 2);
    assert_eq!(after["by_day"].as_array().unwrap().len(), 1, "{after}");
    server.stop().await;
}

async fn a_test_goes_the_whole_way(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut settings = double_opt_in();
    settings["notify"] = json!(["team@ada.example"]);
    let form = form(&ada, settings).await;
    let path = format!("{FORMS}/{form}/test");
    let post = |body: Value| {
        ada.request(reqwest::Method::POST, &path)
            .header("idempotency-key", "t")
            .json(&body)
    };
    let taken = Reply::to(post(answers("try@navy.example")))
        .await
        .expect(201)
        .data();
    assert_eq!(
        Reply::to(post(answers("try@navy.example")))
            .await
            .expect(201)
            .data(),
        taken
    );
    server.drain().await;
    let team = mails_to(&server, "team@ada.example").await;
    assert_eq!(team.len(), 1);
    assert_eq!(team[0].subject, "[Test] New submission: Newsletter & more");
    assert_eq!(mails_to(&server, "try@navy.example").await.len(), 1);
    let kept = &submissions(&ada, &form).await[0];
    assert_eq!(
        (&kept["id"], &kept["test"]),
        (&taken["submission_id"], &json!(true))
    );
    let lead = format!("/api/leads/{}", taken["lead_id"].as_str().unwrap());
    assert_eq!(ada.get(&lead).await["tags"], json!(["test"]));

    // Spam is held back as ever, mistakes are named, and a lead that was there before is no test.
    ada.post(&path, &spam("spam@navy.example")).await;
    assert_eq!(held(&ada, &form, "quarantined").await[0]["test"], true);
    let wrong = json!({ "email": "x" });
    let details = ada
        .send(reqwest::Method::POST, &path, Some(&wrong))
        .await
        .expect(400)
        .json()["details"]
        .clone();
    assert_eq!(details.as_array().unwrap().len(), 2, "{details}");
    send(&server, &form, &answers("real@navy.example")).await;
    let real = ada.post(&path, &answers("real@navy.example")).await;
    let real = ada
        .get(&format!("/api/leads/{}", real["lead_id"].as_str().unwrap()))
        .await;
    assert_eq!(real["tags"], json!([]));
    ada.send(reqwest::Method::DELETE, &lead, None).await.expect(200);
    let left = server.rows_with("try@navy.example").await;
    assert!(left.iter().all(|(table, _)| table != "submissions"), "{left:?}");
    server.drain().await;
    server.stop().await;
}
