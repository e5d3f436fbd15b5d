//! The outside of a token (JWS compact serialization, RFC 7515): what its header may ask for, and its
//! signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};

/// Real ones have 1 to 2 KiB; with many groups, some more.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

/// The types that are, or may be, tokens for access or identity. An issuer signs others with the same keys,
/// for the same audience and about the same person, that must not open anything: `logout+jwt`, `secevent+jwt`
/// (RFC 8725, section 3.11).
const TYPES: [&str; 4] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

/// The header, read before anything is verified. It chooses among the keys of an issuer, and nothing else.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: String,
    pub(super) kid: Option<String>,
}

/// The `iss` of a text that looks like a JWT.
pub(super) fn peek_issuer(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    match parts(token)?[1].get("iss")? {
        Value::String(issuer) => Some(issuer.clone()),
        _ => None,
    }
}

/// Reads the header; a sentence says what is wrong with it.
pub(super) fn read_header(token: &str) -> Result<Header, &'static str> {
    if token.len() > MAX_TOKEN {
        return Err("the token is longer than 16 KiB");
    }
    let [header, _] = parts(token).ok_or("this is not a signed JSON Web Token")?;
    // By RFC 7515, section 4.1.11, whoever does not understand what is in it must refuse; we understand no
    // extension.
    if header.contains_key("crit") {
        return Err("the token has critical extensions, which are not supported");
    }
    match header.get("typ") {
        None => {}
        Some(Value::String(typ)) if TYPES.contains(&typ.to_ascii_lowercase().as_str()) => {}
        Some(_) => return Err("the token is of a type that is not for access"),
    }
    let kid = match header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.clone()),
        Some(_) => return Err("the `kid` of the token is not a text"),
    };
    match header.get("alg") {
        Some(Value::String(none)) if none.eq_ignore_ascii_case("none") => Err("the token is not signed"),
        Some(Value::String(algorithm)) => Ok(Header {
            algorithm: algorithm.clone(),
            kid,
        }),
        _ => Err("the token does not say how it is signed"),
    }
}

/// The payload of a token that was signed with `key` by exactly this algorithm. Its claims are not checked
/// here.
pub(super) fn verify(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Value, &'static str> {
    let mut validation = Validation::new(algorithm);
    // The claims are compared with the caller's time, in `claims`.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    match decode::<Value>(token, key, &validation) {
        Ok(data) => Ok(data.claims),
        Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
            Err("the signature of the token is wrong: it was altered, or is not from this issuer")
        }
        Err(_) => Err("the token is not valid"),
    }
}

/// Header and payload of exactly three parts, unverified.
fn parts(token: &str) -> Option<[Map<String, Value>; 2]> {
    let mut parts = token.split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some([object(header)?, object(payload)?])
}

#[cfg(test)]
mod tests {
    use super::super::config::SignatureAlgorithm;
    use super::super::key_set::KeySet;
    use super::*;
    use groundswell_testkit::issuer::keys::flipped;
    use serde_json::json;

    /// The payload of the examples A.1 to A.3 of RFC 7515.
    const PAYLOAD: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    fn is_the_payload(claims: &Value) {
        assert_eq!(
            *claims,
            json!({"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true})
        );
    }

    fn check(header: &str, signature: &str, key: &DecodingKey, algorithm: Algorithm) {
        let token = format!("{header}.{PAYLOAD}.{signature}");
        assert_eq!(peek_issuer(&token).as_deref(), Some("joe"));
        assert_eq!(
            read_header(&token).unwrap().algorithm,
            format!("{algorithm:?}"),
            "{header}"
        );
        is_the_payload(&verify(&token, key, algorithm).unwrap());
        for at in 0..token.len() {
            assert!(verify(&flipped(&token, at), key, algorithm).is_err(), "{at}");
        }
        for other in [
            Algorithm::HS256,
            Algorithm::RS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
            Algorithm::RS512,
        ] {
            assert_eq!(
                verify(&token, key, other).is_ok(),
                other == algorithm,
                "{other:?}"
            );
        }
    }

    #[test]
    fn rfc_7515_a_1_is_hs256() {
        let secret = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        check(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            &DecodingKey::from_secret(&secret),
            Algorithm::HS256,
        );
    }

    fn one_key(key: &Value, algorithm: SignatureAlgorithm) -> DecodingKey {
        let document = json!({"keys": [key]}).to_string();
        let set = KeySet::parse(document.as_bytes(), &[algorithm]).unwrap();
        set.find(None, algorithm).unwrap().clone()
    }

    #[test]
    fn rfc_7515_a_2_is_rs256() {
        let modulus = "\
            ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4\
            QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdb\
            BYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-D\
            WNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
        let signature = "\
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju\
            jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07\
            Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU\
            TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let key = one_key(
            &json!({"kty": "RSA", "n": modulus, "e": "AQAB"}),
            SignatureAlgorithm::RS256,
        );
        check("eyJhbGciOiJSUzI1NiJ9", signature, &key, Algorithm::RS256);
    }

    #[test]
    fn rfc_7515_a_3_is_es256() {
        let key = one_key(
            &json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}),
            SignatureAlgorithm::ES256,
        );
        check(
            "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            &key,
            Algorithm::ES256,
        );
    }

    /// RFC 7515, A.5: `alg` is `none`, and there is no signature.
    #[test]
    fn rfc_7515_a_5_is_refused() {
        let token = format!("eyJhbGciOiJub25lIn0.{PAYLOAD}.");
        assert_eq!(read_header(&token).unwrap_err(), "the token is not signed");
        assert!(verify(&token, &DecodingKey::from_secret(&[]), Algorithm::HS256).is_err());
    }

    fn headed(header: &str) -> String {
        format!("{}.{PAYLOAD}.c2ln", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn headers_may_not_ask_for_much() {
        for header in [
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"JWT","kid":"k"}"#,
            r#"{"alg":"ES256","typ":"at+jwt","jku":"https://example.com"}"#,
        ] {
            assert!(read_header(&headed(header)).is_ok(), "{header}");
        }
        for (header, why) in [
            (r#"{"alg":"nOnE"}"#, "not signed"),
            (r#"{"alg":1}"#, "how it is signed"),
            (r#"{"kid":"k"}"#, "how it is signed"),
            (r#"{"alg":"RS256","crit":["exp"]}"#, "critical"),
            (r#"{"alg":"RS256","crit":null}"#, "critical"),
            (r#"{"alg":"RS256","b64":false,"crit":["b64"]}"#, "critical"),
            (r#"{"alg":"RS256","kid":7}"#, "`kid`"),
            (r#"{"alg":"RS256","typ":"logout+jwt"}"#, "type"),
            (r#"{"alg":"RS256","typ":["JWT"]}"#, "type"),
            ("[]", "not a signed"),
            ("", "not a signed"),
        ] {
            let error = read_header(&headed(header)).unwrap_err();
            assert!(error.contains(why), "{header}: {error}");
        }
    }

    #[test]
    fn only_three_parts_of_json_are_a_token() {
        for text in [
            String::new(),
            "gsk_12345678_abc".into(),
            headed(r#"{"alg":"RS256"}"#) + ".x",
            format!("{PAYLOAD}.{PAYLOAD}"),
            format!("{PAYLOAD}.{PAYLOAD}.{PAYLOAD}.{PAYLOAD}.{PAYLOAD}"),
            "..".into(),
            format!("{PAYLOAD}.é.{PAYLOAD}"),
        ] {
            assert_eq!(peek_issuer(&text), None, "{text}");
            assert!(read_header(&text).is_err(), "{text}");
        }
        let long = format!("{PAYLOAD}.{PAYLOAD}.{}", "A".repeat(MAX_TOKEN));
        assert_eq!(peek_issuer(&long), None);
        assert!(read_header(&long).unwrap_err().contains("16 KiB"));
    }
}
