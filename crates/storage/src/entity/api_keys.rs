//! API keys, by the hash of their secret.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    pub prefix: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Json,
    pub secret_hash: Vec<u8>,
    pub expires_at: Option<ChronoDateTimeUtc>,
    pub last_used_at: Option<ChronoDateTimeUtc>,
    pub created_at: ChronoDateTimeUtc,
    pub client_id: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary")]
    pub ip_ranges: Json,
    pub budget: Option<i64>,
    pub budget_currency: Option<String>,
    pub last_used_ip: Option<String>,
    pub replaces: Option<Uuid>,
    pub replaced_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::users::Entity",
        from = "(Column::OrganizationId, Column::UserId)",
        to = "(super::users::Column::OrganizationId, super::users::Column::Id)"
    )]
    Owner,
    #[sea_orm(
        belongs_to = "super::clients::Entity",
        from = "(Column::OrganizationId, Column::ClientId)",
        to = "(super::clients::Column::OrganizationId, super::clients::Column::Id)"
    )]
    Client,
}

impl ActiveModelBehavior for ActiveModel {}
