//! That one lead became part of another, with what is needed to take them apart.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "lead_merges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub lead_id: Uuid,
    pub survivor_id: Uuid,
    pub other_id: Uuid,
    pub merged_by: Option<Uuid>,
    pub merged_at: DateTime<Utc>,
    pub survivor_before: Json,
    pub other_before: Json,
    pub survivor_after: Option<Json>,
    pub kept: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
