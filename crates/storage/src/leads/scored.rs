//! Leads with their scores, which lie in a table of their own (docs/decisions/0029).
//!
//! What is read without a lock is joined. What is locked is not: whoever waited for a lead's row would get the score of
//! before, so scores are read in a second statement, under the locks.

use crate::dialect;
use crate::entity::lead_scores::{self, Column as Sum};
use crate::entity::leads::{self, Column};
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::leads::{Lead, Score};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QueryResult, QuerySelect, QueryTrait, Select,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

const COLUMNS: [(Sum, &str); 3] = [
    (Sum::Total, "score_total"),
    (Sum::Fit, "score_fit"),
    (Sum::Engagement, "score_engagement"),
];

/// A row of a select with [`columns`].
#[derive(Debug, Clone)]
pub(crate) struct Scored {
    pub lead: leads::Model,
    pub score: Score,
}

impl FromQueryResult for Scored {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let [total, fit, engagement] = COLUMNS.map(|(_, name)| row.try_get::<i32>(prefix, name));
        Ok(Self {
            lead: leads::Model::from_query_result(row, prefix)?,
            score: Score {
                total: total?,
                fit: fit?,
                engagement: engagement?,
            },
        })
    }
}

impl TryFrom<Scored> for Lead {
    type Error = StoreError;

    fn try_from(row: Scored) -> Result<Self, StoreError> {
        row.lead.with(row.score)
    }
}

/// Leads with their scores, found by conditions on leads: a left join, so that the planner goes by the leads.
pub(crate) fn read(select: Select<leads::Entity>, organization: Uuid) -> Select<leads::Entity> {
    columns(join(select, organization, JoinType::LeftJoin))
}

/// The table of scores, under its own name; an inner join where conditions or the order are about scores, so that their index
/// can serve them.
pub(crate) fn join(
    mut select: Select<leads::Entity>,
    organization: Uuid,
    how: JoinType,
) -> Select<leads::Entity> {
    let on = Sum::OrganizationId
        .eq(organization)
        .and(Expr::col(Sum::LeadId.as_column_ref()).equals(Column::Id.as_column_ref()));
    QueryTrait::query(&mut select).join(how, lead_scores::Entity, on);
    select
}

/// What [`Scored`] is read from, of a select that has the join.
pub(crate) fn columns(select: Select<leads::Entity>) -> Select<leads::Entity> {
    COLUMNS
        .into_iter()
        .fold(select, |select, (column, name)| select.column_as(column, name))
}

/// Adds the scores to leads that were locked in this transaction.
pub(crate) async fn with_scores(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: Vec<leads::Model>,
) -> Result<Vec<Lead>, StoreError> {
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id).collect();
    let mut scores = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(KEYS) {
        let query = dialect::scores_by_lead(conn, organization, ids);
        for row in conn.query_all_raw(query).await.map_err(store_error)? {
            let row = lead_scores::Model::from_query_result(&row, "").map_err(store_error)?;
            scores.insert(row.lead_id, row.score());
        }
    }
    matched(leads, &scores)
}

/// One without a score went away between the two statements, which needs a reader without locks.
pub(crate) fn matched(
    leads: Vec<leads::Model>,
    scores: &HashMap<Uuid, Score>,
) -> Result<Vec<Lead>, StoreError> {
    let with_its_own = |lead: leads::Model| scores.get(&lead.id).map(|score| lead.with(*score));
    leads.into_iter().filter_map(with_its_own).collect()
}

impl lead_scores::Model {
    pub(crate) fn of(organization: Uuid, lead: Uuid, score: Score) -> Self {
        Self {
            organization_id: organization,
            lead_id: lead,
            total: score.total,
            fit: score.fit,
            engagement: score.engagement,
        }
    }

    pub(crate) fn score(&self) -> Score {
        Score {
            total: self.total,
            fit: self.fit,
            engagement: self.engagement,
        }
    }
}
