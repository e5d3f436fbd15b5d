//! Segments, the members of frozen ones, and the indexes that hold their expressions fast (docs/decisions/0024).

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, integer, json_null, small_integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(segments()).await?;
        manager.create_table(members()).await?;
        let audience = Table::alter()
            .table("campaigns")
            .add_column(json_null("audience"))
            .take();
        manager.alter_table(audience).await?;
        for replaced in ["email_messages_lead", "consents_lead_idx"] {
            let drop = format!("DROP INDEX {replaced}");
            manager.get_connection().execute_unprepared(&drop).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn segments() -> TableCreateStatement {
    of_organization("segments")
        .col(text("name"))
        .col(text_null("description"))
        .col(text("expression"))
        .col(small_integer("language"))
        .col(text("kind"))
        .col(uuid_null("client_id"))
        .col(timestamp_with_time_zone_null("frozen_at"))
        .col(big_integer_null("count_at_freeze"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("segments"))
        .foreign_key(&mut within_organization(
            "segments",
            "client_id",
            "clients",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn members() -> TableCreateStatement {
    Table::create()
        .table("segment_members")
        .col(uuid("organization_id"))
        .col(uuid("segment_id"))
        .col(uuid("lead_id"))
        .primary_key(
            Index::create()
                .name("segment_members_pkey")
                .col("organization_id")
                .col("segment_id")
                .col("lead_id"),
        )
        .foreign_key(&mut within_organization(
            "segment_members",
            "segment_id",
            "segments",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut within_organization(
            "segment_members",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn indexes() -> [IndexCreateStatement; 8] {
    [
        index(
            "segments",
            "segments_created_at",
            ["organization_id", "created_at", "id"],
        ),
        index(
            "segments",
            "segments_updated_at",
            ["organization_id", "updated_at", "id"],
        ),
        index("segments", "segments_name", ["organization_id", "name", "id"]),
        index(
            "segments",
            "segments_client",
            ["organization_id", "client_id", "id"],
        )
        .and_where(Expr::col("client_id").is_not_null())
        .take(),
        // A lead that goes takes its memberships along.
        index(
            "segment_members",
            "segment_members_lead",
            ["organization_id", "lead_id", "segment_id"],
        ),
        // In the order of leads, so that "who did it, and when" is merged with them without sorting or hashing.
        index(
            "lead_events",
            "lead_events_lead",
            ["organization_id", "kind", "lead_id", "occurred_at"],
        ),
        // These two replace shorter ones.
        index(
            "email_messages",
            "email_messages_lead",
            ["organization_id", "lead_id", "sent_at", "campaign_id"],
        ),
        index(
            "consents",
            "consents_lead_idx",
            [
                "organization_id",
                "lead_id",
                "purpose",
                "created_at",
                "id",
                "decision",
            ],
        ),
    ]
}
