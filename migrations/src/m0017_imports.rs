//! Files of imports in pieces, how they are read, what is needed to undo an import; and sources that leads are pulled from.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, integer, integer_null, json_binary, json_binary_null, json_null, text, text_null,
    timestamp_with_time_zone, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

const PIECES_ON_POSTGRES: &str = "ALTER TABLE lead_import_contents ADD COLUMN start BIGINT NOT NULL DEFAULT 0, \
    DROP CONSTRAINT lead_import_contents_pkey, \
    ADD CONSTRAINT lead_import_contents_pkey PRIMARY KEY (organization_id, import_id, start)";

const MOVE_ON_SQLITE: [&str; 3] = [
    "INSERT INTO lead_import_pieces (organization_id, import_id, start, content) \
     SELECT organization_id, import_id, 0, content FROM lead_import_contents",
    "DROP TABLE lead_import_contents",
    "ALTER TABLE lead_import_pieces RENAME TO lead_import_contents",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        pieces(manager).await?;
        // One after the other: SQLite adds one column at a time.
        for column in [
            json_binary_null("rules"),
            big_integer("line").default(0).take(),
            big_integer("undo_deleted").default(0).take(),
            big_integer("undo_restored").default(0).take(),
            big_integer("undo_kept").default(0).take(),
        ] {
            let change = Table::alter().table("lead_imports").add_column(column).take();
            manager.alter_table(change).await?;
        }
        // No foreign key: what was agreed to outlives the import.
        let change = Table::alter()
            .table("consents")
            .add_column(uuid_null("import_id"))
            .take();
        manager.alter_table(change).await?;
        manager.create_table(changes()).await?;
        let by_lead = index(
            "lead_import_changes",
            "lead_import_changes_lead_idx",
            ["organization_id", "lead_id"],
        );
        manager.create_index(by_lead).await?;
        manager.create_table(sources()).await?;
        for index in [
            index(
                "lead_sources",
                "lead_sources_created_idx",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "lead_sources",
                "lead_sources_name_idx",
                ["organization_id", "name", "id"],
            ),
        ] {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// Where leads are pulled from. A secret is named here and kept elsewhere.
fn sources() -> TableCreateStatement {
    of_organization("lead_sources")
        .col(text("name"))
        .col(text("kind"))
        .col(text("url"))
        .col(json_binary("rules"))
        .col(json_binary("state"))
        .col(json_binary_null("last_run"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("lead_sources"))
        .take()
}

/// What was the whole file becomes its first piece. SQLite can't change a primary key.
async fn pieces(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        connection.execute_unprepared(PIECES_ON_POSTGRES).await?;
        return Ok(());
    }
    let table = Table::create()
        .table("lead_import_pieces")
        .col(uuid("organization_id"))
        .col(uuid("import_id"))
        .col(big_integer("start").default(0))
        .col(binary("content"))
        .primary_key(
            Index::create()
                .col("organization_id")
                .col("import_id")
                .col("start"),
        )
        .foreign_key(&mut within_organization(
            "lead_import_contents",
            "import_id",
            "lead_imports",
            ForeignKeyAction::Cascade,
        ))
        .take();
    manager.create_table(table).await?;
    for sql in MOVE_ON_SQLITE {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Former rows of leads. They go with the lead, whoever deletes it, and with the import.
fn changes() -> TableCreateStatement {
    Table::create()
        .table("lead_import_changes")
        .col(uuid("organization_id"))
        .col(uuid("import_id"))
        .col(uuid("lead_id"))
        .col(text("mark"))
        // As text where there is a choice: it is written often and hardly ever read.
        .col(json_null("before"))
        .col(integer_null("version_after"))
        .col(text_null("kept"))
        .primary_key(
            Index::create()
                .name("lead_import_changes_pkey")
                .col("organization_id")
                .col("import_id")
                .col("lead_id"),
        )
        .foreign_key(&mut within_organization(
            "lead_import_changes",
            "import_id",
            "lead_imports",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut within_organization(
            "lead_import_changes",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
