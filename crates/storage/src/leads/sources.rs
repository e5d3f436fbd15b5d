//! The port of sources.

use crate::codec::{from_json, parse, to_json};
use crate::dialect::execute;
use crate::entity::lead_sources::{ActiveModel, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::leads::{LeadSource, SourceKind, SourceRepo, SourceRun, SourceSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, SourceId, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

const RAN: &str = "UPDATE lead_sources SET last_run = $3, \
    state = CASE WHEN version = $5 THEN $4 ELSE state END WHERE organization_id = $1 AND id = $2";

const REMEMBER: &str =
    "UPDATE lead_sources SET state = $3 WHERE organization_id = $1 AND id = $2 AND version = $4";

const DELETE: &str = "DELETE FROM lead_sources WHERE organization_id = $1 AND id = $2";

fn row(organization: Uuid, source: &LeadSource) -> Result<Model, StoreError> {
    Ok(Model {
        organization_id: organization,
        id: source.id.0,
        name: source.name.clone(),
        kind: source.kind.as_str().to_owned(),
        url: source.url.clone(),
        rules: to_json(&source.rules)?,
        state: to_json(&source.state)?,
        last_run: source.last_run.as_ref().map(to_json).transpose()?,
        created_at: source.created_at,
        updated_at: source.updated_at,
        version: source.version,
    })
}

fn source(row: Model) -> Result<LeadSource, StoreError> {
    Ok(LeadSource {
        id: row.id.into(),
        name: row.name,
        kind: parse("lead_sources.kind", &row.kind)?,
        url: row.url,
        rules: from_json("lead_sources.rules", row.rules)?,
        state: from_json("lead_sources.state", row.state)?,
        last_run: row
            .last_run
            .map(|run| from_json("lead_sources.last_run", run))
            .transpose()?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

#[async_trait]
impl<C: ConnectionTrait + Send> SourceRepo for Session<C> {
    async fn insert(&self, source: &LeadSource) -> Result<(), StoreError> {
        let row = row(self.organization, source)?;
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: SourceId) -> Result<Option<LeadSource>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(source).transpose()
    }

    async fn list(&self, page: &PageRequest<SourceSort>) -> Result<Page<LeadSource>, StoreError> {
        let sort = match page.sort.field {
            SourceSort::CreatedAt => Column::CreatedAt,
            SourceSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match page.sort.field {
                SourceSort::CreatedAt => CursorValue::Time(row.created_at),
                SourceSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let select = Entity::find().filter(Column::OrganizationId.eq(self.organization));
        keyset::page(&self.conn, select, (sort, Column::Id), page, place, source).await
    }

    async fn ids(
        &self,
        named: &[SourceId],
        kind: Option<SourceKind>,
        limit: u32,
    ) -> Result<Vec<SourceId>, StoreError> {
        let mut select = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::OrganizationId.eq(self.organization))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        if let Some(kind) = kind {
            select = select.filter(Column::Kind.eq(kind.as_str()));
        }
        if !named.is_empty() {
            select = select.filter(Column::Id.is_in(named.iter().map(|id| id.0)));
        }
        let ids: Vec<Uuid> = select.into_tuple().all(&self.conn).await.map_err(store_error)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn update(&self, source: &LeadSource, expected: i32) -> Result<bool, StoreError> {
        let mut change = ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row(self.organization, source)?.into_active_model().reset_all()
        };
        for column in [
            Column::OrganizationId,
            Column::Id,
            Column::CreatedAt,
            Column::LastRun,
        ] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(source.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn ran(&self, source: &LeadSource, run: &SourceRun) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            source.id.0.into(),
            to_json(run)?.into(),
            to_json(&source.state)?.into(),
            source.version.into(),
        ];
        execute(&self.conn, RAN, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn remember(&self, source: &LeadSource) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            source.id.0.into(),
            to_json(&source.state)?.into(),
            source.version.into(),
        ];
        execute(&self.conn, REMEMBER, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete(&self, id: SourceId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }
}
