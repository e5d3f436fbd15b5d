//! Which leads an import made or changed, and how they were before: what its undo goes by.

use crate::codec::to_json;
use crate::dialect;
use crate::entity::{lead_import_changes, leads};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::ids::{ImportId, LeadId};
use groundswell_domain::leads::Mark;
use lead_import_changes::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

pub(super) fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Created => "created",
        Mark::Updated => "updated",
        Mark::Consented => "consented",
    }
}

pub(super) async fn mark(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[(LeadId, Mark)],
) -> Result<(), StoreError> {
    for leads in leads.chunks(KEYS) {
        let updated = leads.iter().filter(|(_, mark)| *mark == Mark::Updated);
        let updated: Vec<Uuid> = updated.map(|(id, _)| id.0).collect();
        let mut before: HashMap<Uuid, leads::Model> = rows_of(conn, organization, &updated).await?;
        let mut rows = Vec::with_capacity(leads.len());
        for (id, mark) in leads {
            let former = before.remove(&id.0);
            let version = former.as_ref().map(|row| row.version + 1);
            rows.push(Model {
                organization_id: organization,
                import_id: import.0,
                lead_id: id.0,
                mark: word(*mark).to_owned(),
                before: former.as_ref().map(to_json).transpose()?,
                version_after: version.or((*mark == Mark::Created).then_some(1)),
                kept: None,
            });
        }
        rows.sort_by_key(|row| row.lead_id);
        let unique = [Column::OrganizationId, Column::ImportId, Column::LeadId];
        let added = dialect::insert_new::<Entity>(conn, rows, &unique, &[Column::LeadId]).await?;
        let mut new = HashSet::with_capacity(added.len());
        for row in added {
            new.insert(row.try_get_by_index::<Uuid>(0).map_err(store_error)?);
        }
        let again: Vec<Uuid> = updated.into_iter().filter(|id| !new.contains(id)).collect();
        came_again(conn, organization, import, &again).await?;
    }
    Ok(())
}

/// Leads of this import that it updates once more: the first row is kept, the version moves on. One that had only got a
/// consent gets its row now.
async fn came_again(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[Uuid],
) -> Result<(), StoreError> {
    if leads.is_empty() {
        return Ok(());
    }
    let these = || {
        Condition::all()
            .add(Column::OrganizationId.eq(organization))
            .add(Column::ImportId.eq(import.0))
            .add(Column::LeadId.is_in(padded(leads.iter().copied())))
    };
    Entity::update_many()
        .col_expr(
            Column::VersionAfter,
            Expr::col(Column::VersionAfter.as_column_ref()).add(1),
        )
        .filter(these())
        .filter(Column::VersionAfter.is_not_null())
        .exec(conn)
        .await
        .map_err(store_error)?;
    let bare: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::LeadId)
        .filter(these())
        .filter(Column::VersionAfter.is_null())
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    for (id, row) in rows_of(conn, organization, &bare).await? {
        Entity::update_many()
            .col_expr(Column::Mark, Expr::val(word(Mark::Updated)))
            .col_expr(Column::Before, Expr::val(to_json(&row)?))
            .col_expr(Column::VersionAfter, Expr::val(row.version + 1))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::ImportId.eq(import.0))
            .filter(Column::LeadId.eq(id))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// Locked until the transaction ends, in the order in which others lock them.
pub(super) async fn rows_of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, leads::Model>, StoreError> {
    use sea_orm::FromQueryResult;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = leads::Entity::find()
        .filter(leads::Column::OrganizationId.eq(organization))
        .filter(leads::Column::Id.is_in(padded(ids.iter().copied())))
        .order_by_asc(leads::Column::EmailKey)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let mut found = HashMap::with_capacity(ids.len());
    for row in conn.query_all(&query).await.map_err(store_error)? {
        let row = leads::Model::from_query_result(&row, "").map_err(store_error)?;
        found.insert(row.id, row);
    }
    Ok(found)
}

/// Which of these leads this import made.
pub(super) async fn created(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[LeadId],
) -> Result<HashSet<LeadId>, StoreError> {
    let mut made = HashSet::new();
    for leads in leads.chunks(KEYS) {
        let found: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::LeadId)
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::ImportId.eq(import.0))
            .filter(Column::LeadId.is_in(padded(leads.iter().map(|id| id.0))))
            .filter(Column::Mark.eq(word(Mark::Created)))
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        made.extend(found.into_iter().map(LeadId::from));
    }
    Ok(made)
}
