//! Writes an entry.

use crate::App;
use chrono::{DateTime, Utc};
use groundswell_domain::audit::{AuditAction, AuditEntry, Target};
use groundswell_domain::{AuditEntryId, Error, Scope, UnitOfWork, UserId};
use serde_json::Value;

/// What is written down. It names no address and holds no secret: see the domain's `audit`.
#[derive(Debug)]
pub(crate) struct Event {
    action: AuditAction,
    target: Option<Target>,
    before: Option<Value>,
    after: Option<Value>,
    /// Another id and time than the present ones.
    once: Option<(AuditEntryId, DateTime<Utc>)>,
}

impl Event {
    pub fn of(action: AuditAction, target: impl Into<Target>) -> Self {
        Self {
            target: Some(target.into()),
            ..Self::of_nothing(action)
        }
    }

    /// Of no single thing.
    pub fn of_nothing(action: AuditAction) -> Self {
        Self {
            action,
            target: None,
            before: None,
            after: None,
            once: None,
        }
    }

    pub fn before(self, value: Value) -> Self {
        Self {
            before: Some(value),
            ..self
        }
    }

    pub fn after(self, value: Value) -> Self {
        Self {
            after: Some(value),
            ..self
        }
    }

    /// Happened to this account at this moment, and is written once a minute however often it happens.
    pub fn once_a_minute(self, user: UserId, at: DateTime<Utc>) -> Self {
        Self {
            once: Some((minute_id(user, at), at)),
            ..self
        }
    }
}

/// Adds an entry to the transaction.
pub(crate) async fn record(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    event: Event,
) -> Result<(), Error> {
    let origin = scope.origin.clone().unwrap_or_default();
    let (id, created_at) = event.once.unwrap_or_else(|| (app.id(), app.now()));
    let entry = AuditEntry {
        id,
        created_at,
        actor: scope.actor.into(),
        action: event.action,
        target: event.target,
        ip: origin.ip,
        // It comes from outside: of any length, and with what breaks terminals.
        user_agent: origin
            .user_agent
            .map(|text| text.chars().filter(|c| !c.is_control()).take(300).collect()),
        request_id: scope.request,
        before: event.before,
        after: event.after,
    };
    Ok(unit.audit().append(&[entry]).await?)
}

/// The id of what happens to this account in this minute, the same in every process: a `UUIDv7` whose time is the minute's
/// start and whose random bits are the account's.
fn minute_id(user: UserId, now: DateTime<Utc>) -> AuditEntryId {
    let minute = now.timestamp().div_euclid(60) * 60_000;
    let mut bytes = user.0.into_bytes();
    // 48 bits of milliseconds: RFC 9562, section 5.7.
    for (byte, time) in bytes.iter_mut().zip(minute.to_be_bytes().into_iter().skip(2)) {
        *byte = time;
    }
    uuid::Uuid::from_bytes(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_per_account_and_minute() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let user: UserId = "0190c5a0-1234-7000-8000-00000000abcd".parse().unwrap();
        let other: UserId = "0190c5a0-1234-7000-8000-00000000abce".parse().unwrap();
        let id = minute_id(user, at(1_800_000_000));
        assert_eq!(id.to_string(), "01a3185c-5000-7000-8000-00000000abcd");
        assert_eq!(minute_id(user, at(1_800_000_059)), id);
        assert_ne!(minute_id(user, at(1_800_000_060)), id);
        assert_ne!(minute_id(other, at(1_800_000_000)), id);
    }
}
