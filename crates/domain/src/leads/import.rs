//! A CSV import: its state, and the job that works on it.

use crate::ids::ImportId;
use crate::jobs::{JobPayload, Priority};
use crate::leads::Tags;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

crate::text_enum::text_enum! {
    /// Where an import stands.
    ImportStatus {
        Queued => "queued",
        Running => "running",
        Succeeded => "succeeded",
        Failed => "failed",
    }
}

/// How the lines of one import came out. `rows` = `created` + `updated` + `unchanged` + `failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportCounts {
    pub rows: i64,
    pub created: i64,
    pub updated: i64,
    /// The lead was there already, and the line says nothing new.
    pub unchanged: i64,
    pub failed: i64,
}

impl ImportCounts {
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub status: ImportStatus,
    /// Counts what would happen and changes nothing.
    pub dry_run: bool,
    /// CSV column → lead field (`email`, `name`, `phone`, `company`, `title`, `tags`, `status`, `source`), `custom:<key>`, or `ignore`.
    pub mapping: BTreeMap<String, String>,
    pub tags: Tags,
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// Why the whole import failed.
    pub error: Option<String>,
    /// Bytes of the file that are done: where work goes on after a crash.
    #[serde(skip)]
    pub offset: i64,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// A line that could not be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportError {
    /// Line in the file, from 1; the header is line 1.
    pub line: i64,
    /// The column at fault; empty when it is the whole line.
    pub field: String,
    pub message: String,
    /// The line as it was in the file, so that it can be mended and imported again.
    pub raw: String,
}

/// Works through an uploaded file.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunImport {
    pub import_id: ImportId,
}

impl JobPayload for RunImport {
    const KIND: &'static str = "leads.import";
    const PRIORITY: Priority = Priority::High;
}
