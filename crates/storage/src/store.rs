//! The store: where sessions come from.

use crate::dialect;
use crate::error::store_error;
use crate::forms::Intake;
use crate::jobs::{HintTasks, Hints};
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::{Repos, Scope, Store, StoreError, UnitOfWork};
use sea_orm::DatabaseConnection;
use std::sync::Arc;

/// Implements the ports `Store` and `SystemStore` on one database.
///
/// On SQLite the write pool has exactly one connection: SQLite lets one transaction write at a time, and waiting for a
/// connection is fair and cheap where waiting for its lock is neither. On PostgreSQL both are the same pool.
///
/// While a caller holds a unit of work it must write through nothing else: on SQLite it would wait for itself, until
/// the wait is given up as [`StoreError::Unavailable`].
pub struct SeaStore {
    pub(crate) reader: DatabaseConnection,
    pub(crate) writer: DatabaseConnection,
    pub(crate) url: String,
    pub(crate) hints: Arc<Hints>,
    pub(crate) intake: Intake,
    /// Ends with the store.
    pub(crate) _hint_tasks: HintTasks,
}

impl SeaStore {
    /// Closes all connections, after those in use have come back.
    pub async fn close(&self) {
        // Only a pool that is closed already could complain.
        let _ = self.writer.clone().close().await;
        let _ = self.reader.clone().close().await;
    }
}

#[async_trait]
impl Store for SeaStore {
    fn read(&self, scope: &Scope) -> Box<dyn Repos> {
        Box::new(Session::reading(
            self.reader.clone(),
            scope.organization.0,
            self.hints.clone(),
        ))
    }

    async fn begin(&self, scope: &Scope) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let transaction = dialect::begin_write(&self.writer).await.map_err(store_error)?;
        Ok(Box::new(Session::writing(
            transaction,
            scope.organization.0,
            self.hints.clone(),
        )))
    }
}
