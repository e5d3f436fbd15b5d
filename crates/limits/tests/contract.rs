//! One suite for both places, and what becomes of the counts when Redis is away.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in tests a panic is the message"
)]

use async_trait::async_trait;
use groundswell_domain::limits::{Attempt, Bucket, Rate, RateLimiter, Sharing};
use groundswell_limits::{MemoryLimiter, RedisLimiter, RedisOptions, check_redis};
use groundswell_testkit::TestClock;
use groundswell_testkit::contract::limits::{Time, check};
use groundswell_testkit::redis_server::RedisServer;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Moved(Arc<TestClock>);

#[async_trait]
impl Time for Moved {
    async fn pass(&self, time: Duration) {
        self.0.advance(chrono::TimeDelta::from_std(time).unwrap());
    }
}

struct Waited;

#[async_trait]
impl Time for Waited {
    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time + Duration::from_millis(10)).await;
    }
}

fn limiter(server: &RedisServer, time_limit: Duration) -> Arc<RedisLimiter> {
    let options = RedisOptions {
        url: server.url(),
        prefix: "test:".into(),
        time_limit,
    };
    Arc::new(RedisLimiter::new(options, Arc::new(TestClock::default())).unwrap())
}

async fn until(limiter: &RedisLimiter, sharing: Sharing) {
    for _ in 0..400 {
        if limiter.sharing().await == sharing {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never was {sharing:?}");
}

fn one(key: &str) -> [Bucket; 1] {
    [Bucket {
        key: key.into(),
        rate: Rate::new(2, Duration::from_hours(1), 2),
    }]
}

#[tokio::test]
async fn memory() {
    let clock = Arc::new(TestClock::default());
    let limiter = Arc::new(MemoryLimiter::new(clock.clone()));
    check(limiter.clone(), &Moved(clock)).await;
    assert_eq!(limiter.sharing().await, Sharing::Alone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    let server = RedisServer::start().await.unwrap();
    let limiter = limiter(&server, Duration::from_secs(10));
    until(&limiter, Sharing::Shared).await;
    check(limiter.clone(), &Waited).await;
    assert_eq!(
        limiter.sharing().await,
        Sharing::Shared,
        "else the suite has tested the local counts"
    );
    // Nothing stays for ever.
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert!(keys.len() > 5, "{keys:?}");
    for key in keys {
        let left: i64 = redis::cmd("PTTL")
            .arg(&key)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(left > 0 || left == -2, "{key} has no end: {left}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_and_go_on_alone() {
    let mut server = RedisServer::start().await.unwrap();
    let (a, b) = (
        limiter(&server, Duration::from_secs(10)),
        limiter(&server, Duration::from_secs(10)),
    );
    until(&a, Sharing::Shared).await;
    until(&b, Sharing::Shared).await;
    assert!(a.take(&one("x")).await[0].allowed);
    assert_eq!(b.take(&one("x")).await[0].remaining, 0);
    assert!(!a.take(&one("x")).await[0].allowed);

    server.stop().await.unwrap();
    until(&a, Sharing::Away).await;
    until(&b, Sharing::Away).await;
    for limiter in [&a, &b] {
        let started = Instant::now();
        let allowed: Vec<bool> = [
            limiter.take(&one("x")).await,
            limiter.take(&one("x")).await,
            limiter.take(&one("x")).await,
        ]
        .iter()
        .map(|standings| standings[0].allowed)
        .collect();
        assert_eq!(allowed, [true, true, false]);
        assert!(started.elapsed() < Duration::from_secs(5));
        let attempt = Attempt {
            account: "a".into(),
            place: "b".into(),
        };
        while limiter.begin_try(&attempt).await.is_ok() {}
    }

    server.restart().await.unwrap();
    until(&a, Sharing::Shared).await;
    until(&b, Sharing::Shared).await;
    assert_eq!(a.take(&one("y")).await[0].remaining, 1);
    assert_eq!(b.take(&one("y")).await[0].remaining, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_soon_not_asked() {
    let server = RedisServer::start().await.unwrap();
    let limiter = limiter(&server, Duration::from_millis(50));
    until(&limiter, Sharing::Shared).await;
    server.freeze(true).await.unwrap();
    let started = Instant::now();
    for number in 0..1000 {
        assert!(limiter.take(&one(&format!("k{number}"))).await[0].allowed);
    }
    // Three wait 50 ms each, the others not at all.
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(limiter.sharing().await, Sharing::Away);
    server.freeze(false).await.unwrap();
    until(&limiter, Sharing::Shared).await;
}

#[tokio::test]
async fn without_redis_it_starts_and_says_what_is_wrong() {
    let mut server = RedisServer::start().await.unwrap();
    let url = server.url();
    let text = check_redis(&url).await.unwrap();
    assert!(
        text.starts_with("Redis ") && text.contains("127.0.0.1:"),
        "{text}"
    );
    server.stop().await.unwrap();
    let limiter = limiter(&server, Duration::from_millis(50));
    assert!(limiter.take(&one("z")).await[0].allowed);
    assert_eq!(limiter.sharing().await, Sharing::Away);
    let error = check_redis(&url.replace("redis://", "redis://user:s3cret@"))
        .await
        .unwrap_err();
    assert!(
        error.contains("127.0.0.1:") && !error.contains("s3cret"),
        "{error}"
    );
    assert!(check_redis("http://127.0.0.1").await.is_err());
}
