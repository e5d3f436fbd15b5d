//! What a lead decided about a purpose.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub lead_id: Uuid,
    pub purpose: String,
    pub decision: String,
    pub text: Option<String>,
    pub source: String,
    pub form_id: Option<Uuid>,
    pub submission_id: Option<Uuid>,
    pub import_id: Option<Uuid>,
    pub recorded_by: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary")]
    pub confirmation: Option<Json>,
    pub created_at: ChronoDateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
