//! What visitors send: in every encoding, wrong, twice, by robots, and all at the same time.

use groundswell_tests::{Account, Backend, TestServer};
use serde_json::{Value, json};

on_both!(
    gaps_are_filled_and_nothing_is_overwritten,
    twenty_at_once_are_one_lead_with_twenty_submissions,
    a_submission_is_stored_whole_or_not_at_all,
    the_team_is_told,
);

pub(crate) async fn form(account: &Account<'_>, settings: Value) -> String {
    let body = json!({
        "name": "Everything",
        "fields": [
            { "name": "name", "type": "text", "label": "Your name", "required": true, "max_length": 20 },
            { "name": "email", "type": "email", "label": "Mail", "required": true },
            { "name": "phone", "type": "tel", "label": "Phone" },
            { "name": "seats", "type": "number", "label": "Seats", "min": 1, "max": 500 },
            { "name": "plan", "type": "select", "label": "Plan", "options": ["Basic", "Pro & more"] },
            { "name": "terms", "type": "checkbox", "label": "Terms", "required": true },
            { "name": "message", "type": "textarea", "label": "Message" },
            { "name": "page", "type": "hidden", "value": "home" }
        ],
        "settings": settings
    });
    let made = account.post("/api/lead-capture/forms", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

pub(crate) fn webhook(form: &str) -> String {
    format!("/api/lead-capture/webhook/{form}")
}

pub(crate) async fn submissions(account: &Account<'_>, form: &str) -> Vec<Value> {
    let path = format!("/api/lead-capture/forms/{form}/submissions?limit=200");
    account.get_list(&path).await["data"].as_array().unwrap().clone()
}

async fn gaps_are_filled_and_nothing_is_overwritten(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({})).await;
    let known = ada
        .post("/api/leads", &json!({ "email": "Grace@Navy.example", "name": "Grace", "company": "Navy", "custom_fields": { "seats": 1, "old": true } }))
        .await;
    let body = json!({ "email": " grace@navy.EXAMPLE ", "name": "Someone else", "company": "Other", "phone": "123456", "seats": 7,
        "terms": true, "utm_source": "late" });
    let captured = server.post(&webhook(&form), &body).await;
    assert_eq!(captured.expect(201).data()["lead_id"], known["id"]);
    let lead = ada
        .get(&format!("/api/leads/{}", known["id"].as_str().unwrap()))
        .await;
    assert_eq!(
        (&lead["name"], &lead["company"], &lead["email"]),
        (&json!("Grace"), &json!("Navy"), &json!("Grace@Navy.example"))
    );
    assert_eq!(lead["phone"], "123456", "the gap is filled");
    assert_eq!(
        (&lead["source"], &lead["status"]),
        (&known["source"], &known["status"])
    );
    assert_eq!(
        lead["custom_fields"],
        json!({ "seats": 7, "old": true, "terms": true })
    );
    assert_eq!(lead["score"]["total"], 10);
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    // The same answers again say nothing new: the lead's version stays, the submission counts.
    server.post(&webhook(&form), &body).await.expect(201);
    let again = ada
        .get(&format!("/api/leads/{}", known["id"].as_str().unwrap()))
        .await;
    assert_eq!(again["score"]["total"], 20);
    assert_eq!(submissions(&ada, &form).await.len(), 2);
    server.stop().await;
}

async fn twenty_at_once_are_one_lead_with_twenty_submissions(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({ "notify": ["team@ada.example"] })).await;
    let posts = (0..20).map(|index| {
        let spelling = ["grace@navy.example", "Grace@Navy.example"][index % 2];
        let path = webhook(&form);
        let server = &server;
        async move {
            let body = json!({ "email": spelling, "name": format!("Grace {index}"), "terms": true });
            server.post(&path, &body).await.expect(201).data()["lead_id"].clone()
        }
    });
    let leads = futures_util::future::join_all(posts).await;
    assert!(leads.iter().all(|lead| *lead == leads[0]), "{leads:?}");
    let lead = ada
        .get(&format!("/api/leads/{}", leads[0].as_str().unwrap()))
        .await;
    assert_eq!(lead["score"]["total"], 200, "{lead}");
    assert_eq!(submissions(&ada, &form).await.len(), 20);
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    let jobs = ada.get_list("/api/jobs?kind=forms.notify&with_total=true").await;
    assert_eq!(jobs["total"], 20, "{jobs}");
    server.drain().await;
    let mails = ada
        .get_list("/api/email/messages?kind=notification&with_total=true")
        .await;
    assert_eq!(mails["total"], 20);
    server.stop().await;
}

async fn a_submission_is_stored_whole_or_not_at_all(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({ "notify": ["team@ada.example"] })).await;
    let known = ada
        .post("/api/leads", &json!({ "email": "known@x.example" }))
        .await;
    let post = async |email: &str| {
        let body = json!({ "email": email, "name": "Grace", "company": "Navy", "terms": true });
        server.post(&webhook(&form), &body).await
    };
    // The job is the last thing that a submission writes.
    server.sabotage("ALTER TABLE jobs RENAME TO jobs_elsewhere").await;
    for email in ["new@x.example", "known@x.example"] {
        let reply = post(email).await;
        assert!(reply.status.is_server_error(), "{}", reply.text);
        reply.expect_envelope();
        assert!(
            !reply.text.contains("jobs"),
            "inner detail is not shown: {}",
            reply.text
        );
    }
    server.sabotage("ALTER TABLE jobs_elsewhere RENAME TO jobs").await;
    assert_eq!(submissions(&ada, &form).await.len(), 0);
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    assert_eq!(
        ada.get(&format!("/api/leads/{}", known["id"].as_str().unwrap()))
            .await,
        known
    );
    post("new@x.example").await.expect(201);
    assert_eq!(submissions(&ada, &form).await.len(), 1);
    assert_eq!(
        server.drain().await,
        2,
        "one job tells the team, one sends the mail"
    );
    server.stop().await;
}

async fn the_team_is_told(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({ "notify": ["one@ada.example", "two@ada.example"] })).await;
    let message = "<b>\"Tell\" me</b> {{ lead.email }} more";
    let body = json!({ "email": "grace@navy.example", "name": "Grace", "terms": true, "message": message });
    server.post(&webhook(&form), &body).await.expect(201);
    server.drain().await;
    let mails = ada.get_list("/api/email/messages?kind=notification").await["data"].take();
    let mut to: Vec<_> = mails
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["to"].as_str().unwrap())
        .collect();
    to.sort_unstable();
    assert_eq!(to, ["one@ada.example", "two@ada.example"]);
    assert!(
        mails
            .as_array()
            .unwrap()
            .iter()
            .all(|mail| mail["status"] == "sent")
    );
    let page = server
        .fetch(&format!("/dev/mailbox/{}", mails[0]["id"].as_str().unwrap()))
        .await;
    assert!(
        page.text.contains("Everything") && page.text.contains("grace@navy.example"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("{{ lead.email }}"),
        "answers are no templates: {}",
        page.text
    );
    assert!(!page.text.contains("<b>"), "answers are no HTML: {}", page.text);
    server.stop().await;
}
