//! Sequences, who is on the way through them, the mails of their steps, and drafts of outreach.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, integer, json_binary, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// A lead is in a sequence once at a time; and who is on which revision, at which step.
const OF_ACTIVE: [&str; 2] = [
    "CREATE UNIQUE INDEX sequence_enrollments_active ON sequence_enrollments (organization_id, sequence_id, lead_id) \
     WHERE status = 'active'",
    "CREATE INDEX sequence_enrollments_inside ON sequence_enrollments (organization_id, sequence_id, revision, step, id) \
     WHERE status = 'active'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            sequences(),
            versions(),
            enrollments(),
            mails(),
            counts(),
            drafts(),
        ] {
            manager.create_table(table).await?;
        }
        for (table, name, columns) in [
            (
                "sequences",
                "sequences_created_at",
                ["organization_id", "created_at", "id"],
            ),
            (
                "sequences",
                "sequences_updated_at",
                ["organization_id", "updated_at", "id"],
            ),
            ("sequences", "sequences_name", ["organization_id", "name", "id"]),
            (
                "sequence_enrollments",
                "sequence_enrollments_lead",
                ["organization_id", "lead_id", "sequence_id"],
            ),
            (
                "sequence_mails",
                "sequence_mails_step",
                ["organization_id", "sequence_id", "step"],
            ),
        ] {
            manager.create_index(index(table, name, columns)).await?;
        }
        for (table, name, columns) in [
            (
                "sequence_enrollments",
                "sequence_enrollments_entered",
                ["organization_id", "sequence_id", "entered_at", "id"],
            ),
            (
                "sequence_enrollments",
                "sequence_enrollments_exits",
                ["organization_id", "sequence_id", "exit_reason", "id"],
            ),
            (
                "outreach_drafts",
                "outreach_drafts_created_at",
                ["organization_id", "sequence_id", "created_at", "id"],
            ),
            (
                "outreach_drafts",
                "outreach_drafts_status",
                ["organization_id", "sequence_id", "status", "lead_id"],
            ),
        ] {
            manager.create_index(index(table, name, columns)).await?;
        }
        let batch = index(
            "sequence_mails",
            "sequence_mails_batch",
            ["organization_id", "batch"],
        );
        manager.create_index(batch).await?;
        // Nobody gets the mail of one place twice, and nobody has two drafts.
        let places = index(
            "sequence_mails",
            "sequence_mails_place",
            ["organization_id", "enrollment_id", "taken"],
        );
        let one_each = index(
            "outreach_drafts",
            "outreach_drafts_lead",
            ["organization_id", "sequence_id", "lead_id"],
        );
        for mut unique in [places, one_each] {
            manager.create_index(unique.unique().take()).await?;
        }
        let of_lead = index(
            "outreach_drafts",
            "outreach_drafts_of_lead",
            ["organization_id", "lead_id"],
        );
        manager.create_index(of_lead).await?;
        // The size of this one is that of the work at hand, not of the history.
        let due = index(
            "sequence_enrollments",
            "sequence_enrollments_due",
            ["organization_id", "sequence_id", "wake_at", "id"],
        )
        .and_where(Expr::col("wake_at").is_not_null())
        .take();
        manager.create_index(due).await?;
        for sql in OF_ACTIVE {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn sequences() -> TableCreateStatement {
    of_organization("sequences")
        .col(text("name"))
        .col(text_null("description"))
        .col(text("status"))
        .col(json_binary("entry"))
        .col(json_binary("reentry"))
        .col(integer("revision"))
        .col(boolean("outreach"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("sequences"))
        .take()
}

/// Nobody is ever on a revision that is changed.
fn versions() -> TableCreateStatement {
    Table::create()
        .table("sequence_versions")
        .col(uuid("organization_id"))
        .col(uuid("sequence_id"))
        .col(integer("revision"))
        .col(json_binary("definition"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(
            Index::create()
                .name("sequence_versions_pkey")
                .col("organization_id")
                .col("sequence_id")
                .col("revision"),
        )
        .foreign_key(&mut to_sequence("sequence_versions"))
        .take()
}

fn enrollments() -> TableCreateStatement {
    of_organization("sequence_enrollments")
        .col(uuid("sequence_id"))
        .col(integer("revision"))
        .col(uuid("lead_id"))
        .col(text("status"))
        .col(text("step"))
        .col(text("phase"))
        .col(integer("taken"))
        .col(integer("attempt"))
        .col(timestamp_with_time_zone("arrived_at"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(timestamp_with_time_zone_null("wake_at"))
        .col(boolean("listens"))
        .col(timestamp_with_time_zone("entered_at"))
        .col(timestamp_with_time_zone_null("exited_at"))
        .col(text_null("exit_reason"))
        .col(text_null("exit_note"))
        .foreign_key(&mut to_sequence("sequence_enrollments"))
        .foreign_key(&mut within_organization(
            "sequence_enrollments",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

/// What was sent stays true when the lead goes: no key leads to the enrollment.
fn mails() -> TableCreateStatement {
    Table::create()
        .table("sequence_mails")
        .col(uuid("organization_id"))
        .col(uuid("message_id"))
        .col(uuid("enrollment_id"))
        .col(uuid("sequence_id"))
        .col(integer("revision"))
        .col(text("step"))
        .col(integer("taken"))
        .col(uuid("batch"))
        .primary_key(
            Index::create()
                .name("sequence_mails_pkey")
                .col("organization_id")
                .col("message_id"),
        )
        .foreign_key(&mut to_sequence("sequence_mails"))
        .take()
}

fn counts() -> TableCreateStatement {
    Table::create()
        .table("sequence_counts")
        .col(uuid("organization_id"))
        .col(uuid("sequence_id"))
        .col(text("name"))
        .col(big_integer("count"))
        .primary_key(
            Index::create()
                .name("sequence_counts_pkey")
                .col("organization_id")
                .col("sequence_id")
                .col("name"),
        )
        .foreign_key(&mut to_sequence("sequence_counts"))
        .take()
}

fn drafts() -> TableCreateStatement {
    of_organization("outreach_drafts")
        .col(uuid("sequence_id"))
        .col(uuid("lead_id"))
        .col(text("subject"))
        .col(text("html"))
        .col(text_null("text"))
        .col(text("status"))
        // No foreign key: a decision outlives the account of whoever made it.
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_sequence("outreach_drafts"))
        .foreign_key(&mut within_organization(
            "outreach_drafts",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn to_sequence(table: &'static str) -> ForeignKeyCreateStatement {
    within_organization(table, "sequence_id", "sequences", ForeignKeyAction::Cascade)
}
