//! Schedules, and what jobs go back to: a request, its trace, a run of a schedule.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(schedules()).await?;
        for (name, column) in [
            ("schedules_created_at", "created_at"),
            ("schedules_updated_at", "updated_at"),
            ("schedules_name", "name"),
        ] {
            let list = index("schedules", name, ["organization_id", column, "id"]);
            manager.create_index(list).await?;
        }
        // Every scheduler looks at it once a second. Those that are paused or over are not in it.
        let due = index("schedules", "schedules_due", ["next_run_at", "id"])
            .and_where(Expr::col("next_run_at").is_not_null())
            .take();
        manager.create_index(due).await?;

        // No foreign key: a job outlives its schedule, and nobody who adds one waits for a schedule's row.
        for column in [
            uuid_null("request_id"),
            text_null("traceparent"),
            uuid_null("schedule_id"),
            timestamp_with_time_zone_null("scheduled_for"),
        ] {
            let change = Table::alter().table("jobs").add_column(column).take();
            manager.alter_table(change).await?;
        }
        let of_a_schedule = || Expr::col("schedule_id").is_not_null();
        let runs = index(
            "jobs",
            "jobs_schedule_idx",
            ["organization_id", "schedule_id", "created_at", "id"],
        )
        .and_where(of_a_schedule())
        .take();
        manager.create_index(runs).await?;
        let unfinished = Expr::col("status")
            .eq("queued")
            .or(Expr::col("status").eq("running"));
        let running = index(
            "jobs",
            "jobs_schedule_running_idx",
            ["organization_id", "schedule_id"],
        )
        .and_where(of_a_schedule())
        .and_where(unfinished)
        .take();
        manager.create_index(running).await?;
        primary_keys::make_youngest(manager).await
    }
}

fn schedules() -> TableCreateStatement {
    of_organization("schedules")
        .col(text("name"))
        .col(json_binary("action"))
        .col(json_binary("trigger"))
        .col(boolean("coalesce"))
        .col(integer("max_instances"))
        .col(integer("misfire_grace"))
        .col(boolean("enabled"))
        .col(timestamp_with_time_zone_null("next_run_at"))
        .col(timestamp_with_time_zone_null("last_run_at"))
        .col(text_null("last_outcome"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("schedules"))
        .take()
}
