//! What happened to a lead: writing it down, and reading all of it as one list.

use crate::App;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, LeadStage, TimelineSort};
use groundswell_domain::{Error, LeadId, Page, PageRequest, Scope};
use serde_json::{Map, Value, json};

/// Everything that happened to a lead: submissions, mails, points, stages and the rest.
pub async fn timeline(
    app: &App,
    scope: &Scope,
    id: LeadId,
    page: &PageRequest<TimelineSort>,
) -> Result<Page<LeadEvent>, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let lead = repos.leads().get(id).await?.ok_or(super::manage::MISSING)?;
    Ok(repos.lead_events().timeline(&lead, page).await?)
}

/// An event of this moment, with what is not null of `data`.
pub(crate) fn event(app: &App, lead: LeadId, kind: LeadEventKind, data: Value) -> LeadEvent {
    let data = match data {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    };
    LeadEvent {
        id: app.id(),
        lead_id: lead,
        kind,
        subject: None,
        occurred_at: app.now(),
        data,
    }
}

/// That a lead went on from a stage in which it had been since some time, and who saw to it.
pub(crate) fn stage_changed(
    app: &App,
    scope: &Scope,
    lead: &Lead,
    (from, since): (LeadStage, DateTime<Utc>),
) -> LeadEvent {
    let data = json!({
        "from": from,
        "to": lead.stage,
        "after_seconds": (lead.stage_since - since).num_seconds().max(0),
        "reason": lead.outcome_reason,
        "user_id": scope.actor.user(),
    });
    event(app, lead.id, LeadEventKind::StageChanged, data)
}
