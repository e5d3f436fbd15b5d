//! Access tokens: JWT (RFC 7519) with HS256, in the profile of RFC 9068.
//!
//! Strict on purpose: one algorithm, one issuer, one audience, the type `at+jwt`. The time of expiry is compared with the
//! `now` of the caller and not with the machine's clock, without leeway.

use crate::keys::SubKey;
use chrono::{DateTime, Utc};
use groundswell_domain::Error;
use groundswell_domain::identity::{AccessClaims, Role};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) const ISSUER: &str = "groundswell";
const AUDIENCE: &str = "groundswell-api";
const TYPE: &str = "at+jwt";
/// Ours have some 400 bytes.
const MAX_TOKEN: usize = 4 * 1024;

pub(super) struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    header: Header,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    org: Uuid,
    sid: Uuid,
    role: Role,
    iat: i64,
    exp: i64,
}

impl AccessTokens {
    pub(super) fn new(key: &SubKey) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.leeway = 0;
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.into());
        Self {
            encoding: EncodingKey::from_secret(key.bytes()),
            decoding: DecodingKey::from_secret(key.bytes()),
            validation,
            header,
        }
    }

    pub(super) fn issue(&self, claims: &AccessClaims) -> Result<String, Error> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: claims.user.0,
            org: claims.organization.0,
            sid: claims.session.0,
            role: claims.role,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        encode(&self.header, &claims, &self.encoding).map_err(Error::internal)
    }

    pub(super) fn read(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, String> {
        if token.len() > MAX_TOKEN {
            return Err("the access token is not valid".into());
        }
        let data = decode::<Claims>(token, &self.decoding, &self.validation).map_err(|error| {
            match error.kind() {
                ErrorKind::InvalidSignature => {
                    "the access token was not issued by this server or was altered"
                }
                _ => "the access token is not valid",
            }
            .to_owned()
        })?;
        if data.header.typ.as_deref() != Some(TYPE) || data.header.crit.is_some() {
            return Err("this is not an access token".into());
        }
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or("the access token is not valid");
        let claims = data.claims;
        let expires_at = time(claims.exp)?;
        if now >= expires_at {
            return Err("the access token has expired".into());
        }
        Ok(AccessClaims {
            organization: claims.org.into(),
            user: claims.sub.into(),
            session: claims.sid.into(),
            role: claims.role,
            issued_at: time(claims.iat)?,
            expires_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    fn key() -> SubKey {
        MasterKey::from_text(&"11".repeat(32))
            .unwrap()
            .derive("tokens/access")
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            organization: Uuid::from_u128(1).into(),
            user: Uuid::from_u128(2).into(),
            session: Uuid::from_u128(3).into(),
            role: Role::ContentManager,
            issued_at: now(),
            expires_at: now() + TimeDelta::minutes(5),
        }
    }

    /// A token with these JSON texts, rightly signed with HMAC-SHA256 of our key.
    fn forged(header: &Value, payload: &Value) -> String {
        let text = [header, payload]
            .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
            .join(".");
        let signature = URL_SAFE_NO_PAD.encode(key().mac(&[text.as_bytes()]));
        format!("{text}.{signature}")
    }

    fn good_payload() -> Value {
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": Uuid::from_u128(2), "org": Uuid::from_u128(1),
            "sid": Uuid::from_u128(3), "role": "content_manager", "iat": 1_800_000_000, "exp": 1_800_000_300})
    }

    fn good_header() -> Value {
        json!({"alg": "HS256", "typ": TYPE})
    }

    #[test]
    fn the_claims_come_back_until_the_very_second_of_expiry() {
        let tokens = AccessTokens::new(&key());
        let token = tokens.issue(&claims()).unwrap();
        assert_eq!(tokens.read(&token, now()), Ok(claims()));
        assert!(
            tokens
                .read(&token, claims().expires_at - TimeDelta::microseconds(1))
                .is_ok()
        );
        let error = tokens.read(&token, claims().expires_at).unwrap_err();
        assert!(error.contains("expired"), "{error}");
    }

    #[test]
    fn no_changed_character_passes() {
        let tokens = AccessTokens::new(&key());
        let token = tokens.issue(&claims()).unwrap();
        for at in 0..token.len() {
            for bit in 0..7 {
                let mut changed = token.clone().into_bytes();
                changed[at] ^= 1 << bit;
                let changed = String::from_utf8(changed).unwrap();
                assert!(tokens.read(&changed, now()).is_err(), "byte {at}, bit {bit}");
            }
            assert!(tokens.read(&token[..at], now()).is_err());
        }
        assert!(tokens.read(&"a.".repeat(3_000), now()).is_err());
    }

    #[test]
    fn a_right_signature_is_not_enough() {
        let tokens = AccessTokens::new(&key());
        assert!(
            tokens
                .read(&forged(&good_header(), &good_payload()), now())
                .is_ok()
        );
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!("HS512")),
            ("alg", json!("RS256")),
            ("typ", json!("JWT")),
            ("typ", Value::Null),
            ("crit", json!(["exp"])),
        ] {
            let mut header = good_header();
            header[name] = value.clone();
            assert!(
                tokens.read(&forged(&header, &good_payload()), now()).is_err(),
                "{name} = {value}"
            );
        }
        for (name, value) in [
            ("aud", json!("another-api")),
            ("iss", json!("someone")),
            ("role", json!("god")),
            ("exp", json!("soon")),
            ("exp", json!(i64::MAX)),
            ("sub", json!("me")),
        ] {
            let mut payload = good_payload();
            payload[name] = value.clone();
            assert!(
                tokens.read(&forged(&good_header(), &payload), now()).is_err(),
                "{name} = {value}"
            );
        }
        for name in ["iss", "aud", "sub", "org", "sid", "role", "iat", "exp"] {
            let mut payload = good_payload();
            payload.as_object_mut().unwrap().remove(name);
            assert!(
                tokens.read(&forged(&good_header(), &payload), now()).is_err(),
                "without {name}"
            );
        }
        let unsigned = forged(&json!({"alg": "none", "typ": TYPE}), &good_payload());
        let (text, _) = unsigned.rsplit_once('.').unwrap();
        assert!(tokens.read(&format!("{text}."), now()).is_err());
    }

    #[test]
    fn another_installation_is_another_issuer() {
        let other = AccessTokens::new(
            &MasterKey::from_text(&"12".repeat(32))
                .unwrap()
                .derive("tokens/access"),
        );
        let token = other.issue(&claims()).unwrap();
        assert!(AccessTokens::new(&key()).read(&token, now()).is_err());
    }
}
