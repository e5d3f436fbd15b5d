//! Login, refresh and logout.

use super::commands::{Device, Login, RefreshToken, SignedIn};
use crate::App;
use crate::audit::{self, Event};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::identity::{AccessClaims, Organization, Refresh, Session, User, UserStatus};
use groundswell_domain::{Actor, Error, OrganizationId, Scope};
use secrecy::ExposeSecret;

/// Life of an access token.
pub const ACCESS_MINUTES: i64 = 5;

/// Unknown address and wrong password get the same answer after the same work. Whoever answers with a refusal calls
/// [`note_failed_login`] afterwards.
pub async fn login(app: &App, login: Login, device: Device) -> Result<SignedIn, Error> {
    let key = login.email.parse::<EmailAddress>().ok().map(|email| email.key());
    let found = match &key {
        Some(key) => app.system.identity().credentials(key).await?,
        None => None,
    };
    let hash = found
        .as_ref()
        .map(|found| found.password_hash.as_str())
        .filter(|hash| !hash.is_empty());
    let matches = app.passwords.verify(&login.password, hash).await?;
    match found {
        // Invited people have no password yet, and disabled ones get the same answer as strangers.
        Some(found) if matches && found.user.status == UserStatus::Active => {
            let organization = organization(app, found.user.organization_id).await?;
            open_session(app, organization, found.user, device).await
        }
        _ => Err(Error::Unauthenticated(
            "the mail address or the password is wrong".into(),
        )),
    }
}

/// Writes a refused login into the audit log of the account's organization, if there is such an account. Apart from
/// [`login`], which refused it `at` this moment, and to be called when the answer is on its way: the write takes a time that would tell which accounts exist.
pub async fn note_failed_login(
    app: &App,
    email: &str,
    device: &Device,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let Ok(email) = email.parse::<EmailAddress>() else {
        return Ok(());
    };
    let Some(found) = app.system.identity().credentials(&email.key()).await? else {
        return Ok(());
    };
    let user = found.user;
    let scope = device.scope(user.organization_id, Actor::Stranger);
    // One entry a minute: guessing must not fill the disk.
    let event = Event::of(AuditAction::UserLoginFailed, user.id).once_a_minute(user.id, at);
    let unit = app.store.begin(&scope).await?;
    audit::record(app, &scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}

/// Starts a session for someone who has just proved who they are.
pub(super) async fn open_session(
    app: &App,
    organization: Organization,
    mut user: User,
    device: Device,
) -> Result<SignedIn, Error> {
    let session = new_session(app, &user, &device);
    let actor = Actor::User {
        user: user.id,
        session: session.id,
    };
    let scope = device.scope(organization.id, actor);
    let unit = app.store.begin(&scope).await?;
    unit.identity().insert_session(&session).await?;
    unit.identity().touch_user(user.id, session.created_at).await?;
    let event = Event::of(AuditAction::UserLogin, session.id);
    audit::record(app, &scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    user.last_login_at = Some(session.created_at);
    signed_in(app, &session, 0, user, organization)
}

/// A session that is not in the store yet.
fn new_session(app: &App, user: &User, device: &Device) -> Session {
    let now = app.now();
    let mut salt = vec![0; 16];
    app.entropy.fill(&mut salt);
    Session {
        id: app.id(),
        organization_id: user.organization_id,
        user_id: user.id,
        salt,
        generation: 0,
        rotated_at: now,
        created_at: now,
        revoked_at: None,
        user_agent: device
            .origin
            .user_agent
            .as_ref()
            .map(|text| text.chars().take(300).collect()),
        ip: device.origin.ip.map(|ip| ip.to_string()),
    }
}

/// The next tokens of a session. Reuse of a token that was replaced before ends the session.
pub async fn refresh(app: &App, shown: &RefreshToken, device: &Device) -> Result<SignedIn, Error> {
    let text = shown.refresh_token.expose_secret();
    let (mut session, generation) = proven(app, text).await?;
    let scope = Scope::system(session.organization_id, app.request_id());
    let repos = app.store.read(&scope);
    let now = app.now();
    let mut decision = session.refresh(generation, now);
    if decision == Refresh::Rotate
        && !repos
            .identity()
            .rotate_session(session.id, generation, now)
            .await?
    {
        // Another request with the same token was faster, or the session was ended meanwhile: look again.
        session = app
            .system
            .identity()
            .session(session.id)
            .await?
            .ok_or_else(ended)?;
        decision = session.refresh(generation, now);
    }
    let next = match decision {
        Refresh::Rotate => generation + 1,
        Refresh::Repeat => session.generation,
        Refresh::Ended => return Err(ended()),
        Refresh::Reused => {
            // Whoever shows it may be the owner or a thief.
            let scope = device.scope(session.organization_id, Actor::Stranger);
            end(app, &scope, &session, AuditAction::SessionReused).await?;
            tracing::warn!(session = %session.id, user = %session.user_id, "a refresh token was used twice: session ended");
            return Err(Error::Unauthenticated(
                "this refresh token was used before: the session was ended for safety, sign in again".into(),
            ));
        }
    };
    let user = repos.identity().user(session.user_id).await?;
    let user = user
        .filter(|user| user.status == UserStatus::Active)
        .ok_or_else(ended)?;
    let organization = organization(app, session.organization_id).await?;
    signed_in(app, &session, next, user, organization)
}

/// Ends the session that the refresh token belongs to. Doing it twice is fine.
pub async fn logout(app: &App, shown: &RefreshToken, device: &Device) -> Result<(), Error> {
    let (session, _) = proven(app, shown.refresh_token.expose_secret()).await?;
    let scope = device.scope(
        session.organization_id,
        Actor::User {
            user: session.user_id,
            session: session.id,
        },
    );
    end(app, &scope, &session, AuditAction::UserLogout).await
}

/// Ends a session, unless it has ended already.
async fn end(app: &App, scope: &Scope, session: &Session, why: AuditAction) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    if unit.identity().revoke_session(session.id, app.now()).await? {
        audit::record(app, scope, unit.as_ref(), Event::of(why, session.id)).await?;
        unit.commit().await?;
    }
    app.sessions.invalidate(&session.id).await;
    Ok(())
}

/// The session and generation of a refresh token that we made.
async fn proven(app: &App, text: &str) -> Result<(Session, i32), Error> {
    let invalid = || Error::Unauthenticated("this is not a valid refresh token".into());
    let (id, generation) = app.tokens.peek_refresh(text).ok_or_else(invalid)?;
    let session = app.system.identity().session(id).await?.ok_or_else(invalid)?;
    if app.tokens.is_refresh_of(text, &session, generation) {
        Ok((session, generation))
    } else {
        Err(invalid())
    }
}

fn ended() -> Error {
    Error::Unauthenticated("this session has ended: sign in again".into())
}

pub(super) async fn organization(app: &App, id: OrganizationId) -> Result<Organization, Error> {
    let scope = Scope::system(id, app.request_id());
    let found = app.store.read(&scope).identity().organization().await?;
    found.ok_or(Error::NotFound { what: "organization" })
}

fn signed_in(
    app: &App,
    session: &Session,
    generation: i32,
    user: User,
    organization: Organization,
) -> Result<SignedIn, Error> {
    let now = app.now();
    let claims = AccessClaims {
        organization: organization.id,
        user: user.id,
        session: session.id,
        role: user.role,
        issued_at: now,
        expires_at: now + TimeDelta::minutes(ACCESS_MINUTES),
    };
    Ok(SignedIn {
        access_token: app.tokens.access(&claims)?,
        refresh_token: app.tokens.refresh(session, generation),
        token_type: "bearer",
        expires_in: ACCESS_MINUTES * 60,
        user,
        organization,
    })
}
