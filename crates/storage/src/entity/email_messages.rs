//! A row of the ledger of mails.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "email_messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub campaign_id: Option<Uuid>,
    pub lead_id: Option<Uuid>,
    pub to_email: String,
    pub to_key: String,
    pub subject: Option<String>,
    pub status: String,
    pub attempts: i32,
    pub reason: Option<String>,
    pub next_attempt_at: DateTime<Utc>,
    /// Stays when a sweep makes the row `unknown`: a worker that was only slow can still tell how it ended.
    pub lease_token: Option<Uuid>,
    pub lease_until: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub opened_at: Option<DateTime<Utc>>,
    pub clicked_at: Option<DateTime<Utc>>,
    pub unsubscribed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Of an A/B test.
    pub variant: Option<i32>,
    pub topic_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
