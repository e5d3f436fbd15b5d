//! What comes back from a mail: opens, clicks and unsubscribes, each by a link that only we can have made.

use super::commands::UnsubscribeInfo;
use super::links::{self, Followed};
use super::suppressed::suppressed;
use super::verdicts::count_all;
use super::visits::record_all;
use crate::App;
use crate::audit::{self, Event};
use crate::consents;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::classify::{Method, Network};
use groundswell_domain::email::{
    EmailEvent, EmailEventKind, EventTrace, NewVisit, Suppression, SuppressionReason, TakeVisits,
};
use groundswell_domain::jobs::{JobPayload, NewJob};
use groundswell_domain::{Actor, Error, Origin, RequestId, Scope};
use serde_json::json;
use std::net::IpAddr;
use url::Url;

const BAD_LINK: Error = Error::NotFound { what: "link" };

/// What a request for a picture or a link tells of who asks.
#[derive(Debug, Clone)]
pub struct Visit {
    pub user_agent: Option<String>,
    /// Only its network is kept.
    pub ip: Option<IpAddr>,
    pub method: Method,
    /// Whether it names a language.
    pub language: bool,
}

/// Keeps an open. A token that is not ours counts nothing.
pub async fn record_open(app: &App, token: &str, visit: Visit) -> Result<(), Error> {
    let Some(followed) = links::read_open(app, token) else {
        return Ok(());
    };
    keep(app, &followed, EmailEventKind::Open, visit).await
}

/// Keeps a click and answers where the link leads. The click is lost rather than the visitor when the store fails.
pub async fn record_click(app: &App, token: &str, visit: Visit) -> Result<Url, Error> {
    let followed = links::read_click(app, token).ok_or(BAD_LINK)?;
    let (kind, url) = if followed.is_honeypot() {
        (EmailEventKind::Honeypot, app.settings.public_url.clone())
    } else {
        let url = Url::parse(&followed.url).map_err(|_| BAD_LINK)?;
        (EmailEventKind::Click, url)
    };
    if let Err(error) = keep(app, &followed, kind, visit).await {
        tracing::warn!(%error, message = %followed.message, "a click could not be kept");
    }
    Ok(url)
}

/// Whose link it is, for the page that asks. Changes nothing.
pub async fn unsubscribe_info(app: &App, token: &str) -> Result<UnsubscribeInfo, Error> {
    let followed = links::read_unsubscribe(app, token).ok_or(BAD_LINK)?;
    let scope = scope(&followed, app.request_id());
    let repos = app.store.read(&scope);
    let message = repos.messages().get(followed.message).await?.ok_or(BAD_LINK)?;
    let organization = repos.identity().organization().await?.ok_or(BAD_LINK)?;
    let keys = [message.to.key()];
    let erased = message.to.is_erased();
    let done = erased || !suppressed(app, repos.as_ref(), &scope, &keys).await?.is_empty();
    Ok(UnsubscribeInfo {
        email: if erased {
            "Your address".to_owned()
        } else {
            message.to.to_string()
        },
        organization: organization.name,
        done,
    })
}

/// The address gets no more mail, and the lead's consent to marketing is withdrawn, if there is one. Doing it twice is fine.
pub async fn unsubscribe(
    app: &App,
    token: &str,
    origin: Origin,
    request: RequestId,
) -> Result<UnsubscribeInfo, Error> {
    let followed = links::read_unsubscribe(app, token).ok_or(BAD_LINK)?;
    let mut scope = scope(&followed, request);
    scope.origin = Some(origin);
    leave(app, &scope, &followed).await?;
    unsubscribe_info(app, token).await
}

fn scope(followed: &Followed, request: RequestId) -> Scope {
    let mut scope = Scope::system(followed.organization, request);
    scope.actor = Actor::Recipient;
    scope
}

/// Puts an open or a click where the job finds it (docs/decisions/0048).
async fn keep(app: &App, followed: &Followed, kind: EmailEventKind, visit: Visit) -> Result<(), Error> {
    let trace = EventTrace {
        method: Some(visit.method),
        network: visit.ip.map(Network::of),
        language: Some(visit.language),
        ..EventTrace::default()
    };
    let event = event(app, followed, kind, visit.user_agent.as_deref(), trace);
    let job = NewJob::new(app.id(), &TakeVisits {}, event.created_at).unique(TakeVisits::KIND);
    let visit = NewVisit { event, job };
    Ok(app.system.visits().keep(followed.organization, visit).await?)
}

fn event(
    app: &App,
    followed: &Followed,
    kind: EmailEventKind,
    user_agent: Option<&str>,
    trace: EventTrace,
) -> EmailEvent {
    EmailEvent {
        id: app.id(),
        message_id: followed.message,
        kind,
        url: (kind == EmailEventKind::Click).then(|| followed.url.clone()),
        human: true,
        user_agent: user_agent.map(|text| text.chars().filter(|c| !c.is_control()).take(300).collect()),
        trace,
        created_at: app.now(),
    }
}

/// The event, the suppression, the lead's score and consent, and the campaign's numbers, in one transaction.
async fn leave(app: &App, scope: &Scope, followed: &Followed) -> Result<(), Error> {
    let user_agent = scope
        .origin
        .as_ref()
        .and_then(|origin| origin.user_agent.as_deref());
    let trace = EventTrace {
        method: Some(Method::Post),
        ..EventTrace::default()
    };
    let event = event(app, followed, EmailEventKind::Unsubscribe, user_agent, trace);
    let now = event.created_at;
    let unit = app.store.begin(scope).await?;
    let (effects, deltas) = record_all(app, scope, unit.as_ref(), vec![event]).await?;
    let Some(effect) = effects.into_iter().next().flatten() else {
        return Ok(());
    };
    let suppression = Suppression {
        id: app.id(),
        email: Some(effect.to),
        email_hash: None,
        reason: SuppressionReason::Unsubscribe,
        note: None,
        created_at: now,
    };
    if unit.suppressions().insert(&suppression).await? {
        let event = Event::of(AuditAction::SuppressionAdded, suppression.id)
            .after(json!({ "reason": suppression.reason }));
        audit::record(app, scope, unit.as_ref(), event).await?;
    }
    // After the score, which has locked the lead.
    if let Some(lead) = effect.lead_id {
        consents::withdraw(app, scope, unit.as_ref(), lead).await?;
    }
    count_all(unit.as_ref(), deltas).await?;
    unit.commit().await?;
    Ok(())
}
