//! Services that tell more about leads.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enrichment_providers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub url: String,
    pub method: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub headers: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub body: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub secret: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")]
    pub mapping: Json,
    pub confidence: i32,
    pub expiry_days: i32,
    pub position: i32,
    pub enabled: bool,
    pub rate_per_minute: i32,
    /// Microseconds since 1970: when it may be asked again.
    pub next_turn: i64,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
