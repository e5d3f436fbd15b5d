//! A transaction of PostgreSQL on a connection of the pool.
//!
//! Like the driver's own, but for one thing: the driver forgets a `BEGIN` that was sent when its caller is cancelled
//! before the answer, and the connection goes back to the pool inside of a transaction. Here it is closed instead.

use super::reach::{Access, Reach};
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{AssertSqlSafe, Database, PgPool, Postgres, SqlSafeStr};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};
use sqlx_core::transaction::TransactionManager;
use std::ops::{Deref, DerefMut};

type Manager = <Postgres as Database>::TransactionManager;

/// Dropping it takes everything back.
#[derive(Debug)]
pub(crate) struct Begun {
    conn: PoolConnection<Postgres>,
    /// Whether the server has confirmed it.
    confirmed: bool,
}

impl Begun {
    /// Begins and says whose rows, in one message.
    pub(super) async fn begin(pool: &PgPool, reach: Reach, access: Access) -> Result<Self, DbErr> {
        let conn = pool.acquire().await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
        })?;
        let mut begun = Self {
            conn,
            confirmed: false,
        };
        let text = AssertSqlSafe(reach.begin(access)).into_sql_str();
        Manager::begin(&mut begun.conn, Some(text))
            .await
            .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        begun.confirmed = true;
        Ok(begun)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        Manager::commit(&mut self.conn).await
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.confirmed {
            // Nothing when it was committed. It is sent with the message that tests the connection on its way back.
            Manager::start_rollback(&mut self.conn);
        } else {
            self.conn.close_on_drop();
        }
    }
}

impl Deref for Begun {
    type Target = sqlx::PgConnection;
    fn deref(&self) -> &Self::Target {
        &self.conn
    }
}

impl DerefMut for Begun {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.conn
    }
}
