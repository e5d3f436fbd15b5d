//! Domains that mail is sent from.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "email_domains")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub domain: String,
    pub client_id: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub mail_from: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")]
    pub keys: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub checks: Json,
    pub verified_at: Option<ChronoDateTimeUtc>,
    pub warmup: bool,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub version: i32,
    pub check_at: Option<ChronoDateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
