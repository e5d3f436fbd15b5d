//! Reading the one row that a unique key means.

use crate::dialect;
use crate::error::store_error;
use groundswell_domain::StoreError;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryTrait, Select};

/// Unlike `Select::one` it sends no limit: PostgreSQL makes a new plan each time for a limit that is a parameter, which
/// takes longer than reading a row.
pub(crate) async fn one<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<Option<E::Model>, StoreError> {
    read(conn, select.as_query()).await
}

/// The same for a row of more than one table.
pub(crate) async fn one_joined<E: EntityTrait, R: FromQueryResult>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<Option<R>, StoreError> {
    read(conn, select.as_query()).await
}

/// The same, locked until the transaction ends.
pub(crate) async fn one_locked<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<Option<E::Model>, StoreError> {
    let mut query = select.into_query();
    dialect::lock_for_update(conn, &mut query);
    read(conn, &query).await
}

async fn read<R: FromQueryResult>(
    conn: &impl ConnectionTrait,
    query: &SelectStatement,
) -> Result<Option<R>, StoreError> {
    let row = conn.query_one(query).await.map_err(store_error)?;
    row.map(|row| R::from_query_result(&row, ""))
        .transpose()
        .map_err(store_error)
}
