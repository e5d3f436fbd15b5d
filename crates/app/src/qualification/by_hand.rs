//! A person sets the stage. Rules leave it alone until somebody gives it back to them.

use super::commands::{Qualification, StageInput};
use super::lead::{MISSING, locked, qualifier};
use super::settle::{Said, settle};
use crate::leads::stage_changed;
use crate::{App, effect, scoring};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::Lead;
use groundswell_domain::qualification::StageHold;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Repos, Scope};
use serde_json::Value;

/// Longest reason.
const MOST_REASON: usize = 500;
/// Longest reason of an outcome, as reports group by it.
const MOST_OUTCOME: usize = 100;

/// After a lead was written with another stage than before. What jobs write, for example of a file, is nobody's hand.
pub(crate) async fn set_by_hand<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    lead: &Lead,
) -> Result<(), Error> {
    if scope.actor.user().is_none() {
        return Ok(());
    }
    let hold = hold(app, scope, lead.outcome_reason.clone());
    Ok(unit.qualification().hold(lead.id, &hold).await?)
}

fn hold(app: &App, scope: &Scope, reason: Option<String>) -> StageHold {
    StageHold {
        reason,
        held_by: scope.actor.user(),
        held_at: app.now(),
    }
}

/// Overrules the rules, or gives the stage back to them, which then look at the lead at once.
pub async fn set_stage(
    app: &App,
    scope: &Scope,
    id: LeadId,
    input: StageInput,
) -> Result<Qualification, Error> {
    scope.require(Permission::LeadsWrite)?;
    let mut problems = Problems::new();
    let reason = problems.line("reason", &input.reason, MOST_REASON, false);
    problems.finish()?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let qualifier = qualifier(unit.as_ref(), None).await?;
    let mut case = locked(unit.as_ref(), id, qualifier.asks_events()).await?;
    let was = (case.lead.stage, case.lead.stage_since);
    if case.lead.move_to(input.stage, now)? {
        let lead = &mut case.lead;
        if !lead.stage.is_open() {
            lead.outcome_reason = Some(reason.chars().take(MOST_OUTCOME).collect());
        }
        lead.updated_at = now;
        lead.version += 1;
        unit.leads().update_many(std::slice::from_ref(lead)).await?;
        let mut event = stage_changed(app, scope, lead, was);
        event
            .data
            .insert("reason".to_owned(), Value::String(reason.clone()));
        case.events.push(event.clone());
        scoring::happened(app, scope, unit.as_ref(), &[event]).await?;
    }
    if input.hold.unwrap_or(true) {
        let hold = hold(app, scope, Some(reason));
        unit.qualification().hold(id, &hold).await?;
        case.hold = Some(hold);
    } else {
        unit.qualification().release(id).await?;
        case.hold = None;
    }
    let settled = settle(app, scope, unit.as_ref(), &qualifier, vec![case], &Said::new()).await?;
    let answer = settled.into_iter().next().ok_or(MISSING)?.shown(was.0);
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}
