//! Numbers of sequences.

use crate::dialect::{execute, statement};
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::ids::{LeadId, SequenceId};
use groundswell_domain::sequences::{Counts, EnrollmentStatus, ExitReason, StepStats};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::codec::parse;
use crate::entity::sequence_enrollments::{Column, Entity};
use crate::keys::padded;

const COUNT: &str = "INSERT INTO sequence_counts (organization_id, sequence_id, name, count) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (organization_id, sequence_id, name) DO UPDATE SET count = sequence_counts.count + excluded.count";

const COUNTS: &str =
    "SELECT name, count FROM sequence_counts WHERE organization_id = $1 AND sequence_id = $2";

const INSIDE: &str = "SELECT step, COUNT(*) FROM sequence_enrollments \
    WHERE organization_id = $1 AND sequence_id = $2 AND status = 'active' GROUP BY step";

const EXITS: &str = "SELECT exit_reason, COUNT(*) FROM sequence_enrollments \
    WHERE organization_id = $1 AND sequence_id = $2 AND exit_reason IS NOT NULL GROUP BY exit_reason";

const MAILS: &str = "SELECT step.step, COUNT(*), \
    COUNT(CASE mail.status WHEN 'sent' THEN 1 END), COUNT(mail.opened_at), COUNT(mail.clicked_at), \
    COUNT(mail.unsubscribed_at) FROM sequence_mails AS step \
    JOIN email_messages AS mail ON mail.organization_id = step.organization_id AND mail.id = step.message_id \
    WHERE step.organization_id = $1 AND step.sequence_id = $2 GROUP BY step.step ORDER BY step.step";

pub(super) async fn count(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
    counts: &Counts,
) -> Result<(), StoreError> {
    for (name, count) in counts {
        let values = [
            organization.into(),
            sequence.0.into(),
            name.as_str().into(),
            (*count).into(),
        ];
        execute(conn, COUNT, values).await.map_err(store_error)?;
    }
    Ok(())
}

async fn numbers(
    conn: &impl ConnectionTrait,
    sql: &'static str,
    organization: Uuid,
    sequence: SequenceId,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let statement = statement(conn, sql, [organization.into(), sequence.0.into()]);
    let rows = conn.query_all_raw(statement).await.map_err(store_error)?;
    rows.iter()
        .map(|row| row.try_get_many_by_index().map_err(store_error))
        .collect()
}

pub(super) async fn counts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
) -> Result<Counts, StoreError> {
    numbers(conn, COUNTS, organization, sequence).await
}

pub(super) async fn inside(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
) -> Result<BTreeMap<String, i64>, StoreError> {
    numbers(conn, INSIDE, organization, sequence).await
}

pub(super) async fn exits(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
) -> Result<BTreeMap<ExitReason, i64>, StoreError> {
    let found = numbers(conn, EXITS, organization, sequence).await?;
    found
        .into_iter()
        .map(|(reason, count)| Ok((parse("sequence_enrollments.exit_reason", &reason)?, count)))
        .collect()
}

pub(super) async fn mails(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
) -> Result<Vec<StepStats>, StoreError> {
    let statement = statement(conn, MAILS, [organization.into(), sequence.0.into()]);
    let rows = conn.query_all_raw(statement).await.map_err(store_error)?;
    rows.iter()
        .map(|row| {
            let (step, mails, sent, opened, clicked, unsubscribed) =
                row.try_get_many_by_index().map_err(store_error)?;
            Ok(StepStats {
                step,
                mails,
                sent,
                opened,
                clicked,
                unsubscribed,
                ..StepStats::default()
            })
        })
        .collect()
}

pub(crate) async fn leads_go(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[LeadId],
    why: ExitReason,
) -> Result<(), StoreError> {
    if leads.is_empty() {
        return Ok(());
    }
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::SequenceId, Column::Status])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut all: BTreeMap<Uuid, Counts> = BTreeMap::new();
    for (sequence, status) in rows {
        let counts = all.entry(sequence).or_default();
        *counts.entry("gone".to_owned()).or_default() += 1;
        if status == EnrollmentStatus::Active.as_str() {
            *counts.entry(format!("exit:{why}")).or_default() += 1;
        }
    }
    for (sequence, counts) in all {
        count(conn, organization, sequence.into(), &counts).await?;
    }
    Ok(())
}
