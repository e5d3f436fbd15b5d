//! The way back.

use super::super::pairs;
use super::kept::{self, Kept};
use super::run::{forget_consents, locked};
use super::{ledger, moved};
use crate::codec::{from_json, to_json};
use crate::dialect;
use crate::entity::{clients, lead_merges, lead_scores, leads};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::duplicates::{LeadMerge, take_back};
use groundswell_domain::leads::Score;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::Value;
use uuid::Uuid;

const FORGET_MERGE: &str = "DELETE FROM lead_merges WHERE organization_id = $1 AND id = $2";
const FORGET_ALIAS: &str = "DELETE FROM lead_aliases WHERE organization_id = $1 AND id = $2";
const FORGET_SUPPRESSION: &str = "DELETE FROM suppressions WHERE organization_id = $1 AND id = $2";

/// Columns that change by themselves: nobody worked on the lead for that. Scores are in the rows of older merges only.
const OWN_PACE: [&str; 6] = [
    "address_checks",
    "address_checked_at",
    "verify_at",
    "score_total",
    "score_fit",
    "score_engagement",
];

/// See `MergeRepo::unmerge`.
pub(in super::super) async fn undo(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    merge: &LeadMerge,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let find = lead_merges::Entity::find_by_id((organization, merge.id.0));
    let Some(row) = crate::one::one(conn, find).await? else {
        return Ok(false);
    };
    let (to, from) = (row.survivor_id, row.other_id);
    let mut kept: Kept = from_json("lead_merges.kept", row.kept)?;
    let Some(current) = locked(conn, organization, &[to]).await?.pop() else {
        return Ok(false);
    };
    dialect::execute(conn, FORGET_ALIAS, [organization.into(), row.id.into()])
        .await
        .map_err(store_error)?;
    forget_consents(conn, organization, &kept.consents).await?;
    if let Some(id) = kept.suppression {
        dialect::execute(conn, FORGET_SUPPRESSION, [organization.into(), id.into()])
            .await
            .map_err(store_error)?;
    }

    crate::email::take_topics_back(conn, organization, &kept.topics).await?;

    let lines = kept::ledger(conn, organization, to).await?;
    let after = kept.ledger_after.take().unwrap_or_default();
    let touched = lines != after;
    let own = std::mem::take(&mut kept.survivor_ledger);
    let own = if touched {
        own.with_newer(lines, &after)
    } else {
        own
    };

    let survivor = survivor(&current, &row.survivor_before, row.survivor_after, now)?;
    let mut other: leads::Model = from_json("lead_merges.other_before", row.other_before)?;
    other.client_id = known_client(conn, organization, other.client_id).await?;
    crate::leads::recount(conn, organization, to, &current.status, &survivor.status).await?;
    for statement in dialect::restore_leads(conn, organization, vec![survivor])? {
        conn.execute_raw(statement).await.map_err(store_error)?;
    }
    crate::leads::count(conn, organization, from, &other.status, 1).await?;
    leads::Entity::insert(other.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;

    let score = lead_scores::Model::of(organization, from, Score::default());
    lead_scores::Entity::insert(score.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;

    for (lead, ledger) in [(to, own), (from, std::mem::take(&mut kept.other_ledger))] {
        ledger::replace(conn, organization, lead, ledger).await?;
        ledger::sum(conn, organization, lead).await?;
    }
    moved::give_back(conn, organization, &kept.moved, to, from).await?;
    moved::attach(conn, organization, &kept.detached, from).await?;
    let carried = kept.carried();
    pairs::carry_back(conn, organization, carried).await?;
    kept.restore(conn, organization).await?;
    dialect::execute(conn, FORGET_MERGE, [organization.into(), row.id.into()])
        .await
        .map_err(store_error)?;
    Ok(touched)
}

/// The row of the lead that stayed: what it was, with what others wrote since.
fn survivor(
    current: &leads::Model,
    before: &Value,
    after: Option<Value>,
    now: DateTime<Utc>,
) -> Result<leads::Model, StoreError> {
    let is = to_json(current)?;
    let after = after.unwrap_or_else(|| is.clone());
    let row = from_json("lead_merges.survivor_before", take_back(before, &after, &is))?;
    if worked_on(&after) == worked_on(&is) {
        return Ok(row);
    }
    // Somebody's work is in it: another version, whose search text is made anew.
    let row = leads::Model {
        version: current.version + 1,
        updated_at: now,
        ..row
    };
    let (checks, checked_at, verify_at) = (row.address_checks.clone(), row.address_checked_at, row.verify_at);
    let lead = row.with(Score::default())?;
    Ok(leads::Model {
        address_checks: checks,
        address_checked_at: checked_at,
        verify_at,
        ..leads::Model::of(current.organization_id, &lead)?
    })
}

fn worked_on(row: &Value) -> Value {
    let mut row = row.clone();
    if let Value::Object(columns) = &mut row {
        for column in OWN_PACE {
            columns.remove(column);
        }
    }
    row
}

/// It may be gone by now.
async fn known_client(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    client: Option<Uuid>,
) -> Result<Option<Uuid>, StoreError> {
    let Some(client) = client else {
        return Ok(None);
    };
    let find = clients::Entity::find_by_id((organization, client));
    Ok(crate::one::one(conn, find).await?.map(|row| row.id))
}
