//! How far leads got, why they ended, and what they are worth.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, text, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

const FURTHEST: &str =
    "UPDATE leads SET furthest_stage = CASE stage WHEN 'disqualified' THEN 'new' ELSE stage END";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut furthest = text("furthest_stage");
        furthest.default("new");
        for column in [
            furthest,
            text_null("outcome_reason"),
            big_integer_null("value"),
            text_null("value_currency"),
        ] {
            let add = Table::alter().table("leads").add_column(column).take();
            manager.alter_table(add).await?;
        }
        manager.get_connection().execute_unprepared(FURTHEST).await?;
        Ok(())
    }
}
