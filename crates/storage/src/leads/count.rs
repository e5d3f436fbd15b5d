//! How many leads a filter means.

use super::filter;
use crate::entity::lead_scores::{Column, Entity};
use crate::error::store_error;
use crate::segments::{self, Query, Shape};
use crate::session::Session;
use groundswell_domain::StoreError;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::segments::Chosen;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, Select, Statement,
};

pub(super) async fn count<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &LeadFilter,
) -> Result<i64, StoreError> {
    if let Some(statement) = lists_alone(session, filter) {
        let row = session.conn.query_one_raw(statement).await.map_err(store_error)?;
        return row.map_or(Ok(0), |row| row.try_get_by_index(0).map_err(store_error));
    }
    let count = match scores_alone(session, filter) {
        Some(scores) => scores.count(&session.conn).await,
        None => {
            filter::select(session, filter, Shape::Whole)
                .leads
                .count(&session.conn)
                .await
        }
    };
    i64::try_from(count.map_err(store_error)?).map_err(StoreError::other)
}

/// Where conditions are about nothing but what leads did and said.
fn lists_alone<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter) -> Option<Statement> {
    let Some(Chosen::Rule(rule)) = &filter.segment else {
        return None;
    };
    let others = LeadFilter {
        segment: None,
        // Of one that was looked up.
        segment_id: None,
        ..filter.clone()
    };
    if session.client.is_some() || others != LeadFilter::default() {
        return None;
    }
    segments::count(&session.conn, session.organization, rule)
}

/// Where conditions are about nothing but scores: each is one lead's, so that leads need not be looked at, and a range of
/// their index is all that is read.
fn scores_alone<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter) -> Option<Select<Entity>> {
    let others = LeadFilter {
        min_score: None,
        segment: None,
        // Of one that was looked up.
        segment_id: filter.segment_id.filter(|_| filter.segment.is_none()),
        ..filter.clone()
    };
    if session.client.is_some() || others != LeadFilter::default() {
        return None;
    }
    let mut query = Query::new(&session.conn, session.organization, Shape::Whole);
    let condition = filter.segment.as_ref().map(|chosen| query.chosen(chosen));
    if query.by_lead || !(query.by_score || filter.min_score.is_some()) {
        return None;
    }
    let scores = Entity::find()
        .filter(Column::OrganizationId.eq(session.organization))
        .apply_if(filter.min_score, |select, points| {
            select.filter(Column::Total.gte(points))
        })
        .apply_if(condition, QueryFilter::filter);
    Some(scores)
}
