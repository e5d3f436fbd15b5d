//! The port of projects.

use super::convert;
use crate::dialect::{self, contains, execute};
use crate::entity::projects::{self, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::{one, one_locked};
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::projects::{Project, ProjectFilter, ProjectRepo, ProjectSort};
use groundswell_domain::{ClientId, Page, PageRequest, ProjectId, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryTrait, Select,
};

/// The databases do the rest: foreign keys on PostgreSQL, triggers on SQLite (see the migration).
const DELETE: &str = "DELETE FROM projects WHERE organization_id = $1 AND id = $2";
const OTHERS: &str =
    "SELECT COUNT(*) FROM campaigns WHERE organization_id = $1 AND project_id = $2 AND client_id <> $3";

impl<C> Session<C> {
    fn visible_project(&self, id: ProjectId) -> Select<Entity> {
        Entity::find_by_id((self.organization, id.0))
            .apply_if(self.of_client(Column::ClientId), QueryFilter::filter)
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> ProjectRepo for Session<C> {
    async fn insert(&self, project: &Project) -> Result<(), StoreError> {
        let row = convert::row(self.organization, project);
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        let row = one(&self.conn, self.visible_project(id)).await?;
        row.map(convert::project).transpose()
    }

    async fn get_locked(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        let row = one_locked(&self.conn, self.visible_project(id)).await?;
        row.map(convert::project).transpose()
    }

    async fn list(
        &self,
        filter: &ProjectFilter,
        page: &PageRequest<ProjectSort>,
    ) -> Result<Page<Project>, StoreError> {
        // All fields are named, so that a new one can't be forgotten.
        let ProjectFilter {
            client_id,
            status,
            name,
        } = filter;
        let condition = Condition::all()
            .add(Column::OrganizationId.eq(self.organization))
            .add_option(self.of_client(Column::ClientId))
            .add_option(client_id.map(|id| Column::ClientId.eq(id.0)))
            .add_option(status.map(|status| Column::Status.eq(status.as_str())))
            .add_option(name.as_ref().map(|part| contains(&self.conn, Column::Name, part)));
        let field = page.sort.field;
        let sort = match field {
            ProjectSort::CreatedAt => Column::CreatedAt,
            ProjectSort::UpdatedAt => Column::UpdatedAt,
            ProjectSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match field {
                ProjectSort::CreatedAt => CursorValue::Time(row.created_at),
                ProjectSort::UpdatedAt => CursorValue::Time(row.updated_at),
                ProjectSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        keyset::page(
            &self.conn,
            Entity::find().filter(condition),
            (sort, Column::Id),
            page,
            place,
            convert::project,
        )
        .await
    }

    async fn update(&self, project: &Project, expected: i32) -> Result<bool, StoreError> {
        let row = convert::row(self.organization, project);
        let mut change = projects::ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(project.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: ProjectId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn campaigns_of_others(&self, id: ProjectId, client: ClientId) -> Result<i64, StoreError> {
        let values = [self.organization.into(), id.0.into(), client.0.into()];
        let row = self
            .conn
            .query_one_raw(dialect::statement(&self.conn, OTHERS, values))
            .await
            .map_err(store_error)?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(store_error)
    }
}
