//! Showing that mail to one's address arrives.

use super::links::{send_link, shown, spent};
use crate::{App, effect, version};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::{Purpose, User};
use groundswell_domain::{Error, Scope};

/// Mails a link to the caller's address. Nothing is sent when it is confirmed already.
pub async fn request_verification(app: &App, scope: &Scope) -> Result<(), Error> {
    let user = scope
        .actor
        .user()
        .ok_or_else(|| Error::Unauthenticated("sign in first".into()))?;
    let unit = app.store.begin(scope).await?;
    let user = unit
        .identity()
        .user(user)
        .await?
        .ok_or(Error::NotFound { what: "user" })?;
    if user.email_verified_at.is_none() {
        send_link(app, unit.as_ref(), &user, Purpose::EmailVerification).await?;
    }
    effect::commit(app, scope, unit, Outcome::Accepted, &()).await
}

pub async fn verify_email(app: &App, token: &str) -> Result<User, Error> {
    let (organization, token) = shown(app, Purpose::EmailVerification, token).await?;
    let scope = Scope::system(organization, app.request_id());
    let now = app.now();
    let unit = app.store.begin(&scope).await?;
    if !unit.identity().use_one_time(token.id, now).await? {
        return Err(spent());
    }
    let mut user = unit.identity().user(token.user_id).await?.ok_or_else(spent)?;
    let current = user.version;
    user.email_verified_at = Some(now);
    user.updated_at = now;
    user.version += 1;
    version::written(
        "user",
        unit.identity().update_user(&user, current).await?,
        current,
    )?;
    unit.commit().await?;
    Ok(user)
}
