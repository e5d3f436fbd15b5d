//! Campaigns, and their counters in a table of their own: counting must not wait for somebody who edits the campaign.

use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, json_binary, json_binary_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COUNTERS: [&str; 11] = [
    "audience",
    "sent",
    "failed",
    "suppressed",
    "unknown",
    "cancelled",
    "opens",
    "unique_opens",
    "clicks",
    "unique_clicks",
    "unsubscribes",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(campaigns()).await?;
        manager.create_table(campaign_metrics()).await?;
        for index in [
            index(
                "campaigns",
                "campaigns_created_at",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "campaigns",
                "campaigns_updated_at",
                ["organization_id", "updated_at", "id"],
            ),
            index("campaigns", "campaigns_name", ["organization_id", "name", "id"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn campaigns() -> TableCreateStatement {
    of_organization("campaigns")
        .col(text("name"))
        .col(text("kind"))
        .col(text("status"))
        .col(text_null("objective"))
        .col(text_null("description"))
        // In minor units of the currency.
        .col(big_integer_null("budget_allocated"))
        .col(text("currency"))
        .col(json_binary("channels"))
        .col(json_binary("target_audience"))
        .col(json_binary("content"))
        .col(timestamp_with_time_zone_null("start_date"))
        .col(timestamp_with_time_zone_null("end_date"))
        .col(uuid_null("client_id"))
        .col(uuid_null("project_id"))
        .col(uuid_null("created_by"))
        .col(text_null("failure"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .col(integer("run"))
        .col(json_binary_null("frozen"))
        .col(uuid_null("snapshot_after"))
        .col(boolean("snapshot_done"))
        .col(timestamp_with_time_zone_null("launched_at"))
        .take()
}

fn campaign_metrics() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table("campaign_metrics")
        .col(uuid("organization_id"))
        .col(uuid("campaign_id"));
    for counter in COUNTERS {
        table.col(big_integer(counter).default(0));
    }
    table
        .primary_key(Index::create().col("organization_id").col("campaign_id"))
        .foreign_key(&mut within_organization(
            "campaign_metrics",
            "campaign_id",
            "campaigns",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
