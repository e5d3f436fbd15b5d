//! Connections that wait for the next mail.
//!
//! Our own, because lettre's pool sends a whole mail at once and can't say whether it failed before or after the content.

use super::connection::{Connection, Connector};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// A connection that waited longer is closed: servers hang up after some minutes.
const IDLE: Duration = Duration::from_mins(1);
/// A connection that waited longer is asked first whether it is still alive.
const SUSPECT: Duration = Duration::from_secs(30);
/// Many servers stop taking mails over one connection after about a hundred.
const MAX_MAILS: u32 = 100;

pub(super) struct Pool {
    connector: Connector,
    idle: Mutex<Vec<(Connection, Instant)>>,
    slots: Semaphore,
}

/// A connection in use. Dropped, it is closed: only [`Pool::give_back`] keeps it.
pub(super) struct Lease<'a> {
    pub connection: Connection,
    /// Whether it was used before, and so may have died while it waited.
    pub reused: bool,
    slot: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        let slots = Semaphore::new(connector.settings.connections);
        Self {
            connector,
            idle: Mutex::new(Vec::new()),
            slots,
        }
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// A connection that waits, or a new one; waits for its turn when too many are in use.
    pub(super) async fn take(&self) -> Result<Lease<'_>, String> {
        let slot = self.slots.acquire().await.map_err(|error| error.to_string())?;
        while let Some((mut connection, since)) = self.pop() {
            let waited = since.elapsed();
            if waited < SUSPECT || (waited < IDLE && connection.is_alive().await) {
                return Ok(Lease {
                    connection,
                    reused: true,
                    slot,
                });
            }
        }
        Ok(Lease {
            connection: self.connector.open().await?,
            reused: false,
            slot,
        })
    }

    /// The same slot with a new connection; those that wait are closed, as they are likely as dead as this one.
    pub(super) async fn renew<'a>(&self, lease: Lease<'a>) -> Result<Lease<'a>, String> {
        let Lease { slot, connection, .. } = lease;
        drop(connection);
        self.lock().clear();
        Ok(Lease {
            connection: self.connector.open().await?,
            reused: false,
            slot,
        })
    }

    pub(super) async fn give_back(&self, lease: Lease<'_>) {
        if lease.connection.mails < MAX_MAILS {
            self.lock().push((lease.connection, Instant::now()));
        } else {
            lease.connection.quit().await;
        }
    }

    fn pop(&self) -> Option<(Connection, Instant)> {
        self.lock().pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
