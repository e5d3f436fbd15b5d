//! What mails are about, and which addresses left it (docs/decisions/0046).

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Campaigns and sequences of a topic: looked for when it is to be deleted. Few have one.
const OF_TOPIC: [&str; 2] = [
    "CREATE INDEX campaigns_topic ON campaigns (organization_id, topic_id) WHERE topic_id IS NOT NULL",
    "CREATE INDEX sequences_topic ON sequences (organization_id, topic_id) WHERE topic_id IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [topics(), leaves()] {
            manager.create_table(table).await?;
        }
        // No foreign keys: a topic is locked by whoever names it or deletes it, and the ledger outlives it.
        for table in ["campaigns", "sequences", "email_messages"] {
            let change = Table::alter()
                .table(table)
                .add_column(uuid_null("topic_id"))
                .take();
            manager.alter_table(change).await?;
        }
        for (name, columns) in [
            ("email_topics_created_at", ["organization_id", "created_at", "id"]),
            ("email_topics_name", ["organization_id", "name", "id"]),
        ] {
            manager.create_index(index("email_topics", name, columns)).await?;
        }
        // By address: that is how they are asked for before each mail.
        let once = index(
            "email_topic_leaves",
            "email_topic_leaves_address",
            ["organization_id", "email_key", "topic_id"],
        )
        .unique()
        .take();
        let by_time = index(
            "email_topic_leaves",
            "email_topic_leaves_created_at",
            ["organization_id", "topic_id", "created_at", "id"],
        );
        for index in [once, by_time] {
            manager.create_index(index).await?;
        }
        for sql in OF_TOPIC {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn topics() -> TableCreateStatement {
    of_organization("email_topics")
        .col(text("name"))
        .col(text_null("description"))
        .col(uuid_null("client_id"))
        .col(boolean("archived"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("email_topics"))
        .foreign_key(&mut within_organization(
            "email_topics",
            "client_id",
            "clients",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn leaves() -> TableCreateStatement {
    of_organization("email_topic_leaves")
        .col(uuid("topic_id"))
        .col(text("email"))
        .col(text("email_key"))
        // No foreign key: the ledger forgets its rows earlier.
        .col(uuid_null("message_id"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "email_topic_leaves",
            "topic_id",
            "email_topics",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
