//! Versions of templates.

use crate::entity::email_template_versions::{Column, Entity, Model};
use crate::entity::email_templates;
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{TemplateVersion, VersionInfo, VersionSort};
use groundswell_domain::ids::{TemplateId, UserId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

/// A version in a list.
#[derive(FromQueryResult)]
pub(super) struct InfoRow {
    template_id: Uuid,
    pub number: i32,
    pub format: String,
    pub subject: String,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub published_at: Option<DateTime<Utc>>,
    pub published_by: Option<Uuid>,
}

fn of(organization: Uuid, template: TemplateId) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::TemplateId.eq(template.0))
}

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    version: &TemplateVersion,
) -> Result<(), StoreError> {
    Entity::insert(Model::of(organization, version)?.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    template: TemplateId,
    number: i32,
) -> Result<Option<TemplateVersion>, StoreError> {
    let key = (organization, template.0, number);
    one(conn, Entity::find_by_id(key))
        .await?
        .map(TryInto::try_into)
        .transpose()
}

pub(super) async fn live(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    template: TemplateId,
) -> Result<Option<TemplateVersion>, StoreError> {
    let number = email_templates::Entity::find_by_id((organization, template.0))
        .select_only()
        .column(email_templates::Column::LiveVersion)
        .into_query();
    let select = of(organization, template).filter(Column::Number.in_subquery(number));
    one(conn, select).await?.map(TryInto::try_into).transpose()
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    template: TemplateId,
    page: &PageRequest<VersionSort>,
) -> Result<Page<VersionInfo>, StoreError> {
    let live: Option<i32> = email_templates::Entity::find_by_id((organization, template.0))
        .select_only()
        .column(email_templates::Column::LiveVersion)
        .into_tuple::<Option<i32>>()
        .one(conn)
        .await
        .map_err(store_error)?
        .flatten();
    let columns = [
        Column::TemplateId,
        Column::Number,
        Column::Format,
        Column::Subject,
        Column::CreatedAt,
        Column::CreatedBy,
        Column::PublishedAt,
        Column::PublishedBy,
    ];
    keyset::joined(
        conn,
        of(organization, template),
        |select| select.select_only().columns(columns),
        (Column::Number, Column::TemplateId),
        page,
        |row: &InfoRow| (CursorValue::Number(row.number.into()), row.template_id),
        |row| row.info(live),
    )
    .await
}

pub(super) async fn mark_published(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    template: TemplateId,
    number: i32,
    at: DateTime<Utc>,
    by: Option<UserId>,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::PublishedAt, Expr::value(at))
        .col_expr(Column::PublishedBy, Expr::value(by.map(|user| user.0)))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::TemplateId.eq(template.0))
        .filter(Column::Number.eq(number))
        .filter(Column::PublishedAt.is_null())
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn forget_drafts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    template: TemplateId,
    below: i32,
) -> Result<u64, StoreError> {
    let done = Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::TemplateId.eq(template.0))
        .filter(Column::Number.lt(below))
        .filter(Column::PublishedAt.is_null())
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected)
}
