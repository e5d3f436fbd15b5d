//! Leads as files, and back.

use crate::lead_files::{counts, import, lead};
use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::json;

on_both!(an_export_can_be_imported_again,);

async fn an_export_can_be_imported_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let people = [
        json!({ "email": "grace@navy.example", "name": "=HYPERLINK(\"http://evil.example\")", "company": "@SUM(A1)", "phone": "+49 30 1",
            "tags": ["one", "two"], "custom_fields": { "size": "-1+1", "n": 3, "deep": { "a": [1, null] } }, "status": "converted", "source": "fair" }),
        json!({ "email": "mary@x.example", "name": "Mary, \"the\" Jörg", "title": "-2+3", "custom_fields": { "text": "two\nlines" } }),
        json!({ "email": "tab@x.example", "company": "'quoted" }),
    ];
    for person in &people {
        ada.post("/api/leads", person).await;
    }
    let csv = Reply::to(ada.request(Method::GET, "/api/leads/export")).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").contains("leads.csv"));
    for start in [",\"'=HYPERLINK", ",'@SUM(A1)", ",+49 30 1,", ",'-2+3"] {
        assert!(csv.text.contains(start), "{start} in {}", csv.text);
    }
    for start in ["=", "@", "-2", "\"=", "\"@"] {
        assert!(
            !csv.text.contains(&format!(",{start}")),
            "{start} would be calculated"
        );
    }
    let before = ada.get_list("/api/leads/export?format=json").await;
    assert_eq!(before.as_array().unwrap().len(), 3);
    server.clock.advance(chrono::TimeDelta::minutes(1));
    let again = import(&server, &ada, csv.expect(200).text.as_bytes(), &[]).await;
    assert_eq!(counts(&again), [3, 0, 0, 3, 0], "{again}");
    assert_eq!(ada.get_list("/api/leads/export?format=json").await, before);

    let bob = server.register("Bob").await;
    let moved = import(&server, &bob, csv.text.as_bytes(), &[]).await;
    assert_eq!(counts(&moved), [3, 3, 0, 0, 0], "{moved}");
    for person in before.as_array().unwrap() {
        let other = lead(&bob, person["email"].as_str().unwrap()).await;
        for field in [
            "name",
            "company",
            "title",
            "phone",
            "tags",
            "status",
            "source",
            "custom_fields",
        ] {
            assert_eq!(other[field], person[field], "{field}");
        }
    }
    server.stop().await;
}
