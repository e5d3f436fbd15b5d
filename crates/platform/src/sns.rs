//! Signatures of Amazon SNS: RSA, by a certificate that SNS publishes.
//!
//! Whom to believe is decided by three things: the topic is one of the configured ones, the certificate lies where only SNS of the topic's region can
//! put it (an https address that is checked before it is asked for), and the signature fits. That is what Amazon's documentation asks for; its
//! certificates are not served with their chain, so none is built.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::egress::{Fetch, FetchRequest};
use groundswell_domain::email::webhooks::{Signature, SnsMessage};
use moka::future::Cache;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use webpki::EndEntityCert;

/// A certificate has its address for as long as it is good; this only bounds what is kept.
const KEPT: Duration = Duration::from_hours(24);
const MOST: u64 = 100;
/// Largest certificate that is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// The topics that are listened to.
pub struct SnsTopics {
    topics: Vec<String>,
    web: Arc<dyn Fetch>,
    certificates: Cache<String, Arc<CertificateDer<'static>>>,
}

impl SnsTopics {
    /// By their ARNs. None at all: SES is not configured.
    pub fn new(topics: Vec<String>, web: Arc<dyn Fetch>) -> Self {
        Self {
            topics,
            web,
            certificates: Cache::builder().max_capacity(MOST).time_to_live(KEPT).build(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    pub(crate) async fn check(&self, body: &[u8]) -> Signature {
        if self.is_empty() {
            return Signature::NotConfigured;
        }
        let Ok(message) = SnsMessage::parse(body) else {
            return Signature::Invalid;
        };
        // Before anything is asked for: what others say makes us ask nobody.
        if !self.topics.contains(&message.topic_arn) {
            tracing::warn!(
                topic = message.topic_arn,
                "a message of a topic that is not in email.webhooks.ses_topics"
            );
            return Signature::Invalid;
        }
        let (Some(text), Some(url), Ok(signature), Some(algorithm)) = (
            message.signed_text(),
            message.certificate(),
            STANDARD.decode(&message.signature),
            Rsa::of(&message.signature_version),
        ) else {
            return Signature::Invalid;
        };
        let certificate = match self.certificate(url).await {
            Ok(certificate) => certificate,
            Err(problem) => return Signature::Unavailable(problem),
        };
        let Ok(parsed) = EndEntityCert::try_from(certificate.as_ref()) else {
            return Signature::Unavailable("the certificate of Amazon SNS can't be read".to_owned());
        };
        match parsed.verify_signature(&algorithm, text.as_bytes(), &signature) {
            Ok(()) => Signature::Valid,
            Err(_) => Signature::Invalid,
        }
    }

    async fn certificate(&self, url: Url) -> Result<Arc<CertificateDer<'static>>, String> {
        if let Some(known) = self.certificates.get(url.as_str()).await {
            return Ok(known);
        }
        let request = FetchRequest {
            max_bytes: LARGEST,
            follow: false,
            ..FetchRequest::get(url.clone())
        };
        let failed = |problem: String| format!("the certificate of Amazon SNS can't be had: {problem}");
        let answer = self
            .web
            .get(request)
            .await
            .map_err(|error| failed(error.to_string()))?;
        if !answer.is_success() {
            return Err(failed(format!("the server answers {}", answer.status)));
        }
        let certificate = CertificateDer::from_pem_slice(&answer.body)
            .map_err(|_| failed("the answer is no certificate".to_owned()))?;
        // What can't be read would be kept in vain.
        EndEntityCert::try_from(&certificate).map_err(|error| failed(error.to_string()))?;
        let certificate = Arc::new(certificate);
        self.certificates.insert(url.into(), certificate.clone()).await;
        Ok(certificate)
    }
}

/// RSA as SNS uses it; the library that reads certificates knows no SHA-1.
#[derive(Debug)]
struct Rsa {
    parameters: &'static RsaParameters,
    id: AlgorithmIdentifier,
}

/// `sha1WithRSAEncryption` with its NULL parameters (RFC 3279, section 2.2.1).
const RSA_WITH_SHA1: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00,
]);

impl Rsa {
    /// Of a `SignatureVersion`. Version 1 is still what topics have unless somebody changes it.
    fn of(version: &str) -> Option<Self> {
        match version {
            "1" => Some(Self {
                parameters: &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                id: RSA_WITH_SHA1,
            }),
            "2" => Some(Self {
                parameters: &RSA_PKCS1_2048_8192_SHA256,
                id: alg_id::RSA_PKCS1_SHA256,
            }),
            _ => None,
        }
    }
}

impl SignatureVerificationAlgorithm for Rsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.parameters, public_key)
            .verify(message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_testkit::FakeWeb;
    use groundswell_testkit::sns::{SnsIssuer, TOPIC};
    use serde_json::json;

    fn topics(web: &FakeWeb) -> SnsTopics {
        SnsTopics::new(vec![TOPIC.to_owned()], Arc::new(web.clone()))
    }

    #[tokio::test]
    async fn both_versions_of_the_signature_are_checked_and_the_certificate_is_asked_for_once() {
        let (web, issuer) = (FakeWeb::default(), SnsIssuer::new());
        issuer.publish(&web);
        let topics = topics(&web);
        for version in ["1", "2"] {
            let good = issuer.notification(version, "hello");
            assert_eq!(
                topics.check(good.to_string().as_bytes()).await,
                Signature::Valid,
                "{version}"
            );
            for (field, value) in [
                ("Message", json!("other")),
                ("Timestamp", json!("2031-01-01T00:00:00.000Z")),
                ("Subject", json!("added")),
                ("TopicArn", json!(format!("{TOPIC}x"))),
                ("SignatureVersion", json!(if version == "1" { "2" } else { "1" })),
                ("SignatureVersion", json!("3")),
                ("Signature", json!("AAAA")),
                ("Signature", json!("?")),
                ("Type", json!("Other")),
                (
                    "SigningCertURL",
                    json!("https://evil.example/SimpleNotificationService-1.pem"),
                ),
            ] {
                let mut bad = good.clone();
                bad[field] = value;
                assert_eq!(
                    topics.check(bad.to_string().as_bytes()).await,
                    Signature::Invalid,
                    "{version} {field}"
                );
            }
        }
        assert_eq!(web.take_asked().len(), 1);
        assert_eq!(topics.check(b"{}").await, Signature::Invalid);
        // Somebody else's key.
        let mut other = SnsIssuer::new().notification("2", "hello");
        other["SigningCertURL"] = json!(issuer.certificate_url());
        assert_eq!(
            topics.check(other.to_string().as_bytes()).await,
            Signature::Invalid
        );
    }

    #[tokio::test]
    async fn without_the_certificate_nobody_is_believed_and_it_is_tried_again() {
        let (web, issuer) = (FakeWeb::default(), SnsIssuer::new());
        let topics = topics(&web);
        let message = issuer.notification("2", "hello").to_string();
        let unavailable = async |said: &str| {
            let Signature::Unavailable(problem) = topics.check(message.as_bytes()).await else {
                panic!("{said}");
            };
            assert!(problem.contains(said), "{problem}");
        };
        unavailable("there is no server").await;
        web.answers(&issuer.certificate_url(), 503, "text/plain", "");
        unavailable("503").await;
        web.answers(&issuer.certificate_url(), 200, "text/plain", "nonsense");
        unavailable("no certificate").await;
        issuer.publish(&web);
        assert_eq!(topics.check(message.as_bytes()).await, Signature::Valid);
    }

    #[tokio::test]
    async fn no_topics_no_messages() {
        let none = SnsTopics::new(Vec::new(), Arc::new(FakeWeb::default()));
        let message = SnsIssuer::new().notification("2", "hello").to_string();
        assert_eq!(none.check(message.as_bytes()).await, Signature::NotConfigured);
    }
}
