//! Proposals: what a scan found, and what somebody decided.

use super::convert;
use crate::dialect;
use crate::entity::duplicate_pairs::{Column, Entity, Model};
use crate::entity::leads;
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::duplicates::{DuplicatePair, DuplicateStatus};
use groundswell_domain::ids::LeadId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;
const UNIQUE: [Column; 3] = [Column::OrganizationId, Column::LeadA, Column::LeadB];

/// See `DuplicateRepo::found`.
pub(super) async fn found(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[LeadId],
    forward: bool,
    pairs: &[DuplicatePair],
) -> Result<(), StoreError> {
    let known = of_leads(conn, organization, leads, forward).await?;
    let known: HashMap<(Uuid, Uuid), Model> = known
        .into_iter()
        .map(|row| ((row.lead_a, row.lead_b), row))
        .collect();
    let again: HashSet<(Uuid, Uuid)> = pairs.iter().map(|pair| (pair.lead_a.0, pair.lead_b.0)).collect();
    let stale: Vec<Uuid> = known
        .iter()
        .filter(|(key, row)| row.status == DuplicateStatus::Proposed.as_str() && !again.contains(key))
        .map(|(_, row)| row.id)
        .collect();
    delete(conn, organization, &stale).await?;
    let ids: Vec<Uuid> = pairs
        .iter()
        .flat_map(|pair| [pair.lead_a.0, pair.lead_b.0])
        .collect();
    let there = existing(conn, organization, &ids).await?;
    let mut new = Vec::new();
    for pair in pairs {
        let row = convert::row(organization, pair)?;
        match known.get(&(row.lead_a, row.lead_b)) {
            None if there.contains(&row.lead_a) && there.contains(&row.lead_b) => new.push(row),
            Some(old)
                if old.status == DuplicateStatus::Proposed.as_str()
                    && (old.likelihood != row.likelihood || old.evidence != row.evidence) =>
            {
                Entity::update_many()
                    .col_expr(Column::Likelihood, Expr::val(row.likelihood))
                    .col_expr(Column::Evidence, Expr::val(row.evidence))
                    .filter(Column::OrganizationId.eq(organization))
                    .filter(Column::Id.eq(old.id))
                    .exec(conn)
                    .await
                    .map_err(store_error)?;
            }
            _ => {}
        }
    }
    dialect::insert_new::<Entity>(conn, new, &UNIQUE, &[Column::Id]).await?;
    Ok(())
}

async fn of_leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[LeadId],
    forward: bool,
) -> Result<Vec<Model>, StoreError> {
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    let these = || padded(leads.iter().map(|lead| lead.0));
    let which = Condition::any()
        .add(Column::LeadA.is_in(these()))
        .add_option((!forward).then(|| Column::LeadB.is_in(these())));
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(which)
        .all(conn)
        .await
        .map_err(store_error)
}

pub(super) async fn dismiss(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    pair: &DuplicatePair,
) -> Result<Option<DuplicatePair>, StoreError> {
    let ids = [pair.lead_a.0, pair.lead_b.0];
    if existing(conn, organization, &ids).await?.len() < 2 {
        return Ok(None);
    }
    let row = convert::row(organization, pair)?;
    dialect::insert_new::<Entity>(conn, vec![row.clone()], &UNIQUE, &[Column::Id]).await?;
    let these = || {
        Condition::all()
            .add(Column::OrganizationId.eq(organization))
            .add(Column::LeadA.eq(row.lead_a))
            .add(Column::LeadB.eq(row.lead_b))
    };
    // Who said so first has said it.
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(row.status.clone()))
        .col_expr(Column::DecidedBy, Expr::val(row.decided_by))
        .col_expr(Column::DecidedAt, Expr::val(row.decided_at))
        .filter(these())
        .filter(Column::Status.eq(DuplicateStatus::Proposed.as_str()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    let kept = Entity::find()
        .filter(these())
        .one(conn)
        .await
        .map_err(store_error)?;
    kept.map(TryInto::try_into).transpose()
}

/// Which of these leads there are.
pub(super) async fn existing(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<HashSet<Uuid>, StoreError> {
    let unique: Vec<Uuid> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = HashSet::with_capacity(unique.len());
    for ids in unique.chunks(KEYS) {
        let rows: Vec<Uuid> = leads::Entity::find()
            .select_only()
            .column(leads::Column::Id)
            .filter(leads::Column::OrganizationId.eq(organization))
            .filter(leads::Column::Id.is_in(padded(ids.iter().copied())))
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Pairs of a lead that is about to become part of another one. What was said of it holds for that one, too.
pub(super) struct Carried {
    /// All pairs of the lead.
    pub own: Vec<Model>,
    /// Pairs that were added for the other one.
    pub added: Vec<Uuid>,
    /// Proposals for the other one that were dismissed with it.
    pub former: Vec<Model>,
}

pub(super) async fn carry(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    from: Uuid,
    to: Uuid,
) -> Result<Carried, StoreError> {
    let of_lead = |lead: Uuid| {
        Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(
                Condition::any()
                    .add(Column::LeadA.eq(lead))
                    .add(Column::LeadB.eq(lead)),
            )
    };
    let own = of_lead(from).all(conn).await.map_err(store_error)?;
    let theirs = of_lead(to).all(conn).await.map_err(store_error)?;
    let ids: Vec<Uuid> = own.iter().map(|row| row.id).collect();
    delete(conn, organization, &ids).await?;
    let (mut added, mut former) = (Vec::new(), Vec::new());
    for row in own
        .iter()
        .filter(|row| row.status == DuplicateStatus::Dismissed.as_str())
    {
        let third = if row.lead_a == from {
            row.lead_b
        } else {
            row.lead_a
        };
        if third == to {
            continue;
        }
        let (a, b) = DuplicatePair::ordered(to.into(), third.into());
        let moved = Model {
            lead_a: a.0,
            lead_b: b.0,
            ..row.clone()
        };
        match theirs.iter().find(|old| (old.lead_a, old.lead_b) == (a.0, b.0)) {
            None => {
                added.push(moved.id);
                Entity::insert(moved.into_active_model())
                    .exec_without_returning(conn)
                    .await
                    .map_err(store_error)?;
            }
            Some(old) if old.status == DuplicateStatus::Proposed.as_str() => {
                former.push(old.clone());
                let pair: DuplicatePair = moved.try_into()?;
                dismiss(conn, organization, &pair).await?;
            }
            Some(_) => {}
        }
    }
    Ok(Carried { own, added, former })
}

/// The pairs as they were, as far as the leads are there.
pub(super) async fn carry_back(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    carried: Carried,
) -> Result<(), StoreError> {
    let mut gone = carried.added;
    gone.extend(carried.former.iter().map(|row| row.id));
    delete(conn, organization, &gone).await?;
    let rows: Vec<Model> = carried.own.into_iter().chain(carried.former).collect();
    let ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.lead_a, row.lead_b]).collect();
    let there = existing(conn, organization, &ids).await?;
    let rows = rows
        .into_iter()
        .filter(|row| there.contains(&row.lead_a) && there.contains(&row.lead_b))
        .collect();
    dialect::insert_new::<Entity>(conn, rows, &UNIQUE, &[Column::Id]).await?;
    Ok(())
}

async fn delete(conn: &impl ConnectionTrait, organization: Uuid, ids: &[Uuid]) -> Result<(), StoreError> {
    for ids in ids.chunks(KEYS) {
        Entity::delete_many()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.is_in(padded(ids.iter().copied())))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}
