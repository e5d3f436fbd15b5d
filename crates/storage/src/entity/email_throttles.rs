//! Receivers that pushed back.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "email_throttles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    #[sea_orm(column_type = "Double", nullable)]
    pub per_minute: Option<f64>,
    pub paced_at: ChronoDateTimeUtc,
    /// Microseconds since 1970, as the next one.
    pub next_turn: i64,
    pub horizon: i64,
    pub complaints: i32,
    pub complaints_on: ChronoDate,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
