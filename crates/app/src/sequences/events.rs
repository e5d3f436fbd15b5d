//! What other programs tell of leads.

use super::commands::EventInput;
use crate::leads::event;
use crate::{App, effect, scoring};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Scope};
use serde_json::Value;

/// Writes down that something happened, which may let the lead into sequences or let it go on in them.
pub async fn add_event(app: &App, scope: &Scope, id: LeadId, input: EventInput) -> Result<LeadEvent, Error> {
    scope.require(Permission::LeadsWrite)?;
    let mut problems = Problems::new();
    let name = problems.line("name", &input.name, 100, false);
    problems.json("data", &Value::Object(input.data.clone()));
    problems.finish()?;
    let mut data = input.data;
    data.insert("name".to_owned(), Value::String(name));
    let happened = event(app, id, LeadEventKind::Custom, Value::Object(data));
    let unit = app.store.begin(scope).await?;
    unit.leads()
        .get(id)
        .await?
        .ok_or(Error::NotFound { what: "lead" })?;
    scoring::happened(app, scope, unit.as_ref(), std::slice::from_ref(&happened)).await?;
    effect::commit(app, scope, unit, Outcome::Recorded, &happened).await?;
    Ok(happened)
}
