//! Finding the organizations that have something to do.

use crate::dialect::Connection;
use crate::entity::organizations::{Column, Entity};
use crate::error::store_error;
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// The first `limit` organizations after `after`, in the order of their ids, for which there is a row of `rows`: a select that names
/// the id of the table `organizations`.
pub(crate) async fn organizations_with(
    conn: &Connection,
    rows: SelectStatement,
    after: Option<OrganizationId>,
    limit: u32,
) -> Result<Vec<OrganizationId>, StoreError> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::exists(rows))
        .apply_if(after, |select, id| select.filter(Column::Id.gt(id.0)))
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    Ok(ids.into_iter().map(Into::into).collect())
}
