//! An open, a click or an unsubscribe, kept raw.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "email_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub message_id: Uuid,
    pub kind: String,
    pub url: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    pub human: bool,
    pub method: Option<String>,
    pub network: Option<String>,
    pub language: Option<bool>,
    pub verdict: String,
    /// Words of evidence, separated by commas.
    pub reasons: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
