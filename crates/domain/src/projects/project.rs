//! A project.

use crate::ids::{ClientId, ProjectId};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    ProjectStatus { Active => "active", Archived => "archived" }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    pub id: ProjectId,
    /// Null for the organization's own.
    pub client_id: Option<ClientId>,
    pub name: String,
    pub description: Option<String>,
    pub status: ProjectStatus,
    pub start_date: Option<DateTime<Utc>>,
    pub end_date: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Project {
    /// Trims its texts and times, and names everything that is wrong.
    pub fn check(&mut self, problems: &mut Problems) {
        self.name = problems.line("name", &self.name, 200, false);
        problems.text(
            "description",
            self.description.as_deref().unwrap_or_default(),
            5000,
        );
        self.start_date = problems.time("start_date", self.start_date);
        self.end_date = problems.time("end_date", self.end_date);
        problems.check(
            !matches!((self.start_date, self.end_date), (Some(start), Some(end)) if end < start),
            "end_date",
            "must not be before start_date",
        );
    }
}

crate::sort_fields! {
    /// How projects can be ordered.
    ProjectSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
