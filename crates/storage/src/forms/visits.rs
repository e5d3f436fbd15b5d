//! Counts of visits, and answers that were not sent yet.

use super::convert;
use crate::codec::to_json;
use crate::dialect::{execute, statement};
use crate::entity::form_partials::{Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::session::Session;
use async_trait::async_trait;
use chrono::NaiveDate;
use groundswell_domain::forms::{
    ExitKey, MOST_SOURCES, OTHER, PartialSort, PartialSubmission, VisitCounts, VisitKey, VisitRepo, Visits,
};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{FormId, Page, PageRequest, StoreError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

// A form that is gone has no row to select from. Two at once may let in a source more than the limit: that is all it is for.
const VISIT: &str = "
INSERT INTO form_visits (organization_id, form_id, day, source, views, starts, completions)
SELECT organization_id, id, $3,
  CASE WHEN EXISTS (SELECT 1 FROM form_visits AS known
      WHERE known.organization_id = $1 AND known.form_id = $2 AND known.day = $3 AND known.source = $4)
    OR (SELECT COUNT(*) FROM form_visits AS known
      WHERE known.organization_id = $1 AND known.form_id = $2 AND known.day = $3) < $8
  THEN $4 ELSE $9 END, $5, $6, $7
FROM forms WHERE organization_id = $1 AND id = $2
ON CONFLICT (organization_id, form_id, day, source) DO UPDATE SET views = form_visits.views + excluded.views,
  starts = form_visits.starts + excluded.starts, completions = form_visits.completions + excluded.completions";

const EXIT: &str = "
INSERT INTO form_exits (organization_id, form_id, day, field, exits)
SELECT organization_id, id, $3, $4, $5 FROM forms WHERE organization_id = $1 AND id = $2
ON CONFLICT (organization_id, form_id, day, field) DO UPDATE SET exits = form_exits.exits + excluded.exits";

const VISITS: &str = "SELECT day, source, views, starts, completions FROM form_visits
WHERE organization_id = $1 AND form_id = $2 AND day BETWEEN $3 AND $4 ORDER BY day, source";

const EXITS: &str = "SELECT day, field, exits FROM form_exits
WHERE organization_id = $1 AND form_id = $2 AND day BETWEEN $3 AND $4 ORDER BY day, field";

const KEEP: &str = "
INSERT INTO form_partials (organization_id, id, form_id, session, email, email_key, answers, last_field, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (organization_id, form_id, session) DO UPDATE SET email = excluded.email, email_key = excluded.email_key,
  answers = excluded.answers, last_field = excluded.last_field, updated_at = excluded.updated_at
WHERE form_partials.updated_at <= excluded.updated_at";

const FINISH: &str = "DELETE FROM form_partials
WHERE organization_id = $1 AND form_id = $2 AND (session = $3 OR email_key = $4)";

#[async_trait]
impl<C: ConnectionTrait + Send> VisitRepo for Session<C> {
    async fn count(&self, counts: &VisitCounts) -> Result<(), StoreError> {
        // In one order, so that two that count the same never wait for each other in a circle.
        let mut visits: Vec<_> = counts.visits.iter().collect();
        visits.sort_unstable_by_key(|(key, _)| key);
        for (key, visits) in visits {
            let values = [
                self.organization.into(),
                key.form.0.into(),
                key.day.into(),
                key.source.as_str().into(),
                visits.views.into(),
                visits.starts.into(),
                visits.completions.into(),
                MOST_SOURCES.into(),
                OTHER.into(),
            ];
            execute(&self.conn, VISIT, values).await.map_err(store_error)?;
        }
        let mut exits: Vec<_> = counts.exits.iter().collect();
        exits.sort_unstable_by_key(|(key, _)| key);
        for (key, count) in exits {
            let values = [
                self.organization.into(),
                key.form.0.into(),
                key.day.into(),
                key.field.as_str().into(),
                (*count).into(),
            ];
            execute(&self.conn, EXIT, values).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn visits(
        &self,
        form: FormId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(VisitKey, Visits)>, StoreError> {
        let values = [self.organization.into(), form.0.into(), from.into(), to.into()];
        let query = statement(&self.conn, VISITS, values);
        let rows = self.conn.query_all_raw(query).await.map_err(store_error)?;
        let read = |row: &sea_orm::QueryResult| {
            let (day, source, views, starts, completions) =
                row.try_get_many_by_index().map_err(store_error)?;
            let visits = Visits {
                views,
                starts,
                completions,
            };
            Ok((VisitKey { form, day, source }, visits))
        };
        rows.iter().map(read).collect()
    }

    async fn exits(
        &self,
        form: FormId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(ExitKey, i64)>, StoreError> {
        let values = [self.organization.into(), form.0.into(), from.into(), to.into()];
        let query = statement(&self.conn, EXITS, values);
        let rows = self.conn.query_all_raw(query).await.map_err(store_error)?;
        let read = |row: &sea_orm::QueryResult| {
            let (day, field, exits) = row.try_get_many_by_index().map_err(store_error)?;
            Ok((ExitKey { form, day, field }, exits))
        };
        rows.iter().map(read).collect()
    }

    async fn keep_partial(&self, partial: &PartialSubmission) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            partial.id.0.into(),
            partial.form_id.0.into(),
            partial.session.into(),
            partial.email.as_str().into(),
            partial.email.key().into(),
            to_json(&partial.answers)?.into(),
            partial.last_field.clone().into(),
            partial.created_at.into(),
            partial.updated_at.into(),
        ];
        execute(&self.conn, KEEP, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn finish_partial(
        &self,
        form: FormId,
        session: Option<Uuid>,
        email_key: &str,
    ) -> Result<u64, StoreError> {
        let values = [
            self.organization.into(),
            form.0.into(),
            session.into(),
            email_key.into(),
        ];
        execute(&self.conn, FINISH, values).await.map_err(store_error)
    }

    async fn partials(
        &self,
        form: FormId,
        request: &PageRequest<PartialSort>,
    ) -> Result<Page<PartialSubmission>, StoreError> {
        let select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::FormId.eq(form.0));
        let field = request.sort.field;
        let sort = match field {
            PartialSort::UpdatedAt => Column::UpdatedAt,
            PartialSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &Model| {
            let time = match field {
                PartialSort::UpdatedAt => row.updated_at,
                PartialSort::CreatedAt => row.created_at,
            };
            (CursorValue::Time(time), row.id)
        };
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            request,
            place,
            convert::partial,
        )
        .await
    }
}

/// Of all organizations: what nobody finished. Answers how many.
pub(super) async fn forget(
    conn: &impl ConnectionTrait,
    before: chrono::DateTime<chrono::Utc>,
) -> Result<u64, StoreError> {
    let old = Entity::delete_many().filter(Column::UpdatedAt.lte(before));
    Ok(old.exec(conn).await.map_err(store_error)?.rows_affected)
}
