//! Leads, their score ledger and status counters, and CSV imports.
//!
//! No foreign key leads to the organization: every insert would lock that one row, and a session can only write rows of
//! the organization it was opened for.

use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, boolean, integer, json_binary, small_integer, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(leads()).await?;
        for index in [
            index(
                "leads",
                "leads_created_at",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "leads",
                "leads_updated_at",
                ["organization_id", "updated_at", "id"],
            ),
            index("leads", "leads_name", ["organization_id", "name", "id"]),
            index("leads", "leads_score", ["organization_id", "score_total", "id"]),
            index(
                "leads",
                "leads_status",
                ["organization_id", "status", "created_at", "id"],
            ),
        ] {
            manager.create_index(index).await?;
        }
        // Also the order by address: it is unique, so the id has no ties to break.
        manager
            .create_index(
                index("leads", "leads_email_key", ["organization_id", "email_key"])
                    .unique()
                    .take(),
            )
            .await?;
        postgres_indexes(manager).await?;

        manager.create_table(lead_counters()).await?;
        manager.create_table(score_entries()).await?;
        manager
            .create_index(
                index(
                    "score_entries",
                    "score_entries_once",
                    ["organization_id", "lead_id", "rule", "event"],
                )
                .unique()
                .take(),
            )
            .await?;
        manager
            .create_index(index(
                "score_entries",
                "score_entries_created_at",
                ["organization_id", "lead_id", "created_at", "id"],
            ))
            .await?;

        manager.create_table(lead_imports()).await?;
        manager.create_table(lead_import_contents()).await?;
        manager.create_table(lead_import_errors()).await
    }
}

/// Indexes that `SQLite` has no counterpart of. Searching works without them, only slower, so a database whose owner
/// may not create the (trusted) extension `pg_trgm` goes on without the index for it.
async fn postgres_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let connection = manager.get_connection();
    connection
        .execute_unprepared("CREATE INDEX leads_tags ON leads USING gin (tags)")
        .await?;
    // A failed statement would end the migration's transaction; the block is a savepoint around it.
    connection
        .execute_unprepared(
            "DO $$ BEGIN
                 CREATE EXTENSION IF NOT EXISTS pg_trgm;
                 CREATE INDEX leads_search ON leads USING gin (search_text gin_trgm_ops);
             EXCEPTION WHEN OTHERS THEN
                 RAISE WARNING 'searching leads goes without an index: %', SQLERRM;
             END $$",
        )
        .await?;
    Ok(())
}

fn leads() -> TableCreateStatement {
    of_organization("leads")
        .col(text("email"))
        .col(text("email_key"))
        .col(text("name").default(""))
        .col(text_null("phone"))
        .col(text_null("company"))
        .col(text_null("title"))
        .col(text("source"))
        .col(text("status"))
        .col(text("stage"))
        .col(json_binary("tags"))
        .col(json_binary("custom_fields"))
        .col(integer("score_total"))
        .col(integer("score_fit"))
        .col(integer("score_engagement"))
        .col(text_null("utm_source"))
        .col(text_null("utm_medium"))
        .col(text_null("utm_campaign"))
        .col(uuid_null("client_id"))
        .col(text("search_text"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .take()
}

/// Leads by status, spread over slots so that writers seldom wait for each other.
fn lead_counters() -> TableCreateStatement {
    Table::create()
        .table("lead_counters")
        .col(uuid("organization_id"))
        .col(small_integer("slot"))
        .col(text("status"))
        .col(big_integer("leads"))
        .primary_key(Index::create().col("organization_id").col("slot").col("status"))
        .take()
}

fn score_entries() -> TableCreateStatement {
    of_organization("score_entries")
        .col(uuid("lead_id"))
        .col(text("rule"))
        .col(text("axis"))
        .col(integer("points"))
        .col(text("event"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "score_entries",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn lead_imports() -> TableCreateStatement {
    of_organization("lead_imports")
        .col(text("file_name"))
        .col(text("status"))
        .col(boolean("dry_run"))
        .col(json_binary("mapping"))
        .col(json_binary("tags"))
        .col(big_integer("rows"))
        .col(big_integer("created"))
        .col(big_integer("updated"))
        .col(big_integer("unchanged"))
        .col(big_integer("failed"))
        .col(text_null("error"))
        .col(big_integer("offset"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .take()
}

/// The files, apart from the imports so that reading those stays cheap.
fn lead_import_contents() -> TableCreateStatement {
    Table::create()
        .table("lead_import_contents")
        .col(uuid("organization_id"))
        .col(uuid("import_id"))
        .col(binary("content"))
        .primary_key(Index::create().col("organization_id").col("import_id"))
        .foreign_key(&mut within_organization(
            "lead_import_contents",
            "import_id",
            "lead_imports",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn lead_import_errors() -> TableCreateStatement {
    Table::create()
        .table("lead_import_errors")
        .col(uuid("organization_id"))
        .col(uuid("import_id"))
        .col(big_integer("line"))
        .col(text("field"))
        .col(text("message"))
        .col(text("raw"))
        .primary_key(
            Index::create()
                .col("organization_id")
                .col("import_id")
                .col("line")
                .col("field"),
        )
        .foreign_key(&mut within_organization(
            "lead_import_errors",
            "import_id",
            "lead_imports",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
