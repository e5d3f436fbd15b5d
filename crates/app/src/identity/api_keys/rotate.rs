//! A new secret for an old purpose.

use super::{LONGEST_DAYS, MISSING, issue, person, rights, within};
use crate::App;
use crate::audit::{self, Event};
use crate::identity::commands::{CreatedApiKey, Rotation};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::ApiKey;
use groundswell_domain::validate::Problems;
use groundswell_domain::{ApiKeyId, Error, Scope};
use serde_json::json;

/// How long both keys work, unless the caller says it.
const OVERLAP_HOURS: i64 = 24;

/// Longest overlap: 30 days.
const MOST_HOURS: i64 = 720;

/// Makes a key with the same limits, and for as long a life as the old one was given. The old one ends after the overlap, or
/// with its own time if that is sooner. Not recorded under an idempotency key, as making one is not.
pub async fn rotate_api_key(
    app: &App,
    scope: &Scope,
    id: ApiKeyId,
    rotation: Rotation,
) -> Result<CreatedApiKey, Error> {
    let user = person(scope)?;
    let hours = rotation.overlap_hours.unwrap_or(OVERLAP_HOURS);
    let mut problems = Problems::new();
    let name = rotation.name.map(|name| problems.line("name", &name, 100, false));
    problems.check(
        (0..=MOST_HOURS).contains(&hours),
        "overlap_hours",
        format!("must be between 0 and {MOST_HOURS}"),
    );
    problems.finish()?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let old = unit.identity().api_key(user, id).await?.ok_or(MISSING)?;
    if old.replaced_by.is_some() {
        return Err(replaced());
    }
    if old.has_expired(now) {
        return Err(Error::conflict(
            "api_key_expired",
            "this key has expired: make a new one",
        ));
    }
    // What it was made for must still be within the reach of its owner.
    for permission in &old.scopes {
        scope.require(*permission)?;
    }
    let key = ApiKey {
        id: app.id(),
        name: name.unwrap_or_else(|| old.name.clone()),
        client_id: within(scope, old.client_id)?,
        expires_at: renewed(&old, now),
        last_used_at: None,
        last_used_ip: None,
        replaces: Some(id),
        created_at: now,
        ..old.clone()
    };
    let ends = now + TimeDelta::hours(hours);
    let ends = old.expires_at.map_or(ends, |own| own.min(ends));
    let (credentials, created) = issue(app, key);
    let identity = unit.identity();
    if !identity.replace_api_key(user, id, created.key.id, ends).await? {
        return Err(replaced());
    }
    identity.insert_api_key(&credentials).await?;
    let rotated = Event::of(AuditAction::ApiKeyRotated, id)
        .before(json!({ "expires_at": old.expires_at }))
        .after(json!({ "expires_at": ends, "replaced_by": created.key.id }));
    let made = Event::of(AuditAction::ApiKeyCreated, created.key.id).after(rights(&created.key));
    for event in [rotated, made] {
        audit::record(app, scope, unit.as_ref(), event).await?;
    }
    unit.commit().await?;
    Ok(created)
}

fn replaced() -> Error {
    Error::conflict(
        "api_key_replaced",
        "this key was replaced by another one already: rotate that one",
    )
}

/// The life that the old key was given, from now on.
fn renewed(old: &ApiKey, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let life = old.expires_at? - old.created_at;
    Some(now + life.min(TimeDelta::days(LONGEST_DAYS)))
}
