//! What comes back from a mail: opens, clicks and unsubscribes, each by a link that only we can have made. What else can be chosen
//! behind the last one is in `preferences.rs`.

use super::delivery::count;
use super::links::{self, Followed};
use super::verdicts::{judge_alone, lead_event, look_again};
use crate::App;
use crate::audit::{self, Event};
use crate::{consents, scoring};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::classify::{Method, Network};
use groundswell_domain::email::{
    EmailEvent, EmailEventKind, EventContext, EventTrace, Suppression, SuppressionReason,
};
use groundswell_domain::{Actor, Error, Origin, RequestId, Scope};
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
    let scope = from_here(app, &followed, &visit);
    record(app, &scope, &followed, EmailEventKind::Open, Some(visit)).await
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
    let scope = from_here(app, &followed, &visit);
    if let Err(error) = record(app, &scope, &followed, kind, Some(visit)).await {
        tracing::warn!(%error, message = %followed.message, "a click could not be kept");
    }
    Ok(url)
}

pub(super) fn scope(followed: &Followed, request: RequestId) -> Scope {
    let mut scope = Scope::system(followed.organization, request);
    scope.actor = Actor::Recipient;
    scope
}

fn from_here(app: &App, followed: &Followed, visit: &Visit) -> Scope {
    let mut scope = scope(followed, app.request_id());
    scope.origin = Some(Origin {
        ip: None,
        user_agent: visit.user_agent.clone(),
    });
    scope
}

/// The event, the lead's score and the campaign's numbers, in one transaction.
pub(super) async fn record(
    app: &App,
    scope: &Scope,
    followed: &Followed,
    kind: EmailEventKind,
    visit: Option<Visit>,
) -> Result<(), Error> {
    let user_agent = scope
        .origin
        .as_ref()
        .and_then(|origin| origin.user_agent.as_ref());
    let now = app.now();
    let mut event = EmailEvent {
        id: app.id(),
        message_id: followed.message,
        kind,
        url: (kind == EmailEventKind::Click).then(|| followed.url.clone()),
        human: true,
        user_agent: user_agent.map(|text| text.chars().filter(|c| !c.is_control()).take(300).collect()),
        trace: EventTrace {
            method: Some(visit.as_ref().map_or(Method::Post, |visit| visit.method)),
            network: visit.as_ref().and_then(|visit| visit.ip).map(Network::of),
            language: visit.map(|visit| visit.language),
            ..EventTrace::default()
        },
        created_at: now,
    };
    let unit = app.store.begin(scope).await?;
    if matches!(kind, EmailEventKind::Click | EmailEventKind::Honeypot) {
        // With what is known of the mail: several clicks together can tell what one does not.
        look_again(app, scope, unit.as_ref(), followed.message, Some(&mut event)).await?;
    } else {
        judge_alone(&mut event);
    }
    let Some(effect) = unit.messages().record_event(&event).await? else {
        return Ok(());
    };
    // The mail may be marked already because its reader left its topic: only now there is to be no more mail at all.
    let mut added = false;
    if kind == EmailEventKind::Unsubscribe {
        let suppression = Suppression {
            id: app.id(),
            email: Some(effect.to.clone()),
            email_hash: None,
            reason: SuppressionReason::Unsubscribe,
            note: None,
            created_at: now,
        };
        added = unit.suppressions().insert(&suppression).await?;
        if added {
            let event = Event::of(AuditAction::SuppressionAdded, suppression.id)
                .after(json!({ "reason": suppression.reason }));
            audit::record(app, scope, unit.as_ref(), event).await?;
        }
    }
    let context = EventContext {
        campaign_id: effect.campaign_id,
        lead_id: effect.lead_id,
        sent_at: None,
    };
    if let Some(happened) = lead_event(app, &context, &event).filter(|_| effect.first || added) {
        scoring::happened(app, scope, unit.as_ref(), &[happened]).await?;
    }
    // After the score, which has locked the lead.
    if let (EmailEventKind::Unsubscribe, Some(lead)) = (kind, effect.lead_id) {
        consents::withdraw(app, scope, unit.as_ref(), lead).await?;
    }
    if let Some(campaign) = effect.campaign_id.filter(|_| event.human) {
        count(unit.as_ref(), campaign, &delta(kind, effect.first)).await?;
    }
    unit.commit().await?;
    Ok(())
}

fn delta(kind: EmailEventKind, first: bool) -> MetricsDelta {
    let (one, first) = (1, i64::from(first));
    match kind {
        EmailEventKind::Open => MetricsDelta {
            opens: one,
            unique_opens: first,
            ..MetricsDelta::default()
        },
        EmailEventKind::Click => MetricsDelta {
            clicks: one,
            unique_clicks: first,
            ..MetricsDelta::default()
        },
        EmailEventKind::Unsubscribe => MetricsDelta {
            unsubscribes: first,
            ..MetricsDelta::default()
        },
        EmailEventKind::Honeypot => MetricsDelta::default(),
    }
}
