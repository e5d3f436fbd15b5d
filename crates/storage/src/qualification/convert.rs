//! Between rows and domain types.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{qualification_rules, qualification_runs, slot_answers, stage_holds};
use groundswell_domain::qualification::{QualificationRun, RuleSet, SlotAnswer, StageHold};
use groundswell_domain::{LeadId, StoreError};
use uuid::Uuid;

pub(super) fn rules(row: qualification_rules::Model) -> Result<RuleSet, StoreError> {
    Ok(RuleSet {
        id: row.id.into(),
        name: row.name,
        enabled: row.enabled,
        framework: parse("qualification_rules.framework", &row.framework)?,
        slots: from_json("qualification_rules.slots", row.slots)?,
        weak_allowed: row.weak_allowed,
        gates: from_json("qualification_rules.gates", row.gates)?,
        fillers: from_json("qualification_rules.fillers", row.fillers)?,
        stages: from_json("qualification_rules.stages", row.stages)?,
        run: None,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn rules_row(
    organization: Uuid,
    rules: &RuleSet,
) -> Result<qualification_rules::Model, StoreError> {
    Ok(qualification_rules::Model {
        organization_id: organization,
        id: rules.id.0,
        name: rules.name.clone(),
        enabled: rules.enabled,
        framework: rules.framework.as_str().to_owned(),
        slots: to_json(&rules.slots)?,
        weak_allowed: rules.weak_allowed,
        gates: to_json(&rules.gates)?,
        fillers: to_json(&rules.fillers)?,
        stages: to_json(&rules.stages)?,
        created_at: rules.created_at,
        updated_at: rules.updated_at,
        version: rules.version,
    })
}

pub(super) fn answer(row: slot_answers::Model) -> Result<SlotAnswer, StoreError> {
    Ok(SlotAnswer {
        framework: parse("slot_answers.framework", &row.framework)?,
        slot: parse("slot_answers.slot", &row.slot)?,
        state: parse("slot_answers.state", &row.state)?,
        confidence: row.confidence,
        evidence: row.evidence,
        source: parse("slot_answers.source", &row.source)?,
        rule: row.rule,
        answered_by: row.answered_by.map(Into::into),
        answered_at: row.answered_at,
    })
}

pub(super) fn answer_row(organization: Uuid, lead: LeadId, answer: &SlotAnswer) -> slot_answers::Model {
    slot_answers::Model {
        organization_id: organization,
        lead_id: lead.0,
        framework: answer.framework.as_str().to_owned(),
        slot: answer.slot.as_str().to_owned(),
        state: answer.state.as_str().to_owned(),
        confidence: answer.confidence,
        evidence: answer.evidence.clone(),
        source: answer.source.as_str().to_owned(),
        rule: answer.rule.clone(),
        answered_by: answer.answered_by.map(Into::into),
        answered_at: answer.answered_at,
    }
}

pub(super) fn hold(row: stage_holds::Model) -> StageHold {
    StageHold {
        reason: row.reason,
        held_by: row.held_by.map(Into::into),
        held_at: row.held_at,
    }
}

pub(super) fn run(row: &qualification_runs::Model) -> QualificationRun {
    QualificationRun {
        id: row.id.into(),
        done: row.done,
        moved: row.moved,
        leads: row.leads,
        started_at: row.started_at,
        finished_at: row.finished_at,
        after: row.after.map(Into::into),
    }
}

pub(super) fn run_row(organization: Uuid, run: &QualificationRun) -> qualification_runs::Model {
    qualification_runs::Model {
        organization_id: organization,
        id: run.id.0,
        after: run.after.map(Into::into),
        done: run.done,
        moved: run.moved,
        leads: run.leads,
        started_at: run.started_at,
        finished_at: run.finished_at,
    }
}
