//! Opening SQLite: one writer, a few readers beside it (WAL), and nothing that is lost after a commit.

use super::{Pool, Pools};
use crate::connect::{ConnectError, ConnectOptions};
use crate::error::driver_error;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions as _};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use std::time::Duration;

/// Older ones can corrupt the file when a WAL is reset while others read.
const OLDEST: [u32; 3] = [3, 51, 3];

pub(super) fn is_url(url: &str) -> bool {
    url.starts_with("sqlite:")
}

fn options(url: &str) -> Result<SqliteConnectOptions, sqlx::Error> {
    let options: SqliteConnectOptions = url.parse()?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // More than there are different statements, so that each is prepared once.
        .statement_cache_capacity(500)
        .busy_timeout(Duration::from_secs(5))
        .log_statements(tracing::log::LevelFilter::Off)
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1)))
}

pub(super) async fn open(url: &str, wanted: &ConnectOptions) -> Result<Pools, ConnectError> {
    let options = options(url).map_err(|error| {
        ConnectError::Address(format!("the address of the database is not valid: {error}"))
    })?;
    // The writer comes first: it makes the file and sets its journal mode.
    let writer = pool(1, wanted.acquire_timeout, options.clone())
        .await
        .map_err(ConnectError::Database)?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&writer)
        .await
        .map_err(|error| ConnectError::Database(driver_error(error)))?;
    if is_too_old(&version) {
        let [major, minor, patch] = OLDEST;
        return Err(ConnectError::Version(format!(
            "this program was built with SQLite {version}, which can corrupt its file; it needs {major}.{minor}.{patch} or newer"
        )));
    }
    let readers = wanted.max_connections.clamp(1, 8);
    let reader = pool(readers, wanted.acquire_timeout, options)
        .await
        .map_err(ConnectError::Database)?;
    Ok(Pools {
        reader: Pool::Sqlite(reader.into()),
        writer: Pool::Sqlite(writer.into()),
        hints: None,
    })
}

async fn pool(
    size: u32,
    acquire_timeout: Duration,
    options: SqliteConnectOptions,
) -> Result<SqlitePool, groundswell_domain::StoreError> {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(acquire_timeout)
        .test_before_acquire(false)
        // A file has no server that could hang up.
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(driver_error)
}

pub(super) async fn open_for_migrations(url: &str) -> Result<DatabaseConnection, DbErr> {
    let wrap = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    // Waits for another process that migrates.
    let options = options(url).map_err(wrap)?.busy_timeout(Duration::from_mins(10));
    Ok(SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .map_err(wrap)?
        .into())
}

fn is_too_old(version: &str) -> bool {
    let mut found = [0; 3];
    for (part, text) in found.iter_mut().zip(version.split('.')) {
        *part = text.parse().unwrap_or(0);
    }
    found < OLDEST
}

#[cfg(test)]
mod tests {
    use super::is_too_old;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_too_old("3.51.2") && is_too_old("3.9.9") && is_too_old("nonsense"));
        assert!(!is_too_old("3.51.3") && !is_too_old("3.100.0") && !is_too_old("4.0"));
    }
}
