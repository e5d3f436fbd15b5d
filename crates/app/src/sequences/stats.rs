//! The numbers of a sequence.

use super::MISSING;
use crate::App;
use crate::pipeline::goal_figures;
use groundswell_domain::identity::Permission;
use groundswell_domain::pipeline::{GoalOf, GoalRule};
use groundswell_domain::sequences::{ExitReason, SequenceStats, StepStats};
use groundswell_domain::{Error, Scope, SequenceId};
use std::collections::BTreeMap;

pub async fn sequence_stats(app: &App, scope: &Scope, id: SequenceId) -> Result<SequenceStats, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    let repo = repos.sequences();
    let sequence = repo.get(id).await?.ok_or(MISSING)?;
    let (counts, inside, mut exits) = (
        repo.counts(id).await?,
        repo.inside(id).await?,
        repo.exits(id).await?,
    );
    let active: i64 = inside.values().sum();
    let gone = counts.get("gone").copied().unwrap_or_default();
    let entered = active + exits.values().sum::<i64>() + gone;
    for reason in [ExitReason::Deleted, ExitReason::Erased] {
        if let Some(count) = counts.get(&format!("exit:{reason}")) {
            exits.insert(reason, *count);
        }
    }
    let mut steps: BTreeMap<String, StepStats> = BTreeMap::new();
    let mails = repo.mail_stats(id).await?;
    steps.extend(mails.into_iter().map(|step| (step.step.clone(), step)));
    for (step, here) in inside {
        steps.entry(step).or_default().here = here;
    }
    for (name, count) in &counts {
        if let Some(step) = name.strip_prefix("step:") {
            steps.entry(step.to_owned()).or_default().arrived = *count;
        }
    }
    let mut ordered = Vec::new();
    for step in &sequence.definition.steps {
        let mut found = steps.remove(step.id()).unwrap_or_default();
        step.id().clone_into(&mut found.step);
        found.kind = Some(step.kind().to_owned());
        ordered.push(found);
    }
    ordered.extend(
        steps
            .into_iter()
            .map(|(name, step)| StepStats { step: name, ..step }),
    );
    let mut goals = Vec::new();
    for (number, goal) in (1..).zip(&sequence.definition.goals) {
        let (label, of) = (goal.label(), GoalOf::Sequence(id, number));
        let rule = GoalRule::Sequence(label.clone());
        goals.push(goal_figures(repos.as_ref(), label, of, rule).await?);
    }
    Ok(SequenceStats {
        goals,
        entered,
        active,
        exits,
        steps: ordered,
    })
}
