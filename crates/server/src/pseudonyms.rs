//! The key of pseudonyms: what turns the address of somebody who was erased into a hash.
//!
//! The hashes can't be made anew, because nobody knows the addresses any more. So their key is not derived from the master
//! key: it is drawn once and kept in the database, sealed like a secret of no organization, and when the master key is
//! replaced it is only wrapped anew.

use crate::keys::MasterKeys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use groundswell_domain::platform::Entropy;
use groundswell_domain::secrets::{Place, Sealed, Vault, WrappedKey};
use groundswell_domain::{OrganizationId, SystemStore};
use groundswell_platform::MasterKey;
use groundswell_storage::SeaStore;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use uuid::Uuid;
use zeroize::Zeroizing;

const NOBODY: OrganizationId = OrganizationId(Uuid::nil());
const PLACE: Place = Place {
    organization: NOBODY,
    table: "installation",
    row: Uuid::nil(),
    column: "pseudonym_key",
};
const VERSION: i32 = 1;

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    master: String,
    wrapped: String,
    sealed: String,
}

impl Kept {
    fn new(wrapped: &WrappedKey, sealed: &[u8]) -> Self {
        Self {
            master: wrapped.master.clone(),
            wrapped: STANDARD.encode(&wrapped.bytes),
            sealed: STANDARD.encode(sealed),
        }
    }

    fn parts(&self) -> Result<(WrappedKey, Sealed), String> {
        let bytes = |text: &str| STANDARD.decode(text).map_err(|error| unreadable(&error));
        let wrapped = WrappedKey {
            version: VERSION,
            master: self.master.clone(),
            bytes: bytes(&self.wrapped)?,
        };
        let sealed = Sealed {
            key_version: VERSION,
            bytes: bytes(&self.sealed)?,
        };
        Ok((wrapped, sealed))
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> String {
    format!("the kept key of pseudonyms can't be read: {error}")
}

fn read(kept: &str) -> Result<(WrappedKey, Sealed), String> {
    let kept: Kept = serde_json::from_str(kept).map_err(|error| unreadable(&error))?;
    kept.parts()
}

fn write(wrapped: &WrappedKey, sealed: &Sealed) -> Result<String, String> {
    serde_json::to_string(&Kept::new(wrapped, &sealed.bytes)).map_err(|error| error.to_string())
}

/// The kept key; the first start draws it. Of several that start for the first time at once, the first one's is everybody's.
pub(crate) async fn load(
    store: &SeaStore,
    masters: &MasterKeys,
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    now: DateTime<Utc>,
) -> Result<MasterKey, String> {
    let kept = match store.keys().pseudonym_key().await {
        Ok(Some(kept)) => kept,
        Ok(None) => {
            let fresh = draw(vault, entropy)?;
            let keys = store.keys();
            keys.keep_pseudonym_key(None, &fresh, now)
                .await
                .map_err(|error| unreadable(&error))?;
            let kept = keys.pseudonym_key().await.map_err(|error| unreadable(&error))?;
            kept.unwrap_or(fresh)
        }
        // A database whose migrations are missing serves nobody; whoever asks is told so elsewhere.
        Err(_) if crate::keys::is_behind(store).await => return Ok(masters.current.clone()),
        Err(error) => return Err(unreadable(&error)),
    };
    let (wrapped, sealed) = read(&kept)?;
    let text = vault
        .open(&wrapped, &PLACE, &sealed)
        .map_err(|error| unreadable(&error))?;
    MasterKey::from_text(text.expose_secret()).map_err(|error| unreadable(&error))
}

fn draw(vault: &dyn Vault, entropy: &dyn Entropy) -> Result<String, String> {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(&mut *bytes);
    let mut text = Zeroizing::new(String::with_capacity(64));
    for byte in bytes.iter() {
        // Writing into a text can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    let wrapped = vault
        .new_data_key(NOBODY, VERSION)
        .map_err(|error| error.to_string())?;
    let secret = SecretString::from(text.as_str());
    let sealed = vault
        .seal(&wrapped, &PLACE, &secret)
        .map_err(|error| error.to_string())?;
    self::write(&wrapped, &sealed)
}

/// Puts it under the current master key, when the old one is to go.
pub(crate) async fn rewrap(store: &SeaStore, vault: &dyn Vault, now: DateTime<Utc>) -> Result<(), String> {
    let keys = store.keys();
    let Some(kept) = keys.pseudonym_key().await.map_err(|error| unreadable(&error))? else {
        return Ok(());
    };
    let (wrapped, sealed) = read(&kept)?;
    if let Some(wrapped) = vault
        .rewrap(NOBODY, &wrapped)
        .map_err(|error| unreadable(&error))?
    {
        // Another process that did the same wrote something as good.
        keys.keep_pseudonym_key(Some(&kept), &self::write(&wrapped, &sealed)?, now)
            .await
            .map_err(|error| unreadable(&error))?;
    }
    Ok(())
}
