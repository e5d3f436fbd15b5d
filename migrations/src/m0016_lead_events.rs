//! What happened to leads, and since when they have been where they are in their life cycle.
//!
//! The primary key starts with lead and time, so that it is also the order of a timeline: events are among the most
//! numerous rows there are, and each index of theirs is paid for with every capture.

use crate::primary_keys;
use crate::table::{index, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, text, timestamp_with_time_zone, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The stages that were before; `status`, which was set on its own, is what people went by.
const STAGES: &str = "UPDATE leads SET stage = CASE \
    WHEN status = 'converted' OR stage = 'customer' THEN 'converted' \
    WHEN status = 'disqualified' THEN 'disqualified' \
    WHEN stage = 'opportunity' THEN 'opportunity' \
    WHEN status = 'qualified' OR stage IN ('marketing_qualified', 'sales_qualified') THEN 'qualified' \
    WHEN status = 'contacted' THEN 'engaged' \
    ELSE 'new' END, \
    stage_since = updated_at";

const STATUSES: &str = "UPDATE leads SET status = CASE stage \
    WHEN 'converted' THEN 'converted' WHEN 'disqualified' THEN 'disqualified' WHEN 'new' THEN 'new' \
    WHEN 'engaged' THEN 'contacted' ELSE 'qualified' END";

const FORGET_COUNTS: &str = "DELETE FROM lead_counters";

const COUNT_AGAIN: &str = "INSERT INTO lead_counters (organization_id, slot, status, leads) \
    SELECT organization_id, 0, status, COUNT(*) FROM leads GROUP BY organization_id, status";

const SUBMISSIONS: &str = "INSERT INTO lead_events (organization_id, lead_id, occurred_at, id, kind, subject, data) \
    SELECT organization_id, lead_id, created_at, id, 'form_submitted', form_id, '{}' FROM submissions";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut since = timestamp_with_time_zone("stage_since");
        since.default("1970-01-01T00:00:00+00:00");
        let add = Table::alter().table("leads").add_column(since).take();
        manager.alter_table(add).await?;

        let mut events = Table::create()
            .table("lead_events")
            .col(uuid("organization_id"))
            .col(uuid("lead_id"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(uuid("id"))
            .col(text("kind"))
            .col(uuid_null("subject"))
            .col(json_binary("data"))
            .primary_key(
                Index::create()
                    .name("lead_events_pkey")
                    .col("organization_id")
                    .col("lead_id")
                    .col("occurred_at")
                    .col("id"),
            )
            .foreign_key(&mut within_organization(
                "lead_events",
                "lead_id",
                "leads",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(events.take()).await?;

        let connection = manager.get_connection();
        for change in [STAGES, STATUSES, FORGET_COUNTS, COUNT_AGAIN] {
            connection.execute_unprepared(change).await?;
        }
        let cast = match manager.get_database_backend() {
            DbBackend::Postgres => SUBMISSIONS.replace("'{}'", "'{}'::jsonb"),
            _ => SUBMISSIONS.to_owned(),
        };
        connection.execute_unprepared(&cast).await?;

        // Who did a thing, of one form or mail or of any, in some time.
        let by_kind = index(
            "lead_events",
            "lead_events_kind",
            ["organization_id", "kind", "subject", "occurred_at", "lead_id"],
        );
        manager.create_index(by_kind).await?;
        primary_keys::make_youngest(manager).await
    }
}
