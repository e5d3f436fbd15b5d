//! The list of campaigns, with their counters in the same statement.

use super::rows;
use crate::dialect;
use crate::entity::campaigns::Column;
use crate::error::store_error;
use crate::keyset::beyond;
use crate::session::Session;
use groundswell_domain::campaigns::{Campaign, CampaignFilter, CampaignSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Cursor, Direction, Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, Order};

pub(super) async fn list<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &CampaignFilter,
    page: &PageRequest<CampaignSort>,
) -> Result<Page<Campaign>, StoreError> {
    let conn = &session.conn;
    let total = if page.with_total {
        Some(count(session, filter).await?)
    } else {
        None
    };
    let column = match page.sort.field {
        CampaignSort::CreatedAt => Column::CreatedAt,
        CampaignSort::UpdatedAt => Column::UpdatedAt,
        CampaignSort::Name => Column::Name,
    };
    let order = match page.sort.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    let mut query = rows::select(session.organization);
    query.cond_where(condition(session, filter));
    if let Some(cursor) = &page.cursor {
        query.and_where(beyond(column, Column::Id, cursor, page.sort.direction));
    }
    // One more than asked for: whether it exists tells whether there is a next page.
    query
        .order_by(column.as_column_ref(), order.clone())
        .order_by(Column::Id.as_column_ref(), order)
        .limit(u64::from(page.limit) + 1);
    let found = conn
        .query_all_raw(dialect::page(conn, &query))
        .await
        .map_err(store_error)?;
    let limit = page.limit as usize;
    let items = found
        .iter()
        .take(limit)
        .map(rows::campaign)
        .collect::<Result<Vec<_>, _>>()?;
    let next = items.last().filter(|_| found.len() > limit).map(|last| Cursor {
        sort: page.sort.name(),
        value: match page.sort.field {
            CampaignSort::CreatedAt => CursorValue::Time(last.created_at),
            CampaignSort::UpdatedAt => CursorValue::Time(last.updated_at),
            CampaignSort::Name => CursorValue::Text(last.name.clone()),
        },
        id: last.id.0,
    });
    Ok(Page { items, next, total })
}

async fn count<C: ConnectionTrait>(session: &Session<C>, filter: &CampaignFilter) -> Result<u64, StoreError> {
    let query = Query::select()
        .expr(Expr::col(Column::Id.as_column_ref()).count())
        .from(crate::entity::campaigns::Entity)
        .and_where(Column::OrganizationId.eq(session.organization))
        .cond_where(condition(session, filter))
        .take();
    let row = session.conn.query_one(&query).await.map_err(store_error)?;
    let count: i64 = row
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .map_err(store_error)?;
    u64::try_from(count).map_err(StoreError::other)
}

fn condition<C: ConnectionTrait>(session: &Session<C>, filter: &CampaignFilter) -> Condition {
    // All fields are named, so that a new one can't be forgotten.
    let CampaignFilter {
        status,
        kind,
        client_id,
        project_id,
        name,
    } = filter;
    Condition::all()
        .add_option(session.of_client(Column::ClientId))
        .add_option(status.map(|status| Column::Status.eq(status.as_str())))
        .add_option(kind.map(|kind| Column::Kind.eq(kind.as_str())))
        .add_option(client_id.map(|id| Column::ClientId.eq(id.0)))
        .add_option(project_id.map(|id| Column::ProjectId.eq(id.0)))
        .add_option(
            name.as_ref()
                .map(|part| dialect::contains(&session.conn, Column::Name, part)),
        )
}
