//! A person who may become a customer.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "leads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub email: String,
    pub email_key: String,
    pub name: String,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub title: Option<String>,
    pub source: String,
    pub status: String,
    pub stage: String,
    pub stage_since: DateTime<Utc>,
    pub furthest_stage: String,
    pub outcome_reason: Option<String>,
    /// Minor units.
    pub value: Option<i64>,
    pub value_currency: Option<String>,
    pub tags: Json,
    pub custom_fields: Json,
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    pub client_id: Option<Uuid>,
    /// Name, address and telephone number, company and title in lower case: what a search looks through.
    pub search_text: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    /// What checks of the address found: see `leads/checks.rs`. Absent in rows from before there were any.
    pub address_checks: Option<String>,
    /// When the DNS was asked.
    pub address_checked_at: Option<DateTime<Utc>>,
    /// When the address is to be looked at next.
    pub verify_at: Option<DateTime<Utc>>,
    pub phone_e164: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
