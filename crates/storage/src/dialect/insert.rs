//! Adding many rows in one statement.
//!
//! PostgreSQL takes the rows as a parameter for each column. The columns are named: a newer schema may have more of them,
//! with defaults. SQLite runs in this process, so that one statement per row is enough.

use super::columns;
use crate::entity::leads;
use crate::error::store_error;
use groundswell_domain::StoreError;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, Iterable, QueryResult, QueryTrait,
    Statement, Value,
};

/// Adds `rows` in their order and reads `returning` of those that were added; one whose `unique` columns are taken is
/// left out.
pub(crate) async fn insert_new<E>(
    conn: &impl ConnectionTrait,
    rows: Vec<E::Model>,
    unique: &[E::Column],
    returning: &[E::Column],
) -> Result<Vec<QueryResult>, StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    insert_unless::<E>(conn, rows, unique, returning, "").await
}

// An address of a lead that was merged is found at the lead that it is part of. Of a merge that is just being committed the
// condition knows nothing: then there is one more lead, which a later scan proposes to merge.
const ALIASED: &str = " WHERE NOT EXISTS (SELECT 1 FROM lead_aliases \
    WHERE lead_aliases.organization_id = fresh.organization_id AND lead_aliases.email_key = fresh.email_key)";

const IS_ALIASED: &str = "SELECT 1 FROM lead_aliases WHERE organization_id = $1 AND email_key = $2";

/// The same for leads, leaving out also those whose address is another one of a lead.
pub(crate) async fn insert_new_leads(
    conn: &impl ConnectionTrait,
    mut rows: Vec<leads::Model>,
    returning: &[leads::Column],
) -> Result<Vec<QueryResult>, StoreError> {
    let unique = [leads::Column::OrganizationId, leads::Column::EmailKey];
    let backend = conn.get_database_backend();
    if backend != DbBackend::Postgres {
        let mut free = Vec::with_capacity(rows.len());
        for row in rows {
            let values: [Value; 2] = [row.organization_id.into(), row.email_key.as_str().into()];
            let is_aliased = Statement::from_sql_and_values(backend, IS_ALIASED, values);
            if conn
                .query_one_raw(is_aliased)
                .await
                .map_err(store_error)?
                .is_none()
            {
                free.push(row);
            }
        }
        rows = free;
    }
    insert_unless::<leads::Entity>(conn, rows, &unique, returning, ALIASED).await
}

/// `unless` is a condition on PostgreSQL.
async fn insert_unless<E>(
    conn: &impl ConnectionTrait,
    rows: Vec<E::Model>,
    unique: &[E::Column],
    returning: &[E::Column],
    unless: &'static str,
) -> Result<Vec<QueryResult>, StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let values = columns::parameters::<E>(rows)?;
        let sql = from_columns::<E>(unique, returning, unless)?;
        return conn
            .query_all_raw(Statement::from_sql_and_values(backend, sql, values))
            .await
            .map_err(store_error);
    }
    let mut added = Vec::with_capacity(rows.len());
    for row in rows {
        let mut query = E::insert(row.into_active_model())
            .on_conflict(
                OnConflict::columns(unique.iter().copied())
                    .do_nothing()
                    .to_owned(),
            )
            .into_query();
        query.returning(Query::returning().columns(returning.iter().copied()));
        added.extend(conn.query_one(&query).await.map_err(store_error)?);
    }
    Ok(added)
}

fn from_columns<E: EntityTrait>(
    unique: &[E::Column],
    returning: &[E::Column],
    unless: &str,
) -> Result<String, StoreError> {
    let table = E::default().table_name().to_owned();
    let all: Vec<_> = E::Column::iter().collect();
    let columns = names::<E>(&all);
    Ok(format!(
        "INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM {}{unless} ON CONFLICT ({}) DO NOTHING RETURNING {}",
        columns::table::<E>("fresh")?,
        names::<E>(unique),
        names::<E>(returning),
    ))
}

fn names<E: EntityTrait>(columns: &[E::Column]) -> String {
    columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect::<Vec<_>>()
        .join(", ")
}
