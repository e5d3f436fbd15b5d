//! Links that work once: to accept an invitation, to choose a new password, to confirm a mail address.
//!
//! The secret in the link is a MAC over the row's id and purpose under a key of its own, so it is kept nowhere: not in the
//! table, not in the job that mails it, not in the ledger.

use crate::ids::{OneTimeTokenId, UserId};
use chrono::{DateTime, TimeDelta, Utc};

crate::text_enum::text_enum! {
    /// What a link is good for; none is good for anything else.
    Purpose {
        Invitation => "invitation",
        PasswordReset => "password_reset",
        EmailVerification => "email_verification",
    }
}

impl Purpose {
    /// For how long the link works.
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::Invitation => TimeDelta::days(7),
            Self::PasswordReset => TimeDelta::hours(1),
            Self::EmailVerification => TimeDelta::days(1),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    pub id: OneTimeTokenId,
    pub user_id: UserId,
    pub purpose: Purpose,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// When it was used, or replaced by a newer one.
    pub used_at: Option<DateTime<Utc>>,
}

impl OneTimeToken {
    pub fn new(id: OneTimeTokenId, user_id: UserId, purpose: Purpose, now: DateTime<Utc>) -> Self {
        Self {
            id,
            user_id,
            purpose,
            created_at: now,
            expires_at: now + purpose.lifetime(),
            used_at: None,
        }
    }

    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}
