//! What reads and writes of the busiest routes cost on PostgreSQL; SQLite has nothing like it.

use crate::primary_keys;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

// Nothing looks into these: as text they need not be taken apart and put together again for each answer.
const AS_TEXT: &str = "ALTER TABLE campaigns
  ALTER COLUMN channels TYPE json, ALTER COLUMN target_audience TYPE json,
  ALTER COLUMN content TYPE json, ALTER COLUMN frozen TYPE json";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(AS_TEXT).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}
