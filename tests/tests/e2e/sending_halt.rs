//! A database that has gone back, and an operator who stops all mail.

use crate::campaigns::{checked, draft, make};
use groundswell_app::email::{Queued, resume_sending, stop_sending, watch_ledger};
use groundswell_domain::email::HaltReason;
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Backend, Options, TestServer};
use serde_json::json;

on_both!(
    a_restored_database_sends_nothing_until_somebody_decides,
    an_operator_stops_everything,
    a_new_database_is_not_an_old_one,
);

/// As if a backup had been restored: the same ledger, of years ago.
const GO_BACK: &str = "UPDATE installation SET value = substr(value, 1, 37) || '2001-01-01T00:00:00.000000Z' \
    WHERE name = 'ledger_mark'";

async fn server(backend: Backend, sink: &SmtpSink) -> TestServer {
    let options = Options {
        smtp_url: Some(sink.url()),
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

async fn a_restored_database_sends_nothing_until_somebody_decides(backend: Backend) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = server(backend, &sink).await;
    assert_eq!(watch_ledger(&server.app).await.unwrap(), None);
    assert_eq!(watch_ledger(&server.app).await.unwrap(), None, "again and again");
    let ada = server.register("Ada").await.with_key().await;
    for index in 0..3 {
        ada.post(
            "/api/leads",
            &json!({ "email": format!("lead{index}@x.example") }),
        )
        .await;
    }
    let campaign = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    let single = json!({ "to": "one@x.example", "subject": "Hello", "body": "<p>Hello</p>" });
    ada.post("/api/email/send", &single).await;

    server.sabotage(GO_BACK).await;
    let halt = watch_ledger(&server.app).await.unwrap().unwrap();
    assert_eq!(halt.reason, HaltReason::Restored);
    server.drain().await;
    assert_eq!(sink.mails().unwrap().len(), 0);
    assert_eq!(
        checked(&ada, &campaign).await["metrics"]["queued"],
        3,
        "the audience is written down"
    );
    let health = ada.get("/api/health/status").await;
    assert_eq!(health["services"]["mail"]["status"], "degraded");
    let detail = health["services"]["mail"]["detail"].as_str().unwrap();
    assert!(
        detail.contains("restored") && detail.contains("2001-01-01"),
        "{detail}"
    );

    let refused = resume_sending(&server.app, None).await.unwrap_err();
    assert!(refused.to_string().contains("may have been sent"), "{refused}");
    assert_eq!(
        resume_sending(&server.app, Some(Queued::Unknown)).await.unwrap(),
        4
    );
    assert_eq!(watch_ledger(&server.app).await.unwrap(), None, "and stays so");
    server.drain().await;
    assert_eq!(sink.mails().unwrap().len(), 0, "nobody gets anything twice");
    let campaign = checked(&ada, &campaign).await;
    assert_eq!(
        (
            &campaign["status"],
            &campaign["metrics"]["unknown"],
            &campaign["metrics"]["queued"]
        ),
        (&json!("completed"), &json!(3), &json!(0))
    );
    let again = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{again}/launch"), &json!({})).await;
    server.drain().await;
    assert_eq!(sink.mails().unwrap().len(), 3, "what comes later leaves");
    assert_eq!(
        ada.get("/api/health/status").await["services"]["mail"]["status"],
        "healthy"
    );
}

async fn an_operator_stops_everything(backend: Backend) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = server(backend, &sink).await;
    let ada = server.register("Ada").await.with_key().await;
    assert!(resume_sending(&server.app, None).await.is_err(), "mail leaves");
    assert!(stop_sending(&server.app).await.unwrap());
    assert!(!stop_sending(&server.app).await.unwrap());
    watch_ledger(&server.app).await.unwrap();
    let single = json!({ "to": "one@x.example", "subject": "Hello", "body": "<p>Hello</p>" });
    ada.post("/api/email/send", &single).await;
    server.drain().await;
    assert_eq!(sink.mails().unwrap().len(), 0);
    assert_eq!(resume_sending(&server.app, None).await.unwrap(), 0);
    watch_ledger(&server.app).await.unwrap();
    server.drain().await;
    assert_eq!(sink.mails().unwrap().len(), 1, "it waited");
}

async fn a_new_database_is_not_an_old_one(backend: Backend) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = server(backend, &sink).await;
    watch_ledger(&server.app).await.unwrap();
    server
        .sabotage("DELETE FROM installation WHERE name = 'ledger_mark'")
        .await;
    assert_eq!(watch_ledger(&server.app).await.unwrap(), None);
    assert_eq!(watch_ledger(&server.app).await.unwrap(), None);
}
