//! A person's own sessions.

use crate::App;
use crate::audit::{self, Event};
use chrono::{DateTime, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::Session;
use groundswell_domain::{Actor, Error, Scope, SessionId, UserId};
use serde::Serialize;

/// A login, as its owner sees it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
    pub created_at: DateTime<Utc>,
    /// The last refresh.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends if nothing happens.
    pub expires_at: DateTime<Utc>,
}

/// And the session that asks. Whoever comes with a token of a trusted issuer has none, but may have others.
fn person(scope: &Scope) -> Result<(UserId, Option<SessionId>), Error> {
    match scope.actor {
        Actor::User { user, session } => Ok((user, Some(session))),
        Actor::Foreign { user } => Ok((user, None)),
        _ => Err(Error::Forbidden(
            "sessions belong to a person who is signed in".into(),
        )),
    }
}

pub async fn list_sessions(app: &App, scope: &Scope) -> Result<Vec<SessionView>, Error> {
    let (user, current) = person(scope)?;
    let sessions = app.store.read(scope).identity().sessions(user, app.now()).await?;
    let view = |session: Session| SessionView {
        current: Some(session.id) == current,
        expires_at: session.expires_at(),
        id: session.id,
        created_at: session.created_at,
        last_seen_at: session.rotated_at,
        user_agent: session.user_agent,
        ip: session.ip,
    };
    Ok(sessions.into_iter().map(view).collect())
}

/// Ends one of the caller's sessions; its access tokens die within five seconds everywhere.
pub async fn end_session(app: &App, scope: &Scope, id: SessionId) -> Result<(), Error> {
    let (user, _) = person(scope)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let mine = unit.identity().sessions(user, now).await?;
    if !mine.iter().any(|session| session.id == id) || !unit.identity().revoke_session(id, now).await? {
        return Err(Error::NotFound { what: "session" });
    }
    let event = Event::of(AuditAction::SessionRevoked, id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.forget_sessions(&[id]).await;
    Ok(())
}

/// Ends all of the caller's sessions but the one that asks; how many there were.
pub async fn end_other_sessions(app: &App, scope: &Scope) -> Result<u64, Error> {
    let (user, current) = person(scope)?;
    let unit = app.store.begin(scope).await?;
    let ended = unit.identity().revoke_sessions(user, current, app.now()).await?;
    for id in &ended {
        let event = Event::of(AuditAction::SessionRevoked, *id);
        audit::record(app, scope, unit.as_ref(), event).await?;
    }
    unit.commit().await?;
    app.forget_sessions(&ended).await;
    Ok(ended.len() as u64)
}
