//! The client against real servers on this machine.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in tests a panic is the message"
)]

mod server;

use async_trait::async_trait;
use groundswell_domain::egress::{Fetch, FetchError, FetchMethod, FetchRequest};
use groundswell_egress::{EgressClient, EgressSettings, Lookup};
use server::Server;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use url::Url;

/// What names mean, answer by answer; the last one from then on.
struct Names {
    answers: Vec<Vec<&'static str>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let at = self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.get(at).or(self.answers.last());
        let answer = answer.ok_or_else(|| std::io::Error::other("no such name"))?;
        Ok(answer.iter().map(|ip| ip.parse().unwrap()).collect())
    }
}

fn names(answers: &[&[&'static str]]) -> Arc<Names> {
    Arc::new(Names {
        answers: answers.iter().map(|answer| answer.to_vec()).collect(),
        asked: AtomicUsize::new(0),
    })
}

fn client(allow: &[&str], ports: &[u16], lookup: Arc<dyn Lookup>) -> EgressClient {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let settings = EgressSettings {
        allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
        ports: ports.to_vec(),
        proxy: None,
        user_agent: "Groundswell/0 (+https://us.example/)".into(),
    };
    EgressClient::with_lookup(settings, lookup).unwrap()
}

/// To servers on this machine.
fn local(server: &Server) -> EgressClient {
    client(&["127.0.0.0/8"], &[server.port], names(&[&["127.0.0.1"]]))
}

fn get(url: &str) -> FetchRequest {
    FetchRequest {
        timeout: Duration::from_secs(5),
        ..FetchRequest::get(Url::parse(url).unwrap())
    }
}

fn refusal(error: FetchError) -> String {
    match error {
        FetchError::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_with_its_address_and_its_headers() {
    let server = Server::start().await;
    let answer = local(&server).get(get(&server.url("/echo?a=b"))).await.unwrap();
    assert_eq!((answer.status, answer.url.path()), (200, "/echo"));
    let said = String::from_utf8(answer.body.clone()).unwrap();
    assert!(said.starts_with("GET /echo?a=b\n"), "{said}");
    assert!(
        said.contains("user-agent: Groundswell/0 (+https://us.example/)\n"),
        "{said}"
    );
    assert!(!said.contains("cookie") && !said.contains("referer"), "{said}");
    assert_eq!(answer.header("x-own"), Some("1"));
    let missing = local(&server).get(get(&server.url("/nothing"))).await.unwrap();
    assert_eq!(missing.status, 404);
    let again = local(&server).get(get(&server.url("/echo"))).await.unwrap();
    assert!(
        !String::from_utf8(again.body).unwrap().contains("cookie"),
        "cookies are not kept"
    );
}

#[tokio::test]
async fn a_body_is_posted_and_its_redirects_are_not_followed() {
    let server = Server::start().await;
    let post = |path: &str| FetchRequest {
        method: FetchMethod::Post,
        headers: vec![("x-key".into(), "k".into())],
        body: Some(b"hello".to_vec()),
        ..get(&server.url(path))
    };
    let answer = local(&server).get(post("/echo")).await.unwrap();
    let said = String::from_utf8(answer.body).unwrap();
    assert!(
        said.starts_with("POST /echo\n") && said.contains("x-key: k\n") && said.ends_with("\nhello"),
        "{said}"
    );
    let answer = local(&server).get(post("/redirect?to=/echo")).await.unwrap();
    assert_eq!(answer.status, 302);
}

#[tokio::test]
async fn private_addresses_are_refused_under_any_name() {
    let server = Server::start().await;
    for ip in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "fd00:ec2::254",
    ] {
        let found = client(
            &[],
            &[server.port],
            Arc::new(Names {
                answers: vec![vec![ip]],
                asked: AtomicUsize::new(0),
            }),
        );
        let why = refusal(
            found
                .get(get(&format!("http://x.example:{}/echo", server.port)))
                .await
                .unwrap_err(),
        );
        assert!(why.contains(ip), "{ip}: {why}");
    }
    for host in ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let nobody = client(&[], &[server.port], names(&[]));
        let error = nobody
            .get(get(&format!("http://{host}:{}/echo", server.port)))
            .await
            .unwrap_err();
        refusal(error);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn of_several_addresses_only_those_that_may_be_reached_are() {
    let server = Server::start().await;
    // The server is at both, so that a connection to the other one would show.
    let found = client(
        &["127.0.0.2/32"],
        &[server.port],
        names(&[&["127.0.0.1", "127.0.0.2"]]),
    );
    let _ = found
        .get(get(&format!("http://x.example:{}/echo", server.port)))
        .await;
    assert!(
        server.peers().iter().all(|local| local == "127.0.0.2"),
        "{:?}",
        server.peers()
    );
}

#[tokio::test]
async fn a_name_that_means_something_else_a_moment_later_leads_nowhere() {
    let server = Server::start().await;
    // Public when somebody looks, private when the connection is made: there is only one look.
    let lookup = names(&[&["192.88.98.1"], &["127.0.0.1"]]);
    let found = client(&[], &[server.port], lookup.clone());
    let url = format!("http://rebind.example:{}/echo", server.port);
    let short = |url: &str| FetchRequest {
        timeout: Duration::from_millis(300),
        ..get(url)
    };
    assert!(found.get(short(&url)).await.is_err(), "nobody is there");
    assert_eq!(lookup.asked.load(Ordering::Relaxed), 1);
    refusal(found.get(get(&url)).await.unwrap_err());
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn names_that_do_not_exist_are_told_apart() {
    let nobody = client(&[], &[80, 443], names(&[]));
    let error = nobody
        .get(get("https://nobody.example/secret?mail=ada"))
        .await
        .unwrap_err();
    assert_eq!(error, FetchError::Unresolved("nobody.example".into()));
    let server = Server::start().await;
    let port = server.port;
    drop(server);
    let closed = client(&["127.0.0.0/8"], &[port], names(&[&["127.0.0.1"]]));
    let error = closed
        .get(get(&format!("http://x.example:{port}/secret")))
        .await
        .unwrap_err();
    assert!(
        error.is_transient() && !error.to_string().contains("secret"),
        "{error:?}"
    );
    let server = Server::start().await;
    let error = local(&server)
        .get(get(&format!("https://x.example:{}/", server.port)))
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::Tls(_) | FetchError::Unreachable(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn redirects_are_the_answer_for_whoever_wants_that() {
    let server = Server::start().await;
    let request = FetchRequest {
        follow: false,
        ..get(&server.url("/redirect?to=/echo"))
    };
    let answer = local(&server).get(request).await.unwrap();
    assert_eq!(answer.status / 100, 3);
    let there = answer.redirect().unwrap().unwrap();
    assert_eq!(there.as_str(), server.url("/echo"));
}

#[tokio::test]
async fn redirects_are_followed_and_checked_one_by_one() {
    let server = Server::start().await;
    let own = local(&server);
    let answer = own
        .get(get(&server.url("/redirect?to=/redirect?to=/echo")))
        .await
        .unwrap();
    assert_eq!((answer.status, answer.url.path()), (200, "/echo"));
    for to in [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "http://127.0.0.1:22/",
    ] {
        let error = own
            .get(get(&server.url(&format!("/redirect?to={to}"))))
            .await
            .unwrap_err();
        refusal(error);
    }
    let round = own.get(get(&server.url("/round"))).await.unwrap_err();
    assert_eq!(round, FetchError::TooManyRedirects(5));
}

#[tokio::test]
async fn keys_stay_with_the_server_that_they_are_for() {
    let (server, other) = (Server::start().await, Server::start().await);
    let found = client(&["127.0.0.0/8"], &[server.port, other.port], names(&[]));
    let with_key = |url: &str| FetchRequest {
        headers: vec![("authorization".into(), "Bearer hush".into())],
        ..get(url)
    };
    let here = found
        .get(with_key(&server.url("/redirect?to=/echo")))
        .await
        .unwrap();
    assert!(String::from_utf8(here.body).unwrap().contains("Bearer hush"));
    let there = server.url(&format!("/redirect?to={}", other.url("/echo")));
    let there = found.get(with_key(&there)).await.unwrap();
    assert!(!String::from_utf8(there.body).unwrap().contains("hush"));
}

#[tokio::test]
async fn answers_are_bounded_in_bytes_and_in_time() {
    let server = Server::start().await;
    let own = local(&server);
    let small = |path: &str, truncate| FetchRequest {
        max_bytes: 10_000,
        truncate,
        timeout: Duration::from_secs(2),
        ..get(&server.url(path))
    };
    // A hundred megabytes in a hundred kilobytes.
    for path in ["/large", "/bomb"] {
        let error = own.get(small(path, false)).await.unwrap_err();
        assert_eq!(error, FetchError::TooLarge(10_000), "{path}");
        let cut = own.get(small(path, true)).await.unwrap();
        assert_eq!(cut.body.len(), 10_000, "{path}");
    }
    let zipped = own.get(small("/zipped", false)).await.unwrap();
    assert_eq!(zipped.body, b"hello hello hello");
    for path in ["/slow-head", "/slow-body"] {
        let started = Instant::now();
        let error = own.get(small(path, false)).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout(_)), "{path}: {error:?}");
        assert!(started.elapsed() < Duration::from_secs(4), "{path}");
    }
    for path in ["/huge-header", "/many-headers", "/no-http"] {
        let error = own.get(small(path, false)).await.unwrap_err();
        assert!(matches!(error, FetchError::Unreadable(_)), "{path}: {error:?}");
    }
}
