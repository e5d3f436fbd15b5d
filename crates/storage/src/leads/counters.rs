//! Leads by status, kept in step with every change of a lead, in its transaction.
//!
//! A single counter would make all writers of an organization wait for each other: there are 32 slots, and a status is
//! the sum over them (a slot may well be negative). Single leads use the slot of their id, 1 to 31; whatever writes many
//! leads at once uses slot 0. Rows are always locked in the order of their status, and slot 0 completely at its first
//! use, so that transactions that use it several times can't wait for each other in a circle.

use crate::dialect;
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::leads::{LeadStatus, StatusCounts};
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

const BULK: i16 = 0;

const ONE: &str = "INSERT INTO lead_counters (organization_id, slot, status, leads) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (organization_id, slot, status) DO UPDATE SET leads = lead_counters.leads + excluded.leads";

const MOVE: &str = "INSERT INTO lead_counters (organization_id, slot, status, leads) \
    VALUES ($1, $2, $3, $4), ($1, $2, $5, $6) \
    ON CONFLICT (organization_id, slot, status) DO UPDATE SET leads = lead_counters.leads + excluded.leads";

const ALL: &str = "INSERT INTO lead_counters (organization_id, slot, status, leads) \
    VALUES ($1, $2, $3, $4), ($1, $2, $5, $6), ($1, $2, $7, $8), ($1, $2, $9, $10), ($1, $2, $11, $12) \
    ON CONFLICT (organization_id, slot, status) DO UPDATE SET leads = lead_counters.leads + excluded.leads";

/// Every status, in the order of the words.
const BY_WORD: [LeadStatus; LeadStatus::ALL.len()] = [
    LeadStatus::Contacted,
    LeadStatus::Converted,
    LeadStatus::Disqualified,
    LeadStatus::New,
    LeadStatus::Qualified,
];

const SUMS: &str = "SELECT status, CAST(SUM(leads) AS BIGINT) AS leads FROM lead_counters \
    WHERE organization_id = $1 GROUP BY status";

/// A client sees its own leads only; there are few enough of them to be counted.
const OF_CLIENT: &str = "SELECT status, COUNT(*) AS leads FROM leads \
    WHERE organization_id = $1 AND client_id = $2 GROUP BY status";

fn slot(lead: Uuid) -> i16 {
    // The last byte of a UUIDv7 is random.
    1 + i16::from(lead.as_bytes()[15]) % 31
}

/// One lead came (`by` = 1) or went (-1).
pub(crate) async fn add(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Uuid,
    status: &str,
    by: i64,
) -> Result<(), StoreError> {
    let values = [organization.into(), slot(lead).into(), status.into(), by.into()];
    conn.execute_raw(dialect::statement(conn, ONE, values))
        .await
        .map_err(store_error)?;
    Ok(())
}

/// One lead went from a status to another one.
pub(crate) async fn shift(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Uuid,
    before: &str,
    after: &str,
) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    let mut changes = [(before, -1_i64), (after, 1)];
    changes.sort_unstable();
    let [first, second] = changes;
    let values = [
        organization.into(),
        slot(lead).into(),
        first.0.into(),
        first.1.into(),
        second.0.into(),
        second.1.into(),
    ];
    conn.execute_raw(dialect::statement(conn, MOVE, values))
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Changes by many leads at once.
#[derive(Debug, Default)]
pub(super) struct Changes([i64; LeadStatus::ALL.len()]);

impl Changes {
    pub fn count(&mut self, status: LeadStatus, by: i64) {
        self.0[status as usize] += by;
    }

    pub async fn write(&self, conn: &impl ConnectionTrait, organization: Uuid) -> Result<(), StoreError> {
        if self.0.iter().all(|by| *by == 0) {
            return Ok(());
        }
        let values = std::array::from_fn::<Value, 12, _>(|at| match at {
            0 => organization.into(),
            1 => BULK.into(),
            word if word % 2 == 0 => BY_WORD[word / 2 - 1].as_str().into(),
            count => self.0[BY_WORD[count / 2 - 1] as usize].into(),
        });
        conn.execute_raw(dialect::statement(conn, ALL, values))
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

pub(super) async fn sums(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<StatusCounts, StoreError> {
    read(conn, dialect::statement(conn, SUMS, [organization.into()])).await
}

pub(super) async fn of_client(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    client: Uuid,
) -> Result<StatusCounts, StoreError> {
    let values = [organization.into(), client.into()];
    read(conn, dialect::statement(conn, OF_CLIENT, values)).await
}

async fn read(conn: &impl ConnectionTrait, statement: Statement) -> Result<StatusCounts, StoreError> {
    let rows = conn.query_all_raw(statement).await.map_err(store_error)?;
    let mut counts = Vec::with_capacity(rows.len());
    for row in rows {
        let (status, leads): (String, i64) = row.try_get_many_by_index().map_err(store_error)?;
        if leads != 0 {
            counts.push((crate::codec::parse("lead_counters.status", &status)?, leads));
        }
    }
    Ok(StatusCounts(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_there_in_the_order_of_its_word() {
        let mut sorted = LeadStatus::ALL.to_vec();
        sorted.sort_by_key(|status| status.as_str());
        assert_eq!(sorted, BY_WORD);
    }

    #[test]
    fn single_leads_leave_the_slot_of_many_alone() {
        for last in 0..=u8::MAX {
            let mut bytes = [0; 16];
            bytes[15] = last;
            assert!((1..32).contains(&slot(Uuid::from_bytes(bytes))));
        }
    }
}
