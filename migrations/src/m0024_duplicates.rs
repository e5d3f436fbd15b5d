//! Leads that may be one person, what was merged, and by which other addresses a lead is found.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, json_binary, json_binary_null, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [pairs(), scans(), match_keys(), merges(), aliases()] {
            manager.create_table(table).await?;
        }
        for index in [
            index(
                "duplicate_pairs",
                "duplicate_pairs_once",
                ["organization_id", "lead_a", "lead_b"],
            )
            .unique()
            .take(),
            index(
                "duplicate_pairs",
                "duplicate_pairs_b_idx",
                ["organization_id", "lead_b"],
            ),
            index(
                "duplicate_pairs",
                "duplicate_pairs_likelihood_idx",
                ["organization_id", "likelihood", "id"],
            ),
            index(
                "duplicate_pairs",
                "duplicate_pairs_created_idx",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "lead_match_keys",
                "lead_match_keys_lead_idx",
                ["organization_id", "lead_id"],
            ),
            index(
                "lead_merges",
                "lead_merges_lead_idx",
                ["organization_id", "lead_id"],
            ),
            index(
                "lead_merges",
                "lead_merges_other_idx",
                ["organization_id", "other_id"],
            ),
            index(
                "lead_aliases",
                "lead_aliases_lead_idx",
                ["organization_id", "lead_id"],
            ),
            index(
                "lead_aliases",
                "lead_aliases_email_key",
                ["organization_id", "email_key"],
            )
            .unique()
            .take(),
        ] {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn pairs() -> TableCreateStatement {
    of_organization("duplicate_pairs")
        .col(uuid("lead_a"))
        .col(uuid("lead_b"))
        // In ten thousandths: lists are ordered by it, and equal ones must be equal.
        .col(integer("likelihood"))
        .col(json_binary("evidence"))
        .col(text("status"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut of_lead("duplicate_pairs", "lead_a"))
        .foreign_key(&mut of_lead("duplicate_pairs", "lead_b"))
        .take()
}

fn scans() -> TableCreateStatement {
    Table::create()
        .table("duplicate_scans")
        .col(uuid("organization_id"))
        .col(uuid("id"))
        .col(text("status"))
        .col(big_integer("leads"))
        .col(big_integer("done"))
        .col(big_integer("compared"))
        .col(big_integer("proposed"))
        .col(big_integer("too_common"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        // No foreign keys: they are places in an order, whoever was there.
        .col(uuid_null("after"))
        .col(timestamp_with_time_zone_null("seen_at"))
        .col(uuid_null("seen_lead"))
        .primary_key(
            Index::create()
                .name("duplicate_scans_pkey")
                .col("organization_id"),
        )
        .foreign_key(&mut to_organization("duplicate_scans"))
        .take()
}

fn match_keys() -> TableCreateStatement {
    Table::create()
        .table("lead_match_keys")
        .col(uuid("organization_id"))
        .col(text("key"))
        .col(uuid("lead_id"))
        .primary_key(
            Index::create()
                .name("lead_match_keys_pkey")
                .col("organization_id")
                .col("key")
                .col("lead_id"),
        )
        .foreign_key(&mut of_lead("lead_match_keys", "lead_id"))
        .take()
}

fn merges() -> TableCreateStatement {
    of_organization("lead_merges")
        // The lead that all of it is part of by now: another one than the survivor when that was merged, too.
        .col(uuid("lead_id"))
        .col(uuid("survivor_id"))
        .col(uuid("other_id"))
        .col(uuid_null("merged_by"))
        .col(timestamp_with_time_zone("merged_at"))
        .col(json_binary("survivor_before"))
        .col(json_binary("other_before"))
        .col(json_binary_null("survivor_after"))
        .col(json_binary("kept"))
        .foreign_key(&mut of_lead("lead_merges", "lead_id"))
        .take()
}

fn aliases() -> TableCreateStatement {
    // The id is that of the merge.
    of_organization("lead_aliases")
        .col(uuid("lead_id"))
        .col(text("email_key"))
        .foreign_key(&mut of_lead("lead_aliases", "lead_id"))
        .take()
}

fn of_lead(table: &'static str, column: &'static str) -> ForeignKeyCreateStatement {
    within_organization(table, column, "leads", ForeignKeyAction::Cascade)
}
