//! The connections of a process, handed out only together with whose rows they may see.

use super::begun::Begun;
use super::connection::Connection;
use super::reach::{Access, Reach};
use super::transaction::Transaction;
use sea_orm::sqlx::PgPool;
use sea_orm::{DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};

/// Cloning it shares the connections.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Postgres {
        pool: PgPool,
        /// Whether each statement says whose rows it wants; else the connections themselves say "all".
        walls: bool,
    },
    Sqlite(DatabaseConnection),
}

impl Pool {
    /// For single statements, each in a transaction of its own.
    pub fn reaching(&self, reach: Reach) -> Connection {
        match self {
            Self::Postgres { pool, walls: true } => Connection::Postgres {
                pool: pool.clone(),
                reach,
            },
            Self::Postgres { .. } | Self::Sqlite(_) => Connection::Plain(self.plain()),
        }
    }

    /// For statements across organizations.
    pub fn everywhere(&self) -> Connection {
        self.reaching(Reach::Everything)
    }

    /// Begins a transaction that may write from its first statement on.
    ///
    /// SQLite gets BEGIN IMMEDIATE: a transaction that reads first and writes later would fail at once, whatever the
    /// busy timeout, when another one wrote in between.
    pub async fn begin(&self, reach: Reach) -> Result<Transaction, DbErr> {
        match self {
            Self::Postgres { pool, .. } => Ok(Transaction::Postgres(
                Begun::begin(pool, reach, Access::Write).await?.into(),
            )),
            Self::Sqlite(conn) => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                Ok(Transaction::Sqlite(conn.begin_with_options(options).await?))
            }
        }
    }

    /// For what is no organization's: the list of migrations.
    pub fn plain(&self) -> DatabaseConnection {
        match self {
            Self::Postgres { pool, .. } => pool.clone().into(),
            Self::Sqlite(conn) => conn.clone(),
        }
    }

    /// How many transactions of one kind are worth having at once: one is on its way to the disk while the next is
    /// filled. SQLite has one writer.
    pub fn write_lanes(&self) -> usize {
        match self {
            Self::Postgres { .. } => 2,
            Self::Sqlite(_) => 1,
        }
    }

    /// Closes connections that nobody uses: the next ones come as the role that migrations have let in meanwhile.
    pub async fn renew(&self) {
        if let Self::Postgres { pool, .. } = self {
            while let Some(conn) = pool.try_acquire() {
                // It is gone, whether or not it says goodbye.
                let _ = conn.close().await;
            }
        }
    }

    /// After those in use have come back.
    pub async fn close(&self) {
        match self {
            Self::Postgres { pool, .. } => pool.close().await,
            // Only a pool that is closed already could complain.
            Self::Sqlite(conn) => drop(conn.clone().close().await),
        }
    }
}
