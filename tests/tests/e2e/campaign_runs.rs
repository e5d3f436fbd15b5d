//! A campaign under way: stopped in the middle, given up, and beside another one.

use crate::campaigns::{checked, draft, make};
use chrono::TimeDelta;
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Account, Backend, Options, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    pausing_stops_in_the_middle_and_resuming_goes_on,
    a_pause_stops_before_the_next_mail_of_a_slow_server,
    cancelling_settles_everybody,
    the_mail_is_frozen_at_the_launch,
    two_campaigns_share_the_people_and_not_the_numbers,
);

async fn leads(account: &Account<'_>, count: usize) {
    for index in 0..count {
        let body = json!({ "email": format!("lead{index}@x.example"), "name": format!("Lead {index}") });
        account.post("/api/leads", &body).await;
    }
}

/// A server whose mail server puts everything off, so that a campaign stays in the middle.
async fn stuck(backend: Backend, sink: &SmtpSink) -> TestServer {
    let options = Options {
        smtp_url: Some(sink.url()),
        settings: vec![("email.send_group", json!(1)), ("email.send_lanes", json!(1))],
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

async fn pausing_stops_in_the_middle_and_resuming_goes_on(backend: Backend) {
    let mut sink = SmtpSink::start(&[]).await.unwrap();
    let server = stuck(backend, &sink).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 4).await;
    let first = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{first}/launch"), &json!({})).await;
    // Before the audience is written down.
    ada.post(&format!("{first}/pause"), &json!({})).await;
    server.drain().await;
    assert_eq!(checked(&ada, &first).await["metrics"]["audience"], 0);
    ada.post(&format!("{first}/resume"), &json!({})).await;
    server.drain_kind("campaigns.snapshot").await;
    // Before the first mail.
    ada.post(&format!("{first}/pause"), &json!({})).await;
    server.drain().await;
    let paused = checked(&ada, &first).await;
    assert_eq!(
        (&paused["status"], &paused["metrics"]["queued"]),
        (&json!("paused"), &json!(4))
    );
    assert_eq!(sink.mails().unwrap().len(), 0);
    for body in [
        json!({ "content": { "subject": "x", "html": "<p>y</p>" } }),
        json!({ "target_audience": { "source": "x" } }),
        json!({ "type": "social" }),
    ] {
        ada.send(Method::PATCH, &first, Some(&body))
            .await
            .expect_error(409, "campaign_state");
    }
    ada.patch(&first, &json!({ "name": "New name" })).await;
    // After a try at each mail, all of which the server puts off.
    sink.restart(&["-r", "RCPT"]).await.unwrap();
    ada.post(&format!("{first}/resume"), &json!({})).await;
    server.drain().await;
    ada.post(&format!("{first}/pause"), &json!({})).await;
    sink.restart(&[]).await.unwrap();
    server.after(TimeDelta::minutes(5)).await;
    assert_eq!(
        sink.mails().unwrap().len(),
        0,
        "nothing leaves while it is paused"
    );
    assert_eq!(checked(&ada, &first).await["metrics"]["queued"], 4);
    ada.post(&format!("{first}/resume"), &json!({})).await;
    server.drain().await;
    let done = checked(&ada, &first).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(4))
    );
    assert_eq!(sink.mails().unwrap().len(), 4);
    server.stop().await;
}

async fn a_pause_stops_before_the_next_mail_of_a_slow_server(backend: Backend) {
    // It takes a second for each mail.
    let sink = SmtpSink::start(&["-w", "1"]).await.unwrap();
    let server = stuck(backend, &sink).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 6).await;
    let path = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.drain_kind("campaigns.snapshot").await;
    let pause = async {
        while sink.mails().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        ada.post(&format!("{path}/pause"), &json!({})).await;
        (sink.mails().unwrap().len(), std::time::Instant::now())
    };
    let (_, (before, paused)) = tokio::join!(server.drain(), pause);
    // The mail that was on its way arrives, and nothing begins after it.
    assert!(paused.elapsed().as_millis() < 2_500, "{:?}", paused.elapsed());
    let sent = sink.mails().unwrap().len();
    assert!(sent <= before + 1 && sent < 6, "{before} {sent}");
    let metrics = checked(&ada, &path).await["metrics"].take();
    assert_eq!(metrics["sent"], sent, "{metrics}");
    assert_eq!(metrics["queued"], 6 - sent, "{metrics}");
    server.stop().await;
}

async fn cancelling_settles_everybody(backend: Backend) {
    let mut sink = SmtpSink::start(&["-r", "RCPT"]).await.unwrap();
    let server = stuck(backend, &sink).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 3).await;
    ada.post("/api/email/suppressions", &json!({ "email": "lead0@x.example" }))
        .await;
    let early = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{early}/launch"), &json!({})).await;
    ada.post(&format!("{early}/cancel"), &json!({})).await;
    let late = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{late}/launch"), &json!({})).await;
    server.drain().await;
    let cancelled = ada.post(&format!("{late}/cancel"), &json!({})).await;
    assert_eq!(cancelled["metrics"]["cancelled"], 2, "{cancelled}");
    sink.restart(&[]).await.unwrap();
    server.after(TimeDelta::hours(1)).await;
    assert_eq!(sink.mails().unwrap().len(), 0);
    assert_eq!(checked(&ada, &early).await["metrics"]["audience"], 0);
    let metrics: Value = checked(&ada, &late).await["metrics"].take();
    assert_eq!(
        (
            &metrics["audience"],
            &metrics["suppressed"],
            &metrics["cancelled"]
        ),
        (&json!(3), &json!(1), &json!(2))
    );
    server.stop().await;
}

async fn the_mail_is_frozen_at_the_launch(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    leads(&ada, 1).await;
    let template = ada
        .post(
            "/api/email/templates",
            &json!({ "name": "T", "subject": "Before {{ lead.name | default('x') }}", "html": "<p>Before</p>" }),
        )
        .await;
    let template = format!("/api/email/templates/{}", template["id"].as_str().unwrap());
    let mut body = draft(&json!({}));
    body["content"] = json!({ "template_id": template.rsplit('/').next().unwrap() });
    let path = make(&ada, &body).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    ada.patch(&template, &json!({ "subject": "After", "html": "<p>After</p>" }))
        .await;
    ada.send(Method::DELETE, &template, None).await.expect(200);
    server.drain().await;
    assert_eq!(checked(&ada, &path).await["metrics"]["sent"], 1);
    let page = server.fetch("/dev/mailbox").await;
    assert!(
        page.text.contains("Before Lead 0") && !page.text.contains("After"),
        "{}",
        page.text
    );
    server.stop().await;
}

async fn two_campaigns_share_the_people_and_not_the_numbers(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    leads(&ada, 30).await;
    let one = make(&ada, &draft(&json!({}))).await;
    let two = make(&ada, &draft(&json!({ "lead_ids": [] }))).await;
    let three = make(&ada, &draft(&json!({}))).await;
    for path in [&one, &two, &three] {
        ada.post(&format!("{path}/launch"), &json!({})).await;
    }
    // Two workers at the same time.
    let (first, second) = tokio::join!(server.drain(), server.drain());
    assert!(first + second >= 6);
    server.after(TimeDelta::minutes(2)).await;
    for (path, expected) in [(&one, 30), (&two, 0), (&three, 30)] {
        let done = checked(&ada, path).await;
        assert_eq!(
            (&done["status"], &done["metrics"]["sent"]),
            (&json!("completed"), &json!(expected))
        );
    }
    let mails = ada
        .get_list("/api/email/messages?to=lead7@x.example&with_total=true")
        .await;
    assert_eq!(mails["total"], 2);
    server.stop().await;
}
