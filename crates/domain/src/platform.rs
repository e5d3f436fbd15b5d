//! Ports to what the machine itself gives: time, ids, randomness. Tests replace them, so nothing else may ask
//! the machine directly (clippy refuses it).

use crate::ids::OrganizationId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The time, in UTC, truncated to microseconds: PostgreSQL keeps no more, and both databases must agree.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}

/// New ids, UUID version 7.
pub trait Ids: Send + Sync {
    fn next(&self) -> Uuid;
}

/// Cryptographically secure random bytes.
pub trait Entropy: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// Turns a mail address into something that can be compared with another address, but not read.
pub trait Pseudonyms: Send + Sync {
    /// `hmac-sha256:` and 43 characters: a keyed hash of a normalized address, under a key of this organization alone.
    /// It has no `@`, so that it is never taken for an address.
    fn of_address(&self, organization: OrganizationId, email_key: &str) -> String;
}

/// Makes and checks signatures over small payloads that travel in public links.
///
/// Each purpose has a key of its own: a token of one purpose is never accepted for another.
pub trait LinkSigner: Send + Sync {
    /// A URL-safe token that holds `payload` and proves that we made it.
    fn sign(&self, purpose: &'static str, payload: &[u8]) -> String;
    /// The payload, or `None` when the token was not made by us for this purpose.
    fn verify(&self, purpose: &'static str, token: &str) -> Option<Vec<u8>>;
}
