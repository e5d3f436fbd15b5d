//! Writing many rows with a value of their own each.
//!
//! PostgreSQL takes all of them as one JSON parameter: one round trip, and one text however many there are. SQLite runs in
//! this process, where one statement per row costs nothing more.

use crate::entity::leads;
use groundswell_domain::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel,
    Iterable, QueryFilter, QueryTrait, Statement, Value,
};
use serde::Serialize;
use uuid::Uuid;

const LEADS_ON_POSTGRES: &str = "UPDATE leads SET email = new.email, email_key = new.email_key, name = new.name, \
    phone = new.phone, company = new.company, title = new.title, source = new.source, status = new.status, \
    stage = new.stage, stage_since = new.stage_since, \
    furthest_stage = new.furthest_stage, outcome_reason = new.outcome_reason, value = new.value, \
    value_currency = new.value_currency, tags = new.tags, custom_fields = new.custom_fields, utm_source = new.utm_source, \
    utm_medium = new.utm_medium, utm_campaign = new.utm_campaign, client_id = new.client_id, \
    search_text = new.search_text, updated_at = new.updated_at, version = leads.version + 1, \
    phone_e164 = new.phone_e164, \
    address_checks = CASE WHEN leads.email_key = new.email_key THEN leads.address_checks ELSE new.address_checks END, \
    address_checked_at = CASE WHEN leads.email_key = new.email_key THEN leads.address_checked_at ELSE new.address_checked_at END, \
    verify_at = CASE WHEN leads.email_key = new.email_key THEN leads.verify_at ELSE new.verify_at END \
    FROM jsonb_to_recordset($2) AS new(id uuid, email text, email_key text, name text, phone text, company text, \
    title text, source text, status text, stage text, stage_since timestamptz, \
    furthest_stage text, outcome_reason text, value bigint, value_currency text, tags jsonb, custom_fields jsonb, \
    utm_source text, utm_medium text, utm_campaign text, client_id uuid, search_text text, updated_at timestamptz, \
    phone_e164 text, address_checks text, address_checked_at timestamptz, verify_at timestamptz) \
    WHERE leads.organization_id = $1 AND leads.id = new.id";

const LEAD_ON_SQLITE: &str = "UPDATE leads SET email = $3, email_key = $4, name = $5, phone = $6, company = $7, \
    title = $8, source = $9, status = $10, stage = $11, tags = $12, custom_fields = $13, utm_source = $14, \
    utm_medium = $15, utm_campaign = $16, client_id = $17, search_text = $18, updated_at = $19, \
    stage_since = $20, furthest_stage = $21, outcome_reason = $22, value = $23, value_currency = $24, \
    version = version + 1, phone_e164 = $25, \
    address_checks = CASE WHEN email_key = $4 THEN address_checks ELSE $26 END, \
    address_checked_at = CASE WHEN email_key = $4 THEN address_checked_at ELSE $27 END, \
    verify_at = CASE WHEN email_key = $4 THEN verify_at ELSE $28 END WHERE organization_id = $1 AND id = $2";

/// Writes everything but score and creation of these leads, and what is known of an address only where it is another one;
/// raises their versions by one.
pub(crate) fn update_leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: &[leads::Model],
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let rows = serde_json::to_value(rows).map_err(StoreError::other)?;
        let values: [Value; 2] = [organization.into(), rows.into()];
        return Ok(vec![Statement::from_sql_and_values(
            backend,
            LEADS_ON_POSTGRES,
            values,
        )]);
    }
    let update = |row: &leads::Model| {
        let row = row.clone();
        let values: [Value; 28] = [
            organization.into(),
            row.id.into(),
            row.email.into(),
            row.email_key.into(),
            row.name.into(),
            row.phone.into(),
            row.company.into(),
            row.title.into(),
            row.source.into(),
            row.status.into(),
            row.stage.into(),
            row.tags.into(),
            row.custom_fields.into(),
            row.utm_source.into(),
            row.utm_medium.into(),
            row.utm_campaign.into(),
            row.client_id.into(),
            row.search_text.into(),
            row.updated_at.into(),
            row.stage_since.into(),
            row.furthest_stage.into(),
            row.outcome_reason.into(),
            row.value.into(),
            row.value_currency.into(),
            row.phone_e164.into(),
            row.address_checks.into(),
            row.address_checked_at.into(),
            row.verify_at.into(),
        ];
        Statement::from_sql_and_values(backend, LEAD_ON_SQLITE, values)
    };
    Ok(rows.iter().map(update).collect())
}

/// Writes whole rows of leads that are there, all of each: they end up exactly as these.
pub(crate) fn restore_leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: Vec<leads::Model>,
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    let columns = || {
        leads::Column::iter()
            .filter(|column| !matches!(column, leads::Column::OrganizationId | leads::Column::Id))
    };
    if backend == DbBackend::Postgres {
        let set: Vec<_> = columns()
            .map(|column| format!("\"{0}\" = old.\"{0}\"", column.as_str()))
            .collect();
        let sql = format!(
            "UPDATE leads SET {} FROM jsonb_populate_recordset(NULL::leads, $2) AS old \
             WHERE leads.organization_id = $1 AND leads.id = old.id",
            set.join(", ")
        );
        let rows = serde_json::to_value(rows).map_err(StoreError::other)?;
        let values: [Value; 2] = [organization.into(), rows.into()];
        return Ok(vec![Statement::from_sql_and_values(backend, sql, values)]);
    }
    let update = |row: leads::Model| {
        let id = row.id;
        let mut row = row.into_active_model().reset_all();
        row.not_set(leads::Column::OrganizationId);
        row.not_set(leads::Column::Id);
        let update = leads::Entity::update_many()
            .set(row)
            .filter(leads::Column::OrganizationId.eq(organization))
            .filter(leads::Column::Id.eq(id));
        backend.build(update.as_query())
    };
    Ok(rows.into_iter().map(update).collect())
}

/// How one row of the mail ledger ends a try.
#[derive(Debug, Serialize)]
pub(crate) struct MessageEnd {
    pub id: Uuid,
    pub status: &'static str,
    pub reason: String,
    /// Stays as it was when absent.
    pub next_attempt_at: Option<chrono::DateTime<chrono::Utc>>,
    pub sent_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Tries that were counted and were none.
    pub uncounted: i32,
}

// Servers repeat the address in their replies: that of a mail which was erased while it was on its way is not kept.
const ENDS_ON_POSTGRES: &str = "UPDATE email_messages SET status = ended.status, \
    reason = CASE WHEN email_messages.to_key = 'erased@erased.invalid' THEN NULL ELSE ended.reason END, \
    next_attempt_at = COALESCE(ended.next_attempt_at, email_messages.next_attempt_at), sent_at = ended.sent_at, \
    attempts = email_messages.attempts - ended.uncounted, \
    lease_token = NULL, lease_until = NULL, updated_at = $3 \
    FROM jsonb_to_recordset($2) AS ended(id uuid, status text, reason text, next_attempt_at timestamptz, \
    sent_at timestamptz, uncounted int) WHERE email_messages.organization_id = $1 AND email_messages.id = ended.id";

const END_ON_SQLITE: &str = "UPDATE email_messages SET status = $3, \
    reason = CASE WHEN to_key = 'erased@erased.invalid' THEN NULL ELSE $4 END, \
    next_attempt_at = COALESCE($5, next_attempt_at), sent_at = $6, lease_token = NULL, lease_until = NULL, \
    updated_at = $7, attempts = attempts - $8 WHERE organization_id = $1 AND id = $2";

/// Writes the ends of tries and gives the leases back. The rows must be locked.
pub(crate) fn end_messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ends: Vec<MessageEnd>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let ends = serde_json::to_value(ends).map_err(StoreError::other)?;
        let values: [Value; 3] = [organization.into(), ends.into(), now.into()];
        return Ok(vec![Statement::from_sql_and_values(
            backend,
            ENDS_ON_POSTGRES,
            values,
        )]);
    }
    let update = |end: MessageEnd| {
        let values: [Value; 8] = [
            organization.into(),
            end.id.into(),
            end.status.into(),
            end.reason.into(),
            end.next_attempt_at.into(),
            end.sent_at.into(),
            now.into(),
            end.uncounted.into(),
        ];
        Statement::from_sql_and_values(backend, END_ON_SQLITE, values)
    };
    Ok(ends.into_iter().map(update).collect())
}

/// What came of looking at a lead's address.
#[derive(Debug, Serialize)]
pub(crate) struct FoundAddress {
    #[serde(rename = "found_id")]
    pub id: Uuid,
    #[serde(rename = "found_key")]
    pub email_key: String,
    #[serde(rename = "found")]
    pub checks: String,
    pub checked_at: Option<chrono::DateTime<chrono::Utc>>,
    #[serde(rename = "next")]
    pub verify_at: Option<chrono::DateTime<chrono::Utc>>,
}

// Rows that somebody else is just writing are skipped: others lock leads in other orders.
const FOUND_ON_POSTGRES: &str = "WITH found AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($2) \
    AS row(found_id uuid, found_key text, found text, checked_at timestamptz, next timestamptz)), \
    free AS MATERIALIZED (SELECT id AS free_id FROM leads WHERE organization_id = $1 \
    AND id IN (SELECT found_id FROM found) FOR UPDATE SKIP LOCKED) \
    UPDATE leads SET address_checks = found.found, address_checked_at = found.checked_at, verify_at = found.next FROM found, free \
    WHERE organization_id = $1 AND id = found_id AND id = free_id AND email_key = found_key";

const FOUND_ON_SQLITE: &str = "UPDATE leads SET address_checks = $4, address_checked_at = $5, verify_at = $6 \
    WHERE organization_id = $1 AND id = $2 AND email_key = $3";

/// Writes what was found where the address is still the one that was looked at.
pub(crate) fn verify_leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: Vec<FoundAddress>,
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let rows = serde_json::to_value(rows).map_err(StoreError::other)?;
        let values: [Value; 2] = [organization.into(), rows.into()];
        return Ok(vec![Statement::from_sql_and_values(
            backend,
            FOUND_ON_POSTGRES,
            values,
        )]);
    }
    let update = |row: FoundAddress| {
        let values: [Value; 6] = [
            organization.into(),
            row.id.into(),
            row.email_key.into(),
            row.checks.into(),
            row.checked_at.into(),
            row.verify_at.into(),
        ];
        Statement::from_sql_and_values(backend, FOUND_ON_SQLITE, values)
    };
    Ok(rows.into_iter().map(update).collect())
}
