//! Rules of qualification, what is in the slots of leads, stages that a person holds, and how far a look at all leads is.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, double, integer, json_binary, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// One set of rules of an organization moves its leads.
const ONE_ENABLED: &str =
    "CREATE UNIQUE INDEX qualification_rules_enabled ON qualification_rules (organization_id) WHERE enabled";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(rules()).await?;
        for (name, column) in [
            ("qualification_rules_created_at", "created_at"),
            ("qualification_rules_name", "name"),
        ] {
            let index = index("qualification_rules", name, ["organization_id", column, "id"]);
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(ONE_ENABLED).await?;
        manager.create_table(answers()).await?;
        manager.create_table(holds()).await?;
        manager.create_table(runs()).await?;
        primary_keys::make_youngest(manager).await
    }
}

fn rules() -> TableCreateStatement {
    of_organization("qualification_rules")
        .col(text("name"))
        .col(boolean("enabled"))
        .col(text("framework"))
        .col(json_binary("slots"))
        .col(integer("weak_allowed"))
        .col(json_binary("gates"))
        .col(json_binary("fillers"))
        .col(json_binary("stages"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("qualification_rules"))
        .take()
}

/// What stays of all answers to a slot: one line for each lead, framework and slot.
fn answers() -> TableCreateStatement {
    Table::create()
        .table("slot_answers")
        .col(uuid("organization_id"))
        .col(uuid("lead_id"))
        .col(text("framework"))
        .col(text("slot"))
        .col(text("state"))
        .col(double("confidence"))
        .col(text_null("evidence"))
        .col(text("source"))
        .col(text_null("rule"))
        // No foreign key: an answer outlives the account of whoever gave it.
        .col(uuid_null("answered_by"))
        .col(timestamp_with_time_zone("answered_at"))
        .primary_key(
            Index::create()
                .name("slot_answers_pkey")
                .col("organization_id")
                .col("lead_id")
                .col("framework")
                .col("slot"),
        )
        .foreign_key(&mut within_organization(
            "slot_answers",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn holds() -> TableCreateStatement {
    Table::create()
        .table("stage_holds")
        .col(uuid("organization_id"))
        .col(uuid("lead_id"))
        .col(text_null("reason"))
        // No foreign key: a hold outlives the account of whoever placed it.
        .col(uuid_null("held_by"))
        .col(timestamp_with_time_zone("held_at"))
        .primary_key(
            Index::create()
                .name("stage_holds_pkey")
                .col("organization_id")
                .col("lead_id"),
        )
        .foreign_key(&mut within_organization(
            "stage_holds",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn runs() -> TableCreateStatement {
    of_organization("qualification_runs")
        .col(uuid_null("after"))
        .col(big_integer("done"))
        .col(big_integer("moved"))
        .col(big_integer("leads"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .foreign_key(&mut to_organization("qualification_runs"))
        .take()
}
