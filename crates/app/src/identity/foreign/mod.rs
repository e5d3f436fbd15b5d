//! People whom a trusted issuer vouches for.
//!
//! Every request shows the issuer's token again, so there is no session of ours: what the person may do is looked up by
//! `(issuer, subject)`, through a cache as for sessions. The first request makes the link, see [`arrival`].

mod arrival;
mod policy;

pub use policy::{IssuerPolicy, Newcomers};

use crate::App;
use arrival::first_sight;
use chrono::TimeDelta;
use groundswell_domain::identity::{ForeignIdentity, IssuerError, Linked, UserStatus};
use groundswell_domain::{Actor, Error, Origin, RequestId, Scope};
use std::time::Duration;

/// When to come again while an issuer's keys can't be had: it is not asked more often.
const RETRY: Duration = Duration::from_secs(10);

/// How exactly is known when somebody was last seen.
const SEEN_EVERY: TimeDelta = TimeDelta::hours(1);

/// The scope of whom the token speaks of.
pub(super) async fn by_foreign_token(
    app: &App,
    token: &str,
    origin: &Origin,
    request: RequestId,
) -> Result<Scope, Error> {
    let read = app.issuers.read(token, app.now()).await;
    let person = read.map_err(|error| match error {
        IssuerError::Refused(sentence) => Error::Unauthenticated(sentence),
        IssuerError::Unavailable(message) => Error::Unavailable {
            message,
            retry_after: RETRY,
        },
    })?;
    let linked = known(app, &person, origin, request).await?;
    // Also for links from a time when the issuer was trusted further.
    let policy = app.settings.policy(&person.issuer);
    if policy
        .organization
        .is_some_and(|only| only != linked.organization)
    {
        return Err(Error::Unauthenticated(
            "your account here belongs to an organization that this issuer does not speak for".into(),
        ));
    }
    if linked.status != UserStatus::Active {
        return Err(Error::Unauthenticated("your account here is disabled".into()));
    }
    let actor = Actor::Foreign { user: linked.user };
    Ok(Scope::new(linked.organization, actor, linked.role, request).bound_to(linked.client))
}

/// Asks the store at most once in five seconds per person.
async fn known(
    app: &App,
    person: &ForeignIdentity,
    origin: &Origin,
    request: RequestId,
) -> Result<Linked, Error> {
    let key = (person.issuer.clone(), person.subject.clone());
    if let Some(linked) = app.linked.get(&key).await {
        return Ok(linked);
    }
    let linked = match app
        .system
        .identity()
        .linked(&person.issuer, &person.subject)
        .await?
    {
        Some(linked) => {
            note(app, &linked, request).await?;
            linked
        }
        None => first_sight(app, person, origin, request).await?,
    };
    app.linked.insert(key, linked).await;
    Ok(linked)
}

/// Writes down that somebody was here, unless it is written down already.
async fn note(app: &App, linked: &Linked, request: RequestId) -> Result<(), Error> {
    let now = app.now();
    if linked.status != UserStatus::Active || now - linked.last_seen < SEEN_EVERY {
        return Ok(());
    }
    let scope = Scope::system(linked.organization, request);
    let repos = app.store.read(&scope);
    repos.identity().touch_identity_link(linked.link, now).await?;
    repos.identity().touch_user(linked.user, now).await?;
    Ok(())
}
