//! What sources say of leads, whom an organization asks, and the sites of companies.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, date, integer, json_binary, json_binary_null, text, text_null,
    timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [values(), leads(), sites(), providers(), settings()] {
            manager.create_table(table).await?;
        }
        for index in [
            // What has expired is found in all organizations.
            index(
                "enrichment_values",
                "enrichment_values_expires_idx",
                ["expires_at"],
            ),
            index("enrichment_sites", "enrichment_sites_expires_idx", ["expires_at"]),
        ] {
            manager.create_index(index).await?;
        }
        for (name, column) in [
            ("enrichment_providers_position_idx", "position"),
            ("enrichment_providers_created_idx", "created_at"),
            ("enrichment_providers_name_idx", "name"),
        ] {
            let sorted = index("enrichment_providers", name, ["organization_id", column, "id"]);
            manager.create_index(sorted).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn values() -> TableCreateStatement {
    Table::create()
        .table("enrichment_values")
        .col(uuid("organization_id"))
        .col(uuid("lead_id"))
        .col(text("field"))
        .col(text("source"))
        .col(json_binary("value"))
        // In percent: equal ones must be equal.
        .col(integer("confidence"))
        .col(timestamp_with_time_zone("fetched_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(
            Index::create()
                .name("enrichment_values_pkey")
                .col("organization_id")
                .col("lead_id")
                .col("field")
                .col("source"),
        )
        .foreign_key(&mut of_lead("enrichment_values"))
        .take()
}

fn leads() -> TableCreateStatement {
    Table::create()
        .table("lead_enrichments")
        .col(uuid("organization_id"))
        .col(uuid("lead_id"))
        .col(json_binary("state"))
        .primary_key(
            Index::create()
                .name("lead_enrichments_pkey")
                .col("organization_id")
                .col("lead_id"),
        )
        .foreign_key(&mut of_lead("lead_enrichments"))
        .take()
}

fn of_lead(table: &'static str) -> ForeignKeyCreateStatement {
    within_organization(table, "lead_id", "leads", ForeignKeyAction::Cascade)
}

fn sites() -> TableCreateStatement {
    Table::create()
        .table("enrichment_sites")
        .col(uuid("organization_id"))
        .col(text("domain"))
        .col(text("outcome"))
        .col(json_binary("findings"))
        .col(text_null("message"))
        .col(timestamp_with_time_zone("fetched_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(
            Index::create()
                .name("enrichment_sites_pkey")
                .col("organization_id")
                .col("domain"),
        )
        .foreign_key(&mut to_organization("enrichment_sites"))
        .take()
}

fn providers() -> TableCreateStatement {
    of_organization("enrichment_providers")
        .col(text("name"))
        .col(text("url"))
        .col(text("method"))
        .col(json_binary("headers"))
        .col(json_binary_null("body"))
        .col(json_binary_null("secret"))
        .col(json_binary("mapping"))
        .col(integer("confidence"))
        .col(integer("expiry_days"))
        .col(integer("position"))
        .col(boolean("enabled"))
        .col(integer("rate_per_minute"))
        // Microseconds since 1970: databases differ in how they add to a time.
        .col(big_integer("next_turn").default(0))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("enrichment_providers"))
        .take()
}

fn settings() -> TableCreateStatement {
    Table::create()
        .table("enrichment_settings")
        .col(uuid("organization_id"))
        .col(boolean("automatic"))
        .col(integer("daily_budget"))
        .col(integer("spent"))
        .col(date("spent_on"))
        // No foreign key: it is a place in the order of ids, whoever was there.
        .col(uuid_null("seen"))
        .primary_key(
            Index::create()
                .name("enrichment_settings_pkey")
                .col("organization_id"),
        )
        .foreign_key(&mut to_organization("enrichment_settings"))
        .take()
}
