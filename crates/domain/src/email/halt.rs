//! Whether mail may leave at all.
//!
//! A database that was restored from a backup has an older ledger: what was sent since is `queued` in it again. Nothing in the
//! database can tell, so every process that sends also keeps a [`Mark`] beside it: the latest one that it wrote into the
//! database. A database whose mark is older than that has gone back, and nothing leaves until a person has decided.

use crate::error::StoreError;
use crate::ids::{LedgerId, OrganizationId};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// Why no mail leaves.
    HaltReason {
        /// Somebody said so.
        Operator => "operator",
        /// The database knows less than a process that sends: it was restored from a backup, or a replica took over that was behind.
        Restored => "restored",
    }
}

/// No mail leaves, of no organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    pub reason: HaltReason,
    pub since: DateTime<Utc>,
    /// Of a restored database: the latest moment that it surely knows of. Mails may have left since.
    pub known_until: Option<DateTime<Utc>>,
}

impl Halt {
    /// A sentence for people.
    pub fn sentence(&self) -> String {
        let since = self.since.format("%Y-%m-%d %H:%M:%S UTC");
        match (self.reason, self.known_until) {
            (HaltReason::Restored, Some(until)) => format!(
                "no mail leaves since {since}: the database was restored, and does not know what was sent after {}",
                until.format("%Y-%m-%d %H:%M:%S UTC")
            ),
            (HaltReason::Restored, None) => {
                format!(
                    "no mail leaves since {since}: the database was restored, and does not know what was sent"
                )
            }
            (HaltReason::Operator, _) => format!("no mail leaves since {since}: it was stopped by hand"),
        }
    }
}

/// That somebody wrote into this ledger at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Made with the first mark: a database that was begun anew is another ledger, not an older one.
    pub ledger: LedgerId,
    pub at: DateTime<Utc>,
}

impl Mark {
    /// Whether the ledger, whose mark is `known`, has forgotten this one.
    pub fn is_lost_in(&self, known: Option<Mark>) -> bool {
        known.is_some_and(|known| known.ledger == self.ledger && known.at < self.at)
    }
}

/// What the whole installation is told about sending.
#[async_trait]
pub trait SendingSwitch: Send + Sync {
    async fn halt(&self) -> Result<Option<Halt>, StoreError>;
    /// False when nothing leaves already: that halt stays as it is.
    async fn stop(&self, halt: &Halt) -> Result<bool, StoreError>;
    /// Lets mail leave again. False when it does already.
    async fn go(&self) -> Result<bool, StoreError>;
    async fn mark(&self) -> Result<Option<Mark>, StoreError>;
    /// Writes `to` down if the mark is still `from`; it is on the disk when this returns. False when somebody else was first.
    async fn move_mark(&self, from: Option<Mark>, to: Mark, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Organizations that have mails in `queued`, `claimed` or `sending`, in the order of their ids, the first `limit` after `after`.
    async fn organizations_with_open_mails(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
}

/// The mark beside the database, which a restored backup does not bring back.
#[async_trait]
pub trait LedgerMark: Send + Sync {
    /// `None` before the first one. The error is a sentence.
    async fn read(&self) -> Result<Option<Mark>, String>;
    async fn write(&self, mark: Mark) -> Result<(), String>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use uuid::Uuid;

    #[test]
    fn only_the_same_ledger_can_be_older() {
        let at = |ledger: u128, seconds| Mark {
            ledger: Uuid::from_u128(ledger).into(),
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
        };
        let seen = at(1, 100);
        assert!(seen.is_lost_in(Some(at(1, 99))));
        assert!(!seen.is_lost_in(Some(at(1, 100))));
        assert!(
            !seen.is_lost_in(Some(at(1, 101))),
            "another process was there since"
        );
        assert!(!seen.is_lost_in(Some(at(2, 0))), "a database that was begun anew");
        assert!(!seen.is_lost_in(None));
    }

    #[test]
    fn the_sentence_says_what_is_not_known() {
        let halt = Halt {
            reason: HaltReason::Restored,
            since: DateTime::UNIX_EPOCH + TimeDelta::seconds(60),
            known_until: Some(DateTime::UNIX_EPOCH),
        };
        assert_eq!(
            halt.sentence(),
            "no mail leaves since 1970-01-01 00:01:00 UTC: the database was restored, and does not know what was sent \
             after 1970-01-01 00:00:00 UTC"
        );
    }
}
