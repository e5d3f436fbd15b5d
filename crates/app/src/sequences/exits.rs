//! Taking leads out.

use super::MISSING;
use super::commands::ExitInput;
use crate::audit::{self, Event};
use crate::{App, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::sequences::{Enrollment, ExitReason};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Repos, Scope, SequenceId};
use serde_json::json;
use std::collections::BTreeSet;

/// Leads in one statement.
const TOGETHER: usize = 500;

/// Out of a sequence, or of every one. In a transaction that has locked the leads.
pub(super) async fn exit_all<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    leads: &BTreeSet<LeadId>,
    sequence: Option<SequenceId>,
    reason: ExitReason,
) -> Result<(), Error> {
    let leads: Vec<LeadId> = leads.iter().copied().collect();
    for leads in leads.chunks(TOGETHER) {
        let mut inside = unit.sequences().active_of(leads, sequence).await?;
        for enrollment in &mut inside {
            enrollment.exit(reason, None, app.now());
        }
        unit.sequences().write(&inside).await?;
    }
    Ok(())
}

/// Takes one lead out by hand.
pub async fn exit_lead(
    app: &App,
    scope: &Scope,
    id: SequenceId,
    input: ExitInput,
) -> Result<Enrollment, Error> {
    scope.require(Permission::EmailSend)?;
    let mut problems = Problems::new();
    let note = problems.optional_line("note", input.note.as_deref(), 200);
    problems.finish()?;
    let unit = app.store.begin(scope).await?;
    unit.sequences().get(id).await?.ok_or(MISSING)?;
    unit.sequences().lock_leads(&[input.lead_id]).await?;
    let found = unit.sequences().active_of(&[input.lead_id], Some(id)).await?;
    let mut enrollment = found
        .into_iter()
        .next()
        .ok_or_else(|| Error::conflict("lead_not_enrolled", "this lead is not in the sequence"))?;
    enrollment.exit(ExitReason::Manual, note, app.now());
    unit.sequences().write(std::slice::from_ref(&enrollment)).await?;
    let event = Event::of(AuditAction::SequenceLeft, id).after(json!({ "lead_id": input.lead_id }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &enrollment).await?;
    Ok(enrollment)
}
