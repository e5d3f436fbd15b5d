//! Scores in a narrow table of their own: a night writes one for every lead, and a lead's row has many indexes.

use crate::primary_keys;
use crate::table::{index, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, uuid};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

const FILL: &str = "INSERT INTO lead_scores (organization_id, lead_id, total, fit, engagement) \
    SELECT organization_id, id, score_total, score_fit, score_engagement FROM leads";

/// The index first: `SQLite` takes no column away that is in one.
const CONTRACT: [&str; 4] = [
    "DROP INDEX leads_score",
    "ALTER TABLE leads DROP COLUMN score_total",
    "ALTER TABLE leads DROP COLUMN score_fit",
    "ALTER TABLE leads DROP COLUMN score_engagement",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conn = manager.get_connection();
        let mut to_leads = within_organization("lead_scores", "lead_id", "leads", ForeignKeyAction::Cascade);
        if manager.get_database_backend() == DbBackend::Postgres {
            // A foreign key that comes after the rows is checked for all of them at once.
            manager.create_table(scores()).await?;
            conn.execute_unprepared(FILL).await?;
            manager.create_foreign_key(to_leads).await?;
        } else {
            let table = scores().foreign_key(&mut to_leads).take();
            manager.create_table(table).await?;
            conn.execute_unprepared(FILL).await?;
        }
        let by_total = index(
            "lead_scores",
            "lead_scores_total",
            ["organization_id", "total", "lead_id"],
        );
        manager.create_index(by_total).await?;
        for change in CONTRACT {
            conn.execute_unprepared(change).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn scores() -> TableCreateStatement {
    Table::create()
        .table("lead_scores")
        .col(uuid("organization_id"))
        .col(uuid("lead_id"))
        .col(integer("total"))
        .col(integer("fit"))
        .col(integer("engagement"))
        .primary_key(
            Index::create()
                .name("lead_scores_pkey")
                .col("organization_id")
                .col("lead_id"),
        )
        .take()
}
