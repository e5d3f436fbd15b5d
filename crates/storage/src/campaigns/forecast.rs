//! Whom a campaign would leave out, in one statement over its audience.
//!
//! Suppressed addresses, decisions about marketing, those who left the topic and mails of the last week are four lists, each joined once: the time depends on
//! their sizes and the audience's, and nothing is asked lead by lead.

use crate::consents;
use crate::dialect;
use crate::email::marketing;
use crate::entity::{
    consents as consent, email_messages as mail, email_topic_leaves as leave, leads, suppressions,
};
use crate::error::store_error;
use crate::leads::audience;
use crate::session::Session;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::campaigns::PastRun;
use groundswell_domain::consents::{ConsentDecision, Purpose};
use groundswell_domain::email::Mailing;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::{StoreError, TopicId};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, QuerySelect, QueryTrait};
use uuid::Uuid;

const REASON: &str = "CASE WHEN s.reason IS NOT NULL THEN 'suppressed: ' || s.reason \
    WHEN c.decision IN ('granted', 'withdrawn') THEN 'consent withdrawn' WHEN c.decision IS NOT NULL THEN 'unconfirmed' \
    WHEN t.email_key IS NOT NULL THEN 'topic left' WHEN f.lead_id IS NOT NULL THEN 'frequency cap' END";

const RUNS: &str = "SELECT m.sent, c.launched_at, c.updated_at FROM campaigns AS c JOIN campaign_metrics AS m \
    ON m.organization_id = c.organization_id AND m.campaign_id = c.id WHERE c.organization_id = $1 \
    AND c.status = 'completed' AND c.delivery IS NULL AND c.launched_at IS NOT NULL AND m.sent >= $2 \
    ORDER BY c.created_at DESC, c.id DESC LIMIT 5";

pub(super) async fn reasons<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &LeadFilter,
    mailing: &Mailing,
    topic: Option<TopicId>,
    now: DateTime<Utc>,
) -> Result<Vec<(Option<String>, i64)>, StoreError> {
    let organization = session.organization;
    let leads = audience(session, filter)
        .select_only()
        .column(leads::Column::Id)
        .column(leads::Column::EmailKey)
        .into_query();
    let suppressed = Query::select()
        .columns(["email_key", "reason"])
        .from(suppressions::Entity)
        .and_where(suppressions::Column::OrganizationId.eq(organization))
        .take();
    let of = |table: &'static str, column: &'static str| Expr::col((table, column));
    let query = Query::select()
        .expr_as(Expr::cust(REASON), "why")
        .expr_as(Expr::cust("COUNT(*)"), "leads")
        .from_subquery(leads, "a")
        .join_subquery(
            JoinType::LeftJoin,
            suppressed,
            "s",
            of("s", "email_key").equals(("a", "email_key")),
        )
        .join_subquery(
            JoinType::LeftJoin,
            unwilling(organization),
            "c",
            of("c", "lead_id").equals(("a", "id")),
        )
        .join_subquery(
            JoinType::LeftJoin,
            left(organization, topic),
            "t",
            of("t", "email_key").equals(("a", "email_key")),
        )
        .join_subquery(
            JoinType::LeftJoin,
            full(organization, mailing, now),
            "f",
            of("f", "lead_id").equals(("a", "id")),
        )
        .add_group_by([Expr::cust("1")])
        .take();
    let mut found = Vec::new();
    for row in session.conn.query_all(&query).await.map_err(store_error)? {
        found.push(row.try_get_many_by_index().map_err(store_error)?);
    }
    Ok(found)
}

/// Leads for whom something else than a consent to marketing counts.
fn unwilling(organization: Uuid) -> SelectStatement {
    Query::select()
        .columns([consent::Column::LeadId, consent::Column::Decision])
        .from(consent::Entity)
        .and_where(consent::Column::OrganizationId.eq(organization))
        .and_where(consent::Column::Purpose.eq(Purpose::marketing().as_str()))
        .and_where(consent::Column::Decision.ne(ConsentDecision::Granted.as_str()))
        .and_where(consents::counts())
        .take()
}

/// Addresses that left what the mails are about: nobody, where they are about nothing.
fn left(organization: Uuid, topic: Option<TopicId>) -> SelectStatement {
    Query::select()
        .column(leave::Column::EmailKey)
        .from(leave::Entity)
        .and_where(leave::Column::OrganizationId.eq(organization))
        .and_where(match topic {
            Some(topic) => leave::Column::TopicId.eq(topic.0),
            None => Expr::val(1).eq(0),
        })
        .take()
}

/// Leads that had as many mails as are allowed.
fn full(organization: Uuid, mailing: &Mailing, now: DateTime<Utc>) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(mail::Column::LeadId)
        .from(mail::Entity)
        .and_where(mail::Column::OrganizationId.eq(organization))
        .and_where(mail::Column::LeadId.is_not_null())
        .and_where(marketing())
        .and_where(mail::Column::SentAt.gt(now - Mailing::COUNTED))
        .add_group_by([Expr::col(mail::Column::LeadId)]);
    let day = Expr::case(mail::Column::SentAt.gt(now - TimeDelta::days(1)), 1).count();
    let week = Expr::cust("COUNT(*)");
    let reached =
        |count: sea_orm::sea_query::SimpleExpr, cap: Option<u32>| cap.map(|cap| count.gte(i64::from(cap)));
    let caps = [
        reached(day, mailing.per_lead_day),
        reached(week, mailing.per_lead_week),
    ];
    match caps.into_iter().flatten().reduce(ExprTrait::or) {
        Some(full) => select.and_having(full),
        // Without caps nobody is, and nothing is read.
        None => select.and_where(Expr::val(1).eq(0)),
    };
    select.take()
}

/// The last campaigns that ran without a plan and were sent at least `least` mails.
pub(super) async fn past_runs(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    least: i64,
) -> Result<Vec<PastRun>, StoreError> {
    let values = [organization.into(), least.into()];
    let mut runs = Vec::new();
    for row in conn
        .query_all_raw(dialect::statement(conn, RUNS, values))
        .await
        .map_err(store_error)?
    {
        let (sent, launched_at, completed_at) = row.try_get_many_by_index().map_err(store_error)?;
        runs.push(PastRun {
            sent,
            launched_at,
            completed_at,
        });
    }
    Ok(runs)
}
