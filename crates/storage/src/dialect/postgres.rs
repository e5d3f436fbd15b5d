//! Opening PostgreSQL.
//!
//! Time limits are connection options, so that no code path can forget them. A connection that lay idle is tested
//! before it is handed out, so that the pool recovers from a restart of the server; one that was just used is not: that
//! would be a round trip for every statement, and one that breaks in use never comes back to the pool.

use super::{Pool, Pools, walls};
use crate::connect::{ConnectError, ConnectOptions};
use crate::error::driver_error;
use crate::jobs::Hints;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection, PgPool};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use std::time::Duration;

/// A connection idle for longer than this is tested before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
const CHANNEL: &str = "groundswell_jobs";

pub(crate) fn is_url(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn options(url: &str, limits: &[(&str, &str)]) -> Result<PgConnectOptions, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    Ok(options
        .application_name("groundswell")
        // More than there are different statements, so that each is prepared once.
        .statement_cache_capacity(500)
        .options(limits.iter().copied())
        .log_statements(tracing::log::LevelFilter::Off)
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1)))
}

pub(super) async fn open(url: &str, wanted: &ConnectOptions) -> Result<Pools, ConnectError> {
    let limits = [
        // Questions are short: compiling the plan of a count takes longer than the count.
        ("jit", "off"),
        // The default is that of disks that turn: it makes the planner read whole tables instead of an index.
        ("random_page_cost", "1.1"),
        ("statement_timeout", "15s"),
        ("lock_timeout", "3s"),
        ("idle_in_transaction_session_timeout", "10s"),
    ];
    let options = options(url, &limits).map_err(|error| {
        ConnectError::Address(format!("the address of the database is not valid: {error}"))
    })?;
    let walls = wanted.row_level_security;
    let pool = PgPoolOptions::new()
        .max_connections(wanted.max_connections.max(1))
        .acquire_timeout(wanted.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { Ok(meta.idle_for < TRUSTED_IDLE || connection.ping().await.is_ok()) })
        })
        .after_connect(move |connection, _| Box::pin(walls::enter(connection, walls)))
        .connect_with(options.clone())
        .await
        .map_err(|error| ConnectError::Database(driver_error(error)))?;
    // Apart from the rest: the listener keeps one of them for good, and must not take it from the callers.
    let hints = PgPoolOptions::new().max_connections(2).connect_lazy_with(options);
    let database = Pool::Postgres { pool, walls };
    Ok(Pools {
        reader: database.clone(),
        writer: database,
        hints: Some(hints),
    })
}

pub(super) async fn open_for_migrations(url: &str) -> Result<DatabaseConnection, DbErr> {
    let limits = [
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
    ];
    let wrap = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    let options = options(url, &limits).map_err(wrap)?;
    Ok(PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .map_err(wrap)?
        .into())
}

/// Tells the workers of all processes that there may be work.
pub(crate) async fn notify(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_notify($1, '')")
        .bind(CHANNEL)
        .execute(pool)
        .await?;
    Ok(())
}

/// Passes on what other processes tell, until the connection breaks.
pub(crate) async fn listen(pool: &PgPool, hints: &Hints) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was told while nobody listened.
    hints.wake();
    loop {
        // `None`: the connection broke and is made anew; something may have been missed.
        listener.try_recv().await?;
        hints.wake();
    }
}
