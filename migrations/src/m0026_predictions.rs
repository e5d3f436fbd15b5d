//! Trainings of the prediction, and what leads were given by them.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, double, json_binary, json_binary_null, text, timestamp_with_time_zone, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(prediction_models()).await?;
        manager
            .create_index(index(
                "prediction_models",
                "prediction_models_trained_at",
                ["organization_id", "trained_at", "id"],
            ))
            .await?;
        manager.create_table(lead_predictions()).await?;
        // What the reference to the model needs when a model is deleted.
        manager
            .create_index(index(
                "lead_predictions",
                "lead_predictions_model",
                ["organization_id", "model_id"],
            ))
            .await?;
        primary_keys::make_youngest(manager).await
    }
}

fn prediction_models() -> TableCreateStatement {
    of_organization("prediction_models")
        .col(text("status"))
        .col(boolean("active"))
        .col(big_integer("outcomes"))
        .col(big_integer("converted"))
        .col(text("message"))
        .col(json_binary_null("report"))
        .col(json_binary_null("insufficient"))
        .col(json_binary_null("model"))
        .col(json_binary("scoring"))
        .col(big_integer("pieces"))
        .col(timestamp_with_time_zone("trained_at"))
        .foreign_key(&mut to_organization("prediction_models"))
        .take()
}

fn lead_predictions() -> TableCreateStatement {
    Table::create()
        .table("lead_predictions")
        .col(uuid("organization_id"))
        .col(uuid("lead_id"))
        .col(uuid("model_id"))
        .col(double("probability"))
        .col(timestamp_with_time_zone("computed_at"))
        .primary_key(
            Index::create()
                .name("lead_predictions_pkey")
                .col("organization_id")
                .col("lead_id"),
        )
        .foreign_key(&mut within_organization(
            "lead_predictions",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut within_organization(
            "lead_predictions",
            "model_id",
            "prediction_models",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
