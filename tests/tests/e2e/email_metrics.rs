//! What came of mails: people's figures, raw ones, and pictures.

use crate::contacts::{follow, link};
use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(people_and_programs_are_counted_apart,);

async fn people_and_programs_are_counted_apart(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for name in ["grace", "mary"] {
        let email = format!("{name}@x.example");
        ada.post("/api/leads", &json!({ "email": email })).await;
    }
    let content = json!({ "subject": "Hello", "html": "<a href=\"https://x.example/offer\">Read</a>" });
    let plain = json!({ "enabled": false });
    let campaign = json!({ "name": "Spring", "type": "email", "content": content, "utm": plain });
    let campaign = ada.post("/api/campaigns", &campaign).await;
    let campaign = campaign["id"].as_str().unwrap().to_owned();
    ada.post(&format!("/api/campaigns/{campaign}/launch"), &json!({}))
        .await;
    server.drain().await;
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
    follow(&server, &link(&server, "grace@x.example", "/t/o/").await, iphone).await;
    follow(&server, &link(&server, "grace@x.example", "/t/c/").await, iphone).await;
    follow(
        &server,
        &link(&server, "grace@x.example", "/t/c/").await,
        "curl/8.11.0",
    )
    .await;
    // Mary's provider fetches the picture, whether she looks or not.
    follow(
        &server,
        &link(&server, "mary@x.example", "/t/o/").await,
        "Mozilla/5.0",
    )
    .await;

    let metrics = ada
        .get(&format!("/api/email/metrics?campaign_id={campaign}"))
        .await;
    assert_eq!(
        (&metrics["sent"], &metrics["opened"], &metrics["clicked"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(metrics["human"], json!({ "opens": 1, "clicks": 1 }));
    assert_eq!(metrics["raw"], json!({ "opens": 2, "clicks": 2 }));
    assert_eq!(metrics["open_rate"], 0.5);
    assert_eq!(metrics["reliable"], json!({ "sent": 1, "open_rate": 1.0 }));
    assert_eq!(
        metrics["links"],
        json!([{ "url": "https://x.example/offer", "human": 1, "raw": 2, "mails": 1 }])
    );
    assert_eq!(
        metrics["domains"],
        json!([{ "domain": "x.example", "sent": 2, "opened": 1, "clicked": 1 }])
    );
    assert_eq!(
        metrics["devices"],
        json!([{ "device": "phone", "opens": 1, "clicks": 1 }])
    );
    assert_eq!(metrics["hours"].as_array().unwrap().len(), 1);
    let elsewhere = ada.get("/api/email/metrics?domain=y.example").await;
    assert_eq!(elsewhere["sent"], 0);
    for wrong in [
        "domain=nothing",
        "from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
        "what=1",
    ] {
        let reply = Reply::to(ada.request(Method::GET, &format!("/api/email/metrics?{wrong}"))).await;
        reply.expect(400);
    }
    let picture = Reply::to(ada.request(
        Method::GET,
        &format!("/api/email/metrics.svg?chart=links&campaign_id={campaign}"),
    ))
    .await;
    picture.expect(200);
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.text.contains("<title") && picture.text.contains("https://x.example/offer"));

    let bob = server.register("Bob").await;
    assert_eq!(bob.get("/api/email/metrics").await["sent"], 0);
    let theirs =
        Reply::to(bob.request(Method::GET, &format!("/api/email/metrics?campaign_id={campaign}"))).await;
    theirs.expect(404);
    server.stop().await;
}
