//! Keys of providers, and in which order they are used.

use super::{HealthBook, ProviderName};
use crate::ids::LlmKeyId;
use crate::secrets::{Holder, last4};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::cmp::Reverse;

/// Which key it is, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyRef {
    /// One that an organization keeps with us.
    Stored(LlmKeyId),
    /// The n-th of the operator's for this provider.
    Operator(ProviderName, u16),
    /// A provider that asks for none.
    None(ProviderName),
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyOwner {
    Own(Holder),
    /// The installation's.
    Operator,
}

impl KeyOwner {
    /// Smaller is used first: the user's, the client's, the organization's, the operator's.
    fn rank(self) -> u8 {
        match self {
            Self::Own(Holder::User(_)) => 0,
            Self::Own(Holder::Client(_)) => 1,
            Self::Own(Holder::Organization) => 2,
            Self::Operator => 3,
        }
    }
}

/// A key that can be used for a call.
#[derive(Debug, Clone)]
pub struct LlmKey {
    pub id: KeyRef,
    pub provider: ProviderName,
    pub owner: KeyOwner,
    /// `None` for a provider that asks for none.
    pub secret: Option<SecretString>,
    /// The provider refused it: it is not used until its owner gives a new value.
    pub quarantined: bool,
}

impl LlmKey {
    pub fn last4(&self) -> Option<String> {
        self.secret.as_ref().and_then(last4)
    }
}

/// The keys that may be asked, best first: by owner, then those that failed less just now, then those that rested longest. Keys in
/// quarantine are left out; those that cool down stay, and the book will not admit them.
pub fn rotation(keys: Vec<LlmKey>, book: &HealthBook, model: &str, now: DateTime<Utc>) -> Vec<LlmKey> {
    let mut keys: Vec<_> = keys
        .into_iter()
        .filter(|key| !key.quarantined)
        .map(|key| {
            let health = book.standing(&key.id, model, now);
            ((key.owner.rank(), health.failures, Reverse(health.rested)), key)
        })
        .collect();
    keys.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.id.cmp(&right.id)));
    keys.into_iter().map(|(_, key)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{FailureKind, HealthRules};
    use std::time::Duration;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn key(number: u16, owner: KeyOwner) -> LlmKey {
        LlmKey {
            id: KeyRef::Operator("openai".parse().unwrap(), number),
            provider: "openai".parse().unwrap(),
            owner,
            secret: Some(format!("sk-abcdefgh{number:04}").into()),
            quarantined: number == 9,
        }
    }

    fn order(keys: &[LlmKey], book: &HealthBook, now: DateTime<Utc>) -> Vec<String> {
        let keys = rotation(keys.to_vec(), book, "m", now);
        keys.iter().filter_map(LlmKey::last4).collect()
    }

    #[test]
    fn own_keys_come_first_and_those_of_one_owner_take_turns() {
        let id = uuid::Uuid::nil();
        let keys = [
            key(0, KeyOwner::Operator),
            key(1, KeyOwner::Own(Holder::Organization)),
            key(2, KeyOwner::Own(Holder::Client(id.into()))),
            key(3, KeyOwner::Own(Holder::User(id.into()))),
            key(4, KeyOwner::Own(Holder::User(id.into()))),
            key(9, KeyOwner::Own(Holder::User(id.into()))),
        ];
        let mut book = HealthBook::new(HealthRules::default());
        assert_eq!(
            order(&keys, &book, at(0)),
            ["0003", "0004", "0002", "0001", "0000"]
        );
        book.admit(&keys[3].id, "m", at(0)).unwrap();
        book.answered(&keys[3].id, "m", at(0));
        assert_eq!(order(&keys, &book, at(1))[0], "0004", "the other one rested");
        book.admit(&keys[4].id, "m", at(1)).unwrap();
        book.failed(&keys[4].id, "m", FailureKind::ServerError, Duration::ZERO, at(1));
        assert_eq!(order(&keys, &book, at(2))[..2], ["0003", "0004"]);
        book.admit(&keys[3].id, "m", at(2)).unwrap();
        book.answered(&keys[3].id, "m", at(2));
        assert_eq!(
            order(&keys, &book, at(3))[0],
            "0003",
            "failures count more than rest"
        );
    }
}
