//! The merge.

use super::super::pairs;
use super::kept::{self, Kept};
use super::{ledger, moved};
use crate::codec::{from_json, to_json};
use crate::dialect;
use crate::entity::{consents, lead_aliases, lead_merges, leads};
use crate::error::store_error;
use crate::session::Session;
use groundswell_domain::StoreError;
use groundswell_domain::consents::ConsentRepo;
use groundswell_domain::duplicates::{LeadMerge, MergeExtras};
use groundswell_domain::email::{SuppressionRepo, TopicRepo};
use groundswell_domain::leads::Lead;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QueryTrait,
};
use uuid::Uuid;

const DELETE: &str = "DELETE FROM leads WHERE organization_id = $1 AND id = $2";

pub(in super::super) async fn run<C: ConnectionTrait + Send>(
    session: &Session<C>,
    merge: &LeadMerge,
    merged: &Lead,
    read: (i32, i32),
    extras: &MergeExtras,
) -> Result<bool, StoreError> {
    let (conn, organization) = (&session.conn, session.organization);
    let (to, from) = (merge.survivor_id.0, merge.other_id.0);
    let mut rows = locked(conn, organization, &[to, from]).await?;
    let mut take = |id: Uuid| {
        rows.iter()
            .position(|row| row.id == id)
            .map(|at| rows.swap_remove(at))
    };
    let (Some(survivor), Some(other)) = (take(to), take(from)) else {
        return Ok(false);
    };
    if (survivor.version, other.version) != read {
        return Ok(false);
    }
    let mut kept = Kept::read(conn, organization, to, from).await?;
    kept.carry(pairs::carry(conn, organization, from, to).await?);
    kept.detached = moved::detach(conn, organization, from, to).await?;
    kept.moved = moved::take(conn, organization, from, to).await?;
    dialect::execute(conn, DELETE, [organization.into(), from.into()])
        .await
        .map_err(store_error)?;
    crate::leads::count(conn, organization, from, &other.status, -1).await?;
    kept.shared.give(conn, organization, to).await?;

    let row = row_of(organization, merged, &survivor, &other)?;
    let alias = if row.email_key == survivor.email_key {
        other.email_key.clone()
    } else {
        survivor.email_key.clone()
    };
    crate::leads::recount(conn, organization, to, &survivor.status, &row.status).await?;
    for statement in dialect::restore_leads(conn, organization, vec![row])? {
        conn.execute_raw(statement).await.map_err(store_error)?;
    }
    ledger::sum(conn, organization, to).await?;
    let alias = lead_aliases::Model {
        organization_id: organization,
        id: merge.id.0,
        lead_id: to,
        email_key: alias,
    };
    lead_aliases::Entity::insert(alias.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    session.add_many(&extras.consents).await?;
    kept.consents = extras.consents.iter().map(|consent| consent.id.0).collect();
    if let Some(suppression) = &extras.suppression
        && SuppressionRepo::insert(session, suppression).await?
    {
        kept.suppression = Some(suppression.id.0);
    }
    for leave in &extras.topics {
        if TopicRepo::leave(session, leave).await? {
            kept.topics.push(leave.id.0);
        }
    }
    let row = lead_merges::Model {
        organization_id: organization,
        id: merge.id.0,
        lead_id: to,
        survivor_id: to,
        other_id: from,
        merged_by: merge.merged_by.map(Into::into),
        merged_at: merge.merged_at,
        survivor_before: to_json(&survivor)?,
        other_before: to_json(&other)?,
        survivor_after: None,
        kept: to_json(&kept)?,
    };
    lead_merges::Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(true)
}

/// The row of the lead that stays. What the domain does not know of comes from the row whose address it has.
fn row_of(
    organization: Uuid,
    merged: &Lead,
    survivor: &leads::Model,
    other: &leads::Model,
) -> Result<leads::Model, StoreError> {
    let row = leads::Model::of(organization, merged)?;
    let checked = if row.email_key == survivor.email_key {
        survivor
    } else {
        other
    };
    Ok(leads::Model {
        address_checks: checked.address_checks.clone(),
        address_checked_at: checked.address_checked_at,
        verify_at: checked.verify_at,
        ..row
    })
}

/// In the order in which others lock them.
pub(super) async fn locked(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<Vec<leads::Model>, StoreError> {
    let mut query = leads::Entity::find()
        .filter(leads::Column::OrganizationId.eq(organization))
        .filter(leads::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(leads::Column::EmailKey)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    let row = |row| leads::Model::from_query_result(row, "").map_err(store_error);
    rows.iter().map(row).collect()
}

/// See `MergeRepo::seal`.
pub(in super::super) async fn seal(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    merge: &LeadMerge,
) -> Result<(), StoreError> {
    use lead_merges::{Column, Entity};
    let find = Entity::find_by_id((organization, merge.id.0));
    let Some(row) = crate::one::one(conn, find).await? else {
        return Ok(());
    };
    let mut kept: Kept = from_json("lead_merges.kept", row.kept)?;
    kept.ledger_after = Some(kept::ledger(conn, organization, row.survivor_id).await?);
    let after = locked(conn, organization, &[row.survivor_id]).await?;
    let after = after.first().map(to_json).transpose()?;
    Entity::update_many()
        .col_expr(Column::SurvivorAfter, Expr::val(after))
        .col_expr(Column::Kept, Expr::val(to_json(&kept)?))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(merge.id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Consents that came with a merge go with it.
pub(super) async fn forget_consents(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    consents::Entity::delete_many()
        .filter(consents::Column::OrganizationId.eq(organization))
        .filter(consents::Column::Id.is_in(ids.iter().copied()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
