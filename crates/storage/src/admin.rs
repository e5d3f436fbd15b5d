//! Making and removing whole PostgreSQL databases: one per test, so that tests run side by side.

use crate::dialect;
use crate::error::driver_error;
use groundswell_domain::StoreError;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection};

/// Makes the database `name` on the server of `url`; answers with its address.
pub async fn create_database(url: &str, name: &str) -> Result<String, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(driver_error)?;
    run(&options, &format!("CREATE DATABASE \"{}\"", checked(name)?)).await?;
    Ok(options.database(name).to_url_lossy().to_string())
}

/// Removes the database `name`, also while connections are open.
pub async fn drop_database(url: &str, name: &str) -> Result<(), StoreError> {
    let options: PgConnectOptions = url.parse().map_err(driver_error)?;
    let drop = format!("DROP DATABASE IF EXISTS \"{}\"", checked(name)?);
    let forced = format!("{drop} WITH (FORCE)");
    // Only a superuser can force autovacuum out. Without FORCE the server itself sends it away, but is then stopped by
    // connections that are just closing; what is left after that can be forced.
    for sql in [&forced, &drop] {
        if run(&options, sql).await.is_ok() {
            return Ok(());
        }
    }
    run(&options, &forced).await
}

/// The same address for a tool of its own, which says with each connection that it wants the rows of all organizations:
/// whoever says nothing sees none (see docs/operations.md). SQLite has no such wall.
pub fn reaching_everything(url: &str) -> String {
    if !dialect::is_postgres(url) {
        return url.to_owned();
    }
    let (setting, everything) = dialect::Reach::everything();
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}options=-c%20{setting}%3D{everything}")
}

async fn run(options: &PgConnectOptions, sql: &str) -> Result<(), StoreError> {
    let mut connection = PgConnection::connect_with(options).await.map_err(driver_error)?;
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .map_err(driver_error)?;
    connection.close().await.map_err(driver_error)
}

/// A name can't be a parameter, so only harmless ones are let through.
fn checked(name: &str) -> Result<&str, StoreError> {
    let harmless = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > 63 || !name.bytes().all(harmless) {
        return Err(StoreError::other(
            "a database's name has 1 to 63 of a-z, 0-9 and _",
        ));
    }
    Ok(name)
}
