//! Signing in tells nobody who has an account, and many at once take neither the memory nor the attention of the server.

use groundswell_tests::{Backend, Binary, TestServer};
use reqwest::Client;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

on_both!(how_long_it_takes_does_not_tell_who_has_an_account);

fn quantile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// Hashes are cheap here, so that everything else that could differ is seen.
async fn how_long_it_takes_does_not_tell_who_has_an_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.register("Ada").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for index in 0..500 {
        for (email, times) in [
            ("ada@ada.example".to_owned(), &mut known),
            (format!("nobody{index}@ada.example"), &mut unknown),
        ] {
            let body = json!({ "email": email, "password": "wrong" });
            let started = Instant::now();
            let reply = server.post("/api/auth/login", &body).await;
            times.push(started.elapsed());
            reply.expect(401);
        }
    }
    let (known, unknown) = (quantile(&mut known, 50), quantile(&mut unknown, 50));
    let gap = known.abs_diff(unknown);
    println!("median of a known address {known:?}, of an unknown one {unknown:?}, gap {gap:?}");
    assert!(
        gap < Duration::from_millis(5),
        "known {known:?}, unknown {unknown:?}"
    );
    server.stop().await;
}

/// What a storm of logins did: statuses, and the slowest of a hundred health checks meanwhile.
async fn storm(http: &Client, base: &str) -> (Vec<u16>, Duration) {
    let over = Arc::new(AtomicBool::new(false));
    let watching = tokio::spawn({
        let (http, over, url) = (Client::new(), over.clone(), format!("{base}/api/health"));
        async move {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let started = Instant::now();
                let answer = http.get(&url).send().await.unwrap();
                assert_eq!(answer.status(), 200);
                times.push(started.elapsed());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            quantile(&mut times, 99)
        }
    });
    let logins = (0..200).map(|index| {
        let email = if index % 2 == 0 {
            "ada@x.example".to_owned()
        } else {
            format!("nobody{index}@x.example")
        };
        let body = json!({ "email": email, "password": "wrong" });
        let request = http.post(format!("{base}/api/auth/login")).json(&body);
        async move { request.send().await.unwrap() }
    });
    let answers = futures_util::future::join_all(logins).await;
    over.store(true, Ordering::Relaxed);
    for answer in &answers {
        if answer.status() == 503 {
            assert!(answer.headers().contains_key("retry-after"));
        }
    }
    let statuses = answers.iter().map(|answer| answer.status().as_u16()).collect();
    (statuses, watching.await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_do_no_harm() {
    const MIB: u64 = 1024 * 1024;
    let settings = [
        ("GROUNDSWELL__LIMITS__ENABLED", "false"),
        ("GROUNDSWELL__LOG__LEVEL", "warn"),
    ];
    let mut server = Binary::start(&settings).await;
    let http = Client::new();
    let body = json!({ "email": "ada@x.example", "password": "correct horse", "name": "Ada", "organization_name": "Ada Ltd" });
    let registered = http
        .post(format!("{}/api/auth/register", server.base))
        .json(&body);
    assert_eq!(registered.send().await.unwrap().status(), 201);
    let before = server.resident_memory();
    let mut seen = Vec::new();
    // Other work of the machine may disturb one round.
    for _ in 0..3 {
        let (statuses, slowest) = storm(&http, &server.base).await;
        assert!(
            statuses.iter().all(|status| matches!(status, 401 | 503)),
            "{statuses:?}"
        );
        let grown = server.resident_memory().saturating_sub(before) / MIB;
        println!("health p99 {slowest:?}, {grown} MiB more");
        assert!(grown < 100, "{grown} MiB more");
        seen.push(slowest);
        if slowest < Duration::from_millis(200) {
            break;
        }
    }
    assert!(
        seen.iter().any(|slowest| *slowest < Duration::from_millis(200)),
        "p99 of the health check: {seen:?}"
    );
    server.stop().await;
}
