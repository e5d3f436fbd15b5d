//! What a trusted issuer is made of: keys, signed tokens, and a server that publishes the keys.

pub mod keys;
mod server;

pub use server::TestIssuer;

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

/// A token that is signed with an RSA key, whatever its header says.
pub fn rs256(header: &Value, claims: &Value, pem: &str) -> String {
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    keys::sign(header, claims, Algorithm::RS256, &key)
}

/// A token that is signed with a secret, whatever its header says.
pub fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    keys::sign(header, claims, Algorithm::HS256, &key)
}
