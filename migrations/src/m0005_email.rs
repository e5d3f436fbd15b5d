//! Templates, suppressed addresses, the ledger of mails, and the outbox.
//!
//! The ledger keeps its rows when a lead or a campaign goes (what was sent stays true), and a composite foreign key could
//! only null the organization with it: there is none, and the repositories null the column themselves.

use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            templates(),
            suppressions(),
            messages(),
            contents(),
            events(),
            outbox(),
        ] {
            manager.create_table(table).await?;
        }
        for index in [
            index(
                "email_templates",
                "email_templates_created_at",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "suppressions",
                "suppressions_created_at",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "email_messages",
                "email_messages_created_at",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "email_messages",
                "email_messages_campaign",
                ["organization_id", "campaign_id", "created_at", "id"],
            ),
            index(
                "email_messages",
                "email_messages_lead",
                ["organization_id", "lead_id"],
            ),
            index(
                "email_messages",
                "email_messages_to",
                ["organization_id", "to_key"],
            ),
            index(
                "email_events",
                "email_events_message",
                ["organization_id", "message_id"],
            ),
            index(
                "suppressions",
                "suppressions_email_key",
                ["organization_id", "email_key"],
            )
            .unique()
            .take(),
            index(
                "email_messages",
                "email_messages_recipient",
                ["organization_id", "campaign_id", "lead_id"],
            )
            .unique()
            .take(),
            index("outbox_mails", "outbox_mails_id", ["id"]).unique().take(),
        ] {
            manager.create_index(index).await?;
        }
        // The claim, and the search for dead workers: their size is that of the work at hand, not of the history.
        manager
            .create_index(
                index(
                    "email_messages",
                    "email_messages_due",
                    ["organization_id", "campaign_id", "next_attempt_at", "id"],
                )
                .and_where(Expr::col("status").eq("queued"))
                .take(),
            )
            .await?;
        manager
            .create_index(
                index(
                    "email_messages",
                    "email_messages_leased",
                    ["organization_id", "campaign_id", "lease_until"],
                )
                .and_where(Expr::col("status").is_in(["claimed", "sending"]))
                .take(),
            )
            .await
    }
}

fn templates() -> TableCreateStatement {
    of_organization("email_templates")
        .col(text("name"))
        .col(text("category"))
        .col(text("subject"))
        .col(text("html"))
        .col(text_null("text"))
        .col(json_binary("variables"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .take()
}

fn suppressions() -> TableCreateStatement {
    of_organization("suppressions")
        .col(text("email"))
        .col(text("email_key"))
        .col(text("reason"))
        .col(text_null("note"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn messages() -> TableCreateStatement {
    of_organization("email_messages")
        .col(text("kind"))
        .col(uuid_null("campaign_id"))
        .col(uuid_null("lead_id"))
        .col(text("to_email"))
        .col(text("to_key"))
        .col(text_null("subject"))
        .col(text("status"))
        .col(integer("attempts"))
        .col(text_null("reason"))
        .col(timestamp_with_time_zone("next_attempt_at"))
        .col(uuid_null("lease_token"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .col(timestamp_with_time_zone_null("opened_at"))
        .col(timestamp_with_time_zone_null("clicked_at"))
        .col(timestamp_with_time_zone_null("unsubscribed_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

/// What single mails say; campaign mails are merged when they are sent.
fn contents() -> TableCreateStatement {
    Table::create()
        .table("email_contents")
        .col(uuid("organization_id"))
        .col(uuid("message_id"))
        .col(text("subject"))
        .col(text("html"))
        .col(text("text"))
        .primary_key(Index::create().col("organization_id").col("message_id"))
        .foreign_key(&mut within_organization(
            "email_contents",
            "message_id",
            "email_messages",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn events() -> TableCreateStatement {
    of_organization("email_events")
        .col(uuid("message_id"))
        .col(text("kind"))
        .col(text_null("url"))
        .col(text_null("user_agent"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "email_events",
            "message_id",
            "email_messages",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn outbox() -> TableCreateStatement {
    of_organization("outbox_mails")
        .col(text("from"))
        .col(text("to"))
        .col(text("subject"))
        .col(text("html"))
        .col(text("text"))
        .col(text("headers"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}
