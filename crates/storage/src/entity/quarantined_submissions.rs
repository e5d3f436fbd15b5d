//! Submissions that were held back as spam.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantined_submissions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub form_id: Uuid,
    pub lead_id: Uuid,
    pub status: String,
    pub email: String,
    pub email_key: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub profile: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub consents: Json,
    pub double_opt_in: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub answers: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub attribution: Json,
    pub user_agent: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub verdict: Json,
    pub is_test: bool,
    pub created_at: ChronoDateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
