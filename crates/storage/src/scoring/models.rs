//! Rows of models.

use super::convert;
use crate::entity::scoring_models::{self, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::session::Session;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::scoring::{ModelSort, ModelStatus, ScoringModel};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QueryTrait,
};
use uuid::Uuid;

pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    model: &ScoringModel,
) -> Result<(), StoreError> {
    let row = convert::row(organization, model)?;
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn list<C: ConnectionTrait>(
    session: &Session<C>,
    status: Option<ModelStatus>,
    page: &PageRequest<ModelSort>,
) -> Result<Page<ScoringModel>, StoreError> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(session.organization))
        .apply_if(status, |select, status| {
            select.filter(Column::Status.eq(status.as_str()))
        });
    let field = page.sort.field;
    let sort = match field {
        ModelSort::CreatedAt => Column::CreatedAt,
        ModelSort::Name => Column::Name,
    };
    let place = |row: &Model| {
        let value = match field {
            ModelSort::CreatedAt => CursorValue::Time(row.created_at),
            ModelSort::Name => CursorValue::Text(row.name.clone()),
        };
        (value, row.id)
    };
    keyset::page(
        &session.conn,
        select,
        (sort, Column::Id),
        page,
        place,
        convert::model,
    )
    .await
}

pub(super) async fn active(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Vec<ScoringModel>, StoreError> {
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Status.eq(ModelStatus::Active.as_str()))
        .order_by_desc(Column::IsPrimary)
        .order_by_asc(Column::Id)
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(convert::model).collect()
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    model: &ScoringModel,
    expected: i32,
) -> Result<bool, StoreError> {
    let row = convert::row(organization, model)?;
    let mut change = scoring_models::ActiveModel {
        version: ActiveValue::Set(expected + 1),
        ..row.into_active_model().reset_all()
    };
    for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
        change.not_set(column);
    }
    let done = Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(model.id.0))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected == 1)
}
