//! A transaction, and whose rows it may see. Dropping it takes everything back.

use super::begun::Begun;
use super::connection::failed;
use super::reach::Reach;
use async_trait::async_trait;
use sea_orm::sea_query::Values;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

/// What [`super::pool::Pool::begin`] gives.
#[derive(Debug)]
pub(crate) enum Transaction {
    Postgres(Mutex<Begun>),
    Sqlite(DatabaseTransaction),
}

impl Transaction {
    pub async fn commit(self) -> Result<(), DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.into_inner().commit().await.map_err(failed),
            Self::Sqlite(transaction) => transaction.commit().await,
        }
    }

    /// Its commit does not wait for the disk. That of `SQLite` does all the same: it has no such choice for one transaction.
    pub async fn wait_for_no_disk(&self) -> Result<(), DbErr> {
        if let Self::Postgres(_) = self {
            self.execute_unprepared("SET LOCAL synchronous_commit TO off")
                .await?;
        }
        Ok(())
    }

    /// From here on it sees the rows of another organization.
    pub async fn turn_to(&self, reach: Reach) -> Result<(), DbErr> {
        if let Self::Postgres(_) = self {
            self.execute_unprepared(&reach.set()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Postgres(_) => DbBackend::Postgres,
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres(transaction) => execute(&mut *transaction.lock().await, statement).await,
            Self::Sqlite(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres(transaction) => {
                let sql = AssertSqlSafe(sql.to_owned());
                let result = transaction.lock().await.execute(sql).await;
                Ok(result.map_err(failed)?.into())
            }
            Self::Sqlite(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Postgres(transaction) => fetch_one(&mut *transaction.lock().await, statement).await,
            Self::Sqlite(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(transaction) => fetch_all(&mut *transaction.lock().await, statement).await,
            Self::Sqlite(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}

pub(super) async fn execute(conn: &mut PgConnection, statement: Statement) -> Result<ExecResult, DbErr> {
    let (sql, values) = parts(statement);
    let result = sqlx::query_with(AssertSqlSafe(sql), values).execute(conn).await;
    Ok(result.map_err(failed)?.into())
}

pub(super) async fn fetch_one(
    conn: &mut PgConnection,
    statement: Statement,
) -> Result<Option<QueryResult>, DbErr> {
    let (sql, values) = parts(statement);
    let row = sqlx::query_with(AssertSqlSafe(sql), values)
        .fetch_optional(conn)
        .await;
    Ok(row.map_err(unread)?.map(QueryResult::from))
}

pub(super) async fn fetch_all(
    conn: &mut PgConnection,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let (sql, values) = parts(statement);
    let rows = sqlx::query_with(AssertSqlSafe(sql), values).fetch_all(conn).await;
    Ok(rows.map_err(unread)?.into_iter().map(QueryResult::from).collect())
}

/// Texts come from the query builder and from constants in this crate.
fn parts(statement: Statement) -> (String, SqlxValues) {
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    (statement.sql, SqlxValues(values))
}

fn unread(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
