//! Tenants.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub currency: String,
    pub created_at: ChronoDateTimeUtc,
    pub time_zone: String,
    pub locale: String,
    /// Absent: never changed.
    pub updated_at: Option<ChronoDateTimeUtc>,
    pub version: i32,
    pub public_url: Option<String>,
    pub keep_leads_days: Option<i32>,
    pub keep_submissions_days: Option<i32>,
    pub keep_messages_days: Option<i32>,
    pub keep_events_days: Option<i32>,
    pub keep_audit_days: Option<i32>,
    /// Absent as long as everything was kept.
    pub retention_ran_at: Option<ChronoDateTimeUtc>,
    pub region: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub mail_from: Option<Json>,
    pub mailing: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
