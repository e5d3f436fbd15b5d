//! One lead on its way through a sequence.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sequence_enrollments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub sequence_id: Uuid,
    pub revision: i32,
    pub lead_id: Uuid,
    pub status: String,
    pub step: String,
    pub phase: String,
    pub taken: i32,
    pub attempt: i32,
    pub arrived_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub wake_at: Option<DateTime<Utc>>,
    pub listens: bool,
    pub entered_at: DateTime<Utc>,
    pub exited_at: Option<DateTime<Utc>>,
    pub exit_reason: Option<String>,
    pub exit_note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
