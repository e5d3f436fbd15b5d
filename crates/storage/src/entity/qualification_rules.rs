//! Rules of qualification.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "qualification_rules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub enabled: bool,
    pub framework: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub slots: Json,
    pub weak_allowed: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub gates: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub fillers: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub stages: Json,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
