//! Rows of rules.

use super::convert;
use crate::entity::qualification_rules::{self, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::qualification::{RuleSet, RuleSetSort};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryTrait,
};
use uuid::Uuid;

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rules: &RuleSet,
) -> Result<(), StoreError> {
    let row = convert::rules_row(organization, rules)?;
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn list<C: ConnectionTrait>(
    session: &Session<C>,
    enabled: Option<bool>,
    page: &PageRequest<RuleSetSort>,
) -> Result<Page<RuleSet>, StoreError> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(session.organization))
        .apply_if(enabled, |select, enabled| {
            select.filter(Column::Enabled.eq(enabled))
        });
    let field = page.sort.field;
    let sort = match field {
        RuleSetSort::CreatedAt => Column::CreatedAt,
        RuleSetSort::Name => Column::Name,
    };
    let place = |row: &Model| {
        let value = match field {
            RuleSetSort::CreatedAt => CursorValue::Time(row.created_at),
            RuleSetSort::Name => CursorValue::Text(row.name.clone()),
        };
        (value, row.id)
    };
    let columns = (sort, Column::Id);
    keyset::page(&session.conn, select, columns, page, place, convert::rules).await
}

pub(super) async fn enabled(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Option<RuleSet>, StoreError> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Enabled.eq(true));
    one(conn, select).await?.map(convert::rules).transpose()
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rules: &RuleSet,
    expected: i32,
) -> Result<bool, StoreError> {
    let row = convert::rules_row(organization, rules)?;
    let mut change = qualification_rules::ActiveModel {
        version: ActiveValue::Set(expected + 1),
        ..row.into_active_model().reset_all()
    };
    for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
        change.not_set(column);
    }
    let done = Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(rules.id.0))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected == 1)
}
