//! Signatures by which receivers know that a domain's owner let a mail be sent (RFC 6376).

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::fmt::Debug;
use std::sync::Arc;

crate::text_enum::text_enum! {
    /// How a key signs.
    DkimAlgorithm {
        /// RSA with 2048 bits and SHA-256: what every receiver checks.
        Rsa => "rsa",
        /// Ed25519 with SHA-256 (RFC 8463): short, and not known to everybody, so it stands beside an RSA key.
        Ed25519 => "ed25519",
    }
}

impl DkimAlgorithm {
    /// What the `k=` of the record in the DNS says.
    pub fn key_type(self) -> &'static str {
        self.as_str()
    }
}

/// A new pair of keys.
pub struct NewDkimKey {
    /// PKCS #8 in base64.
    pub private: SecretString,
    /// The `p=` of the record in the DNS.
    pub public: String,
}

/// One key of one domain, ready to sign.
pub trait MailSigner: Send + Sync + Debug {
    /// The header field `DKIM-Signature` for these bytes of a mail, with its CRLF: it goes before them. Header fields named in
    /// `without` are not signed, for whoever is known to rewrite them on the way.
    fn sign(&self, mail: &[u8], without: &[&str], now: DateTime<Utc>) -> Result<String, String>;
}

/// Makes keys and signs with them.
pub trait Dkim: Send + Sync {
    /// Takes up to a second of computing for RSA.
    fn generate(&self, algorithm: DkimAlgorithm) -> Result<NewDkimKey, String>;
    /// Both names in ASCII.
    fn signer(
        &self,
        domain: &str,
        selector: &str,
        algorithm: DkimAlgorithm,
        private: &SecretString,
    ) -> Result<Arc<dyn MailSigner>, String>;
}
