//! Who would move if a model, or a change of it, went live.

use super::commands::PreviewInput;
use super::manage::MISSING;
use crate::{App, effect};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{LeadOverview, Score, ScoreEntry};
use groundswell_domain::scoring::{
    BUCKETS, LeadHistory, Mover, Moves, Preview, RuleChange, ScoreBucket, Scorer,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Scope, ScoringModelId};
use std::collections::BTreeMap;
use std::task::Poll;

/// Leads that are shown in each direction.
const SHOWN: usize = 10;
const SAMPLE: u32 = 1_000;
const MOST: u32 = 5_000;
/// Leads that are computed in one go.
const AT_ONCE: usize = 50;

/// A lead that was looked at.
struct Seen<'a> {
    history: &'a LeadHistory,
    lines: Vec<ScoreEntry>,
    after: Score,
}

impl Seen<'_> {
    fn before(&self) -> i32 {
        self.history.lead.score.total
    }

    fn by(&self) -> i32 {
        self.after.total.saturating_sub(self.before())
    }
}

pub async fn preview_model(
    app: &App,
    scope: &Scope,
    id: ScoringModelId,
    input: PreviewInput,
) -> Result<Preview, Error> {
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
    let mut model = repos.scoring().get(id).await?.ok_or(MISSING)?;
    model.rules = input.rules.unwrap_or(model.rules);
    model.caps = input.caps.unwrap_or(model.caps);
    super::manage::check_rules(&model)?;
    let scorer = Scorer::new(&model).map_err(Error::Invalid)?;
    let leads = LeadOverview::from(&repos.leads().status_counts().await?).total_leads;
    let histories = repos.scoring().sample(limit).await?;
    let now = app.now();
    let mut seen = Vec::with_capacity(histories.len());
    for some in histories.chunks(AT_ONCE) {
        // Others on this thread wait no longer than for these.
        next_turn().await;
        seen.extend(some.iter().map(|history| {
            let lines = scorer.lines(&history.lead, &history.events, now);
            let after = Score::sum(&lines);
            Seen {
                history,
                lines,
                after,
            }
        }));
    }
    seen.sort_by_key(|seen| (seen.by(), seen.history.lead.id));
    let down: Vec<_> = seen.iter().take(SHOWN).filter(|seen| seen.by() < 0).collect();
    let up: Vec<_> = seen
        .iter()
        .rev()
        .take(SHOWN)
        .filter(|seen| seen.by() > 0)
        .collect();
    let shown: Vec<LeadId> = up.iter().chain(&down).map(|seen| seen.history.lead.id).collect();
    let mut ledgers: BTreeMap<LeadId, Vec<ScoreEntry>> = BTreeMap::new();
    if !shown.is_empty() {
        for line in repos
            .scoring()
            .lines(&shown)
            .await?
            .into_iter()
            .filter(|line| line.primary)
        {
            ledgers.entry(line.lead_id).or_default().push(line);
        }
    }
    let mover = |seen: &&Seen<'_>| {
        mover(
            seen,
            ledgers.get(&seen.history.lead.id).map_or(&[], Vec::as_slice),
        )
    };
    let preview = Preview {
        leads,
        sample: seen.len(),
        moves: moves(&seen, input.min_score),
        distribution: distribution(&seen),
        up: up.iter().map(mover).collect(),
        down: down.iter().map(mover).collect(),
    };
    if scope.idempotency.is_some() {
        let unit = app.store.begin(scope).await?;
        effect::commit(app, scope, unit, Outcome::Done, &preview).await?;
    }
    Ok(preview)
}

/// Lets whatever else waits for this thread go on.
async fn next_turn() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn moves(seen: &[Seen<'_>], min_score: Option<i32>) -> Moves {
    let count = |wanted: &dyn Fn(&Seen<'_>) -> bool| seen.iter().filter(|seen| wanted(seen)).count();
    Moves {
        up: count(&|seen| seen.by() > 0),
        down: count(&|seen| seen.by() < 0),
        unchanged: count(&|seen| seen.by() == 0),
        above: min_score.map(|min| count(&|seen| seen.before() < min && seen.after.total >= min)),
        below: min_score.map(|min| count(&|seen| seen.before() >= min && seen.after.total < min)),
    }
}

fn distribution(seen: &[Seen<'_>]) -> Vec<ScoreBucket> {
    let ends = BUCKETS.iter().map(|from| Some(*from));
    let starts = std::iter::once(None).chain(ends.clone());
    starts
        .zip(ends.map(|from| from.map(|from| from - 1)).chain([None]))
        .map(|(from, to)| {
            let within =
                |score: i32| from.is_none_or(|from| score >= from) && to.is_none_or(|to| score <= to);
            ScoreBucket {
                from,
                to,
                before: seen.iter().filter(|seen| within(seen.before())).count(),
                after: seen.iter().filter(|seen| within(seen.after.total)).count(),
            }
        })
        .collect()
}

fn mover(seen: &Seen<'_>, ledger: &[ScoreEntry]) -> Mover {
    let mut rules: BTreeMap<&str, (i32, i32)> = BTreeMap::new();
    for line in ledger {
        rules.entry(&line.rule).or_default().0 += line.points;
    }
    for line in &seen.lines {
        rules.entry(&line.rule).or_default().1 += line.points;
    }
    let changes = rules.into_iter().filter(|(_, (before, after))| before != after);
    let mut reasons: Vec<_> = changes
        .map(|(rule, (before, after))| RuleChange {
            rule: rule.to_owned(),
            before,
            after,
        })
        .collect();
    reasons.sort_by_key(|change| std::cmp::Reverse((change.after - change.before).abs()));
    let lead = &seen.history.lead;
    Mover {
        lead_id: lead.id,
        name: lead.name.clone(),
        email: lead.email.to_string(),
        before: lead.score,
        after: seen.after,
        reasons,
    }
}
