//! No route escapes the tests that are made from the `OpenAPI` document.

use crate::needs::TABLE;
use groundswell_tests::{Backend, TestServer, operations};
use reqwest::Method;
use std::collections::BTreeSet;

/// Addresses that the document leaves out on purpose.
const UNDOCUMENTED: [&str; 8] = [
    "/livez",
    "/readyz",
    "/metrics",
    "/api/openapi.json",
    "/docs",
    "/dev/mailbox",
    "/dev/mailbox/{id}",
    "/docs/{_:.*}",
];

/// A route that is not in the document would escape every test here: so the sources are searched for addresses.
#[test]
fn every_address_in_the_sources_is_in_the_document() {
    fn search(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                search(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for start in ["resource(\"", "scope(\"", "route(\"", "SwaggerUi::new(\""] {
                    found.extend(
                        text.split(start)
                            .skip(1)
                            .map(|rest| rest.split('"').next().unwrap().to_owned()),
                    );
                }
                let attributes = ["#[get(", "#[post(", "#[put(", "#[patch(", "#[delete(", "#[route("];
                assert!(
                    !attributes.iter().any(|start| text.contains(start)),
                    "{}: use web::resource",
                    path.display()
                );
            }
        }
    }
    let mut found = BTreeSet::new();
    search(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/api/src"),
        &mut found,
    );
    let documented: BTreeSet<String> = operations().into_iter().map(|operation| operation.path).collect();
    assert!(
        found.len() > 30 && documented.is_subset(&found),
        "the search finds too little: {found:?}"
    );
    let missing: Vec<_> = found
        .iter()
        .filter(|path| !documented.contains(*path) && !UNDOCUMENTED.contains(&path.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in the OpenAPI document: {missing:?}");
}

/// And a method that is not in the document is not there.
#[tokio::test]
async fn no_address_takes_an_undocumented_method() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let all = operations();
    let documented: BTreeSet<(String, String)> = all
        .iter()
        .map(|o| (o.path.clone(), o.method.to_string()))
        .collect();
    for operation in &all {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            if !documented.contains(&(operation.path.clone(), method.to_string())) {
                let reply = ada
                    .send(
                        method.clone(),
                        &operation.address("00000000-0000-7000-8000-000000000000"),
                        None,
                    )
                    .await;
                reply.expect_error(405, "method_not_allowed");
                assert!(!reply.header("allow").is_empty(), "{}", operation.path);
            }
        }
    }
    let lines: BTreeSet<&str> = TABLE.iter().map(|(id, _)| *id).collect();
    let known: BTreeSet<&str> = all.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(
        lines.difference(&known).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "lines for operations that are gone"
    );
    server.stop().await;
}
