//! Whole tokens against whole issuers: attacks, rotation, and what happens when the issuer is away.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use groundswell_testkit::issuer::keys::*;
use groundswell_testkit::issuer::{TestIssuer, hs256, rs256};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use std::sync::Mutex;

const SECRET: &str = "a secret that is long enough: 32 bytes or more";
const ISSUER: &str = "https://id.example.com";

struct TestClock(Mutex<DateTime<Utc>>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// One issuer, one reader and their time.
struct Setup {
    issuer: TestIssuer,
    reader: TrustedJwts,
    clock: Arc<TestClock>,
}

impl Setup {
    async fn new(keys: &[Value]) -> Self {
        Self::with(keys, &[SignatureAlgorithm::RS256]).await
    }

    async fn with(keys: &[Value], algorithms: &[SignatureAlgorithm]) -> Self {
        let issuer = TestIssuer::start(keys).await;
        let clock = Arc::new(TestClock(Mutex::new(
            DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        )));
        let config = IssuerConfig::oidc("idp", ISSUER, "us", issuer.url.clone())
            .with_remote_keys(issuer.url.clone(), algorithms);
        let secret = IssuerConfig::supabase(&"https://abc.supabase.co".parse().unwrap(), SECRET.into())
            .with_email_proof(EmailProof::Issuer);
        let port: Arc<dyn Clock> = clock.clone();
        let reader = TrustedJwts::new(vec![config, secret], &port).unwrap();
        Self {
            issuer,
            reader,
            clock,
        }
    }

    fn pass(&self, time: TimeDelta) {
        *self.clock.0.lock().unwrap() += time;
    }

    fn claims(&self) -> Value {
        let now = self.clock.now().timestamp();
        json!({"iss": ISSUER, "aud": "us", "sub": "u-1", "iat": now, "exp": now + 300,
            "email": "ada@example.com", "email_verified": true})
    }

    /// Signed with the first or second RSA key, and naming a key.
    fn token(&self, pem: &str, kid: &str) -> String {
        rs256(&json!({"alg": "RS256", "kid": kid}), &self.claims(), pem)
    }

    async fn read(&self, token: &str) -> Result<ForeignIdentity, IssuerError> {
        self.reader.read(token, self.clock.now()).await
    }

    async fn is_refused(&self, token: &str, why: &str) {
        match self.read(token).await {
            Err(IssuerError::Refused(sentence)) => assert!(sentence.contains(why), "{sentence} / {why}"),
            other => panic!("{other:?} instead of: {why}"),
        }
    }

    async fn is_unavailable(&self, token: &str) {
        assert_eq!(
            self.read(token).await,
            Err(IssuerError::Unavailable(
                "the keys of idp can't be fetched now".into()
            ))
        );
    }
}

fn first() -> Value {
    rsa_jwk("first", RSA_FIRST_N)
}

fn second() -> Value {
    rsa_jwk("second", RSA_SECOND_N)
}

#[tokio::test]
async fn tokens_of_both_kinds_of_issuer_are_read() {
    let setup = Setup::new(&[first()]).await;
    let token = setup.token(RSA_FIRST_PEM, "first");
    assert!(setup.reader.names(&token));
    let identity = setup.read(&token).await.unwrap();
    assert_eq!(
        (identity.issuer.as_str(), identity.subject.as_str()),
        (ISSUER, "u-1")
    );
    assert!(identity.email_verified);

    let mut claims = setup.claims();
    claims["iss"] = json!("https://abc.supabase.co/auth/v1");
    claims["aud"] = json!("authenticated");
    claims["role"] = json!("authenticated");
    let token = hs256(
        &json!({"alg": "HS256", "typ": "JWT", "kid": "any"}),
        &claims,
        SECRET.as_bytes(),
    );
    assert!(setup.reader.names(&token));
    assert_eq!(
        setup.read(&token).await.unwrap().issuer,
        "https://abc.supabase.co/auth/v1"
    );
    assert_eq!(setup.issuer.requests(), 1);
    assert_eq!(format!("{:?}", setup.reader), r#"["idp", "supabase"]"#);
}

#[tokio::test]
async fn every_allowed_algorithm_works_and_no_other() {
    let keys = [first(), ec_jwk("ec"), ed_jwk("ed")];
    let ec = EncodingKey::from_ec_pem(EC_PEM.as_bytes()).unwrap();
    let ed = EncodingKey::from_ed_pem(ED_PEM.as_bytes()).unwrap();
    let all = [
        SignatureAlgorithm::RS256,
        SignatureAlgorithm::ES256,
        SignatureAlgorithm::EdDSA,
    ];
    let setup = Setup::with(&keys, &all).await;
    let only_rsa = Setup::new(&keys).await;
    let claims = setup.claims();
    for (kid, algorithm, key) in [("ec", Algorithm::ES256, &ec), ("ed", Algorithm::EdDSA, &ed)] {
        let header = json!({"alg": format!("{algorithm:?}"), "kid": kid});
        let token = sign(&header, &claims, algorithm, key);
        setup.read(&token).await.unwrap();
        only_rsa
            .is_refused(&token, "algorithm that its issuer does not use")
            .await;
        // The name of another key: its algorithm does not follow the token.
        let header = json!({"alg": format!("{algorithm:?}"), "kid": "first"});
        let token = sign(&header, &claims, algorithm, key);
        setup.is_refused(&token, "another algorithm than its key").await;
    }
    assert_eq!(only_rsa.issuer.requests(), 0, "refused before asking for keys");
}

#[tokio::test]
async fn public_keys_are_no_secrets() {
    let setup = Setup::new(&[first(), json!({"kty": "oct", "kid": "oct", "k": "c2VjcmV0"})]).await;
    let claims = setup.claims();
    let jwks = json!({"keys": [first()]}).to_string();
    let modulus = URL_SAFE_NO_PAD.decode(RSA_FIRST_N).unwrap();
    for public in [
        RSA_FIRST_PUBLIC_PEM.as_bytes(),
        jwks.as_bytes(),
        &modulus,
        b"secret",
        b"",
    ] {
        for kid in ["first", "oct"] {
            // Says what it is, or claims to be signed as the issuer does.
            for (alg, why) in [("HS256", "algorithm"), ("RS256", "")] {
                let token = hs256(&json!({"alg": alg, "kid": kid}), &claims, public);
                setup.is_refused(&token, why).await;
            }
        }
    }
    // And the other way round: an asymmetric signature where a secret is expected.
    let mut claims = claims;
    claims["iss"] = json!("https://abc.supabase.co/auth/v1");
    for alg in ["RS256", "HS384", "HS512"] {
        let token = rs256(&json!({"alg": alg, "kid": "first"}), &claims, RSA_FIRST_PEM);
        setup.is_refused(&token, "algorithm").await;
    }
    let token = rs256(&json!({"alg": "HS256"}), &claims, RSA_FIRST_PEM);
    setup.is_refused(&token, "signature").await;
    let token = hs256(
        &json!({"alg": "HS256"}),
        &claims,
        b"another secret that is also long enough",
    );
    setup.is_refused(&token, "signature").await;
}

#[tokio::test]
async fn what_is_not_properly_signed_is_refused() {
    let setup = Setup::new(&[first(), second()]).await;
    let good = setup.token(RSA_FIRST_PEM, "first");
    setup.read(&good).await.unwrap();
    for at in (0..good.len()).step_by(7) {
        assert!(setup.read(&flipped(&good, at)).await.is_err(), "{at}");
    }
    let claims = setup.claims();
    let (signed, _) = good.rsplit_once('.').unwrap();
    setup.is_refused(&format!("{signed}."), "signature").await;
    for alg in ["none", "None", "NONE"] {
        let token = rs256(&json!({"alg": alg, "kid": "first"}), &claims, RSA_FIRST_PEM);
        setup.is_refused(&token, "not signed").await;
        let (text, _) = token.rsplit_once('.').unwrap();
        setup.is_refused(&format!("{text}."), "not signed").await;
    }
    let headed = |header: Value| rs256(&header, &claims, RSA_FIRST_PEM);
    setup.is_refused(&headed(json!({"alg": "RS256"})), "`kid`").await;
    setup
        .is_refused(&headed(json!({"alg": "RS256", "kid": "second"})), "signature")
        .await;
    setup
        .is_refused(
            &headed(json!({"alg": "RS256", "kid": "made up"})),
            "does not publish",
        )
        .await;
    setup
        .is_refused(&headed(json!({"alg": "RS512", "kid": "first"})), "algorithm")
        .await;
    setup
        .is_refused(&headed(json!({"alg": "PS256", "kid": "first"})), "algorithm")
        .await;
    setup
        .is_refused(
            &headed(json!({"alg": "RS256", "kid": "first", "crit": ["exp"]})),
            "critical",
        )
        .await;
    // The key that a token brings along is nobody's.
    let brought =
        json!({"alg": "RS256", "kid": "third", "jwk": second(), "jku": "https://evil.example/jwks"});
    setup
        .is_refused(&rs256(&brought, &claims, RSA_SECOND_PEM), "does not publish")
        .await;
    let doubled = r#"{"alg":"none","alg":"RS256","kid":"first","kid":"second"}"#;
    let (_, rest) = good.split_once('.').unwrap();
    let token = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(doubled));
    assert!(setup.read(&token).await.is_err());
}

#[tokio::test]
async fn a_good_signature_is_not_enough() {
    let setup = Setup::new(&[first()]).await;
    let now = setup.clock.now().timestamp();
    for (name, value, why) in [
        ("aud", json!("them"), "another application"),
        ("iss", json!("https://evil.example"), "not trusted"),
        ("iss", json!("https://abc.supabase.co/auth/v1"), "algorithm"),
        ("exp", json!(now - 60), "expired"),
        ("nbf", json!(now + 61), "not valid yet"),
        ("iat", json!(now + 61), "future"),
        ("email_verified", json!(false), "not verified"),
        ("padding", json!("x".repeat(16 * 1024)), "16 KiB"),
    ] {
        let mut claims = setup.claims();
        claims[name] = value;
        let token = rs256(&json!({"alg": "RS256", "kid": "first"}), &claims, RSA_FIRST_PEM);
        setup.is_refused(&token, why).await;
    }
    let mut claims = setup.claims();
    claims.as_object_mut().unwrap().remove("exp");
    let token = rs256(&json!({"alg": "RS256", "kid": "first"}), &claims, RSA_FIRST_PEM);
    setup.is_refused(&token, "`exp`").await;
    setup.is_refused("", "not a signed").await;

    let token = setup.token(RSA_FIRST_PEM, "first");
    setup.read(&token).await.unwrap();
    setup.pass(TimeDelta::seconds(359));
    setup.read(&token).await.unwrap();
    setup.pass(TimeDelta::seconds(1));
    setup.is_refused(&token, "expired").await;
}

#[tokio::test]
async fn our_own_tokens_are_not_foreign() {
    let setup = Setup::new(&[first()]).await;
    for issuer in [json!("groundswell"), json!(null), json!([ISSUER]), json!("")] {
        let mut claims = setup.claims();
        claims["iss"] = issuer;
        let token = hs256(
            &json!({"alg": "HS256", "typ": "at+jwt"}),
            &claims,
            SECRET.as_bytes(),
        );
        assert!(!setup.reader.names(&token));
        setup.is_refused(&token, "not trusted").await;
    }
    let clock: Arc<dyn Clock> = setup.clock.clone();
    let nobody = TrustedJwts::new(Vec::new(), &clock).unwrap();
    assert!(!nobody.names(&setup.token(RSA_FIRST_PEM, "first")));
}

#[tokio::test]
async fn keys_are_kept_as_long_as_the_issuer_says() {
    let setup = Setup::new(&[first()]).await;
    for (minutes, requests) in [(0, 1), (59, 1), (1, 2), (0, 2), (61, 3)] {
        setup.pass(TimeDelta::minutes(minutes));
        setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
        assert_eq!(setup.issuer.requests(), requests);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_the_same_time_are_one() {
    let setup = Arc::new(Setup::new(&[first()]).await);
    for round in 1..=3 {
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let setup = setup.clone();
            readers.spawn(async move { setup.read(&setup.token(RSA_FIRST_PEM, "first")).await });
        }
        while let Some(read) = readers.join_next().await {
            read.unwrap().unwrap();
        }
        assert_eq!(setup.issuer.requests(), round);
        setup.pass(TimeDelta::hours(2));
    }
}

#[tokio::test]
async fn who_hangs_up_ends_nothing() {
    let setup = Setup::new(&[first()]).await;
    let token = setup.token(RSA_FIRST_PEM, "first");
    for _ in 0..5 {
        tokio::select! {
            biased;
            _ = setup.read(&token) => panic!("nobody has answered yet"),
            () = std::future::ready(()) => {}
        }
    }
    setup.read(&token).await.unwrap();
    assert_eq!(setup.issuer.requests(), 1);
}

#[tokio::test]
async fn with_old_keys_nobody_waits_for_the_request_of_another() {
    let setup = Setup::new(&[first()]).await;
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    setup.pass(TimeDelta::hours(2));
    let token = setup.token(RSA_FIRST_PEM, "first");
    let mut asks = std::pin::pin!(setup.read(&token));
    tokio::select! {
        biased;
        _ = &mut asks => panic!("nobody has answered yet"),
        read = setup.read(&token) => read.unwrap(),
        () = std::future::ready(()) => panic!("the second had to wait"),
    };
    asks.await.unwrap();
    assert_eq!(setup.issuer.requests(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_lasts_until_it_is_gone() {
    let setup = Setup::new(&[first()]).await;
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();

    setup.issuer.publishes(&[first(), second()]);
    setup.read(&setup.token(RSA_SECOND_PEM, "second")).await.unwrap();
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    assert_eq!(setup.issuer.requests(), 2);

    setup.issuer.publishes(&[second()]);
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    setup.pass(TimeDelta::hours(1));
    setup
        .is_refused(&setup.token(RSA_FIRST_PEM, "first"), "does not publish")
        .await;
    setup.read(&setup.token(RSA_SECOND_PEM, "second")).await.unwrap();

    // All keys taken back at once: then none is good.
    setup.issuer.publishes(&[]);
    setup.pass(TimeDelta::hours(1));
    setup
        .is_refused(&setup.token(RSA_SECOND_PEM, "second"), "does not publish")
        .await;
}

#[tokio::test]
async fn made_up_keys_cost_the_issuer_one_request_a_minute() {
    let setup = Setup::new(&[first()]).await;
    let ask = async |kid: &str, requests| {
        setup
            .is_refused(&setup.token(RSA_SECOND_PEM, kid), "does not publish")
            .await;
        assert_eq!(setup.issuer.requests(), requests, "{kid}");
    };
    ask("the keys have just been fetched", 1).await;
    for kid in ["a", "b", "a", "c"] {
        ask(kid, 2).await;
    }
    setup.pass(TimeDelta::seconds(59));
    ask("d", 2).await;
    setup.pass(TimeDelta::seconds(1));
    ask("e", 3).await;
    ask("e", 3).await;

    setup.pass(TimeDelta::seconds(60));
    setup.issuer.is_away();
    setup.is_unavailable(&setup.token(RSA_SECOND_PEM, "f")).await;
    ask("g", 4).await;
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
}

#[tokio::test]
async fn while_the_issuer_is_away_its_last_keys_are_used_for_a_day() {
    let setup = Setup::new(&[first()]).await;
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    setup.issuer.is_away();
    setup.pass(TimeDelta::hours(1));
    for _ in 0..5 {
        setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    }
    assert_eq!(
        setup.issuer.requests(),
        2,
        "a failed request is not repeated at once"
    );
    setup.pass(TimeDelta::seconds(10));
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    assert_eq!(setup.issuer.requests(), 3);

    setup.pass(TimeDelta::hours(24) - TimeDelta::seconds(11));
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
    setup.pass(TimeDelta::seconds(1));
    setup.is_unavailable(&setup.token(RSA_FIRST_PEM, "first")).await;

    setup.issuer.publishes(&[first()]);
    setup.pass(TimeDelta::seconds(10));
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
}

#[tokio::test]
async fn only_a_proper_key_set_counts() {
    let setup = Setup::new(&[]).await;
    let good = json!({"keys": [first()]}).to_string();
    let elsewhere = format!("Location: {}\r\n", setup.issuer.url);
    let too_large = format!("{good}{}", " ".repeat(1024 * 1024));
    let mut requests = 0;
    for (status, headers, body) in [
        ("500 Internal Server Error", "", good.as_str()),
        ("404 Not Found", "", &good),
        ("302 Found", &elsewhere, &good),
        ("200 OK", "", "<html>"),
        ("200 OK", "", &too_large),
        ("200 OK", "Content-Encoding: gzip\r\n", &good),
    ] {
        setup.issuer.answers(status, headers, body);
        setup.is_unavailable(&setup.token(RSA_FIRST_PEM, "first")).await;
        requests += 1;
        assert_eq!(setup.issuer.requests(), requests, "{status}");
        setup.is_unavailable(&setup.token(RSA_FIRST_PEM, "first")).await;
        assert_eq!(
            setup.issuer.requests(),
            requests,
            "{status}: not repeated at once"
        );
        setup.pass(TimeDelta::seconds(10));
    }
    setup.issuer.answers("200 OK", "", &good);
    setup.read(&setup.token(RSA_FIRST_PEM, "first")).await.unwrap();
}
