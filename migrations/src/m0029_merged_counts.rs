//! Indexes in the order of leads, from which segments are counted by merging.

use crate::primary_keys;
use crate::table::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The line that counts comes first.
const LAST_CONSENTS: &str = "CREATE INDEX consents_purpose ON consents \
    (organization_id, purpose, lead_id, created_at DESC, id DESC, decision)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP INDEX lead_events_kind")
            .await?;
        // By lead before time, where it was the other way round.
        let by_kind = index(
            "lead_events",
            "lead_events_kind",
            ["organization_id", "kind", "subject", "lead_id", "occurred_at"],
        );
        manager.create_index(by_kind).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(LAST_CONSENTS).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}
