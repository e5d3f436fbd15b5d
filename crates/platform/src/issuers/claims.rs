//! What a token with a good signature must say (RFC 7519, section 4.1; OpenID Connect Core, section 3.1.3.7),
//! and what we take from it.

use super::config::{EmailProof, IssuerConfig, Profile};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::EmailAddress;
use groundswell_domain::identity::ForeignIdentity;
use serde_json::Value;

/// How far an issuer's clock may be from ours, either way. Our own tokens have no leeway: there it is one
/// clock.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// OpenID Connect Core, section 2.
const MAX_SUBJECT: usize = 255;
const MAX_NAME: usize = 200;

pub(super) fn check(
    claims: &Value,
    config: &IssuerConfig,
    now: DateTime<Utc>,
) -> Result<ForeignIdentity, &'static str> {
    if text(claims, "iss") != Some(&config.issuer) {
        return Err("the token is from another issuer");
    }
    check_audience(claims, config)?;
    let expires_at = check_times(claims, config, now)?;
    let subject = text(claims, "sub")
        .filter(|subject| !subject.trim().is_empty() && !subject.chars().any(char::is_control))
        .filter(|subject| subject.chars().count() <= MAX_SUBJECT)
        .ok_or("the token does not say who it is for (`sub`)")?;
    if config.profile == Profile::Supabase {
        check_supabase(claims)?;
    }
    let email: Option<EmailAddress> = text(claims, "email").and_then(|email| email.parse().ok());
    let email_verified = email.is_some() && is_verified(claims, &config.email_proof);
    if config.require_verified_email && email.is_none() {
        return Err("the token has no usable mail address");
    }
    if config.require_verified_email && !email_verified {
        return Err("the mail address in the token is not verified");
    }
    Ok(ForeignIdentity {
        issuer: config.issuer.clone(),
        subject: subject.to_owned(),
        email,
        email_verified,
        name: name(claims),
        expires_at,
    })
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// `aud` is a text or a list, of which one is enough.
fn check_audience(claims: &Value, config: &IssuerConfig) -> Result<(), &'static str> {
    let ours = |audience: &Value| {
        audience
            .as_str()
            .is_some_and(|audience| config.audiences.iter().any(|ours| ours == audience))
    };
    let fits = match claims.get("aud") {
        None | Some(Value::Null) => return Err("the token does not say what it is for (`aud`)"),
        Some(Value::Array(audiences)) => audiences.iter().any(ours),
        Some(audience) => ours(audience),
    };
    fits.then_some(())
        .ok_or("the token is for another application (`aud`)")
}

fn check_times(
    claims: &Value,
    config: &IssuerConfig,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, &'static str> {
    let expires_at = time(claims, "exp")
        .map_err(|()| "the times in the token are not valid")?
        .ok_or("the token does not say when it expires (`exp`)")?;
    // Not `expires_at + LEEWAY`, which overflows for the last day there is.
    if now - LEEWAY >= expires_at {
        return Err("the token has expired");
    }
    for (claim, early) in [
        ("nbf", "the token is not valid yet (`nbf`)"),
        ("iat", "the token was issued in the future (`iat`)"),
        (
            "auth_time",
            "the login of the token is in the future (`auth_time`)",
        ),
    ] {
        let required = config.profile == Profile::Firebase && claim != "nbf";
        match time(claims, claim).map_err(|()| "the times in the token are not valid")? {
            Some(at) if at > now + LEEWAY => return Err(early),
            None if required => return Err("the token does not say when it was issued (`iat`, `auth_time`)"),
            _ => {}
        }
    }
    Ok(expires_at)
}

/// A `NumericDate`: seconds, maybe with a fraction, which is dropped.
fn time(claims: &Value, name: &str) -> Result<Option<DateTime<Utc>>, ()> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = match (value.as_i64(), value.as_f64()) {
        (Some(seconds), _) => seconds,
        // Up to here every whole number has a float of its own (2^53).
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        (None, Some(seconds)) if seconds.abs() < 9_007_199_254_740_992.0 => seconds.floor() as i64,
        _ => return Err(()),
    };
    DateTime::from_timestamp(seconds, 0).map(Some).ok_or(())
}

fn check_supabase(claims: &Value) -> Result<(), &'static str> {
    if text(claims, "role") != Some("authenticated") {
        return Err("the token is not that of a person who logged in (`role`)");
    }
    match claims.get("is_anonymous") {
        None | Some(Value::Bool(false)) => Ok(()),
        Some(_) => Err("the token is that of an anonymous user"),
    }
}

fn is_verified(claims: &Value, proof: &EmailProof) -> bool {
    let claim = match proof {
        EmailProof::Issuer => return true,
        EmailProof::None => return false,
        EmailProof::Claim(pointer) if pointer.starts_with('/') => claims.pointer(pointer),
        EmailProof::Claim(name) => claims.get(name),
    };
    match claim {
        Some(Value::Bool(verified)) => *verified,
        // Some issuers, Apple for one, write the text.
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    }
}

/// OpenID Connect has it at the top, Supabase among the data that people write themselves.
fn name(claims: &Value) -> Option<String> {
    let places = ["/name", "/user_metadata/full_name", "/user_metadata/name"];
    places.iter().find_map(|place| {
        let name = claims.pointer(place)?.as_str()?;
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let name: String = name.trim().chars().take(MAX_NAME).collect();
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use url::Url;

    const NOW: i64 = 1_800_000_000;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 0).unwrap()
    }

    fn oidc() -> IssuerConfig {
        IssuerConfig::oidc(
            "idp",
            "https://id.example.com",
            "us",
            Url::parse("https://id.example.com/jwks").unwrap(),
        )
    }

    fn good() -> Value {
        json!({"iss": "https://id.example.com", "aud": "us", "sub": "u-1", "exp": NOW + 300, "iat": NOW,
            "email": "Ada@Example.com", "email_verified": true, "name": " Ada\u{7} Lovelace "})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_good_token_says_who_it_is() {
        let identity = check(&good(), &oidc(), now()).unwrap();
        assert_eq!(
            identity,
            ForeignIdentity {
                issuer: "https://id.example.com".into(),
                subject: "u-1".into(),
                email: Some("Ada@Example.com".parse().unwrap()),
                email_verified: true,
                name: Some("Ada Lovelace".into()),
                expires_at: now() + TimeDelta::seconds(300),
            }
        );
        for fine in [
            with("aud", json!(["them", "us"])),
            with("exp", json!(1_800_000_000.5)),
            with("email_verified", json!("true")),
            with("name", json!(7)),
            with("nbf", json!(NOW)),
        ] {
            assert!(check(&fine, &oidc(), now()).is_ok(), "{fine}");
        }
        let long = check(&with("name", json!("é".repeat(999))), &oidc(), now()).unwrap();
        assert_eq!(long.name.unwrap().chars().count(), MAX_NAME);
    }

    #[test]
    fn every_wrong_claim_has_its_sentence() {
        for (name, value, why) in [
            ("iss", json!("https://id.example.com/"), "another issuer"),
            ("iss", json!(["https://id.example.com"]), "another issuer"),
            ("aud", json!("them"), "another application"),
            ("aud", json!(["them"]), "another application"),
            ("aud", json!([["us"]]), "another application"),
            ("aud", json!([]), "another application"),
            ("aud", json!("US"), "another application"),
            ("aud", Value::Null, "what it is for"),
            ("exp", json!("soon"), "times"),
            ("exp", Value::Null, "times"),
            ("exp", json!(i64::MAX), "times"),
            ("exp", json!(u64::MAX), "times"),
            ("exp", json!(1e300), "times"),
            ("exp", json!(NOW - 60), "expired"),
            ("exp", json!(-1), "expired"),
            ("nbf", json!(NOW + 61), "not valid yet"),
            ("nbf", json!("now"), "times"),
            ("iat", json!(NOW + 61), "issued in the future"),
            ("auth_time", json!(NOW + 61), "login"),
            ("sub", json!(""), "`sub`"),
            ("sub", json!(" "), "`sub`"),
            ("sub", json!("a\u{0}b"), "`sub`"),
            ("sub", json!(7), "`sub`"),
            ("sub", json!("s".repeat(256)), "`sub`"),
            ("email", json!("nobody"), "no usable mail"),
            ("email", Value::Null, "no usable mail"),
            ("email_verified", json!(false), "not verified"),
            ("email_verified", json!("false"), "not verified"),
            ("email_verified", json!(1), "not verified"),
        ] {
            let claims = with(name, value);
            let error = check(&claims, &oidc(), now()).unwrap_err();
            assert!(error.contains(why), "{claims}: {error}");
        }
        for (name, why) in [
            ("iss", "another issuer"),
            ("aud", "what it is for"),
            ("exp", "`exp`"),
            ("sub", "`sub`"),
            ("email", "no usable mail"),
            ("email_verified", "not verified"),
        ] {
            let mut claims = good();
            claims.as_object_mut().unwrap().remove(name);
            let error = check(&claims, &oidc(), now()).unwrap_err();
            assert!(error.contains(why), "without {name}: {error}");
        }
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        let last = with("exp", json!(NOW - 60));
        assert!(check(&last, &oidc(), now() - TimeDelta::microseconds(1)).is_ok());
        assert!(check(&last, &oidc(), now()).is_err());
        for claim in ["nbf", "iat", "auth_time"] {
            assert!(
                check(&with(claim, json!(NOW + 60)), &oidc(), now()).is_ok(),
                "{claim}"
            );
        }
        let end = DateTime::<Utc>::MAX_UTC.timestamp();
        assert!(check(&with("exp", json!(end)), &oidc(), now()).is_ok());
    }

    #[test]
    fn unverified_addresses_are_told_as_such_where_they_are_allowed() {
        let config = IssuerConfig {
            require_verified_email: false,
            ..oidc()
        };
        let unverified = check(&with("email_verified", json!(false)), &config, now()).unwrap();
        assert!(unverified.email.is_some() && !unverified.email_verified);
        let without = check(&with("email", json!("nobody")), &config, now()).unwrap();
        assert!(without.email.is_none() && !without.email_verified);
        let nested = config.with_email_proof(EmailProof::Claim("/app_metadata/confirmed".into()));
        let claims = with("app_metadata", json!({"confirmed": true}));
        assert!(check(&claims, &nested, now()).unwrap().email_verified);
        assert!(!check(&good(), &nested, now()).unwrap().email_verified);
    }

    #[test]
    fn supabase_gives_tokens_to_more_than_people() {
        let url = Url::parse("https://abc.supabase.co").unwrap();
        let config = IssuerConfig::supabase(&url, "s".repeat(32).into()).with_email_proof(EmailProof::Issuer);
        let person = json!({"iss": "https://abc.supabase.co/auth/v1", "aud": "authenticated",
            "role": "authenticated", "sub": "0190b1f2-0000-7000-8000-000000000001", "exp": NOW + 3_600,
            "iat": NOW, "email": "ada@example.com", "is_anonymous": false,
            "app_metadata": {"provider": "email"},
            "user_metadata": {"email_verified": false, "full_name": "Ada"}});
        let identity = check(&person, &config, now()).unwrap();
        assert!(
            identity.email_verified,
            "the operator said so; people write user_metadata"
        );
        assert_eq!(identity.name.as_deref(), Some("Ada"));
        for (name, value, why) in [
            ("role", json!("service_role"), "`role`"),
            ("role", json!("anon"), "`role`"),
            ("is_anonymous", json!(true), "anonymous"),
            ("aud", json!("anon"), "`aud`"),
            ("email", json!(""), "no usable mail"),
        ] {
            let mut claims = person.clone();
            claims[name] = value;
            let error = check(&claims, &config, now()).unwrap_err();
            assert!(error.contains(why), "{claims}: {error}");
        }
    }

    #[test]
    fn firebase_says_when_people_logged_in() {
        let config = IssuerConfig::firebase("my-app").unwrap();
        let person = json!({"iss": "https://securetoken.google.com/my-app", "aud": "my-app", "sub": "uid",
            "iat": NOW, "exp": NOW + 3_600, "auth_time": NOW - 5, "email": "ada@example.com",
            "email_verified": true});
        assert!(check(&person, &config, now()).is_ok());
        for name in ["auth_time", "iat"] {
            let mut claims = person.clone();
            claims.as_object_mut().unwrap().remove(name);
            assert!(check(&claims, &config, now()).is_err(), "without {name}");
        }
        let mut claims = person.clone();
        claims["auth_time"] = json!(NOW + 61);
        assert!(check(&claims, &config, now()).unwrap_err().contains("login"));
    }
}
