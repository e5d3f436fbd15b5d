//! Writing down what comes of looking at leads: what rules fill, where they move somebody, and that it happened.

use super::commands::Qualification;
use crate::leads::{event, stage_changed};
use crate::{App, scoring};
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, LeadStage};
use groundswell_domain::qualification::{Case, Qualifier, Slot, SlotState, StageHold, StageStep, Standing};
use groundswell_domain::{Error, LeadId, Repos, Scope};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What somebody just said of slots.
pub(super) type Said = BTreeMap<Slot, SlotState>;

/// A lead that was looked at.
pub(super) struct Settled {
    pub lead: Lead,
    pub hold: Option<StageHold>,
    pub standing: Standing,
    pub step: Option<StageStep>,
}

impl Settled {
    pub fn shown(self, before: LeadStage) -> Qualification {
        Qualification {
            lead_id: self.lead.id,
            stage_before: before,
            stage: self.lead.stage,
            stage_since: self.lead.stage_since,
            next_stages: self.lead.stage.next().to_vec(),
            moved_by: self.step.map(|step| step.rule),
            hold: self.hold,
            standing: self.standing,
        }
    }
}

/// In a transaction that has locked the leads.
pub(super) async fn settle<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    qualifier: &Qualifier,
    cases: Vec<Case>,
    said: &Said,
) -> Result<Vec<Settled>, Error> {
    let now = app.now();
    let (mut settled, mut answers, mut events, mut moved) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for case in cases {
        let found = qualifier.assess(&case, now);
        let Case { mut lead, hold, .. } = case;
        let mut changed = said.clone();
        for answer in found.filled {
            changed.insert(answer.slot, answer.state);
            answers.push((lead.id, answer));
        }
        if !changed.is_empty() {
            events.push(qualified(app, scope, lead.id, &found.standing, &changed));
        }
        if let Some(step) = &found.step {
            let was = (lead.stage, lead.stage_since);
            lead.move_to(step.to, now)?;
            if !lead.stage.is_open() {
                lead.outcome_reason = Some(step.rule.clone());
            }
            lead.updated_at = now;
            lead.version += 1;
            let mut event = stage_changed(app, scope, &lead, was);
            event
                .data
                .insert("rule".to_owned(), Value::String(step.rule.clone()));
            events.push(event);
            moved.push(lead.clone());
        }
        settled.push(Settled {
            lead,
            hold,
            standing: found.standing,
            step: found.step,
        });
    }
    if !answers.is_empty() {
        unit.qualification().answer(&answers).await?;
    }
    if !moved.is_empty() {
        unit.leads().update_many(&moved).await?;
    }
    if !events.is_empty() {
        // Scores may change by it, and with them what rules say: whoever is concerned is looked at again. That ends, because
        // leads only move forward and slots are only filled better.
        scoring::happened(app, scope, unit, &events).await?;
    }
    Ok(settled)
}

fn qualified(app: &App, scope: &Scope, lead: LeadId, standing: &Standing, changed: &Said) -> LeadEvent {
    let data = json!({
        "framework": standing.framework,
        "rules_id": standing.rules_id,
        "verdict": standing.verdict,
        "coverage": standing.coverage,
        "slots": changed,
        "user_id": scope.actor.user(),
    });
    event(app, lead, LeadEventKind::Qualified, data)
}
