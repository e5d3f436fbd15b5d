//! Tokens that look like a trusted issuer's, and what happens while the issuer is away or changes its keys.

use crate::issuers::{IDP, SECRET, Setup, signed};
use chrono::TimeDelta;
use groundswell_testkit::issuer::keys::{
    RSA_FIRST_N, RSA_FIRST_PEM, RSA_FIRST_PUBLIC_PEM, RSA_SECOND_N, RSA_SECOND_PEM, flipped, rsa_jwk,
};
use groundswell_testkit::issuer::{TestIssuer, hs256, rs256};
use groundswell_tests::{Backend, Options, TestServer};
use serde_json::{Value, json};

on_both!(
    forged_tokens_are_refused,
    keys_are_rotated_and_the_issuer_may_be_away
);

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

async fn forged_tokens_are_refused(backend: Backend) {
    let setup = Setup::with(backend, &json!({ "create": "organization" })).await;
    let good = setup.claims("a-1", "ada@ada.example");
    let token = signed(&good);
    setup.ask(&token).await.expect(200);
    let header = |algorithm: &str, kid: &str| json!({ "alg": algorithm, "kid": kid });
    let first = header("RS256", "first");

    for (claims, why) in [
        (with(&good, "aud", json!("another-app")), "another application"),
        (without(&good, "aud"), "what it is for"),
        (without(&good, "exp"), "when it expires"),
        (with(&good, "exp", json!(1)), "expired"),
        (with(&good, "nbf", json!(4_000_000_000_i64)), "not valid yet"),
        (without(&good, "sub"), "who it is for"),
        (with(&good, "email_verified", json!(false)), "not verified"),
        (without(&good, "email"), "no usable mail address"),
    ] {
        setup.refused(&signed(&claims), why).await;
    }
    // Whoever is known is let in by nothing less.
    let text = token.rsplit_once('.').unwrap().0;
    let unsigned = hs256(&json!({ "alg": "none" }), &good, b"");
    let unsigned = unsigned.rsplit_once('.').unwrap().0;
    for (forged, why) in [
        (format!("{unsigned}."), "not signed"),
        (format!("{text}."), "signature"),
        (flipped(&token, token.len() - 20), "token"),
        (
            rs256(&header("RS256", "second"), &good, RSA_SECOND_PEM),
            "does not publish",
        ),
        (rs256(&first, &good, RSA_SECOND_PEM), "signature"),
        // The public key is known to everybody, and must not do as a secret.
        (
            hs256(&header("HS256", "first"), &good, RSA_FIRST_PUBLIC_PEM.as_bytes()),
            "algorithm",
        ),
        (
            hs256(&header("HS256", "first"), &good, SECRET.as_bytes()),
            "algorithm",
        ),
        (hs256(&first, &good, RSA_FIRST_PUBLIC_PEM.as_bytes()), "signature"),
        // One issuer's key, another one's name.
        (
            rs256(
                &first,
                &with(&good, "iss", json!("https://abc.supabase.co/auth/v1")),
                RSA_FIRST_PEM,
            ),
            "algorithm",
        ),
    ] {
        setup.refused(&forged, why).await;
    }
    // Nobody trusts these, so they are no better than any other text.
    for issuer in [
        "https://evil.example",
        "https://id.example.com/",
        "groundswell",
        "",
    ] {
        setup
            .refused(&signed(&with(&good, "iss", json!(issuer))), "access token")
            .await;
    }
    // Our own tokens are ours, whatever they say.
    let eve = setup.server.register("Eve").await;
    setup.ask(&eve.access_token).await.expect(200);
    let ours = json!({ "iss": "groundswell", "aud": "groundswell-api", "sub": eve.user, "org": eve.organization,
        "sid": eve.user, "role": "superadmin", "iat": good["iat"], "exp": good["exp"] });
    let header = json!({ "alg": "HS256", "typ": "at+jwt" });
    setup
        .refused(&hs256(&header, &ours, SECRET.as_bytes()), "access token")
        .await;
    setup
        .refused(
            &hs256(&header, &with(&ours, "iss", json!(IDP)), SECRET.as_bytes()),
            "algorithm",
        )
        .await;
    setup.server.stop().await;
}

async fn keys_are_rotated_and_the_issuer_may_be_away(backend: Backend) {
    let issuer = TestIssuer::start(&[rsa_jwk("first", RSA_FIRST_N)]).await;
    issuer.is_away();
    let settings = json!([{ "kind": "firebase", "audience": "my-app", "jwks_url": issuer.url.as_str(), "create": "organization" }]);
    let options = Options {
        settings: vec![("auth.issuers", settings)],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let setup = Setup { issuer, server };
    let token = |pem: &str, kid: &str| {
        let now = setup.server.app.now().timestamp();
        let claims = json!({ "iss": "https://securetoken.google.com/my-app", "aud": "my-app", "sub": "f-1", "iat": now,
            "auth_time": now, "exp": now + 3600, "email": "ada@ada.example", "email_verified": true });
        rs256(&json!({ "alg": "RS256", "kid": kid }), &claims, pem)
    };
    let first = token(RSA_FIRST_PEM, "first");
    let reply = setup.ask(&first).await;
    reply.expect_error(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "10");
    // It is not asked again before that.
    let asked = setup.issuer.requests();
    setup.ask(&first).await.expect(503);
    assert_eq!(setup.issuer.requests(), asked);
    setup.issuer.publishes(&[rsa_jwk("first", RSA_FIRST_N)]);
    server_passes(&setup, 10);
    let id = setup.ask(&first).await.expect(200).data()["user"]["id"].clone();
    let asked = setup.issuer.requests();
    for _ in 0..5 {
        setup.ask(&first).await.expect(200);
    }
    assert_eq!(setup.issuer.requests(), asked, "keys are kept");

    // A new key is looked for when a token names it; the old one ends when it is no longer published.
    let second = token(RSA_SECOND_PEM, "second");
    setup.issuer.publishes(&[rsa_jwk("second", RSA_SECOND_N)]);
    assert_eq!(setup.ask(&second).await.expect(200).data()["user"]["id"], id);
    setup.refused(&first, "does not publish").await;
    // While it is away, the keys that are known go on.
    setup.issuer.is_away();
    server_passes(&setup, 3700);
    let later = token(RSA_SECOND_PEM, "second");
    setup.ask(&later).await.expect(200);
    setup.server.stop().await;
}

fn server_passes(setup: &Setup, seconds: i64) {
    setup.server.clock.advance(TimeDelta::seconds(seconds));
}
