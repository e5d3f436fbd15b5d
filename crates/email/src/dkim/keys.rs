//! Keys: PKCS #8 in base64 where they are kept, and what the DNS shows of them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::email::{DkimAlgorithm, NewDkimKey};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The least that receivers must accept for new signatures is 1024 bits (RFC 8301, section 3.2); more than 2048 is too long for some
/// of their DNS.
const BITS: KeySize = KeySize::Rsa2048;

/// A key that can sign.
pub(super) enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

pub(super) fn generate(algorithm: DkimAlgorithm) -> Result<NewDkimKey, String> {
    let failed = |_| format!("the operating system gives no randomness for a key of the kind {algorithm}");
    let (private, public) = match algorithm {
        DkimAlgorithm::Rsa => {
            let pair = RsaKeyPair::generate(BITS).map_err(failed)?;
            let private: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
            (
                Zeroizing::new(STANDARD.encode(private.as_ref())),
                STANDARD.encode(public.as_ref()),
            )
        }
        DkimAlgorithm::Ed25519 => {
            let pair = Ed25519KeyPair::generate().map_err(failed)?;
            let private: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            // The bare 32 bytes (RFC 8463, section 4.2).
            (
                Zeroizing::new(STANDARD.encode(private.as_ref())),
                STANDARD.encode(pair.public_key().as_ref()),
            )
        }
    };
    Ok(NewDkimKey {
        private: SecretString::from(private.to_string()),
        public,
    })
}

impl Key {
    pub(super) fn read(algorithm: DkimAlgorithm, private: &SecretString) -> Result<Self, String> {
        let broken = || format!("this is no private key of the kind {algorithm}");
        let bytes = STANDARD.decode(private.expose_secret()).map_err(|_| broken())?;
        let bytes = Zeroizing::new(bytes);
        match algorithm {
            DkimAlgorithm::Rsa => RsaKeyPair::from_pkcs8(&bytes)
                .map(|pair| Self::Rsa(Box::new(pair)))
                .map_err(|_| broken()),
            // The first version of the format, which has no public key to compare with.
            DkimAlgorithm::Ed25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes)
                .map(Self::Ed25519)
                .map_err(|_| broken()),
        }
    }

    /// The `a=` of a signature.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature)
                    .map_err(|_| "the mail can't be signed with this RSA key")?;
                Ok(signature)
            }
            // Of the hash, not of the text (RFC 8463, section 3).
            Self::Ed25519(pair) => Ok(pair.sign(digest(&SHA256, bytes).as_ref()).as_ref().to_vec()),
        }
    }
}
