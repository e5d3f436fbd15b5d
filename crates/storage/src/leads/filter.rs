//! Which leads a filter means, as SQL.

use crate::dialect;
use crate::entity::leads::{self, Column};
use crate::segments::{self, Count, Query, Shape};
use crate::session::Session;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::phone;
use groundswell_domain::segments::Chosen;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};

/// The leads that the filter means, among what the session sees.
pub(super) fn select<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &LeadFilter,
    shape: Shape,
) -> Select<leads::Entity> {
    let select = leads::Entity::find().filter(condition(session, filter));
    let Some(chosen) = &filter.segment else {
        return select;
    };
    let mut query = Query::new(&session.conn, session.organization, shape);
    let condition = query.chosen(chosen);
    query.join(select.filter(condition))
}

/// How the leads are counted when nothing but what they did matters.
pub(super) fn of_lists<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter) -> Option<Count> {
    let Some(Chosen::Rule(rule)) = &filter.segment else {
        return None;
    };
    let rest = LeadFilter {
        segment: None,
        segment_id: None,
        ..filter.clone()
    };
    if session.client.is_some() || rest != LeadFilter::default() {
        return None;
    }
    segments::count(&session.conn, session.organization, rule)
}

/// Every condition that is set; who is in a segment comes apart.
fn condition<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter) -> Condition {
    let conn = &session.conn;
    // All fields are named, so that a new one can't be forgotten.
    let LeadFilter {
        tags_any,
        tags_all,
        status,
        source,
        client_id,
        min_score,
        segment_id,
        segment,
        lead_ids,
        company,
        text,
        created_from,
        created_before,
        updated_from,
    } = filter;
    let words = text.iter().flat_map(|text| text.split_whitespace());
    let mut all = Condition::all()
        .add(Column::OrganizationId.eq(session.organization))
        .add_option(session.of_client(Column::ClientId))
        .add_option(status.map(|status| Column::Status.eq(status.as_str())))
        .add_option(source.as_ref().map(|source| Column::Source.eq(source.as_str())))
        .add_option(client_id.map(|id| Column::ClientId.eq(id.0)))
        .add_option(min_score.map(|points| Column::ScoreTotal.gte(points)))
        // Use-cases look it up; should one forget, nobody is better than everybody.
        .add_option(
            segment_id
                .filter(|_| segment.is_none())
                .map(|_| Expr::val(1).eq(0)),
        )
        .add_option(
            lead_ids
                .as_ref()
                .map(|ids| Column::Id.is_in(ids.iter().map(|id| id.0))),
        )
        .add_option(
            company
                .as_ref()
                .map(|part| like(format!("%\n%\n%{}%\n%", literally(part)))),
        )
        .add_option(created_from.map(|time| Column::CreatedAt.gte(time)))
        .add_option(created_before.map(|time| Column::CreatedAt.lt(time)))
        .add_option(updated_from.map(|time| Column::UpdatedAt.gte(time)));
    if !tags_any.is_empty() {
        all = all.add(dialect::json_array_overlaps(conn, Column::Tags, tags_any));
    }
    if !tags_all.is_empty() {
        all = all.add(dialect::json_array_contains(conn, Column::Tags, tags_all));
    }
    let mut found = Condition::all();
    for word in words {
        found = found.add(like(format!("%{}%", literally(word))));
    }
    match text.as_deref().and_then(phone::searched) {
        // The number may have been typed in another way than it is searched for.
        Some(digits) => all.add(Condition::any().add(found).add(like(format!("%{digits}%")))),
        None => all.add(found),
    }
}

fn like(pattern: String) -> SimpleExpr {
    Expr::col(Column::SearchText.as_column_ref()).like(LikeExpr::new(pattern).escape('\\'))
}

/// In lower case as the column is, and with the signs of LIKE meaning themselves.
fn literally(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len());
    for character in part.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(if character.is_control() { ' ' } else { character });
    }
    pattern
}
