//! Every operation of the `OpenAPI` document is under the limit that it says, and those that must never refuse never do.

use crate::samples::sample;
use groundswell_tests::{Account, Backend, Operation, Options, Reply, TestServer, make_for, operations};
use serde_json::{Value, json};

const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// With so many at once of everything but these two.
async fn start(burst: u32, callers: u32, address: u32) -> TestServer {
    let minute = |burst: u32| json!({ "per_minute": 1, "burst": burst });
    let hour = |burst: u32| json!({ "per_hour": 1, "burst": burst });
    let mut settings = vec![("limits.address", minute(address))];
    for name in ["limits.registration", "limits.recovery"] {
        settings.push((name, hour(burst)));
    }
    for name in [
        "limits.sign_in",
        "limits.public",
        "limits.public_form",
        "limits.form",
    ] {
        settings.push((name, minute(burst)));
    }
    for name in ["limits.read", "limits.write", "limits.heavy"] {
        settings.push((name, minute(callers)));
    }
    let options = Options {
        limits: true,
        settings,
        ..Options::default()
    };
    TestServer::start_with(Backend::Sqlite, options).await
}

async fn call(account: &Account<'_>, operation: &Operation, id: &str) -> Reply {
    let request = account.request(operation.method.clone(), &operation.address(id));
    let wrong = json!({ "email": "ada@ada.example", "password": "wrong" });
    Reply::to(match (operation.id.as_str(), sample(&operation.id)) {
        ("issue_token", _) => request.form(&[("username", "ada@ada.example"), ("password", "wrong")]),
        ("login", _) => request.json(&wrong),
        (_, Value::Null) => request,
        (_, body) => request.json(&body),
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_names_the_limit_that_the_document_names() {
    let server = start(1000, 100_000, 100_000).await;
    let mut ada = server.register("Ada").await;
    for (index, operation) in operations().into_iter().enumerate() {
        // Before the access token is over.
        if index % 100 == 99 {
            ada = server.register(&format!("Ada{index}")).await;
        }
        // Wrong passwords for one account wait longer each time, and there are several operations that take one.
        server.clock.advance(chrono::TimeDelta::seconds(2));
        let id = make_for(&server, &ada, &operation).await;
        let reply = call(&ada, &operation, &id).await;
        assert_ne!(reply.status, 429, "{}", operation.id);
        let policy = reply.header("ratelimit-policy");
        if operation.limit == "unlimited" {
            assert_eq!(policy, "", "{}", operation.id);
        } else {
            let named = format!("\"{}\";q=", operation.limit);
            assert!(
                policy.starts_with(&named),
                "{} is {}, and its answer says {policy}: name it in RouteClass::of, or take the extractor Auth",
                operation.id,
                operation.limit
            );
            assert!(
                reply
                    .header("ratelimit")
                    .starts_with(&named.replace(";q=", ";r=")),
                "{}",
                operation.id
            );
        }
    }
    server.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_limit_refuses_and_what_has_none_does_not() {
    let server = start(1, 1, 100_000).await;
    let ada = server.register("Ada").await;
    let mut refused = 0;
    for operation in operations() {
        call(&ada, &operation, NOTHING).await;
        if operation.limit == "unlimited" {
            for _ in 0..30 {
                assert_ne!(
                    call(&ada, &operation, NOTHING).await.status,
                    429,
                    "{}",
                    operation.id
                );
            }
            continue;
        }
        let reply = call(&ada, &operation, NOTHING).await;
        reply.expect(429);
        for name in [
            "retry-after",
            "ratelimit-policy",
            "ratelimit",
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
            "x-request-id",
        ] {
            // The wait of an account is no quota.
            let wait = operation.limit == "sign_in" && name.starts_with("ratelimit");
            assert!(
                wait || !reply.header(name).is_empty(),
                "{} has no {name}",
                operation.id
            );
        }
        assert_eq!(reply.header("retry-after").parse::<u32>().unwrap().min(1), 1);
        refused += 1;
    }
    assert!(refused > 80, "{refused}");
    server.discard().await;
}

#[tokio::test]
async fn one_address_has_a_ceiling() {
    let server = start(1000, 1000, 20).await;
    let ada = server.register("Ada").await;
    let mut statuses = Vec::new();
    for _ in 0..30 {
        let reply = ada.send(reqwest::Method::GET, "/api/leads", None).await;
        statuses.push(reply.status.as_u16());
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        19,
        "{statuses:?}"
    );
    let page = server.fetch("/f/nothing").await;
    page.expect(429);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "visitors get a page"
    );
    assert_eq!(page.header("ratelimit-policy"), "\"address\";q=20;w=1200");
    let unknown = server.fetch("/api/nothing").await;
    unknown.expect_error(429, "rate_limited");
    server.fetch("/api/health").await.expect(200);
    server.discard().await;
}
