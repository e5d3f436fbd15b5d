//! Rows that go to the lead that stays, and back.

use crate::dialect::statement;
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

macro_rules! take {
    ($($table:literal $(unless $both:literal)?),* $(,)?) => {
        [$((
            $table,
            concat!(
                "UPDATE ", $table, " SET lead_id = $3 WHERE organization_id = $1 AND lead_id = $2",
                $(" AND NOT EXISTS (SELECT 1 FROM ", $table, " AS theirs WHERE theirs.organization_id = $1 AND theirs.lead_id = $3 AND ", $both, ")",)?
                " RETURNING id"
            ),
        )),*]
    };
}

const TAKE: &[(&str, &str)] = &take![
    "consents",
    "email_messages",
    "lead_aliases",
    "lead_events",
    "lead_merges",
    "submissions",
    // Who is in a sequence with both stays in it with the one that stays.
    "sequence_enrollments" unless "theirs.sequence_id = sequence_enrollments.sequence_id AND theirs.status = 'active' \
        AND sequence_enrollments.status = 'active'",
    "outreach_drafts" unless "theirs.sequence_id = outreach_drafts.sequence_id",
    "score_entries" unless "theirs.rule = score_entries.rule AND theirs.event = score_entries.event",
    "side_score_entries" unless "theirs.model_id = side_score_entries.model_id AND theirs.rule = side_score_entries.rule \
        AND theirs.event = side_score_entries.event",
];

#[cfg(test)]
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    TAKE.iter().map(|(table, _)| *table)
}

/// Ledgers are put back as they were, not moved.
const LEDGERS: [&str; 2] = ["score_entries", "side_score_entries"];

// A campaign has one mail for each lead.
const DETACH: &str = "UPDATE email_messages SET lead_id = NULL WHERE organization_id = $1 AND lead_id = $2 \
    AND campaign_id IS NOT NULL AND EXISTS (SELECT 1 FROM email_messages AS theirs WHERE theirs.organization_id = $1 \
    AND theirs.lead_id = $3 AND theirs.campaign_id = email_messages.campaign_id) RETURNING id";

pub(super) async fn detach(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    from: Uuid,
    to: Uuid,
) -> Result<Vec<Uuid>, StoreError> {
    run(conn, DETACH, organization, from, to).await
}

pub(super) async fn take(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    from: Uuid,
    to: Uuid,
) -> Result<BTreeMap<String, Vec<Uuid>>, StoreError> {
    let mut moved = BTreeMap::new();
    for (table, sql) in TAKE {
        let ids = run(conn, sql, organization, from, to).await?;
        if !ids.is_empty() && !LEDGERS.contains(table) {
            moved.insert((*table).to_owned(), ids);
        }
    }
    Ok(moved)
}

async fn run(
    conn: &impl ConnectionTrait,
    sql: &'static str,
    organization: Uuid,
    from: Uuid,
    to: Uuid,
) -> Result<Vec<Uuid>, StoreError> {
    let values = [organization.into(), from.into(), to.into()];
    let rows = conn
        .query_all_raw(statement(conn, sql, values))
        .await
        .map_err(store_error)?;
    let id = |row: &QueryResult| row.try_get_by_index(0).map_err(store_error);
    let mut ids = rows.iter().map(id).collect::<Result<Vec<Uuid>, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// Back to the lead that they came from, as far as they are still there.
pub(super) async fn give_back(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    moved: &BTreeMap<String, Vec<Uuid>>,
    from: Uuid,
    to: Uuid,
) -> Result<(), StoreError> {
    for (table, _) in TAKE {
        let Some(ids) = moved.get(*table) else { continue };
        assign(conn, organization, table, ids, Some(from), to).await?;
    }
    Ok(())
}

/// Mails that belonged to neither.
pub(super) async fn attach(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    messages: &[Uuid],
    to: Uuid,
) -> Result<(), StoreError> {
    assign(conn, organization, "email_messages", messages, None, to).await
}

async fn assign(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    table: &'static str,
    ids: &[Uuid],
    from: Option<Uuid>,
    to: Uuid,
) -> Result<(), StoreError> {
    for ids in ids.chunks(KEYS) {
        let of_lead = match from {
            Some(from) => Expr::col("lead_id").eq(from),
            None => Expr::col("lead_id").is_null(),
        };
        let query = Query::update()
            .table(table)
            .value("lead_id", to)
            .and_where(Expr::col("organization_id").eq(organization))
            .and_where(of_lead)
            .and_where(Expr::col("id").is_in(padded(ids.iter().copied())))
            .take();
        conn.execute(&query).await.map_err(store_error)?;
    }
    Ok(())
}
