//! DKIM signatures (RFC 6376; Ed25519 by RFC 8463), relaxed on both sides.
//!
//! The canonical forms are ours, the cryptography is that of the one provider that TLS uses too: docs/decisions/0038. `canonical`
//! has the forms, `keys` the keys, `signature` the header field. An outside verifier checks them: scripts/check-dkim.

mod canonical;
mod keys;
mod signature;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use groundswell_domain::email::{Dkim, DkimAlgorithm, MailSigner, NewDkimKey};
use keys::Key;
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;

/// Makes keys and signs with them, by aws-lc.
pub struct AwsLcDkim;

impl Dkim for AwsLcDkim {
    fn generate(&self, algorithm: DkimAlgorithm) -> Result<NewDkimKey, String> {
        keys::generate(algorithm)
    }

    fn signer(
        &self,
        domain: &str,
        selector: &str,
        algorithm: DkimAlgorithm,
        private: &SecretString,
    ) -> Result<Arc<dyn MailSigner>, String> {
        Ok(Arc::new(Signer {
            domain: domain.to_owned(),
            selector: selector.to_owned(),
            key: Key::read(algorithm, private)?,
        }))
    }
}

struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

impl MailSigner for Signer {
    fn sign(&self, mail: &[u8], without: &[&str], now: DateTime<Utc>) -> Result<String, String> {
        signature::header(&self.key, &self.domain, &self.selector, mail, without, now)
    }
}

impl fmt::Debug for Signer {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}._domainkey.{}", self.selector, self.domain)
    }
}
