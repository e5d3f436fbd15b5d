//! How many leads a filter means.

use super::{counters, filter};
use crate::entity::lead_scores::{Column, Entity};
use crate::error::store_error;
use crate::segments::{self, Count, Query, Shape};
use crate::session::Session;
use groundswell_domain::StoreError;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::segments::Chosen;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, Select};

pub(super) async fn count<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &LeadFilter,
) -> Result<i64, StoreError> {
    if let Some(count) = lists_alone(session, filter) {
        return of_lists(session, count).await;
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
fn lists_alone<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter) -> Option<Count> {
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

async fn of_lists<C: ConnectionTrait>(session: &Session<C>, count: Count) -> Result<i64, StoreError> {
    let (statement, is_rest) = match count {
        Count::Of(statement) => (statement, false),
        Count::AllBut(statement) => (statement, true),
    };
    let row = session.conn.query_one_raw(statement).await.map_err(store_error)?;
    let found: i64 = match row {
        Some(row) => row.try_get_by_index(0).map_err(store_error)?,
        None => 0,
    };
    if !is_rest {
        return Ok(found);
    }
    let all = counters::sums(&session.conn, session.organization).await?.total();
    // The two are not of the same moment.
    Ok((all - found).max(0))
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
