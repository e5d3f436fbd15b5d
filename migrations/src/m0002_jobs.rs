//! The queue of background work, and the answers kept for `Idempotency-Key`.
//!
//! No foreign key leads to the organization: every insert would lock that one row, and these are the tables that
//! requests write to most.

use crate::table::{index, of_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    blob, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        jobs(manager).await?;
        idempotency_keys(manager).await
    }
}

async fn jobs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("jobs");
    table
        .col(text("kind"))
        .col(json_binary("payload"))
        .col(text("status"))
        .col(integer("priority"))
        .col(integer("attempt"))
        .col(integer("max_attempts"))
        .col(timestamp_with_time_zone("run_at"))
        .col(text_null("unique_key"))
        .col(uuid_null("lease_token"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(text_null("last_error"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("finished_at"));
    manager.create_table(table).await?;

    let queued = || Expr::col("status").eq("queued");
    let running = || Expr::col("status").eq("running");
    // Finished rows are in none of the next four: a claim costs the same however many there are.
    let claim = Index::create()
        .table("jobs")
        .name("jobs_queued_idx")
        .col(("priority", IndexOrder::Desc))
        .col("run_at")
        .col("id")
        .and_where(queued())
        .take();
    manager.create_index(claim).await?;
    let expired = index("jobs", "jobs_running_idx", ["lease_until"])
        .and_where(running())
        .take();
    manager.create_index(expired).await?;
    // By id alone, for heartbeats and ends: the worker knows no organization.
    let held = index("jobs", "jobs_running_id_idx", ["id"])
        .and_where(running())
        .take();
    manager.create_index(held).await?;
    let unique = index("jobs", "jobs_unique_key", ["organization_id", "unique_key"])
        .unique()
        .and_where(Expr::col("unique_key").is_not_null())
        .and_where(queued().or(running()))
        .take();
    manager.create_index(unique).await?;

    let lists = [
        index(
            "jobs",
            "jobs_created_idx",
            ["organization_id", "created_at", "id"],
        ),
        index("jobs", "jobs_run_at_idx", ["organization_id", "run_at", "id"]),
    ];
    for list in lists {
        manager.create_index(list).await?;
    }
    Ok(())
}

async fn idempotency_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("idempotency_keys")
        .col(uuid("organization_id"))
        .col(text("route"))
        .col(text("key"))
        .col(blob("fingerprint"))
        .col(text("outcome"))
        .col(json_binary("data"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(
            Index::create()
                .name("idempotency_keys_pkey")
                .col("organization_id")
                .col("route")
                .col("key"),
        )
        .take();
    manager.create_table(table).await?;
    manager
        .create_index(index(
            "idempotency_keys",
            "idempotency_keys_expiry_idx",
            ["expires_at"],
        ))
        .await
}
