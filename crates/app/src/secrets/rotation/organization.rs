//! A new data key for one organization, and its secrets under that.

use super::{BATCH, Run, Unreadable};
use crate::secrets::resolve::open;
use groundswell_domain::secrets::{DataKey, Resealed, Stored, VaultError, WrappedKey};
use groundswell_domain::{Error, OrganizationId, Scope, SecretId, StoreError};
use std::collections::BTreeMap;

/// Walks over the secrets of one organization: requests that began before the new key was there may still put a secret
/// under the old one behind the first.
const PASSES: u32 = 5;

impl Run<'_> {
    pub(super) async fn organization(&mut self, organization: OrganizationId) -> Result<(), Error> {
        let scope = Scope::operator(organization, self.app.request_id());
        let Some(key) = self.new_key(&scope).await? else {
            return Ok(());
        };
        let mut unreadable = BTreeMap::new();
        let mut finished = false;
        for _ in 0..PASSES {
            self.pass(&scope, &key, &mut unreadable).await?;
            if self.is_finished(&scope, &key, &unreadable).await? {
                finished = true;
                break;
            }
        }
        self.rotated.unfinished += u64::from(!finished);
        let unreadable = unreadable.into_iter().map(|(secret, error)| Unreadable {
            organization,
            secret: Some(secret),
            reason: error.to_string(),
        });
        self.rotated.unreadable.extend(unreadable);
        Ok(())
    }

    /// The data key that this rotation gives the organization; made here unless it is there already.
    async fn new_key(&mut self, scope: &Scope) -> Result<Option<WrappedKey>, Error> {
        let app = self.app;
        let unit = app.store.begin(scope).await?;
        let Some(newest) = unit.data_keys().keys().await?.pop() else {
            return Ok(None);
        };
        if newest.created_at >= self.began {
            return Ok(Some(newest.key));
        }
        let key = DataKey {
            key: app
                .vault
                .new_data_key(scope.organization, newest.key.version + 1)?,
            // Also on a machine whose clock is behind that of who began.
            created_at: app.now().max(self.began),
        };
        self.rotated.keys += u64::from(unit.data_keys().add_key(&key).await?);
        // Another run may have been first.
        let newest = unit.data_keys().keys().await?.pop();
        unit.commit().await?;
        Ok(newest.map(|newest| newest.key))
    }

    /// Seals everything that is under an older key with this one.
    async fn pass(
        &mut self,
        scope: &Scope,
        key: &WrappedKey,
        unreadable: &mut BTreeMap<SecretId, VaultError>,
    ) -> Result<(), Error> {
        let app = self.app;
        let mut after = None;
        loop {
            let repos = app.store.read(scope);
            let batch = repos.data_keys().sealed(Some(key.version), after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some(last.secret.id);
            let mut resealed = Vec::with_capacity(batch.len());
            for stored in &batch {
                match self.reseal(scope.organization, key, stored) {
                    Ok(one) => {
                        unreadable.remove(&stored.secret.id);
                        resealed.push(one);
                    }
                    Err(error) => {
                        unreadable.insert(stored.secret.id, error);
                    }
                }
            }
            let unit = app.store.begin(scope).await?;
            let written = unit.data_keys().reseal(&resealed).await?;
            unit.commit().await?;
            self.rotated.resealed += written;
            self.progress.done = (self.progress.done + written).min(self.progress.total);
            (self.report)(self.progress);
        }
    }

    fn reseal(
        &self,
        organization: OrganizationId,
        key: &WrappedKey,
        stored: &Stored,
    ) -> Result<Resealed, VaultError> {
        let value = open(self.app, organization, stored)?;
        let place = stored.secret.place(organization);
        Ok(Resealed {
            id: stored.secret.id,
            version: stored.secret.version,
            from: stored.sealed.key_version,
            sealed: self.app.vault.seal(key, &place, &value)?,
        })
    }

    /// Deletes the old keys; whether nothing but what can't be read needs one.
    async fn is_finished(
        &self,
        scope: &Scope,
        key: &WrappedKey,
        unreadable: &BTreeMap<SecretId, VaultError>,
    ) -> Result<bool, Error> {
        let unit = self.app.store.begin(scope).await?;
        match unit.data_keys().delete_unused_keys(key.version).await {
            Ok(_) => unit.commit().await?,
            // A secret is being put under it at this moment: the next pass will meet it.
            Err(StoreError::MissingReference { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let repos = self.app.store.read(scope);
        let keys = repos.data_keys().keys().await?;
        if keys.iter().all(|kept| kept.key.version >= key.version) {
            return Ok(true);
        }
        let limit = u32::try_from(unreadable.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let left = repos.data_keys().sealed(Some(key.version), None, limit).await?;
        Ok(!left.is_empty()
            && left
                .iter()
                .all(|stored| unreadable.contains_key(&stored.secret.id)))
    }
}
