//! A piece of all leads, with everything that scoring needs to know about them.

use crate::dialect;
use crate::entity::{lead_events, lead_scores, leads, score_entries, side_score_entries};
use crate::error::store_error;
use crate::keys::padded;
use crate::leads::{Scored, matched, read_scored};
use groundswell_domain::StoreError;
use groundswell_domain::leads::{Lead, LeadEvent, Score, ScoreEntry};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryTrait,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

/// Which leads.
pub(crate) enum Which<'a> {
    These(&'a [Uuid]),
    /// After the first, up to the second.
    Between(Option<Uuid>, Uuid),
}

impl Which<'_> {
    /// One condition for each statement that it takes.
    pub fn conditions(&self, column: impl ColumnTrait) -> Vec<SimpleExpr> {
        match self {
            Self::These(ids) => {
                let some = |ids: &[Uuid]| column.is_in(padded(ids.iter().copied()));
                ids.chunks(KEYS).map(some).collect()
            }
            // The nil id is nobody's: one text of the statement for the first piece and all others.
            Self::Between(after, until) => {
                let after = column.gt(after.unwrap_or_default());
                vec![sea_orm::sea_query::ExprTrait::and(after, column.lte(*until))]
            }
        }
    }
}

/// The leads; with a lock, in the order in which imports and captures lock them.
pub(crate) async fn leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
    lock: bool,
) -> Result<Vec<Lead>, StoreError> {
    let (mut found, mut locked) = (Vec::new(), Vec::new());
    for condition in which.conditions(leads::Column::Id) {
        let select = leads::Entity::find()
            .filter(leads::Column::OrganizationId.eq(organization))
            .filter(condition)
            .order_by_asc(leads::Column::EmailKey);
        if !lock {
            let select = read_scored(select, organization).into_model::<Scored>();
            for row in select.all(conn).await.map_err(store_error)? {
                found.push(row.try_into()?);
            }
            continue;
        }
        let mut query = select.into_query();
        dialect::lock_for_update(conn, &mut query);
        for row in conn.query_all(&query).await.map_err(store_error)? {
            locked.push(leads::Model::from_query_result(&row, "").map_err(store_error)?);
        }
    }
    if lock {
        let scores = scores(conn, organization, which).await?;
        found = matched(locked, &scores)?;
    }
    Ok(found)
}

/// The rows of these leads in another table.
async fn rows<E: EntityTrait<Model: Send>>(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
    (of, lead): (E::Column, E::Column),
) -> Result<Vec<E::Model>, StoreError> {
    let mut found = Vec::new();
    for condition in which.conditions(lead) {
        let select = E::find().filter(of.eq(organization)).filter(condition);
        found.extend(select.all(conn).await.map_err(store_error)?);
    }
    Ok(found)
}

async fn scores(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
) -> Result<HashMap<Uuid, Score>, StoreError> {
    use lead_scores::{Column, Entity};
    let rows = rows::<Entity>(
        conn,
        organization,
        which,
        (Column::OrganizationId, Column::LeadId),
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.lead_id, row.score())).collect())
}

pub(crate) async fn events(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
) -> Result<HashMap<Uuid, Vec<LeadEvent>>, StoreError> {
    use lead_events::{Column, Entity};
    let mut found: HashMap<Uuid, Vec<LeadEvent>> = HashMap::new();
    for row in rows::<Entity>(
        conn,
        organization,
        which,
        (Column::OrganizationId, Column::LeadId),
    )
    .await?
    {
        found.entry(row.lead_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// The lines of all their ledgers.
pub(super) async fn lines(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
) -> Result<HashMap<Uuid, Vec<ScoreEntry>>, StoreError> {
    use {score_entries as own, side_score_entries as side};
    let mut found: HashMap<Uuid, Vec<ScoreEntry>> = HashMap::new();
    let keys = (own::Column::OrganizationId, own::Column::LeadId);
    for row in rows::<own::Entity>(conn, organization, which, keys).await? {
        found.entry(row.lead_id).or_default().push(row.try_into()?);
    }
    let keys = (side::Column::OrganizationId, side::Column::LeadId);
    for row in rows::<side::Entity>(conn, organization, which, keys).await? {
        found.entry(row.lead_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}
