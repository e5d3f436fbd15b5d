//! What crosses organizations, and the state of the database itself.

use crate::dialect;
use crate::entity::{data_exports, idempotency_keys};
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::consents::PENDING_DAYS;
use groundswell_domain::email::{Outbox, SendingDirectory, SendingSwitch, VisitInbox};
use groundswell_domain::forms::{FormDirectory, QUARANTINE_DAYS};
use groundswell_domain::identity::{IdentityDirectory, OrganizationDirectory};
use groundswell_domain::jobs::JobQueue;
use groundswell_domain::leads::LeadDirectory;
use groundswell_domain::privacy::RetentionDirectory;
use groundswell_domain::schedules::ScheduleDirectory;
use groundswell_domain::scoring::ScoringDirectory;
use groundswell_domain::secrets::KeyDirectory;
use groundswell_domain::sequences::SequenceDirectory;
use groundswell_domain::{Isolation, StoreError, SystemStore};
use groundswell_migrations::Migrator;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sea_orm_migration::MigratorTrait;

/// For how long a file may wait to be imported: longer than a worker is down.
const KEEP_FILES: TimeDelta = TimeDelta::days(7);

#[async_trait]
impl SystemStore for SeaStore {
    fn forms(&self) -> &dyn FormDirectory {
        self
    }
    fn identity(&self) -> &dyn IdentityDirectory {
        self
    }
    fn jobs(&self) -> &dyn JobQueue {
        self
    }
    fn keys(&self) -> &dyn KeyDirectory {
        self
    }
    fn leads(&self) -> &dyn LeadDirectory {
        self
    }
    fn organizations(&self) -> &dyn OrganizationDirectory {
        self
    }
    fn outbox(&self) -> &dyn Outbox {
        self
    }
    fn retention(&self) -> &dyn RetentionDirectory {
        self
    }
    fn schedules(&self) -> &dyn ScheduleDirectory {
        self
    }
    fn scoring(&self) -> &dyn ScoringDirectory {
        self
    }
    fn sending(&self) -> &dyn SendingDirectory {
        self
    }
    fn sending_switch(&self) -> &dyn SendingSwitch {
        self
    }
    fn sequences(&self) -> &dyn SequenceDirectory {
        self
    }
    fn visits(&self) -> &dyn VisitInbox {
        self
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.reader
            .execute_unprepared("SELECT 1")
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn describe(&self) -> Result<String, StoreError> {
        dialect::describe(&self.reader).await.map_err(store_error)
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = Migrator::get_pending_migrations_read_only(&self.pools.writer.plain())
            .await
            .map_err(store_error)?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }

    async fn isolation(&self) -> Result<Isolation, StoreError> {
        Ok(Isolation {
            broken: dialect::inspect_walls(&self.reader).await.map_err(store_error)?,
            slow: dialect::slow_searches(&self.reader).await.map_err(store_error)?,
        })
    }

    async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let expired =
            idempotency_keys::Entity::delete_many().filter(idempotency_keys::Column::ExpiresAt.lte(now));
        let done = expired.exec(&self.writer).await.map_err(store_error)?;
        let old = data_exports::Entity::delete_many().filter(data_exports::Column::ExpiresAt.lte(now));
        let exports = old.exec(&self.writer).await.map_err(store_error)?;
        let visits = crate::forms::forget(&self.writer, now).await?;
        let said = crate::enrichment::forget_expired(&self.writer, now).await?;
        let files = crate::leads::forget_files(&self.writer, now - KEEP_FILES, now).await?;
        let held = now - TimeDelta::days(QUARANTINE_DAYS);
        let held = crate::forms::quarantine::forget(&self.writer, held).await?;
        let asked = now - TimeDelta::days(PENDING_DAYS);
        let lapsed = crate::consents::lapse(&self.writer, asked).await?;
        let sent = crate::sending::forget_days(&self.writer, (now - TimeDelta::days(2)).date_naive()).await?;
        Ok(done.rows_affected + exports.rows_affected + visits + said + files + held + lapsed + sent)
    }

    async fn forget_audit(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        crate::audit::forget(&self.writer, before, limit).await
    }

    async fn database_time(&self) -> Result<DateTime<Utc>, StoreError> {
        dialect::database_time(&self.reader).await.map_err(store_error)
    }
}
