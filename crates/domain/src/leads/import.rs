//! An import of a file: its state, what was found out about the file, and the jobs that work on it.

use crate::consents::Purpose;
use crate::ids::{ImportId, LeadId};
use crate::jobs::{JobPayload, Priority, Queue};
use crate::leads::Tags;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

crate::text_enum::text_enum! {
    /// Where an import stands.
    ImportStatus {
        /// The file is on its way.
        Receiving => "receiving",
        Queued => "queued",
        Running => "running",
        Succeeded => "succeeded",
        Failed => "failed",
        /// What it did is being taken back.
        Undoing => "undoing",
        Undone => "undone",
    }
}

crate::text_enum::text_enum! {
    /// What a line does to a lead that is there already.
    OnExisting {
        /// What the line says wins; its empty cells say nothing.
        Overwrite => "overwrite",
        /// Only what the lead lacks.
        Fill => "fill",
        /// Nothing.
        Skip => "skip",
    }
}

crate::text_enum::text_enum! {
    /// What kind of file it was.
    FileFormat {
        Csv => "csv",
        Xlsx => "xlsx",
    }
}

/// How a file was read: found out, or as the caller said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detected {
    pub format: FileFormat,
    /// Between the cells; a comma for a spreadsheet.
    pub delimiter: char,
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE`, `windows-1252`, or what the caller said.
    pub encoding: String,
    /// The first line names the columns. Without it they are called `column_1`, `column_2` and so on.
    pub header: bool,
    /// The sheet of a spreadsheet.
    pub sheet: Option<String>,
}

/// What the people in a file have agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportConsent {
    pub purpose: Purpose,
    /// What they agreed to, in 1 to 2,000 characters.
    pub text: String,
    /// How that can be shown, for example `double opt-in at the fair of 2026`: at most 500 characters.
    #[serde(default)]
    pub basis: Option<String>,
}

/// How the file is read and what its lines do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRules {
    pub detected: Detected,
    pub on_existing: OnExisting,
    pub consent: Option<ImportConsent>,
    /// Bytes of the file as it is kept: UTF-8, with line feeds.
    pub size: i64,
}

/// A place in the file, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// In bytes.
    pub offset: i64,
    /// Of the line that starts there, from 1. Of a spreadsheet, the row.
    pub line: i64,
}

/// What an undo did to the leads of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoCounts {
    /// Made by the import, and gone again.
    pub deleted: i64,
    /// Changed by the import, and exactly as before again.
    pub restored: i64,
    /// Left alone, because they were changed or active since.
    pub kept: i64,
}

impl UndoCounts {
    pub fn sum(self) -> i64 {
        self.deleted + self.restored + self.kept
    }
}

/// What a piece of an undo did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    pub counts: UndoCounts,
    /// Leads that are as before the import again, but for their scores.
    pub restored: Vec<LeadId>,
}

/// A lead that an undo left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLead {
    pub lead_id: LeadId,
    pub reason: String,
}

/// What an import did to a lead, besides writing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Created,
    /// Its row, as it is before the update, is kept for an undo.
    Updated,
    /// Only a consent was written down.
    Consented,
}

/// For how many days an import can be undone: so long the former rows are kept.
pub const UNDO_DAYS: i64 = 30;

/// How the lines of one import came out. `rows` = `created` + `updated` + `unchanged` + `failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// How the file is read. Null until it has arrived.
    pub detected: Option<Detected>,
    pub on_existing: OnExisting,
    /// Written down for everybody in the file who has not withdrawn it.
    pub consent: Option<ImportConsent>,
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// Null unless the import is or was undone.
    pub undone: Option<UndoCounts>,
    /// Why the whole import failed.
    pub error: Option<String>,
    /// Where work goes on after a crash: nothing before it is left to do.
    #[serde(skip)]
    pub place: Place,
    /// Bytes of the file as it is kept; `None` when that is not known.
    #[serde(skip)]
    pub size: Option<i64>,
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
    const QUEUE: Queue = Queue::Imports;
    const PRIORITY: Priority = Priority::High;
}

/// Takes back what an import did.
#[derive(Debug, Serialize, Deserialize)]
pub struct UndoImport {
    pub import_id: ImportId,
}

impl JobPayload for UndoImport {
    const KIND: &'static str = "leads.undo_import";
    const QUEUE: Queue = Queue::Imports;
    const PRIORITY: Priority = Priority::High;
}
