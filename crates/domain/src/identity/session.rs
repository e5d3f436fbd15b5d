//! A session: one login, and the chain of refresh tokens that keeps it alive.
//!
//! A refresh token is `(session, generation)` with a MAC over both and the session's own salt, so no token is
//! stored anywhere. Exactly one generation is current. Showing the parent of the current one within ten seconds
//! is a lost answer, and gives the same child again; showing an older one is theft, and ends the session.

use crate::ids::{OrganizationId, SessionId, UserId};
use chrono::{DateTime, TimeDelta, Utc};

/// A session lives this long without a refresh, in days.
pub const SLIDING_DAYS: i64 = 30;
/// And never longer than this, in days.
pub const ABSOLUTE_DAYS: i64 = 90;
/// How long the parent of the current refresh token still works, in seconds.
pub const GRACE_SECONDS: i64 = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    /// Random; part of what every refresh token of this session is signed over.
    pub salt: Vec<u8>,
    /// The one generation whose token is current, from 0.
    pub generation: i32,
    /// When the current generation was made.
    pub rotated_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Of the login, as the client told it.
    pub user_agent: Option<String>,
    pub ip: Option<String>,
}

/// What to do with a shown refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// Make the next generation and answer with it.
    Rotate,
    /// Answer with the current generation once more.
    Repeat,
    /// A token that was replaced long ago: someone has a copy. End the session.
    Reused,
    /// Too old, or revoked.
    Ended,
}

impl Session {
    /// When it ends if nothing happens.
    pub fn expires_at(&self) -> DateTime<Utc> {
        (self.rotated_at + TimeDelta::days(SLIDING_DAYS))
            .min(self.created_at + TimeDelta::days(ABSOLUTE_DAYS))
    }

    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at()
    }

    /// Decides about a token of `generation` whose MAC was already found right.
    pub fn refresh(&self, generation: i32, now: DateTime<Utc>) -> Refresh {
        if !self.is_alive(now) {
            return Refresh::Ended;
        }
        if generation == self.generation {
            Refresh::Rotate
        } else if generation == self.generation - 1
            && now - self.rotated_at <= TimeDelta::seconds(GRACE_SECONDS)
        {
            Refresh::Repeat
        } else {
            Refresh::Reused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn session(now: DateTime<Utc>) -> Session {
        Session {
            id: Uuid::nil().into(),
            organization_id: Uuid::nil().into(),
            user_id: Uuid::nil().into(),
            salt: vec![1],
            generation: 5,
            rotated_at: now,
            created_at: now - TimeDelta::days(1),
            revoked_at: None,
            user_agent: None,
            ip: None,
        }
    }

    #[test]
    fn only_the_parent_is_tolerated_and_only_briefly() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let session = session(now);
        assert_eq!(session.refresh(5, now), Refresh::Rotate);
        assert_eq!(session.refresh(4, now + TimeDelta::seconds(10)), Refresh::Repeat);
        assert_eq!(session.refresh(4, now + TimeDelta::seconds(11)), Refresh::Reused);
        assert_eq!(session.refresh(3, now), Refresh::Reused);
    }

    #[test]
    fn it_ends_after_thirty_idle_days_and_after_ninety_in_any_case() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut session = session(now);
        assert_eq!(session.refresh(5, now + TimeDelta::days(30)), Refresh::Ended);
        session.rotated_at = now + TimeDelta::days(80);
        assert_eq!(session.expires_at(), session.created_at + TimeDelta::days(90));
        session.revoked_at = Some(now);
        assert_eq!(session.refresh(5, now), Refresh::Ended);
    }
}
