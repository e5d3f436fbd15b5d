//! Secrets, sealed with a data key of their organization.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    pub service: String,
    pub sealed: Vec<u8>,
    pub key_version: i32,
    pub last4: Option<String>,
    pub created_by: Option<Uuid>,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::data_keys::Entity",
        from = "(Column::OrganizationId, Column::KeyVersion)",
        to = "(super::data_keys::Column::OrganizationId, super::data_keys::Column::Version)"
    )]
    Key,
}

impl ActiveModelBehavior for ActiveModel {}
