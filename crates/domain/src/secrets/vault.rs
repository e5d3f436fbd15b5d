//! The port that encrypts and decrypts. Pure computation, a few microseconds: it does not wait for anything.

use super::Place;
use crate::error::Error;
use crate::ids::OrganizationId;
use secrecy::SecretString;
use std::fmt;

/// A data key of one organization, encrypted with a master key.
///
/// Not a secret, and useless in another organization, in another version or under another master key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Counts up within the organization, from 1. Each sealed value names the version it was sealed with.
    pub version: i32,
    /// The id of the master key that unwraps it: 8 hexadecimal digits that say nothing about the key.
    pub master: String,
    pub bytes: Vec<u8>,
}

/// An encrypted value: nonce, ciphertext and tag, one after the other.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The version of the data key that opens it.
    pub key_version: i32,
    pub bytes: Vec<u8>,
}

/// Why something does not open. Nothing of a secret or of a key is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Carries the id of the master key that is missing.
    #[error(
        "this was encrypted with a master key ({0}) that this process was not given: add it to security.old_master_keys"
    )]
    UnknownMaster(String),
    /// The causes can't be told apart, which is the point of authenticated encryption.
    #[error("a stored secret does not decrypt: it was altered or moved, or this is not its key")]
    Broken,
}

impl From<VaultError> for Error {
    /// Neither is a mistake of the caller: the sentence is for whoever reads the log.
    fn from(error: VaultError) -> Self {
        Self::internal(error)
    }
}

/// Encrypts what must be kept secret, and makes the keys for it.
///
/// Rotation of the master key: start with the new one and the old one beside it, [`Vault::rewrap`] each data key, drop
/// the old one. Rotation of a data key: make one with the next version, then open each value with the old key and seal
/// it with the new one. Both can stop at any point and go on later, as rows say themselves which key they need.
pub trait Vault: Send + Sync {
    /// A new random data key, wrapped with the current master key.
    fn new_data_key(&self, organization: OrganizationId, version: i32) -> Result<WrappedKey, VaultError>;
    /// Encrypts with a data key of the organization that the place names. Never gives the same bytes twice.
    fn seal(&self, key: &WrappedKey, place: &Place, secret: &SecretString) -> Result<Sealed, VaultError>;
    /// The secret, if it was sealed with this key at this very place, and is unaltered.
    fn open(&self, key: &WrappedKey, place: &Place, sealed: &Sealed) -> Result<SecretString, VaultError>;
    /// The same data key, with the same version, under the current master key; `None` when it is that already (its
    /// bytes are not looked at then).
    fn rewrap(
        &self,
        organization: OrganizationId,
        key: &WrappedKey,
    ) -> Result<Option<WrappedKey>, VaultError>;
    /// The id of the master key that wraps new data keys; rows with another one wait for [`Vault::rewrap`].
    fn current_master(&self) -> &str;
}

// Ciphertext is no secret today, but logs are kept for longer than keys: only its length is shown.
impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedKey")
            .field("version", &self.version)
            .field("master", &self.master)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("key_version", &self.key_version)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
