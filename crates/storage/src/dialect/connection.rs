//! Single statements, each in a transaction of its own.

use super::begun::Begun;
use super::merged::MERGED;
use super::reach::{Access, Reach};
use super::transaction::{execute, fetch_all, fetch_one};
use async_trait::async_trait;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgPool};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
};

/// What [`super::pool::Pool::reaching`] gives.
#[derive(Debug, Clone)]
pub(crate) enum Connection {
    Postgres {
        pool: PgPool,
        reach: Reach,
    },
    /// SQLite, or PostgreSQL whose second wall was switched off.
    Plain(DatabaseConnection),
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Postgres { .. } => DbBackend::Postgres,
            Self::Plain(conn) => conn.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres { pool, reach } => {
                let mut transaction = Begun::begin(pool, *reach, Access::Write).await?;
                let result = execute(&mut transaction, statement).await?;
                transaction.commit().await.map_err(failed)?;
                Ok(result)
            }
            Self::Plain(conn) => conn.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres { pool, reach } => {
                let mut transaction = Begun::begin(pool, *reach, Access::Write).await?;
                let result = transaction
                    .execute(AssertSqlSafe(sql.to_owned()))
                    .await
                    .map_err(failed)?;
                transaction.commit().await.map_err(failed)?;
                Ok(result.into())
            }
            Self::Plain(conn) => conn.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Postgres { pool, reach } => {
                let access = access(&statement);
                let mut transaction = Begun::begin(pool, *reach, access).await?;
                let row = fetch_one(&mut transaction, statement).await?;
                end(transaction, access).await?;
                Ok(row)
            }
            Self::Plain(conn) => conn.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres { pool, reach } => {
                let access = access(&statement);
                let mut transaction = Begun::begin(pool, *reach, access).await?;
                let rows = fetch_all(&mut transaction, statement).await?;
                end(transaction, access).await?;
                Ok(rows)
            }
            Self::Plain(conn) => conn.query_all_raw(statement).await,
        }
    }
}

/// Statements that answer with the rows they changed start with another word, or with `WITH`; to lock rows is to write.
fn access(statement: &Statement) -> Access {
    let sql = statement.sql.trim();
    if sql.starts_with(MERGED) {
        Access::Merge
    } else if sql.starts_with("SELECT") && !sql.contains("FOR UPDATE") {
        Access::Read
    } else {
        Access::Write
    }
}

/// A reader's rollback travels with the message that tests the connection when it goes back to the pool.
async fn end(transaction: Begun, access: Access) -> Result<(), DbErr> {
    match access {
        Access::Read | Access::Merge => drop(transaction),
        Access::Write => transaction.commit().await.map_err(failed)?,
    }
    Ok(())
}

pub(super) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}
