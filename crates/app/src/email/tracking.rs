//! What comes back from a mail: opens, clicks and unsubscribes, each by a link that only we can have made. What else can be chosen
//! behind the last one is in `preferences.rs`.

use super::links::{self, Followed};
use super::verdicts::{count_all, lead_event};
use super::visits::record_all;
use crate::App;
use crate::audit::{self, Event};
use crate::{consents, scoring};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::classify::{Method, Network};
use groundswell_domain::email::{
    EmailEvent, EmailEventKind, EventContext, EventTrace, NewVisit, Suppression, SuppressionReason,
    TakeVisits,
};
use groundswell_domain::jobs::{JobPayload, NewJob};
use groundswell_domain::{Actor, Error, RequestId, Scope};
use serde_json::json;
use std::net::IpAddr;
use url::Url;

pub(super) const BAD_LINK: Error = Error::NotFound { what: "link" };

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

pub(super) fn scope(followed: &Followed, request: RequestId) -> Scope {
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

pub(super) fn event(
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
pub(super) async fn leave(app: &App, scope: &Scope, followed: &Followed) -> Result<(), Error> {
    let user_agent = scope
        .origin
        .as_ref()
        .and_then(|origin| origin.user_agent.as_deref());
    let trace = EventTrace {
        method: Some(Method::Post),
        ..EventTrace::default()
    };
    let event = event(app, followed, EmailEventKind::Unsubscribe, user_agent, trace);
    let unit = app.store.begin(scope).await?;
    let (effects, deltas) = record_all(app, scope, unit.as_ref(), vec![event.clone()]).await?;
    let Some(effect) = effects.into_iter().next().flatten() else {
        return Ok(());
    };
    let suppression = Suppression {
        id: app.id(),
        email: Some(effect.to),
        email_hash: None,
        reason: SuppressionReason::Unsubscribe,
        note: None,
        created_at: event.created_at,
    };
    if unit.suppressions().insert(&suppression).await? {
        let entry = Event::of(AuditAction::SuppressionAdded, suppression.id)
            .after(json!({ "reason": suppression.reason }));
        audit::record(app, scope, unit.as_ref(), entry).await?;
        // The mail may be marked already because its reader left its topic: only now there is to be no more mail at all.
        if !effect.first {
            let context = EventContext {
                campaign_id: effect.campaign_id,
                lead_id: effect.lead_id,
                sent_at: None,
            };
            let happened = Vec::from_iter(lead_event(app, &context, &event));
            scoring::happened(app, scope, unit.as_ref(), &happened).await?;
        }
    }
    // After the score, which has locked the lead.
    if let Some(lead) = effect.lead_id {
        consents::withdraw(app, scope, unit.as_ref(), lead).await?;
    }
    count_all(unit.as_ref(), deltas).await?;
    unit.commit().await?;
    Ok(())
}
