//! Who would move if rules, or a change of them, went live.

use super::commands::RulesPreviewInput;
use super::manage::MISSING;
use crate::{App, effect};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{LeadOverview, LeadStage};
use groundswell_domain::qualification::{
    Case, Qualifier, RuleSet, StageMove, StageMover, StagePreview, VerdictCounts,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, RuleSetId, Scope};
use std::collections::BTreeMap;

/// Leads that are shown of each kind of move.
const SHOWN: usize = 10;
const SAMPLE: u32 = 1_000;
const MOST: u32 = 5_000;

pub async fn preview_rules(
    app: &App,
    scope: &Scope,
    id: RuleSetId,
    input: RulesPreviewInput,
) -> Result<StagePreview, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let mut problems = Problems::new();
    let limit = input.sample.unwrap_or(SAMPLE);
    problems.check(
        (1..=MOST).contains(&limit),
        "sample",
        format!("must be 1 to {MOST}"),
    );
    problems.finish()?;
    let repos = app.store.read(scope);
    let rules = repos.qualification().get(id).await?.ok_or(MISSING)?;
    let qualifier = Qualifier::new(&changed(rules, input)).map_err(Error::Invalid)?;
    let leads = LeadOverview::from(&repos.leads().status_counts().await?).total_leads;
    let sample = repos.scoring().sample(limit).await?;
    let ids: Vec<LeadId> = sample.iter().map(|history| history.lead.id).collect();
    let events = qualifier.asks_events();
    let cases = repos.qualification().cases(&ids, events, false).await?;
    let preview = looked(app, leads, &qualifier, &cases);
    if scope.idempotency.is_some() {
        let unit = app.store.begin(scope).await?;
        effect::commit(app, scope, unit, Outcome::Done, &preview).await?;
    }
    Ok(preview)
}

fn changed(rules: RuleSet, input: RulesPreviewInput) -> RuleSet {
    RuleSet {
        slots: input.slots.unwrap_or(rules.slots),
        weak_allowed: input.weak_allowed.unwrap_or(rules.weak_allowed),
        gates: input.gates.unwrap_or(rules.gates),
        fillers: input.fillers.unwrap_or(rules.fillers),
        stages: input.stages.unwrap_or(rules.stages),
        ..rules
    }
}

fn looked(app: &App, leads: i64, qualifier: &Qualifier, cases: &[Case]) -> StagePreview {
    let now = app.now();
    let mut verdicts = VerdictCounts::default();
    let mut kinds: BTreeMap<(LeadStage, LeadStage), usize> = BTreeMap::new();
    let (mut shown, mut unchanged) = (Vec::new(), 0);
    for case in cases {
        let found = qualifier.assess(case, now);
        verdicts.count(found.standing.verdict);
        let Some(step) = found.step else {
            unchanged += 1;
            continue;
        };
        let count = kinds.entry((step.from, step.to)).or_default();
        *count += 1;
        if *count <= SHOWN {
            shown.push(StageMover {
                lead_id: case.lead.id,
                name: case.lead.name.clone(),
                email: case.lead.email.to_string(),
                step,
                verdict: found.standing.verdict,
                reasons: found.standing.reasons,
            });
        }
    }
    let mut moves: Vec<_> = kinds
        .into_iter()
        .map(|((from, to), leads)| StageMove { from, to, leads })
        .collect();
    moves.sort_by_key(|kind| std::cmp::Reverse(kind.leads));
    StagePreview {
        leads,
        sample: cases.len(),
        verdicts,
        moves,
        unchanged,
        held: cases.iter().filter(|case| case.hold.is_some()).count(),
        movers: shown,
    }
}
