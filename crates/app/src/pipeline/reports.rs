//! The reports.

use super::goals;
use crate::{App, organization};
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Lead, LeadStage};
use groundswell_domain::money::{Currency, Money};
use groundswell_domain::pipeline::{
    Case, CohortTable, Conversion, Dimension, EndedGroup, Funnel, HazardRatio, LeadSet, OutcomeReport,
    SetSort, StageCount, StageSpeed, TimeToConvert, Velocity, cox, kaplan_meier, wilson,
};
use groundswell_domain::{Error, Page, PageRequest, Repos, Scope};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

/// Values of a dimension that are told apart.
const VALUES: u32 = 100;
/// Curves that are drawn.
const CURVES: u32 = 10;
/// Conversions that a group needs before it is compared.
const ENOUGH: u64 = 5;

/// For a report about a set, which is narrowed further by what the report tells apart.
fn repos(app: &App, scope: &Scope, set: &LeadSet, by: Option<Dimension>) -> Result<Box<dyn Repos>, Error> {
    scope.require(Permission::LeadsRead)?;
    set.check_report(by)?;
    Ok(app.store.read(scope))
}

/// How far leads get.
pub async fn funnel(app: &App, scope: &Scope, set: &LeadSet) -> Result<Funnel, Error> {
    let counts = repos(app, scope, set, None)?.pipeline().stages(set).await?;
    Ok(Funnel::new(set, &counts))
}

/// What came of the leads of each value of a dimension; the hundred with the most leads.
pub async fn conversion(
    app: &App,
    scope: &Scope,
    set: &LeadSet,
    by: Dimension,
) -> Result<Vec<Conversion>, Error> {
    let groups = repos(app, scope, set, Some(by))?
        .pipeline()
        .groups(set, by, VALUES)
        .await?;
    let rows = groups.into_iter().filter_map(|group| {
        let of = by.narrow(set, group.value.as_deref())?;
        let reached = |stage| LeadSet {
            reached: Some(stage),
            ..of.clone()
        };
        let at = |stage| LeadSet {
            stage: Some(stage),
            ..of.clone()
        };
        Some(Conversion {
            leads: of.counted(group.leads),
            qualified: reached(LeadStage::Qualified).counted(group.qualified),
            opportunities: reached(LeadStage::Opportunity).counted(group.opportunities),
            converted: at(LeadStage::Converted).counted(group.converted),
            disqualified: at(LeadStage::Disqualified).counted(group.disqualified),
            rate: wilson(group.converted, group.leads),
            value: group.value,
        })
    });
    Ok(rows.collect())
}

/// How long leads take to convert; by the values of a dimension, if one is given: the ten with the most leads.
pub async fn time_to_convert(
    app: &App,
    scope: &Scope,
    set: &LeadSet,
    by: Option<Dimension>,
) -> Result<Vec<TimeToConvert>, Error> {
    let groups = repos(app, scope, set, by)?
        .pipeline()
        .ended(set, by, app.now(), CURVES)
        .await?;
    let ratios = ratios(&groups);
    let rows = groups
        .into_iter()
        .zip(ratios)
        .filter_map(|(group, hazard_ratio)| {
            let of = match by {
                Some(by) => by.narrow(set, group.value.as_deref())?,
                None => set.clone(),
            };
            let survival = kaplan_meier(&group.ended);
            if survival.leads == 0 {
                return None;
            }
            Some(TimeToConvert {
                counted: of.counted(i64::try_from(survival.leads).unwrap_or(i64::MAX)),
                group: group.value,
                survival,
                hazard_ratio,
            })
        });
    Ok(rows.collect())
}

/// Of each group against the first, which is the largest.
fn ratios(groups: &[EndedGroup]) -> Vec<Option<HazardRatio>> {
    let conversions = |group: &EndedGroup| -> u64 {
        group
            .ended
            .iter()
            .filter(|some| some.converted)
            .map(|some| some.leads)
            .sum()
    };
    let compared: Vec<bool> = groups.iter().map(|group| conversions(group) >= ENOUGH).collect();
    if compared.first() != Some(&true) {
        return vec![None; groups.len()];
    }
    let columns: Vec<usize> = (1..groups.len()).filter(|index| compared[*index]).collect();
    let mut cases = Vec::new();
    for (index, group) in groups.iter().enumerate().filter(|(index, _)| compared[*index]) {
        for some in &group.ended {
            #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
            cases.push(Case {
                days: some.days,
                converted: some.converted,
                weight: some.leads as f64,
                covariates: columns
                    .iter()
                    .map(|column| f64::from(u8::from(*column == index)))
                    .collect(),
            });
        }
    }
    let model = if columns.is_empty() { None } else { cox(&cases) };
    (0..groups.len())
        .map(|index| {
            let column = columns.iter().position(|column| *column == index)?;
            Some(model.as_ref()?.ratio(column))
        })
        .collect()
}

/// What became of the leads of each month.
pub async fn cohorts(app: &App, scope: &Scope, set: &LeadSet) -> Result<CohortTable, Error> {
    let counts = repos(app, scope, set, None)?.pipeline().cohorts(set).await?;
    Ok(CohortTable::new(set, &counts, app.now()))
}

/// Why deals were won and lost.
pub async fn outcomes(app: &App, scope: &Scope, set: &LeadSet) -> Result<OutcomeReport, Error> {
    let repos = repos(app, scope, set, None)?;
    let currency = organization::currency(repos.as_ref()).await?;
    let (counts, stages) = (
        repos.pipeline().outcomes(set, currency.as_str()).await?,
        repos.pipeline().stages(set).await?,
    );
    Ok(OutcomeReport::new(set, &stages, &counts, |minor| Money {
        minor,
        currency,
    }))
}

/// How fast leads move, and what the pipeline earns a day.
pub async fn velocity(app: &App, scope: &Scope, set: &LeadSet) -> Result<Velocity, Error> {
    let repos = repos(app, scope, set, None)?;
    let currency = organization::currency(repos.as_ref()).await?;
    let pipeline = repos.pipeline();
    let stages = pipeline.stages(set).await?;
    let here = |of: LeadSet| {
        let fits = |count: &&StageCount| {
            of.stage == Some(count.stage) && of.reached.is_none_or(|far| count.furthest.rank() >= far.rank())
        };
        let leads = stages.iter().filter(fits).map(|count| count.leads).sum();
        of.counted(leads)
    };
    let at = |stage: LeadStage, reached: Option<LeadStage>| {
        here(LeadSet {
            stage: Some(stage),
            reached,
            ..set.clone()
        })
    };
    let open = at(LeadStage::Opportunity, None);
    // A deal that was lost had been one: whoever was sorted out before says nothing about selling.
    let lost = at(LeadStage::Disqualified, Some(LeadStage::Opportunity));
    let counted = at(LeadStage::Converted, None);
    let won = pipeline.won(set, currency.as_str()).await?;
    #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
    let ratio = |part: i64, whole: i64| (whole > 0).then(|| part as f64 / whole as f64);
    let win_rate = ratio(won.leads, won.leads + lost.count);
    #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
    let average_cycle_days = (won.leads > 0).then(|| won.days / won.leads as f64);
    let average = ratio(won.value, won.valued);
    #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
    let per_day = average
        .zip(win_rate)
        .zip(average_cycle_days.filter(|days| *days > 0.0))
        .map(|((value, rate), days)| open.count as f64 * rate * value / days);
    Ok(Velocity {
        stages: StageSpeed::of(&pipeline.moves(set).await?),
        open_opportunities: open,
        won: counted,
        lost,
        win_rate,
        average_value: average.and_then(|minor| money(minor, currency)),
        average_cycle_days,
        per_day: per_day.and_then(|minor| money(minor, currency)),
    })
}

/// Rounded to the currency's smallest unit.
fn money(minor: f64, currency: Currency) -> Option<Money> {
    let rounded = Decimal::from_f64(minor)?.round();
    let minor = rust_decimal::prelude::ToPrimitive::to_i64(&rounded)?;
    Some(Money { minor, currency })
}

/// The leads behind a number.
pub async fn list(
    app: &App,
    scope: &Scope,
    set: &LeadSet,
    page: &PageRequest<SetSort>,
) -> Result<Page<Lead>, Error> {
    scope.require(Permission::LeadsRead)?;
    set.check()?;
    let repos = app.store.read(scope);
    let set = goals::resolved(scope, repos.as_ref(), set).await?;
    Ok(repos.pipeline().list(&set, page).await?)
}
