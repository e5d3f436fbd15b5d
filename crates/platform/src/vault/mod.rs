//! Encryption of stored secrets: AES-256-GCM (NIST SP 800-38D) under a data key per organization.
//!
//! Everything another program needs to decrypt a value, given the master key and the two rows:
//!
//! ```text
//! field(x)  = length of x in bytes (8 bytes, big endian) || x
//! aad(x...) = 0x01 || field(x) || ...
//! subkey(p) = HKDF-SHA256(salt "groundswell/1", secret = master key (32 bytes), info = p, 32 bytes)
//! gcm(k, a) = nonce (12 bytes, random) || ciphertext || tag (16 bytes), AES-256-GCM with key k and associated data a
//!
//! master id    = first 8 hexadecimal digits (lower case) of subkey("master-id")
//! wrapped key  = gcm(subkey("secrets/wrap"), aad(organization, "data_keys", version, master id)) over the data key
//! sealed value = gcm(data key, aad(organization, table, row, column, version)) over the secret in UTF-8
//! key check    = master id || "." || base64url without padding of the first 16 bytes of
//!                HMAC-SHA256(subkey("secrets/check"), "groundswell/key-check/1")
//! ```
//!
//! Organization and row are the 16 bytes of the UUID, the version is 4 bytes, big endian, two's complement; the rest is
//! text. The leading 0x01 is the version of this encoding: count it up when anything here changes. The data key is 32
//! random bytes.
//!
//! Random nonces allow 2^32 messages under one key (SP 800-38D, section 8.3): no organization seals that often, and a
//! master key wraps one data key per organization and rotation.
//!
//! Unwrapped data keys are not kept: unwrapping takes microseconds, and a key that is nowhere can't leak.

mod aad;
mod gcm;
mod keyring;

pub use keyring::{KeyCheck, Keyring};

use gcm::{KEY, NONCE};
use groundswell_domain::OrganizationId;
use groundswell_domain::platform::Entropy;
use groundswell_domain::secrets::{Place, Sealed, Vault, VaultError, WrappedKey};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

type DataKey = Zeroizing<[u8; KEY]>;

/// The vault of an installation that has its master key at hand.
pub struct AesVault {
    keyring: Keyring,
    entropy: Arc<dyn Entropy>,
}

impl AesVault {
    pub fn new(keyring: Keyring, entropy: Arc<dyn Entropy>) -> Self {
        Self { keyring, entropy }
    }

    fn nonce(&self) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        self.entropy.fill(&mut nonce);
        nonce
    }

    fn wrap_key(
        &self,
        organization: OrganizationId,
        version: i32,
        key: &DataKey,
    ) -> Result<WrappedKey, VaultError> {
        let master = self.keyring.current();
        let aad = aad::data_key(organization, version, master.id());
        Ok(WrappedKey {
            version,
            master: master.id().to_owned(),
            bytes: gcm::encrypt(master.wrapping(), &self.nonce(), &aad, key.as_slice())?,
        })
    }

    fn unwrap_key(&self, organization: OrganizationId, key: &WrappedKey) -> Result<DataKey, VaultError> {
        let Some(master) = self.keyring.find(&key.master) else {
            return Err(VaultError::UnknownMaster(key.master.clone()));
        };
        let aad = aad::data_key(organization, key.version, &key.master);
        let plain = gcm::decrypt(master.wrapping(), &aad, &key.bytes)?;
        let mut data_key = DataKey::default();
        if plain.len() != data_key.len() {
            return Err(VaultError::Broken);
        }
        data_key.copy_from_slice(&plain);
        Ok(data_key)
    }
}

impl fmt::Debug for AesVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AesVault")
            .field("keyring", &self.keyring)
            .finish_non_exhaustive()
    }
}

impl Vault for AesVault {
    fn new_data_key(&self, organization: OrganizationId, version: i32) -> Result<WrappedKey, VaultError> {
        let mut key = DataKey::default();
        self.entropy.fill(key.as_mut_slice());
        self.wrap_key(organization, version, &key)
    }

    fn seal(&self, key: &WrappedKey, place: &Place, secret: &SecretString) -> Result<Sealed, VaultError> {
        let data_key = self.unwrap_key(place.organization, key)?;
        let aad = aad::value(place, key.version);
        let secret = secret.expose_secret().as_bytes();
        Ok(Sealed {
            key_version: key.version,
            bytes: gcm::encrypt(&data_key, &self.nonce(), &aad, secret)?,
        })
    }

    fn open(&self, key: &WrappedKey, place: &Place, sealed: &Sealed) -> Result<SecretString, VaultError> {
        let data_key = self.unwrap_key(place.organization, key)?;
        let plain = gcm::decrypt(&data_key, &aad::value(place, sealed.key_version), &sealed.bytes)?;
        // By way of `&str`: turning the vector itself into a string could leave an unwiped copy behind.
        std::str::from_utf8(&plain)
            .map(SecretString::from)
            .map_err(|_| VaultError::Broken)
    }

    fn rewrap(
        &self,
        organization: OrganizationId,
        key: &WrappedKey,
    ) -> Result<Option<WrappedKey>, VaultError> {
        if key.master == self.current_master() {
            return Ok(None);
        }
        let data_key = self.unwrap_key(organization, key)?;
        self.wrap_key(organization, key.version, &data_key).map(Some)
    }

    fn current_master(&self) -> &str {
        self.keyring.current().id()
    }
}

#[cfg(test)]
mod tests;
