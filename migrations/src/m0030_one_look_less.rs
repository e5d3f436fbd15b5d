//! Rows that are written by the million no longer look their lead up, one by one: on PostgreSQL a trigger takes them away with
//! it, where a foreign key did (docs/decisions/0030).

use crate::primary_keys;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

const CHANGES: [&str; 6] = [
    "ALTER TABLE lead_scores DROP CONSTRAINT lead_scores_lead_id_fkey",
    "ALTER TABLE score_entries DROP CONSTRAINT score_entries_lead_id_fkey",
    "ALTER TABLE lead_import_changes DROP CONSTRAINT lead_import_changes_lead_id_fkey",
    // An import is deleted before it has changed anything, or with its organization.
    "ALTER TABLE lead_import_changes DROP CONSTRAINT lead_import_changes_import_id_fkey",
    "CREATE FUNCTION groundswell_forget_with_lead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM lead_scores WHERE organization_id = OLD.organization_id AND lead_id = OLD.id;
        DELETE FROM score_entries WHERE organization_id = OLD.organization_id AND lead_id = OLD.id;
        DELETE FROM lead_import_changes WHERE organization_id = OLD.organization_id AND lead_id = OLD.id;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER leads_forget AFTER DELETE ON leads FOR EACH ROW EXECUTE FUNCTION groundswell_forget_with_lead()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            for change in CHANGES {
                manager.get_connection().execute_unprepared(change).await?;
            }
        }
        primary_keys::make_youngest(manager).await
    }
}
