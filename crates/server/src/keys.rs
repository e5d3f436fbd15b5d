//! The master keys of this process, and whether they are those of the database.
//!
//! The database keeps a text that only its master key makes (the key check). A process that starts with another key would
//! show everybody an installation that has forgotten them, and keep new secrets that nobody else can read; so it does not
//! start. For the same reason no key is made where one is missing that the database knows of.

use crate::config::Config;
use crate::data_dir;
use chrono::{DateTime, Utc};
use groundswell_domain::SystemStore;
use groundswell_domain::platform::Entropy;
use groundswell_platform::{KeyCheck, Keyring, MasterKey};
use groundswell_storage::SeaStore;
use secrecy::ExposeSecret;

/// The keys themselves: for those who derive something from them.
pub(crate) struct MasterKeys {
    pub current: MasterKey,
    pub old: Vec<MasterKey>,
}

impl MasterKeys {
    pub fn keyring(&self) -> Keyring {
        Keyring::new(&self.current, &self.old)
    }
}

/// What may be told of the keys.
#[derive(Debug)]
pub struct Keys {
    ring: Keyring,
    /// What the database keeps, or would keep if it were up to date.
    kept: String,
}

impl Keys {
    /// The public id of the current master key.
    pub fn current_id(&self) -> &str {
        self.ring.current_id()
    }

    /// Whether the process has this master key, now or from before.
    pub fn knows(&self, id: &str) -> bool {
        self.ring.knows(id)
    }

    /// Whether the database still asks for a key that is an old one here.
    pub fn is_being_replaced(&self) -> bool {
        self.ring.matches(&self.kept) == KeyCheck::Old
    }

    /// From now on the database asks for the current master key. Only when nothing needs an old one any more.
    pub(crate) async fn settle(&self, store: &SeaStore, now: DateTime<Utc>) -> Result<(), String> {
        let check = self.ring.key_check();
        store
            .keys()
            .keep_key_check(Some(&self.kept), &check, now)
            .await
            .map_err(|error| error.to_string())?;
        Ok(())
    }
}

/// The keys from the settings or the data folder, if they are those of the database. The first start makes a key, and keeps
/// its check.
pub(crate) async fn load(
    config: &Config,
    store: &SeaStore,
    entropy: &dyn Entropy,
    now: DateTime<Utc>,
) -> Result<(MasterKeys, Keys), String> {
    let kept = match store.keys().key_check().await {
        Ok(kept) => kept,
        // Who runs `api` or `worker` before `migrate` is told so by /readyz and by `doctor`.
        Err(_) if is_behind(store).await => {
            let masters = master_keys(config, entropy, None)?;
            let ring = masters.keyring();
            let kept = ring.key_check();
            return Ok((masters, Keys { ring, kept }));
        }
        Err(error) => return Err(format!("the key check can't be read: {error}")),
    };
    let masters = master_keys(config, entropy, kept.as_deref())?;
    let ring = masters.keyring();
    let kept = match kept {
        Some(kept) => kept,
        None => keep(store, &ring, now)
            .await
            .map_err(|error| format!("the key check can't be kept: {error}"))?,
    };
    match ring.matches(&kept) {
        KeyCheck::Current => {}
        KeyCheck::Old => tracing::warn!(
            current = ring.current_id(),
            before = id(&kept),
            "the master key is being replaced: run `groundswell keys rotate`"
        ),
        KeyCheck::Unknown => return Err(wrong_key(&ring, &kept)),
    }
    Ok((masters, Keys { ring, kept }))
}

pub(crate) async fn is_behind(store: &SeaStore) -> bool {
    store
        .pending_migrations()
        .await
        .is_ok_and(|pending| !pending.is_empty())
}

/// Several processes may start for the first time at once: the first one's check is everybody's.
async fn keep(
    store: &SeaStore,
    ring: &Keyring,
    now: DateTime<Utc>,
) -> Result<String, groundswell_domain::StoreError> {
    let check = ring.key_check();
    if store.keys().keep_key_check(None, &check, now).await? {
        return Ok(check);
    }
    Ok(store.keys().key_check().await?.unwrap_or(check))
}

fn master_keys(config: &Config, entropy: &dyn Entropy, kept: Option<&str>) -> Result<MasterKeys, String> {
    let old = config
        .security
        .old_master_keys
        .iter()
        .map(|text| MasterKey::from_text(text.expose_secret()))
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the setting security.old_master_keys is wrong: {error}"))?;
    let text = config.security.master_key.expose_secret();
    let current = if text.is_empty() {
        from_file(config, entropy, kept)?
    } else {
        MasterKey::from_text(text)
            .map_err(|error| format!("the setting security.master_key is wrong: {error}"))?
    };
    Ok(MasterKeys { current, old })
}

fn from_file(config: &Config, entropy: &dyn Entropy, kept: Option<&str>) -> Result<MasterKey, String> {
    let path = config.data.dir.join("master.key");
    if let Some(kept) = kept
        && !path.try_exists().unwrap_or(true)
    {
        return Err(format!(
            "the master key is missing: there is no file {}, and security.master_key is not set, but this database was started with \
             the master key {}. Put that key into one of the two places; no new one was made, since it could open none of the \
             stored secrets",
            path.display(),
            id(kept)
        ));
    }
    data_dir::ensure(&config.data.dir)?;
    MasterKey::load_or_create(&path, entropy).map_err(|error| error.to_string())
}

fn wrong_key(ring: &Keyring, kept: &str) -> String {
    format!(
        "the master key is the wrong one: this database was started with the master key {}, and this process was given {}. Start \
         it with the right key (security.master_key, or master.key in data.dir); if you are replacing the key, name the old one \
         in security.old_master_keys",
        id(kept),
        ring.current_id()
    )
}

/// The public id of the key that made a check.
fn id(kept: &str) -> &str {
    kept.split_once('.').map_or(kept, |(id, _)| id)
}
