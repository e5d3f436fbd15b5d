//! Keys, policies, kept answers and the log, in memory.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::error::StoreError;
use groundswell_domain::ids::OrganizationId;
use groundswell_domain::llm::{
    Answer, AnswerCache, CallLog, CallRecord, Fingerprint, KeyRef, KeyRing, LlmKey, Policy, PolicyBook,
    ProviderFailure, ProviderName, Spender,
};
use std::collections::HashMap;
use std::sync::Mutex;

/// One ring for everybody.
#[derive(Default)]
pub struct MemoryKeys {
    keys: Mutex<Vec<LlmKey>>,
    quarantined: Mutex<Vec<KeyRef>>,
}

impl MemoryKeys {
    pub fn add(&self, key: LlmKey) {
        self.keys.lock().unwrap().push(key);
    }

    /// Whose owners were told, in order.
    pub fn quarantined(&self) -> Vec<KeyRef> {
        self.quarantined.lock().unwrap().clone()
    }
}

#[async_trait]
impl KeyRing for MemoryKeys {
    async fn keys(&self, _: &Spender, provider: &ProviderName) -> Result<Vec<LlmKey>, StoreError> {
        let keys = self.keys.lock().unwrap();
        Ok(keys
            .iter()
            .filter(|key| key.provider == *provider)
            .cloned()
            .collect())
    }

    async fn quarantine(
        &self,
        _: OrganizationId,
        key: &LlmKey,
        _: &ProviderFailure,
        _: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut keys = self.keys.lock().unwrap();
        let found = keys
            .iter_mut()
            .find(|known| known.id == key.id && !known.quarantined);
        if let Some(found) = found {
            found.quarantined = true;
            self.quarantined.lock().unwrap().push(key.id.clone());
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct MemoryPolicies(pub Mutex<Policy>);

#[async_trait]
impl PolicyBook for MemoryPolicies {
    async fn policy(&self, _: OrganizationId) -> Result<Policy, StoreError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

type Kept = HashMap<(OrganizationId, Fingerprint), (Answer, DateTime<Utc>)>;

#[derive(Default)]
pub struct MemoryCache(Mutex<Kept>);

#[async_trait]
impl AnswerCache for MemoryCache {
    async fn find(
        &self,
        organization: OrganizationId,
        fingerprint: &Fingerprint,
        now: DateTime<Utc>,
    ) -> Result<Option<Answer>, StoreError> {
        let kept = self.0.lock().unwrap();
        let found = kept.get(&(organization, *fingerprint));
        Ok(found
            .filter(|(_, until)| now < *until)
            .map(|(answer, _)| answer.clone()))
    }

    async fn keep(
        &self,
        organization: OrganizationId,
        fingerprint: &Fingerprint,
        answer: &Answer,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let entry = (answer.clone(), until);
        self.0.lock().unwrap().insert((organization, *fingerprint), entry);
        Ok(())
    }
}

#[derive(Default)]
pub struct MemoryLog(Mutex<Vec<CallRecord>>);

impl MemoryLog {
    pub fn records(&self) -> Vec<CallRecord> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl CallLog for MemoryLog {
    async fn record(&self, record: CallRecord) -> Result<(), StoreError> {
        self.0.lock().unwrap().push(record);
        Ok(())
    }
}
