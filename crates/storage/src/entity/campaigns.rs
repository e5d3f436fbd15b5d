//! A campaign, without its counters.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub status: String,
    pub objective: Option<String>,
    pub description: Option<String>,
    /// Minor units of `currency`.
    pub budget_allocated: Option<i64>,
    pub currency: String,
    pub channels: Json,
    pub target_audience: Json,
    pub content: Json,
    pub start_date: Option<DateTime<Utc>>,
    pub end_date: Option<DateTime<Utc>>,
    pub client_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    pub created_by: Option<Uuid>,
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub run: i32,
    pub frozen: Option<Json>,
    pub audience: Option<Json>,
    pub snapshot_after: Option<Uuid>,
    pub snapshot_done: bool,
    pub launched_at: Option<DateTime<Utc>>,
    pub delivery: Option<Json>,
    pub utm: Option<Json>,
    pub resend_of: Option<Uuid>,
    pub tags: Option<Json>,
    pub topic_id: Option<Uuid>,
    pub goal: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
