//! The store: where sessions come from.

use crate::dialect::{Connection, Pools, Reach};
use crate::error::store_error;
use crate::jobs::{HintTasks, Hints, Turns};
use crate::session::Session;
use crate::together::Together;
use async_trait::async_trait;
use groundswell_domain::email::NewVisit;
use groundswell_domain::forms::NewCapture;
use groundswell_domain::{Repos, Scope, Store, StoreError, UnitOfWork};
use std::sync::Arc;

/// Implements the ports `Store` and `SystemStore` on one database.
///
/// On SQLite the write pool has exactly one connection: SQLite lets one transaction write at a time, and waiting for a
/// connection is fair and cheap where waiting for its lock is neither. On PostgreSQL both are the same pool.
///
/// While a caller holds a unit of work it must write through nothing else: on SQLite it would wait for itself, until
/// the wait is given up as [`StoreError::Unavailable`].
pub struct SeaStore {
    pub(crate) pools: Pools,
    /// Across organizations.
    pub(crate) reader: Connection,
    /// Across organizations.
    pub(crate) writer: Connection,
    pub(crate) url: String,
    pub(crate) hints: Arc<Hints>,
    pub(crate) captures: Together<NewCapture>,
    pub(crate) visits: Together<NewVisit>,
    pub(crate) turns: Turns,
    /// Ends with the store.
    pub(crate) _hint_tasks: HintTasks,
}

impl SeaStore {
    /// Closes all connections, after those in use have come back.
    pub async fn close(&self) {
        self.pools.writer.close().await;
        self.pools.reader.close().await;
    }
}

#[async_trait]
impl Store for SeaStore {
    fn read(&self, scope: &Scope) -> Box<dyn Repos> {
        let reach = Reach::Organization(scope.organization.0);
        Box::new(Session::reading(
            self.pools.reader.reaching(reach),
            scope,
            self.hints.clone(),
        ))
    }

    async fn begin(&self, scope: &Scope) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let reach = Reach::Organization(scope.organization.0);
        let transaction = self.pools.writer.begin(reach).await.map_err(store_error)?;
        Ok(Box::new(Session::writing(transaction, scope, self.hints.clone())))
    }
}
