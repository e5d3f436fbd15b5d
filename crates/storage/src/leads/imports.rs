//! CSV imports: how far they are, their file, and the lines that were refused.

use crate::codec::{from_json, parse, to_json};
use crate::dialect::{self, execute};
use crate::entity::{jobs, lead_import_contents, lead_import_errors, lead_imports};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::ids::{ImportId, JobId};
use groundswell_domain::jobs::JobPayload;
use groundswell_domain::leads::{Import, ImportCounts, ImportError, ImportRepo, ImportStatus, RunImport};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

const SET_RUNNING: &str = "UPDATE lead_imports SET status = 'running' \
    WHERE organization_id = $1 AND id = $2 AND status = 'queued'";

const ADVANCE: &str = "UPDATE lead_imports SET \"offset\" = $4, \"rows\" = \"rows\" + $5, created = created + $6, \
    updated = updated + $7, unchanged = unchanged + $8, failed = failed + $9 \
    WHERE organization_id = $1 AND id = $2 AND \"offset\" = $3 AND status IN ('queued', 'running')";

/// An import that has ended stays as it is.
pub(crate) const END_IMPORT: &str = "UPDATE lead_imports SET status = $3, error = $4, finished_at = $5 \
    WHERE organization_id = $1 AND id = $2 AND status IN ('queued', 'running')";

const END_OLD: &str = "UPDATE lead_imports SET status = 'failed', error = $3, finished_at = $2 \
    WHERE created_at < $1 AND status IN ('queued', 'running')";

const NEVER_DONE: &str = "it was not done within a week: upload the file again";

const FORGET_OLD: &str = "DELETE FROM lead_import_contents WHERE EXISTS (SELECT 1 FROM lead_imports \
    WHERE lead_imports.organization_id = lead_import_contents.organization_id \
    AND lead_imports.id = lead_import_contents.import_id AND lead_imports.created_at < $1)";

/// Refused lines per statement: 6 values each.
const LINES: usize = 5_000;

#[async_trait]
impl<C: ConnectionTrait + Send> ImportRepo for Session<C> {
    async fn insert(&self, import: &Import, content: &[u8]) -> Result<(), StoreError> {
        let row = row_of(self.organization, import)?;
        lead_imports::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        let file = lead_import_contents::Model {
            organization_id: self.organization,
            import_id: import.id.0,
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

    async fn content(&self, id: ImportId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = one(
            &self.conn,
            lead_import_contents::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        Ok(row.map(|row| row.content))
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
        to: i64,
        counts: ImportCounts,
        errors: &[ImportError],
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            from.into(),
            to.into(),
            counts.rows.into(),
            counts.created.into(),
            counts.updated.into(),
            counts.unchanged.into(),
            counts.failed.into(),
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
        lead_import_contents::Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
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

/// Ends imports, of all organizations, that began before this moment, and forgets their files: their jobs' workers died and
/// nobody was told.
pub(crate) async fn forget_files(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let values = [before.into(), now.into(), NEVER_DONE.into()];
    execute(conn, END_OLD, values).await.map_err(store_error)?;
    execute(conn, FORGET_OLD, [before.into()])
        .await
        .map_err(store_error)
}

fn row_of(organization: Uuid, import: &Import) -> Result<lead_imports::Model, StoreError> {
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
        offset: import.offset,
        created_at: import.created_at,
        finished_at: import.finished_at,
    })
}

impl TryFrom<lead_imports::Model> for Import {
    type Error = StoreError;

    fn try_from(row: lead_imports::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            file_name: row.file_name,
            status: parse("lead_imports.status", &row.status)?,
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
            error: row.error,
            offset: row.offset,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}
