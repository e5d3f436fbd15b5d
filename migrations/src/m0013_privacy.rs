//! Receipts of erasures, files with people's data, and for how long an organization keeps what.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, integer, integer_null, json, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One after the other: SQLite adds one column at a time.
        for column in [
            integer_null("keep_leads_days"),
            integer_null("keep_submissions_days"),
            integer_null("keep_messages_days"),
            integer_null("keep_events_days"),
            integer_null("keep_audit_days"),
            timestamp_with_time_zone_null("retention_ran_at"),
        ] {
            let change = Table::alter().table("organizations").add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager.create_table(erasures()).await?;
        manager.create_table(exports()).await?;
        manager.create_table(chunks()).await?;
        let one_each = index(
            "data_exports",
            "data_exports_user_key",
            ["organization_id", "user_id"],
        )
        .unique()
        .take();
        for index in [
            index(
                "erasures",
                "erasures_created_idx",
                ["organization_id", "created_at", "id"],
            ),
            one_each,
            // What has expired is found in all organizations.
            index("data_exports", "data_exports_expires_idx", ["expires_at"]),
        ] {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// Nothing points from here to anything: a receipt outlives whom and what it is about, also the organization.
fn erasures() -> TableCreateStatement {
    of_organization("erasures")
        .col(text("kind"))
        .col(uuid_null("subject_id"))
        .col(text_null("subject_hash"))
        .col(json("stores"))
        .col(uuid_null("requested_by"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn exports() -> TableCreateStatement {
    of_organization("data_exports")
        .col(uuid("user_id"))
        .col(uuid("job_id"))
        .col(uuid_null("build_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .foreign_key(&mut within_organization(
            "data_exports",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

/// The files in pieces, so that no process needs a whole one in memory, and every process can send it.
fn chunks() -> TableCreateStatement {
    Table::create()
        .table("data_export_chunks")
        .col(uuid("organization_id"))
        .col(uuid("export_id"))
        .col(uuid("build_id"))
        .col(integer("number"))
        .col(binary("content"))
        .primary_key(
            Index::create()
                .name("data_export_chunks_pkey")
                .col("organization_id")
                .col("export_id")
                .col("build_id")
                .col("number"),
        )
        .foreign_key(&mut within_organization(
            "data_export_chunks",
            "export_id",
            "data_exports",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
