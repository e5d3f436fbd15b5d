//! Several processes share their limits through Redis, and go on without it.

use groundswell_testkit::redis_server::RedisServer;
use groundswell_tests::{Binary, command, new_folder, until};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const BURST: usize = 6;

async fn health(http: &Client, base: &str) -> Value {
    let answer = http
        .get(format!("{base}/api/health/status"))
        .send()
        .await
        .unwrap();
    answer.json::<Value>().await.unwrap()["data"].clone()
}

async fn wait_for(http: &Client, base: &str, status: &str, detail: &str) {
    let reached = until(async || {
        let limits = health(http, base).await["services"]["limits"].clone();
        limits["status"] == status && limits["detail"].as_str().unwrap().contains(detail)
    })
    .await;
    assert!(reached, "{base}: {}", health(http, base).await);
}

/// How many of three times the limit are let in, asked at these processes in turn.
async fn let_in(http: &Client, bases: &[&str], token: &str) -> usize {
    let mut allowed = 0;
    for base in bases.iter().cycle().take(BURST * 3) {
        let request = http.get(format!("{base}/api/leads")).bearer_auth(token);
        let status = request.send().await.unwrap().status();
        assert!(
            status == 200 || status == StatusCode::TOO_MANY_REQUESTS,
            "{status}"
        );
        allowed += usize::from(status == 200);
    }
    allowed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_limits_while_redis_is_there() {
    let mut redis = RedisServer::start().await.unwrap();
    let server = std::env::var("GROUNDSWELL_TEST_PG_URL").unwrap();
    let name = format!("gs_limits_{}", std::process::id());
    groundswell_storage::admin::drop_database(&server, &name)
        .await
        .unwrap();
    let url = groundswell_storage::admin::create_database(&server, &name)
        .await
        .unwrap();
    let data = new_folder();
    let (redis_url, burst) = (redis.url(), BURST.to_string());
    let settings = [
        ("GROUNDSWELL__DATABASE__URL", url.as_str()),
        ("GROUNDSWELL__LIMITS__REDIS_URL", redis_url.as_str()),
        ("GROUNDSWELL__LIMITS__REDIS_TIMEOUT_MS", "5000"),
        ("GROUNDSWELL__LIMITS__READ__PER_MINUTE", "1"),
        ("GROUNDSWELL__LIMITS__READ__BURST", burst.as_str()),
    ];
    command(&data, &["migrate"], &settings)
        .await
        .expect(0, &["up to date"]);
    command(&data, &["doctor"], &settings)
        .await
        .expect(0, &["ok    limits", "Redis 7"]);
    let mut one = Binary::start_in(&data, "api", &settings).await;
    let mut two = Binary::start_in(&data, "api", &settings).await;
    let (a, b) = (one.base.clone(), two.base.clone());
    let http = Client::new();
    let body = json!({ "email": "ada@x.example", "password": "correct horse", "name": "Ada", "organization_name": "Ada Ltd" });
    let answer = http
        .post(format!("{a}/api/auth/register"))
        .json(&body)
        .send()
        .await
        .unwrap();
    let token = answer.json::<Value>().await.unwrap()["data"]["access_token"].clone();
    let token = token.as_str().unwrap();

    for base in [&a, &b] {
        wait_for(&http, base, "healthy", "counted in Redis").await;
    }
    assert_eq!(let_in(&http, &[&a, &b], token).await, BURST, "together");

    redis.stop().await.unwrap();
    // The first request that notices is answered like any other.
    let started = Instant::now();
    assert!(let_in(&http, &[&a], token).await >= 1);
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    for base in [&a, &b] {
        wait_for(&http, base, "degraded", "Redis is away").await;
        assert_eq!(health(&http, base).await["status"], "degraded");
        assert_eq!(
            http.get(format!("{base}/readyz")).send().await.unwrap().status(),
            200
        );
    }
    assert_eq!(let_in(&http, &[&b], token).await, BURST, "each for itself");
    command(&data, &["doctor"], &settings)
        .await
        .expect(1, &["BAD   limits", "limits.redis_url"]);

    redis.restart().await.unwrap();
    for base in [&a, &b] {
        wait_for(&http, base, "healthy", "counted in Redis").await;
    }
    assert_eq!(let_in(&http, &[&b, &a], token).await, BURST, "together again");
    for process in [&mut one, &mut two] {
        let (code, log) = process.end().await;
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(
            log.matches("Redis is away").count(),
            1,
            "one line per change: {log}"
        );
        assert_eq!(
            log.matches("rate limits are counted in Redis").count(),
            2,
            "{log}"
        );
    }
    std::fs::remove_dir_all(data).unwrap();
    groundswell_storage::admin::drop_database(&server, &name)
        .await
        .unwrap();
}
