//! What came of goals of campaigns and sequences.

use groundswell_domain::identity::Permission;
use groundswell_domain::pipeline::{GoalFigures, GoalOf, GoalPart, GoalRule, GoalSet, LeadSet};
use groundswell_domain::{Error, Repos, Scope};

/// Two statements, however many leads.
pub(crate) async fn goal_figures<R: Repos + ?Sized>(
    repos: &R,
    label: String,
    of: GoalOf,
    rule: GoalRule,
) -> Result<GoalFigures, Error> {
    let set = |part| LeadSet {
        goal: Some(GoalSet {
            of,
            part,
            rule: Some(rule.clone()),
        }),
        ..LeadSet::default()
    };
    let asked = repos.pipeline().valued(&set(GoalPart::Asked)).await?;
    let converted = repos.pipeline().valued(&set(GoalPart::Converted)).await?;
    Ok(GoalFigures::new(label, of, asked.leads, &converted))
}

/// The set with what its goal says, which only the campaign or the sequence knows.
pub(super) async fn resolved<R: Repos + ?Sized>(
    scope: &Scope,
    repos: &R,
    set: &LeadSet,
) -> Result<LeadSet, Error> {
    let mut set = set.clone();
    let Some(goal) = &mut set.goal else {
        return Ok(set);
    };
    let (field, rule) = match goal.of {
        GoalOf::Campaign(id) => {
            scope.require(Permission::CampaignsRead)?;
            let campaign = repos.campaigns().get(id).await?;
            let goal = campaign.and_then(|campaign| campaign.goal);
            ("goal_campaign_id", goal.map(GoalRule::Campaign))
        }
        GoalOf::Sequence(id, number) => {
            scope.require(Permission::EmailRead)?;
            let sequence = repos.sequences().get(id).await?;
            let goals = sequence
                .map(|sequence| sequence.definition.goals)
                .unwrap_or_default();
            let goal = usize::try_from(number)
                .ok()
                .and_then(|number| goals.get(number.checked_sub(1)?));
            ("goal", goal.map(|goal| GoalRule::Sequence(goal.label())))
        }
    };
    if rule.is_none() {
        return Err(Error::invalid(field, "there is no such goal"));
    }
    goal.rule = rule;
    Ok(set)
}
