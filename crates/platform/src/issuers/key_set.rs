//! The public keys of an issuer (JSON Web Key Set, RFC 7517), as far as we would trust a signature made with
//! them.

use super::config::SignatureAlgorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

/// NIST SP 800-131A.
const MIN_RSA_BITS: usize = 2048;

#[derive(Debug)]
pub(super) struct KeySet(Vec<PublicKey>);

#[derive(Debug)]
struct PublicKey {
    kid: Option<String>,
    algorithm: SignatureAlgorithm,
    key: DecodingKey,
}

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The set does not have this `kid`: it may be older than the key.
    Unknown,
    /// There is no `kid`, and not just one key.
    Ambiguous,
    /// The key is for another algorithm.
    OtherAlgorithm,
}

impl KeySet {
    /// The keys of a document that are for one of `allowed`. Others are left out and not an error: issuers
    /// publish keys for encryption, and of kinds that are not invented yet, in the same set.
    pub(super) fn parse(document: &[u8], allowed: &[SignatureAlgorithm]) -> Result<Self, serde_json::Error> {
        // Not `JwkSet`: it is all or nothing.
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(document)?;
        let keys = document.keys.into_iter();
        Ok(Self(
            keys.filter_map(usable)
                .filter(|key| allowed.contains(&key.algorithm))
                .collect(),
        ))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that a token names. `algorithm` is what the token claims, and only compared with what the key
    /// is for.
    pub(super) fn find(
        &self,
        kid: Option<&str>,
        algorithm: SignatureAlgorithm,
    ) -> Result<&DecodingKey, NoKey> {
        let named: Vec<_> = match kid {
            Some(kid) => self
                .0
                .iter()
                .filter(|key| key.kid.as_deref() == Some(kid))
                .collect(),
            None if self.0.len() == 1 => self.0.iter().collect(),
            None => return Err(NoKey::Ambiguous),
        };
        if named.is_empty() {
            return Err(NoKey::Unknown);
        }
        let key = named.into_iter().find(|key| key.algorithm == algorithm);
        key.map(|key| &key.key).ok_or(NoKey::OtherAlgorithm)
    }
}

fn usable(document: Value) -> Option<PublicKey> {
    let jwk: Jwk = serde_json::from_value(document).ok()?;
    let common = &jwk.common;
    if common
        .public_key_use
        .as_ref()
        .is_some_and(|purpose| *purpose != PublicKeyUse::Signature)
    {
        return None;
    }
    if common
        .key_operations
        .as_ref()
        .is_some_and(|operations| !operations.contains(&KeyOperations::Verify))
    {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) if rsa_bits(&rsa.n)? >= MIN_RSA_BITS => SignatureAlgorithm::RS256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            SignatureAlgorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(ed) if ed.curve == EllipticCurve::Ed25519 => {
            SignatureAlgorithm::EdDSA
        }
        // `oct` among them: a secret that is published is none.
        _ => return None,
    };
    let declared = common.key_algorithm.as_ref();
    if declared.is_some_and(|declared| *declared != jsonwebtoken::Algorithm::from(algorithm).into()) {
        return None;
    }
    Some(PublicKey {
        key: DecodingKey::from_jwk(&jwk).ok()?,
        kid: jwk.common.key_id,
        algorithm,
    })
}

fn rsa_bits(modulus: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(modulus).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros)?;
    Some((bytes.len() - zeros) * 8 - first.leading_zeros() as usize)
}

impl From<SignatureAlgorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::RS256 => Self::RS256,
            SignatureAlgorithm::ES256 => Self::ES256,
            SignatureAlgorithm::EdDSA => Self::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SignatureAlgorithm::{ES256, EdDSA, RS256};
    use groundswell_testkit::issuer::keys::*;
    use serde_json::json;

    fn set(keys: &[Value]) -> KeySet {
        KeySet::parse(
            json!({ "keys": keys }).to_string().as_bytes(),
            &[RS256, ES256, EdDSA],
        )
        .unwrap()
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    #[test]
    fn a_key_is_for_what_its_kind_can_do() {
        let set = set(&[
            rsa_jwk("r", RSA_FIRST_N),
            ec_jwk("e"),
            ed_jwk("d"),
            with(rsa_jwk("o", RSA_SECOND_N), "key_ops", json!(["verify"])),
        ]);
        for (kid, algorithm) in [("r", RS256), ("e", ES256), ("d", EdDSA), ("o", RS256)] {
            for asked in [RS256, ES256, EdDSA] {
                let found = set.find(Some(kid), asked);
                assert_eq!(
                    found.err(),
                    (asked != algorithm).then_some(NoKey::OtherAlgorithm),
                    "{kid}"
                );
            }
        }
        assert_eq!(set.find(Some("x"), RS256).err(), Some(NoKey::Unknown));
        assert_eq!(set.find(None, RS256).err(), Some(NoKey::Ambiguous));
    }

    #[test]
    fn a_lonely_key_needs_no_name() {
        let mut key = rsa_jwk("r", RSA_FIRST_N);
        let named = set(&[key.clone()]);
        assert!(named.find(None, RS256).is_ok());
        key.as_object_mut().unwrap().remove("kid");
        let unnamed = set(&[key]);
        assert!(unnamed.find(None, RS256).is_ok());
        assert_eq!(unnamed.find(Some("r"), RS256).err(), Some(NoKey::Unknown));
        assert_eq!(set(&[]).find(None, RS256).err(), Some(NoKey::Ambiguous));
    }

    #[test]
    fn keys_that_prove_nothing_are_left_out() {
        let good = || rsa_jwk("r", RSA_FIRST_N);
        for bad in [
            rsa_jwk("r", RSA_SMALL_N),
            rsa_jwk("r", "AAAA"),
            rsa_jwk("r", "not base64!"),
            // 2048 bits with a byte of zero in front of 1024.
            rsa_jwk("r", &format!("{}{RSA_SMALL_N}", "AAAA".repeat(50))),
            with(good(), "use", json!("enc")),
            with(good(), "use", json!("tea")),
            with(good(), "key_ops", json!(["encrypt"])),
            with(good(), "alg", json!("RS512")),
            with(good(), "alg", json!("RSA-OAEP")),
            with(good(), "alg", json!("HS256")),
            with(good(), "kty", json!("AKP")),
            with(ec_jwk("e"), "crv", json!("P-384")),
            with(ec_jwk("e"), "crv", json!("secp256k1")),
            json!({"kty": "oct", "kid": "o", "alg": "HS256", "k": "c".repeat(64)}),
            json!({"kty": "RSA", "kid": "r"}),
            json!("key"),
            Value::Null,
        ] {
            let set = set(&[bad.clone(), ec_jwk("good")]);
            assert_eq!(set.0.len(), 1, "{bad}");
            assert!(set.find(Some("good"), ES256).is_ok());
        }
        let only_rsa = json!({"keys": [good(), ec_jwk("e")]}).to_string();
        assert_eq!(KeySet::parse(only_rsa.as_bytes(), &[RS256]).unwrap().0.len(), 1);
        assert!(set(&[]).is_empty());
        for nonsense in ["", "{}", "[]", r#"{"keys": {}}"#, "<html>"] {
            assert!(
                KeySet::parse(nonsense.as_bytes(), &[RS256]).is_err(),
                "{nonsense}"
            );
        }
    }
}
