//! A training of the prediction.

#![expect(clippy::struct_field_names, reason = "the names of the columns")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prediction_models")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub status: String,
    pub active: bool,
    pub outcomes: i64,
    pub converted: i64,
    pub message: String,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub report: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub insufficient: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub model: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")]
    pub scoring: Json,
    pub pieces: i64,
    pub trained_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
