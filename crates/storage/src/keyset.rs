//! Keyset pagination, once: the page after a cursor, at the same cost at any depth.
//!
//! Rows are compared as `(sort column, id) < (value, id)`, which both databases answer from an index on
//! `(organization_id, sort column, id)`. Sort columns must be NOT NULL: a comparison with NULL would drop rows.

use crate::dialect;
use crate::error::store_error;
use groundswell_domain::paging::{CursorValue, SortField};
use groundswell_domain::{Cursor, Direction, Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

/// Reads one page of `select`, which has the filters but no order and no limit.
///
/// `sort` is the column of `request.sort.field`; `place` tells the value of that column and the id of a row.
pub(crate) async fn page<E, C, F, T>(
    conn: &C,
    select: Select<E>,
    columns: (E::Column, E::Column),
    request: &PageRequest<F>,
    place: impl Fn(&E::Model) -> (CursorValue, Uuid),
    convert: impl Fn(E::Model) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError>
where
    E: EntityTrait<Model: Send + Sync>,
    C: ConnectionTrait,
    F: SortField,
{
    joined(conn, select, |select| select, columns, request, place, convert).await
}

/// The same for rows of more than one table: `join` adds to the page what its rows, and maybe its order, are read from. A total
/// is counted without it.
pub(crate) async fn joined<E, S, C, F, R, T>(
    conn: &C,
    select: Select<E>,
    join: impl FnOnce(Select<E>) -> Select<E>,
    (sort, id): (S, S),
    request: &PageRequest<F>,
    place: impl Fn(&R) -> (CursorValue, Uuid),
    convert: impl Fn(R) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError>
where
    E: EntityTrait<Model: Send + Sync>,
    S: ColumnTrait,
    C: ConnectionTrait,
    F: SortField,
    R: FromQueryResult + Send + Sync,
{
    let total = if request.with_total {
        Some(select.clone().count(conn).await.map_err(store_error)?)
    } else {
        None
    };
    let order = match request.sort.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    let mut select = join(select);
    if let Some(cursor) = &request.cursor {
        select = select.filter(beyond(sort, id, cursor, request.sort.direction));
    }
    // One more than asked for: whether it exists tells whether there is a next page.
    let query = select
        .order_by(sort, order.clone())
        .order_by(id, order)
        .limit(u64::from(request.limit) + 1)
        .into_query();
    let mut rows = R::find_by_statement(dialect::page(conn, &query))
        .all(conn)
        .await
        .map_err(store_error)?;
    let limit = request.limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| {
        let (value, id) = place(last);
        Cursor {
            sort: request.sort.name(),
            value,
            id,
        }
    });
    Ok(Page {
        items: rows.into_iter().map(convert).collect::<Result<_, _>>()?,
        next,
        total,
    })
}

/// The rows after a cursor.
pub(crate) fn beyond<Col: ColumnTrait>(
    sort: Col,
    id: Col,
    cursor: &Cursor,
    direction: Direction,
) -> SimpleExpr {
    let value = match &cursor.value {
        CursorValue::Time(time) => Expr::val(*time),
        CursorValue::Number(number) => Expr::val(*number),
        CursorValue::Text(text) => Expr::val(text.as_str()),
    };
    let row = Expr::tuple([Expr::col(sort.as_column_ref()), Expr::col(id.as_column_ref())]);
    let after = Expr::tuple([value, Expr::val(cursor.id)]);
    match direction {
        Direction::Ascending => row.gt(after),
        Direction::Descending => row.lt(after),
    }
}
