//! Signatures of providers' webhooks.

use crate::sns::SnsTopics;
use async_trait::async_trait;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::email::webhooks::{Delivered, Provider, Signature, WebhookSignatures};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The keys, as the providers show them; an empty one is none.
pub struct WebhookKeys {
    /// "Verification key" of `SendGrid`: a public key in base64.
    pub sendgrid: SecretString,
    /// "HTTP webhook signing key" of Mailgun.
    pub mailgun: SecretString,
    /// "Signing secret" of Resend: `whsec_...`
    pub resend: SecretString,
    /// Topics of Amazon SNS, by which SES tells.
    pub ses: SnsTopics,
}

#[async_trait]
impl WebhookSignatures for WebhookKeys {
    async fn check(&self, provider: Provider, delivered: &Delivered<'_>) -> Signature {
        let (key, check): (_, fn(&str, &Delivered<'_>) -> Option<bool>) = match provider {
            Provider::Sendgrid => (&self.sendgrid, sendgrid),
            Provider::Mailgun => (&self.mailgun, mailgun),
            Provider::Resend => (&self.resend, resend),
            Provider::Ses => return self.ses.check(delivered.body).await,
        };
        match key.expose_secret() {
            "" => Signature::NotConfigured,
            key if check(key, delivered) == Some(true) => Signature::Valid,
            _ => Signature::Invalid,
        }
    }

    fn configured(&self) -> Vec<(Provider, bool)> {
        let has = |key: &SecretString| !key.expose_secret().is_empty();
        let is_set = |provider| match provider {
            Provider::Sendgrid => has(&self.sendgrid),
            Provider::Mailgun => has(&self.mailgun),
            Provider::Resend => has(&self.resend),
            Provider::Ses => !self.ses.is_empty(),
        };
        Provider::ALL
            .iter()
            .map(|provider| (*provider, is_set(*provider)))
            .collect()
    }
}

/// ECDSA over P-256 and SHA-256, of timestamp and body.
fn sendgrid(key: &str, delivered: &Delivered<'_>) -> Option<bool> {
    let key = STANDARD.decode(key.trim()).ok()?;
    // The point is what stands last in its envelope (RFC 5480), uncompressed.
    let point = key.get(key.len().checked_sub(65)?..)?;
    let signature = STANDARD
        .decode(delivered.header("x-twilio-email-event-webhook-signature")?)
        .ok()?;
    let timestamp = delivered.header("x-twilio-email-event-webhook-timestamp")?;
    let signed = [timestamp.as_bytes(), delivered.body].concat();
    Some(
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
            .verify(&signed, &signature)
            .is_ok(),
    )
}

/// HMAC-SHA-256 in hexadecimal digits, of timestamp and token, which are in the body. It does not sign the event itself: the connection has to be trusted
/// for that, so have Mailgun call by HTTPS.
fn mailgun(key: &str, delivered: &Delivered<'_>) -> Option<bool> {
    let body: serde_json::Value = serde_json::from_slice(delivered.body).ok()?;
    let part = |name: &str| body.pointer(&format!("/signature/{name}"))?.as_str();
    let expected = hex(part("signature")?)?;
    let signed = [part("timestamp")?, part("token")?].concat();
    hmac(key.trim().as_bytes(), signed.as_bytes(), &expected)
}

/// Standard Webhooks 1.0: HMAC-SHA-256 in base64, of id, timestamp and body. There may be several signatures.
fn resend(key: &str, delivered: &Delivered<'_>) -> Option<bool> {
    let key = STANDARD.decode(key.trim().trim_start_matches("whsec_")).ok()?;
    let header = |name: &str| {
        let of_svix = delivered.header(&format!("svix-{name}"));
        of_svix.or_else(|| delivered.header(&format!("webhook-{name}")))
    };
    let start = format!("{}.{}.", header("id")?, header("timestamp")?);
    let signed = [start.as_bytes(), delivered.body].concat();
    let mut signatures = header("signature")?
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"));
    Some(signatures.any(|signature| {
        let expected = STANDARD.decode(signature).unwrap_or_default();
        hmac(&key, &signed, &expected) == Some(true)
    }))
}

/// Takes as long for wrong ones as for right ones.
fn hmac(key: &[u8], signed: &[u8], expected: &[u8]) -> Option<bool> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(signed);
    Some(mac.verify_slice(expected).is_ok())
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    use groundswell_testkit::FakeWeb;
    use std::sync::Arc;

    const BODY: &[u8] = br#"[{"event":"bounce"}]"#;

    fn keys() -> WebhookKeys {
        WebhookKeys {
            sendgrid: "".into(),
            mailgun: "".into(),
            resend: "".into(),
            ses: SnsTopics::new(Vec::new(), Arc::new(FakeWeb::default())),
        }
    }

    fn headers(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[tokio::test]
    async fn sendgrid_signs_with_a_key_of_its_own() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let signed = [b"1700000000".as_slice(), BODY].concat();
        let signature = STANDARD.encode(pair.sign(&SystemRandom::new(), &signed).unwrap());
        // As SendGrid shows it: SubjectPublicKeyInfo of P-256.
        let mut envelope = hex("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
        envelope.extend_from_slice(pair.public_key().as_ref());
        let keys = WebhookKeys {
            sendgrid: STANDARD.encode(envelope).into(),
            ..keys()
        };
        let headers = headers(&[
            ("x-twilio-email-event-webhook-signature", &signature),
            ("x-twilio-email-event-webhook-timestamp", "1700000000"),
        ]);
        let check = async |headers: &[(String, String)], body: &[u8]| {
            keys.check(Provider::Sendgrid, &Delivered { headers, body }).await
        };
        assert_eq!(check(&headers, BODY).await, Signature::Valid);
        assert_eq!(check(&headers, b"[]").await, Signature::Invalid);
        assert_eq!(check(&headers[..1], BODY).await, Signature::Invalid);
        for provider in [Provider::Mailgun, Provider::Ses] {
            let delivered = Delivered {
                headers: &headers,
                body: BODY,
            };
            assert_eq!(keys.check(provider, &delivered).await, Signature::NotConfigured);
        }
        let set: Vec<_> = keys.configured().into_iter().filter(|(_, set)| *set).collect();
        assert_eq!(set, [(Provider::Sendgrid, true)]);
    }

    #[tokio::test]
    async fn standard_webhooks_example_is_valid() {
        // The example of the specification (Standard Webhooks 1.0, "Signature scheme").
        let keys = WebhookKeys {
            resend: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
            ..keys()
        };
        let headers = headers(&[
            ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("svix-timestamp", "1614265330"),
            (
                "svix-signature",
                "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ]);
        let check = async |body: &[u8]| {
            keys.check(
                Provider::Resend,
                &Delivered {
                    headers: &headers,
                    body,
                },
            )
            .await
        };
        assert_eq!(check(br#"{"test": 2432232314}"#).await, Signature::Valid);
        assert_eq!(check(br#"{"test": 2432232315}"#).await, Signature::Invalid);
    }

    #[tokio::test]
    async fn mailgun_signs_time_and_token() {
        let key = "key-1";
        // HMAC-SHA-256 of `1700000000token` under this key, by Python's hmac.
        let digits = "b8175faf74348dc3258c3d223f709a715a4c23e2492f4868cabf74884abb6527";
        let keys = WebhookKeys {
            mailgun: key.into(),
            ..keys()
        };
        let body = |signature: &str| {
            format!(
                r#"{{"signature":{{"timestamp":"1700000000","token":"token","signature":"{signature}"}}}}"#
            )
        };
        let check = async |body: String| {
            keys.check(
                Provider::Mailgun,
                &Delivered {
                    headers: &[],
                    body: body.as_bytes(),
                },
            )
            .await
        };
        assert_eq!(check(body(digits)).await, Signature::Valid);
        for wrong in ["", "00", "zz", &digits[2..]] {
            assert_eq!(check(body(wrong)).await, Signature::Invalid, "{wrong}");
        }
    }
}
