//! From an address to a store.

use crate::dialect;
use crate::error::store_error;
use crate::jobs::{HintTasks, Hints, Turns};
use crate::store::SeaStore;
use crate::together::Together;
use groundswell_domain::StoreError;
use groundswell_migrations::Migrator;
use sea_orm_migration::MigratorTrait;
use std::sync::Arc;
use std::time::Duration;

/// How the connections are kept.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Most connections of the pool: all of PostgreSQL's, and SQLite's readers (it has one writer besides).
    pub max_connections: u32,
    /// How long a caller waits for a free connection before [`StoreError::Unavailable`].
    pub acquire_timeout: Duration,
    /// Whether every statement on PostgreSQL says whose rows it wants. Off, the queries' own conditions are the only wall:
    /// for measuring what the second one costs.
    pub row_level_security: bool,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            row_level_security: true,
        }
    }
}

/// Why a database can't be used.
#[derive(Debug)]
pub enum ConnectError {
    /// The address is none, or of a database that is not supported.
    Address(String),
    /// The database answers, but is too old.
    Version(String),
    /// It does not answer, or refuses.
    Database(StoreError),
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(text) | Self::Version(text) => f.write_str(text),
            Self::Database(error) => write!(f, "can't connect to the database: {error}"),
        }
    }
}

impl std::error::Error for ConnectError {}

/// Opens the database at `url`: `postgres://user:password@host/name` or `sqlite://path`, whose file is made when it is
/// missing (its folder is not). Runs no migration: see [`SeaStore::migrate`].
pub async fn connect(url: &str, options: &ConnectOptions) -> Result<SeaStore, ConnectError> {
    let pools = dialect::open(url, options).await?;
    let hints = Arc::new(Hints::default());
    let hint_tasks = pools
        .hints
        .clone()
        .map_or_else(HintTasks::none, |pool| HintTasks::start(pool, &hints));
    Ok(SeaStore {
        captures: Together::start(&pools.writer, &hints),
        visits: Together::start(&pools.writer, &hints),
        turns: Turns::default(),
        reader: pools.reader.everywhere(),
        writer: pools.writer.everywhere(),
        url: url.to_owned(),
        pools,
        _hint_tasks: hint_tasks,
        hints,
    })
}

impl SeaStore {
    /// Runs the migrations that are missing, if there are any. Several processes may do so at once: one works, the others
    /// wait for it.
    pub async fn migrate_if_needed(&self) -> Result<(), StoreError> {
        // Without the lock first: the usual start has nothing to do.
        if Migrator::get_pending_migrations_read_only(&self.pools.writer.plain())
            .await
            .map_err(store_error)?
            .is_empty()
        {
            return Ok(());
        }
        self.migrate().await
    }

    /// Runs the migrations that are missing, and sees to row-level security, all in one transaction.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let pool = dialect::open_for_migrations(&self.url)
            .await
            .map_err(store_error)?;
        let result = async {
            let transaction = dialect::begin_migrations(&pool).await?;
            Migrator::up(&transaction, None).await?;
            dialect::raise_walls(&transaction).await?;
            transaction.commit().await
        }
        .await;
        // Whatever came of it, the connection is no longer needed.
        let _ = pool.close().await;
        self.pools.writer.renew().await;
        result.map_err(store_error)
    }
}
