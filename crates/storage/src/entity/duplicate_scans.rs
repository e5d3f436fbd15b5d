//! How far the look through all leads of an organization came.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "duplicate_scans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    pub id: Uuid,
    pub status: String,
    pub leads: i64,
    pub done: i64,
    pub compared: i64,
    pub proposed: i64,
    pub too_common: i64,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub after: Option<Uuid>,
    pub seen_at: Option<DateTime<Utc>>,
    pub seen_lead: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
