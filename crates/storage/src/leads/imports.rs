//! Imports: how far they are, their file, and the lines that were refused. What an undo needs has a file of its own.

use super::{marks, undo};
use crate::codec::{from_json, parse, to_json};
use crate::dialect::{self, execute};
use crate::entity::{jobs, lead_import_contents, lead_import_errors, lead_imports};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::ids::{ImportId, JobId, LeadId};
use groundswell_domain::jobs::JobPayload;
use groundswell_domain::leads::{
    Import, ImportCounts, ImportError, ImportRepo, ImportRules, ImportStatus, KeptLead, Mark, OnExisting,
    Place, RunImport, UNDO_DAYS, UndoCounts, Undone,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashSet;
use uuid::Uuid;

const SET_RUNNING: &str = "UPDATE lead_imports SET status = 'running' \
    WHERE organization_id = $1 AND id = $2 AND status = 'queued'";

const ADVANCE: &str = "UPDATE lead_imports SET \"offset\" = $4, line = $10, \"rows\" = \"rows\" + $5, created = created + $6, \
    updated = updated + $7, unchanged = unchanged + $8, failed = failed + $9 \
    WHERE organization_id = $1 AND id = $2 AND \"offset\" = $3 AND status IN ('queued', 'running')";

/// An import that has ended stays as it is.
pub(crate) const END_IMPORT: &str = "UPDATE lead_imports SET status = $3, error = $4, finished_at = $5 \
    WHERE organization_id = $1 AND id = $2 AND status IN ('receiving', 'queued', 'running')";

const END_OLD: &str = "UPDATE lead_imports SET status = 'failed', error = $3, finished_at = $2 \
    WHERE created_at < $1 AND status IN ('queued', 'running')";

/// Whoever sent them went away, and nobody knows of them.
const FORGET_UNRECEIVED: &str = "DELETE FROM lead_imports WHERE created_at < $1 AND status = 'receiving'";

/// In pieces: a big import has as many of them as lines.
const FORGET_CHANGES: &str = "DELETE FROM lead_import_changes WHERE (organization_id, import_id, lead_id) IN \
    (SELECT changes.organization_id, changes.import_id, changes.lead_id FROM lead_imports AS imports \
    JOIN lead_import_changes AS changes ON changes.organization_id = imports.organization_id \
    AND changes.import_id = imports.id WHERE imports.created_at < $1 LIMIT 20000)";

/// The piece that holds a byte is the last that starts at or before it.
const PIECE: &str = "SELECT content, start FROM lead_import_contents \
    WHERE organization_id = $1 AND import_id = $2 AND start <= $3 ORDER BY start DESC LIMIT 1";

const RECEIVED: &str = "UPDATE lead_imports SET status = 'queued', file_name = $3, dry_run = $4, mapping = $5, tags = $6, \
    rules = $7, \"offset\" = $8, line = $9 WHERE organization_id = $1 AND id = $2 AND status = 'receiving'";

const NEVER_DONE: &str = "it was not done within a week: upload the file again";

const FORGET_OLD: &str = "DELETE FROM lead_import_contents WHERE EXISTS (SELECT 1 FROM lead_imports \
    WHERE lead_imports.organization_id = lead_import_contents.organization_id \
    AND lead_imports.id = lead_import_contents.import_id AND lead_imports.created_at < $1)";

/// How long a file may be on its way.
const KEEP_UNRECEIVED: TimeDelta = TimeDelta::days(1);

/// Refused lines per statement: 6 values each.
const LINES: usize = 5_000;

#[async_trait]
impl<C: ConnectionTrait + Send> ImportRepo for Session<C> {
    async fn insert(&self, import: &Import) -> Result<(), StoreError> {
        let row = row_of(self.organization, import)?;
        lead_imports::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn add_piece(&self, id: ImportId, start: i64, content: &[u8]) -> Result<(), StoreError> {
        let file = lead_import_contents::Model {
            organization_id: self.organization,
            import_id: id.0,
            start,
            content: content.to_vec(),
        };
        lead_import_contents::Entity::insert(file.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let row = one(
            &self.conn,
            lead_imports::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn received(&self, import: &Import) -> Result<bool, StoreError> {
        let row = row_of(self.organization, import)?;
        let values = [
            row.organization_id.into(),
            row.id.into(),
            row.file_name.into(),
            row.dry_run.into(),
            row.mapping.into(),
            row.tags.into(),
            row.rules.into(),
            row.offset.into(),
            row.line.into(),
        ];
        Ok(execute(&self.conn, RECEIVED, values).await.map_err(store_error)? == 1)
    }

    async fn abandon(&self, id: ImportId) -> Result<(), StoreError> {
        lead_imports::Entity::delete_by_id((self.organization, id.0))
            .filter(lead_imports::Column::Status.eq(ImportStatus::Receiving.as_str()))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        self.forget_file(id).await
    }

    async fn piece(&self, id: ImportId, offset: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let values = [self.organization.into(), id.0.into(), offset.into()];
        let statement = dialect::statement(&self.conn, PIECE, values);
        let Some(row) = self.conn.query_one_raw(statement).await.map_err(store_error)? else {
            return Ok(None);
        };
        let (mut content, start): (Vec<u8>, i64) = row.try_get_many_by_index().map_err(store_error)?;
        let before = usize::try_from(offset - start).unwrap_or(usize::MAX);
        if before >= content.len() {
            return Ok(None);
        }
        content.drain(..before);
        Ok(Some(content))
    }

    async fn set_running(&self, id: ImportId) -> Result<(), StoreError> {
        let values = [self.organization.into(), id.0.into()];
        self.conn
            .execute_raw(dialect::statement(&self.conn, SET_RUNNING, values))
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn advance(
        &self,
        id: ImportId,
        from: i64,
        to: Place,
        counts: ImportCounts,
        errors: &[ImportError],
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            from.into(),
            to.offset.into(),
            counts.rows.into(),
            counts.created.into(),
            counts.updated.into(),
            counts.unchanged.into(),
            counts.failed.into(),
            to.line.into(),
        ];
        let done = self
            .conn
            .execute_raw(dialect::statement(&self.conn, ADVANCE, values))
            .await
            .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        for errors in errors.chunks(LINES) {
            let rows = errors.iter().map(|error| {
                lead_import_errors::Model {
                    organization_id: self.organization,
                    import_id: id.0,
                    line: error.line,
                    field: error.field.clone(),
                    message: error.message.clone(),
                    raw: error.raw.clone(),
                }
                .into_active_model()
            });
            lead_import_errors::Entity::insert_many(rows)
                .exec_without_returning(&self.conn)
                .await
                .map_err(store_error)?;
        }
        Ok(true)
    }

    async fn finish(&self, id: ImportId, error: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let status = if error.is_none() {
            ImportStatus::Succeeded
        } else {
            ImportStatus::Failed
        };
        let values = [
            self.organization.into(),
            id.0.into(),
            status.as_str().into(),
            error.map(str::to_owned).into(),
            now.into(),
        ];
        self.conn
            .execute_raw(dialect::statement(&self.conn, END_IMPORT, values))
            .await
            .map_err(store_error)?;
        self.forget_file(id).await
    }

    async fn give_up(&self, job: JobId, error: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let select = jobs::Entity::find_by_id((self.organization, job.0))
            .filter(jobs::Column::Kind.eq(RunImport::KIND));
        let Some(job) = one(&self.conn, select).await? else {
            return Ok(());
        };
        // Only what can't be read has no import.
        match serde_json::from_value::<RunImport>(job.payload) {
            Ok(work) => self.finish(work.import_id, Some(error), now).await,
            Err(_) => Ok(()),
        }
    }

    async fn mark(&self, id: ImportId, leads: &[(LeadId, Mark)]) -> Result<(), StoreError> {
        marks::mark(&self.conn, self.organization, id, leads).await
    }

    async fn start_undo(&self, id: ImportId) -> Result<bool, StoreError> {
        undo::start(&self.conn, self.organization, id).await
    }

    async fn created(&self, id: ImportId, leads: &[LeadId]) -> Result<HashSet<LeadId>, StoreError> {
        marks::created(&self.conn, self.organization, id, leads).await
    }

    async fn undo(&self, id: ImportId, limit: u32) -> Result<Undone, StoreError> {
        undo::undo(&self.conn, self.organization, id, limit).await
    }

    async fn end_undo(&self, id: ImportId) -> Result<(), StoreError> {
        undo::end(&self.conn, self.organization, id).await
    }

    async fn kept(
        &self,
        id: ImportId,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<KeptLead>, StoreError> {
        undo::kept(&self.conn, self.organization, id, after, limit).await
    }

    async fn errors(&self, id: ImportId, after: i64, limit: u32) -> Result<Vec<ImportError>, StoreError> {
        use lead_import_errors::Column;
        let select = lead_import_errors::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::ImportId.eq(id.0))
            .order_by_asc(Column::Line)
            .order_by_asc(Column::Field);
        let mut rows = select
            .clone()
            .filter(Column::Line.gt(after))
            .limit(u64::from(limit))
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        // The next piece starts after a line: what else is wrong with the last one must be in this one.
        if let Some(last) = rows.last().filter(|_| rows.len() >= limit as usize) {
            let same_line = select
                .filter(Column::Line.eq(last.line))
                .filter(Column::Field.gt(last.field.as_str()));
            rows.extend(same_line.all(&self.conn).await.map_err(store_error)?);
        }
        let error = |row: lead_import_errors::Model| ImportError {
            line: row.line,
            field: row.field,
            message: row.message,
            raw: row.raw,
        };
        Ok(rows.into_iter().map(error).collect())
    }
}

impl<C: ConnectionTrait + Send> Session<C> {
    async fn forget_file(&self, id: ImportId) -> Result<(), StoreError> {
        lead_import_contents::Entity::delete_many()
            .filter(lead_import_contents::Column::OrganizationId.eq(self.organization))
            .filter(lead_import_contents::Column::ImportId.eq(id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

/// Ends imports, of all organizations, that began before this moment, and forgets their files: their jobs' workers died and
/// nobody was told.
pub(crate) async fn forget_files(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let values = [before.into(), now.into(), NEVER_DONE.into()];
    execute(conn, END_OLD, values).await.map_err(store_error)?;
    execute(conn, FORGET_UNRECEIVED, [(now - KEEP_UNRECEIVED).into()])
        .await
        .map_err(store_error)?;
    let undoable = now - TimeDelta::days(UNDO_DAYS);
    execute(conn, FORGET_CHANGES, [undoable.into()])
        .await
        .map_err(store_error)?;
    execute(conn, FORGET_OLD, [before.into()])
        .await
        .map_err(store_error)
}

fn row_of(organization: Uuid, import: &Import) -> Result<lead_imports::Model, StoreError> {
    let undone = import.undone.unwrap_or_default();
    let rules = import.detected.clone().map(|detected| ImportRules {
        detected,
        on_existing: import.on_existing,
        consent: import.consent.clone(),
        size: import.size.unwrap_or_default(),
    });
    Ok(lead_imports::Model {
        organization_id: organization,
        id: import.id.0,
        file_name: import.file_name.clone(),
        status: import.status.as_str().to_owned(),
        dry_run: import.dry_run,
        mapping: to_json(&import.mapping)?,
        tags: to_json(&import.tags)?,
        rows: import.counts.rows,
        created: import.counts.created,
        updated: import.counts.updated,
        unchanged: import.counts.unchanged,
        failed: import.counts.failed,
        error: import.error.clone(),
        offset: import.place.offset,
        line: import.place.line,
        rules: rules.as_ref().map(to_json).transpose()?,
        undo_deleted: undone.deleted,
        undo_restored: undone.restored,
        undo_kept: undone.kept,
        created_at: import.created_at,
        finished_at: import.finished_at,
    })
}

impl TryFrom<lead_imports::Model> for Import {
    type Error = StoreError;

    fn try_from(row: lead_imports::Model) -> Result<Self, StoreError> {
        let status = parse("lead_imports.status", &row.status)?;
        let rules: Option<ImportRules> = match row.rules {
            Some(rules) => Some(from_json("lead_imports.rules", rules)?),
            None => None,
        };
        let is_undone = matches!(status, ImportStatus::Undoing | ImportStatus::Undone);
        Ok(Self {
            id: row.id.into(),
            file_name: row.file_name,
            status,
            dry_run: row.dry_run,
            mapping: from_json("lead_imports.mapping", row.mapping)?,
            tags: from_json("lead_imports.tags", row.tags)?,
            counts: ImportCounts {
                rows: row.rows,
                created: row.created,
                updated: row.updated,
                unchanged: row.unchanged,
                failed: row.failed,
            },
            on_existing: rules
                .as_ref()
                .map_or(OnExisting::Overwrite, |rules| rules.on_existing),
            size: rules.as_ref().map(|rules| rules.size),
            consent: rules.as_ref().and_then(|rules| rules.consent.clone()),
            detected: rules.map(|rules| rules.detected),
            undone: is_undone.then_some(UndoCounts {
                deleted: row.undo_deleted,
                restored: row.undo_restored,
                kept: row.undo_kept,
            }),
            error: row.error,
            place: Place {
                offset: row.offset,
                line: row.line,
            },
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}
