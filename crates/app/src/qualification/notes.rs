//! What people write down about a lead. Notes are events of its timeline, and go with it.

use super::commands::NoteInput;
use super::lead::MISSING;
use crate::leads::event;
use crate::{App, effect, scoring};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Scope};
use serde_json::json;

/// Longest note, in characters.
const MOST: usize = 10_000;

pub async fn add_note(app: &App, scope: &Scope, id: LeadId, input: NoteInput) -> Result<LeadEvent, Error> {
    scope.require(Permission::LeadsWrite)?;
    let mut problems = Problems::new();
    let text = input.text.trim();
    problems.check(!text.is_empty(), "text", "must not be empty");
    problems.text("text", text, MOST);
    problems.finish()?;
    let data = json!({ "text": text, "user_id": scope.actor.user() });
    let note = event(app, id, LeadEventKind::NoteAdded, data);
    let unit = app.store.begin(scope).await?;
    unit.leads().get(id).await?.ok_or(MISSING)?;
    scoring::happened(app, scope, unit.as_ref(), std::slice::from_ref(&note)).await?;
    effect::commit(app, scope, unit, Outcome::Recorded, &note).await?;
    Ok(note)
}
