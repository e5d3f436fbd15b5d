//! Changing a password, choosing a new one, accepting an invitation. Each of them ends every session there was; a mailed
//! link, which shows whose address it is, also the API keys: somebody else may have registered with it, and made them.

use super::account::check_password;
use super::commands::{Accept, ChangePassword, Device, ForgotPassword, ResetPassword, SignedIn};
use super::links::{send_link, shown, spent};
use super::sign_in::{open_session, organization};
use crate::audit::{self, Event};
use crate::{App, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::identity::{Purpose, User, UserStatus};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, OneTimeTokenId, Scope, UserId};
use secrecy::SecretString;
use serde_json::json;

/// Ends every session and opens a new one on this device.
pub async fn change_password(
    app: &App,
    scope: &Scope,
    change: ChangePassword,
    device: Device,
) -> Result<SignedIn, Error> {
    let Actor::User { user: id, .. } = scope.actor else {
        return Err(Error::Forbidden(match scope.actor {
            Actor::Foreign { .. } => {
                "whoever comes by a trusted issuer changes no password: ask for a link to choose one instead"
                    .into()
            }
            _ => "a password can only be changed by a person who is signed in".into(),
        }));
    };
    let mut problems = Problems::new();
    check_password(&mut problems, "new_password", &change.new_password);
    problems.finish()?;
    let repos = app.store.read(scope);
    let hash = repos
        .identity()
        .password_hash(id)
        .await?
        .filter(|hash| !hash.is_empty());
    if !app
        .passwords
        .verify(&change.current_password, hash.as_deref())
        .await?
    {
        return Err(Error::invalid("current_password", "is wrong"));
    }
    let user = repos
        .identity()
        .user(id)
        .await?
        .ok_or(Error::NotFound { what: "user" })?;
    let user = enter(app, scope, user, &change.new_password, None).await?;
    let organization = organization(app, user.organization_id).await?;
    open_session(app, organization, user, device).await
}

/// Mails a link to choose a new password, if the address is one of ours; the answer and the time it takes do not tell.
pub async fn forgot_password(app: &App, forgot: &ForgotPassword) -> Result<(), Error> {
    let email = forgot
        .email
        .parse::<EmailAddress>()
        .map_err(|message| Error::invalid("email", message))?;
    let found = app.system.identity().credentials(&email.key()).await?;
    let found = found
        .map(|found| found.user)
        .filter(|user| user.status == UserStatus::Active);
    let Some(user) = found else {
        // As much work, for nobody.
        let scope = Scope::system(app.id(), app.request_id());
        let unit = app.store.begin(&scope).await?;
        let nobody: UserId = app.id();
        unit.identity()
            .end_one_time(nobody, Purpose::PasswordReset, app.now())
            .await?;
        unit.commit().await?;
        return Ok(());
    };
    let scope = Scope::system(user.organization_id, app.request_id());
    let unit = app.store.begin(&scope).await?;
    send_link(app, unit.as_ref(), &user, Purpose::PasswordReset).await?;
    unit.commit().await?;
    Ok(())
}

/// Takes the new password of somebody who followed the link.
pub async fn reset_password(app: &App, reset: ResetPassword, device: Device) -> Result<SignedIn, Error> {
    let ResetPassword { token, password } = reset;
    let user = choose_password(app, Purpose::PasswordReset, &token, &password, None).await?;
    let organization = organization(app, user.organization_id).await?;
    open_session(app, organization, user, device).await
}

/// Takes the first password of somebody who was invited.
pub async fn accept_invitation(app: &App, accept: Accept, device: Device) -> Result<SignedIn, Error> {
    let Accept {
        token,
        password,
        name,
    } = accept;
    let user = choose_password(app, Purpose::Invitation, &token, &password, name.as_deref()).await?;
    let organization = organization(app, user.organization_id).await?;
    open_session(app, organization, user, device).await
}

/// What a link of these two purposes is for.
pub async fn choose_password(
    app: &App,
    purpose: Purpose,
    token: &str,
    password: &SecretString,
    name: Option<&str>,
) -> Result<User, Error> {
    let mut problems = Problems::new();
    check_password(&mut problems, "password", password);
    let name = name.map(|name| problems.line("name", name, 200, false));
    problems.finish()?;
    let (organization, token) = shown(app, purpose, token).await?;
    let mut scope = Scope::system(organization, app.request_id());
    // For the audit log: it is the person's own act.
    scope.actor = Actor::User {
        user: token.user_id,
        session: uuid::Uuid::nil().into(),
    };
    let user = app.store.read(&scope).identity().user(token.user_id).await?;
    let wanted = match purpose {
        Purpose::Invitation => UserStatus::Invited,
        Purpose::PasswordReset | Purpose::EmailVerification => UserStatus::Active,
    };
    let mut user = user.filter(|user| user.status == wanted).ok_or_else(spent)?;
    user.status = UserStatus::Active;
    user.name = name.unwrap_or(user.name);
    // Whoever followed the link has read the mail.
    user.email_verified_at = user.email_verified_at.or(Some(app.now()));
    enter(app, &scope, user, password, Some(token.id)).await
}

/// Writes the password and ends what was open, at once.
async fn enter(
    app: &App,
    scope: &Scope,
    mut user: User,
    password: &SecretString,
    link: Option<OneTimeTokenId>,
) -> Result<User, Error> {
    let hash = app.passwords.hash(password).await?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    if let Some(link) = link
        && !unit.identity().use_one_time(link, now).await?
    {
        return Err(spent());
    }
    let current = user.version;
    user.updated_at = now;
    user.version += 1;
    version::written(
        "user",
        unit.identity().update_user(&user, current).await?,
        current,
    )?;
    unit.identity().set_password(user.id, &hash).await?;
    unit.identity()
        .end_one_time(user.id, Purpose::PasswordReset, now)
        .await?;
    let ended = unit.identity().revoke_sessions(user.id, None, now).await?;
    let keys = match link {
        Some(_) => unit.identity().delete_api_keys(user.id).await?,
        None => 0,
    };
    let mut event = Event::of(AuditAction::UserPasswordChanged, user.id);
    if keys > 0 {
        event = event.after(json!({ "api_keys_deleted": keys }));
    }
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.forget_sessions(&ended).await;
    tracing::info!(user = %user.id, "password changed, {} sessions ended", ended.len());
    Ok(user)
}
