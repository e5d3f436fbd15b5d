//! How campaigns are spread over time and tagged, what an organization allows per lead, and A/B tests.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date_null, integer, integer_null, json_binary, json_binary_null, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Marketing mail by lead: what frequency caps count, for one lead or for all of them, without looking at the rows.
const MARKETING: &str = "CREATE INDEX email_messages_marketing ON email_messages (organization_id, lead_id, sent_at) \
    WHERE sent_at IS NOT NULL AND kind IN ('campaign', 'sequence')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("campaigns", json_binary_null("delivery").take()),
            ("campaigns", json_binary_null("utm").take()),
            ("campaigns", uuid_null("resend_of").take()),
            ("campaigns", json_binary_null("tags").take()),
            ("organizations", json_binary_null("mailing").take()),
            ("email_messages", integer_null("variant").take()),
        ] {
            let change = Table::alter().table(table).add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager.create_table(paces()).await?;
        manager.create_table(tests()).await?;
        let campaign = ["organization_id", "campaign_id"];
        let index = index("ab_tests", "ab_tests_campaign", campaign).unique().take();
        manager.create_index(index).await?;
        manager.get_connection().execute_unprepared(MARKETING).await?;
        primary_keys::make_youngest(manager).await
    }
}

/// The counters of campaigns with caps: whoever claims locks them, and must not wait for somebody who edits the campaign.
fn paces() -> TableCreateStatement {
    Table::create()
        .table("campaign_paces")
        .col(uuid("organization_id"))
        .col(uuid("campaign_id"))
        .col(date_null("day"))
        .col(integer("day_count"))
        .col(integer("earlier_days"))
        .col(timestamp_with_time_zone_null("minute"))
        .col(integer("minute_count"))
        .primary_key(
            Index::create()
                .name("campaign_paces_pkey")
                .col("organization_id")
                .col("campaign_id"),
        )
        .foreign_key(&mut within_organization(
            "campaign_paces",
            "campaign_id",
            "campaigns",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn tests() -> TableCreateStatement {
    of_organization("ab_tests")
        .col(uuid("campaign_id"))
        .col(json_binary("design"))
        .col(text("status"))
        .col(integer_null("winner"))
        .col(json_binary_null("verdict"))
        .col(integer("looks"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(json_binary_null("frozen"))
        .foreign_key(&mut within_organization(
            "ab_tests",
            "campaign_id",
            "campaigns",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
