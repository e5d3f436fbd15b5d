//! Leads that a goal is about, as SQL.
//!
//! Of a campaign they are read off the ledger of mails and off what happened to its recipients: of each, the events after its mail are
//! one piece of the primary key of `lead_events`.

use super::condition::from;
use crate::dialect;
use crate::entity::leads::Column;
use crate::session::Session;
use groundswell_domain::CampaignId;
use groundswell_domain::campaigns::{CampaignGoal, GoalEvent, GoalStart, GoalTest};
use groundswell_domain::leads::{LeadEventKind, LeadStage};
use groundswell_domain::pipeline::{GoalOf, GoalPart, GoalRule, GoalSet};
use groundswell_domain::sequences::ExitReason;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};
use uuid::Uuid;

pub(super) fn condition<C: ConnectionTrait>(session: &Session<C>, goal: &GoalSet) -> Condition {
    let all = Condition::all();
    match (goal.of, &goal.rule) {
        (GoalOf::Campaign(id), Some(GoalRule::Campaign(rule))) => {
            let asked = mails(session.organization, id, rule.after);
            match (goal.part, &rule.when) {
                (GoalPart::Asked, _) => all.add(Column::Id.in_subquery(asked)),
                (GoalPart::Converted, GoalTest::Tag(tag)) => {
                    let tag = std::slice::from_ref(tag);
                    all.add(Column::Id.in_subquery(asked))
                        .add(dialect::json_array_contains(&session.conn, Column::Tags, tag))
                }
                (GoalPart::Converted, GoalTest::Event(event)) => {
                    let means = happened(session, event);
                    all.add(Column::Id.in_subquery(followed(session, asked, rule, means)))
                }
                (GoalPart::Converted, GoalTest::Stage(stage)) => {
                    let means = reached(session, *stage);
                    all.add(Column::Id.in_subquery(followed(session, asked, rule, means)))
                }
            }
        }
        (GoalOf::Sequence(id, _), Some(GoalRule::Sequence(label))) => {
            let note = (goal.part == GoalPart::Converted).then_some(label.as_str());
            all.add(Column::Id.in_subquery(enrolled(session.organization, id.0, note)))
        }
        _ => all.add(Expr::val(1).eq(0)),
    }
}

/// From when on the days of a mail are counted.
fn start(after: GoalStart) -> &'static str {
    match after {
        GoalStart::Sent => "sent_at",
        // Only people's clicks mark a mail.
        GoalStart::Clicked => "clicked_at",
    }
}

/// Leads of the mails whose days have begun; its table is called `m`.
fn mails(organization: Uuid, campaign: CampaignId, after: GoalStart) -> SelectStatement {
    Query::select()
        .column(("m", "lead_id"))
        .from_as("email_messages", "m")
        .and_where(Expr::col(("m", "organization_id")).eq(organization))
        .and_where(Expr::col(("m", "campaign_id")).eq(campaign.0))
        .and_where(Expr::col(("m", "lead_id")).is_not_null())
        .and_where(Expr::col(("m", start(after))).is_not_null())
        .take()
}

/// Those to whom such a thing happened within their days.
fn followed<C: ConnectionTrait>(
    session: &Session<C>,
    mut mails: SelectStatement,
    goal: &CampaignGoal,
    means: SimpleExpr,
) -> SelectStatement {
    let began = || Expr::col(("m", start(goal.after)));
    let at = || Expr::col(("e", "occurred_at"));
    let within = dialect::whole_days(&session.conn, began(), at()).lt(i64::from(goal.within_days));
    let on = Expr::col(("e", "organization_id"))
        .eq(session.organization)
        .and(Expr::col(("e", "lead_id")).equals(("m", "lead_id")))
        .and(at().gte(began()))
        .and(within)
        .and(means);
    mails.join_as(JoinType::InnerJoin, "lead_events", "e", on).take()
}

fn happened<C: ConnectionTrait>(session: &Session<C>, event: &GoalEvent) -> SimpleExpr {
    let GoalEvent { kind, subject, name } = event;
    let mut means = Expr::col(("e", "kind")).eq(kind.as_str());
    if let Some(subject) = subject {
        means = means.and(Expr::col(("e", "subject")).eq(*subject));
    }
    if let Some(name) = name {
        let named = dialect::json_text(&session.conn, Expr::col(("e", "data")), "name");
        means = means.and(named.eq(name.as_str()));
    }
    means
}

fn reached<C: ConnectionTrait>(session: &Session<C>, stage: LeadStage) -> SimpleExpr {
    let words: Vec<&str> = if stage.rank().is_some() {
        from(stage).collect()
    } else {
        vec![stage.as_str()]
    };
    let to = dialect::json_text(&session.conn, Expr::col(("e", "data")), "to");
    Expr::col(("e", "kind"))
        .eq(LeadEventKind::StageChanged.as_str())
        .and(to.is_in(words))
}

/// Leads that entered a sequence, or left it for a goal.
fn enrolled(organization: Uuid, sequence: Uuid, goal: Option<&str>) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("s", "lead_id"))
        .from_as("sequence_enrollments", "s")
        .and_where(Expr::col(("s", "organization_id")).eq(organization))
        .and_where(Expr::col(("s", "sequence_id")).eq(sequence));
    if let Some(goal) = goal {
        select
            .and_where(Expr::col(("s", "exit_reason")).eq(ExitReason::Goal.as_str()))
            .and_where(Expr::col(("s", "exit_note")).eq(goal));
    }
    select.take()
}
