//! Amazon SNS for tests: a key and a certificate made for each, and messages signed with it.

use crate::FakeWeb;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::email::webhooks::SnsMessage;
use num_bigint::BigUint;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ses";
const HOST: &str = "https://sns.eu-central-1.amazonaws.com";

/// Who signs.
pub struct SnsIssuer {
    key: RsaKeyPair,
    pkcs8: Vec<u8>,
    certificate: String,
    name: String,
}

impl Default for SnsIssuer {
    fn default() -> Self {
        Self::new()
    }
}

impl SnsIssuer {
    pub fn new() -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = AsDer::<Pkcs8V1Der>::as_der(&key).unwrap().as_ref().to_vec();
        let of_certificate =
            KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.as_slice().into(), &PKCS_RSA_SHA256).unwrap();
        let parameters = CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).unwrap();
        let certificate = parameters.self_signed(&of_certificate).unwrap();
        let name = certificate
            .der()
            .iter()
            .rev()
            .take(8)
            .fold(String::new(), |mut name, byte| {
                let _ = write!(name, "{byte:02x}");
                name
            });
        Self {
            key,
            pkcs8,
            certificate: certificate.pem(),
            name,
        }
    }

    pub fn certificate_url(&self) -> String {
        format!("{HOST}/SimpleNotificationService-{}.pem", self.name)
    }

    /// Puts the certificate where its address says.
    pub fn publish(&self, web: &FakeWeb) {
        web.answers(
            &self.certificate_url(),
            200,
            "application/x-pem-file",
            &self.certificate,
        );
    }

    /// A message that the topic delivers.
    pub fn notification(&self, version: &str, message: &str) -> Value {
        self.signed(version, &json!({ "Type": "Notification", "Message": message }))
    }

    /// The address that confirms a subscription.
    pub fn subscribe_url() -> String {
        format!("{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f")
    }

    /// The question whether we want the topic's messages.
    pub fn confirmation(&self, version: &str, subscribe_url: &str) -> Value {
        let fields = json!({
            "Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe to the topic.",
            "Token": "2336412f", "SubscribeURL": subscribe_url,
        });
        self.signed(version, &fields)
    }

    fn signed(&self, version: &str, fields: &Value) -> Value {
        let mut message = json!({
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": TOPIC, "Timestamp": "2030-05-02T00:54:06.655Z",
            "SignatureVersion": version, "Signature": "", "SigningCertURL": self.certificate_url(),
        });
        for (name, value) in fields.as_object().unwrap() {
            message[name] = value.clone();
        }
        let text = SnsMessage::parse(message.to_string().as_bytes())
            .unwrap()
            .signed_text()
            .unwrap();
        message["Signature"] = STANDARD.encode(self.sign(version, text.as_bytes())).into();
        message
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) by hand, as libraries check signatures with SHA-1 and make none.
    fn with_sha1(&self, text: &[u8]) -> Vec<u8> {
        // PrivateKeyInfo { version, algorithm, OCTET STRING { RSAPrivateKey { version, n, e, d, ... } } }
        let (info, _) = der(&self.pkcs8);
        let (_, rest) = der(info);
        let (_, rest) = der(rest);
        let (octets, _) = der(rest);
        let (key, _) = der(octets);
        let (_, rest) = der(key);
        let (modulus, rest) = der(rest);
        let (_, rest) = der(rest);
        let (exponent, _) = der(rest);
        let length = self.key.public_modulus_len();
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, text);
        // DigestInfo of SHA-1 (RFC 8017, section 9.2).
        let mut info = vec![
            0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
        ];
        info.extend_from_slice(hash.as_ref());
        let mut padded = vec![0x00, 0x01];
        padded.resize(length - info.len() - 1, 0xff);
        padded.push(0x00);
        padded.extend(info);
        let number = BigUint::from_bytes_be;
        let signature = number(&padded)
            .modpow(&number(exponent), &number(modulus))
            .to_bytes_be();
        [vec![0; length - signature.len()], signature].concat()
    }

    fn sign(&self, version: &str, text: &[u8]) -> Vec<u8> {
        if version == "1" {
            return self.with_sha1(text);
        }
        let encoding: &'static dyn RsaEncoding = &RSA_PKCS1_SHA256;
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(encoding, &SystemRandom::new(), text, &mut signature)
            .unwrap();
        signature
    }
}

/// The content of the first element (X.690, section 8.1), and what follows it.
fn der(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match bytes[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let digits = usize::from(long & 0x7f);
            let length = bytes[2..2 + digits]
                .iter()
                .fold(0, |length, digit| (length << 8) | usize::from(*digit));
            (length, 2 + digits)
        }
    };
    (&bytes[start..start + length], &bytes[start + length..])
}
