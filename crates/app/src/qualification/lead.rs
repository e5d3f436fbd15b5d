//! One lead: what somebody found out about it, and where it stands.

use super::commands::{AnswerInput, Qualification, QualifyInput};
use super::settle::{Said, Settled, settle};
use crate::{App, effect};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::qualification::{
    Case, Framework, MOST_EVIDENCE, Qualifier, RuleSet, Slot, SlotAnswer, SlotSource, SlotState,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, LeadId, Repos, Scope};

pub(super) const MISSING: Error = Error::NotFound { what: "lead" };

/// By the enabled rules if they are of this framework, and by the framework alone otherwise.
pub(super) async fn qualifier<R: Repos + ?Sized>(
    repos: &R,
    framework: Option<Framework>,
) -> Result<Qualifier, Error> {
    let rules = repos.qualification().enabled().await?;
    let asked = |rules: &RuleSet| framework.is_none_or(|framework| framework == rules.framework);
    let read = rules.filter(asked).and_then(|rules| Qualifier::new(&rules).ok());
    Ok(read.unwrap_or_else(|| Qualifier::plain(framework.unwrap_or(Framework::Bant))))
}

/// The lead that this actor sees, locked.
pub(super) async fn locked<R: Repos + ?Sized>(unit: &R, id: LeadId, events: bool) -> Result<Case, Error> {
    unit.leads().get(id).await?.ok_or(MISSING)?;
    let mut cases = unit.qualification().cases(&[id], events, true).await?;
    cases.pop().ok_or(MISSING)
}

/// Where it stands, with what rules would fill right now. Changes nothing.
pub async fn get_qualification(
    app: &App,
    scope: &Scope,
    id: LeadId,
    framework: Option<Framework>,
) -> Result<Qualification, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    repos.leads().get(id).await?.ok_or(MISSING)?;
    let qualifier = qualifier(repos.as_ref(), framework).await?;
    let events = qualifier.asks_events();
    let mut cases = repos.qualification().cases(&[id], events, false).await?;
    let case = cases.pop().ok_or(MISSING)?;
    let standing = qualifier.assess(&case, app.now()).standing;
    let before = case.lead.stage;
    let settled = Settled {
        lead: case.lead,
        hold: case.hold,
        standing,
        step: None,
    };
    Ok(settled.shown(before))
}

/// Puts answers in slots, and lets the rules look at the lead.
pub async fn qualify_lead(
    app: &App,
    scope: &Scope,
    id: LeadId,
    input: QualifyInput,
) -> Result<Qualification, Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let qualifier = qualifier(unit.as_ref(), input.framework).await?;
    let answers = check(qualifier.framework, input.answers)?;
    let mut case = locked(unit.as_ref(), id, qualifier.asks_events()).await?;
    let (mut said, mut given, mut taken_back) = (Said::new(), Vec::new(), Vec::new());
    let mut problems = Vec::new();
    for answer in answers {
        let (slot, state) = (answer.slot, answer.state);
        let new = spoken(app, scope, qualifier.framework, answer);
        let mine = |there: &SlotAnswer| there.framework == new.framework && there.slot == slot;
        let there = case.answers.iter().find(|there| mine(there));
        if there.is_some_and(|there| there.source.weight() > new.source.weight()) {
            problems.push(slot.as_str());
        }
        if there.is_none() && state == SlotState::Unknown {
            continue;
        }
        case.answers.retain(|there| !mine(there));
        said.insert(slot, state);
        if state == SlotState::Unknown {
            taken_back.push(slot);
        } else {
            case.answers.push(new.clone());
            given.push((id, new));
        }
    }
    if !problems.is_empty() {
        return Err(spoken_for(&problems));
    }
    if !taken_back.is_empty() {
        let slots: Vec<Slot> = taken_back;
        unit.qualification()
            .forget(id, qualifier.framework, &slots)
            .await?;
    }
    unit.qualification().answer(&given).await?;
    let before = case.lead.stage;
    let settled = settle(app, scope, unit.as_ref(), &qualifier, vec![case], &said).await?;
    let answer = settled.into_iter().next().ok_or(MISSING)?.shown(before);
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}

fn spoken_for(slots: &[&str]) -> Error {
    Error::conflict(
        "slot_answered_by_person",
        format!(
            "a person answered {}: a program that uses an API key can't say otherwise, only a person can",
            slots.join(" and ")
        ),
    )
}

fn check(framework: Framework, answers: Vec<AnswerInput>) -> Result<Vec<AnswerInput>, Error> {
    let mut problems = Problems::new();
    let most = framework.slots().len();
    problems.check(
        answers.len() <= most,
        "answers",
        format!("must be at most {most}, one for each slot of {framework}"),
    );
    let mut taken = Vec::new();
    for (index, answer) in answers.iter().enumerate().take(most) {
        let at = |name: &str| format!("answers[{index}].{name}");
        problems.take(&at("slot"), framework.check(answer.slot));
        problems.check(
            !taken.contains(&answer.slot),
            &at("slot"),
            "is answered by another one of `answers`",
        );
        taken.push(answer.slot);
        if let Some(text) = &answer.evidence {
            problems.text(&at("evidence"), text, MOST_EVIDENCE);
        }
        let sure = answer.confidence.is_none_or(|value| (0.0..=1.0).contains(&value));
        problems.check(sure, &at("confidence"), "must be 0 to 1");
    }
    problems.finish()?;
    Ok(answers)
}

fn spoken(app: &App, scope: &Scope, framework: Framework, answer: AnswerInput) -> SlotAnswer {
    let evidence = answer.evidence.map(|text| text.trim().to_owned());
    SlotAnswer {
        framework,
        slot: answer.slot,
        state: answer.state,
        confidence: answer.confidence.unwrap_or(1.0),
        evidence: evidence.filter(|text| !text.is_empty()),
        source: match scope.actor {
            Actor::User { .. } | Actor::Foreign { .. } => SlotSource::Person,
            _ => SlotSource::Agent,
        },
        rule: None,
        answered_by: scope.actor.user(),
        answered_at: app.now(),
    }
}
