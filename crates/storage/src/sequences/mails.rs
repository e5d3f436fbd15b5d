//! Mails of steps: a row beside the one in the ledger, and what came of them.

use super::convert;
use crate::dialect::{contains, json_text, statement};
use crate::email::claimed;
use crate::entity::{email_events, email_messages, lead_events, sequence_mails};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{ClaimedMessage, EmailEventKind};
use groundswell_domain::ids::{EnrollmentId, LeadId, LeaseToken, MessageId};
use groundswell_domain::sequences::{ClaimedMail, EventTest, MailTrace, StepMail};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};
use sequence_mails::{Column, Entity};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A mail, its first open and its first click.
type Marked = (Uuid, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Rows in one statement.
const ROWS: usize = 1000;

/// The rows are chosen in a part of their own: see `dialect/messages.rs`. A batch has one job, so nobody else claims from it.
const CLAIM: &str = "WITH due AS MATERIALIZED (SELECT mail.id AS due_id FROM sequence_mails AS step \
    JOIN email_messages AS mail ON mail.organization_id = step.organization_id AND mail.id = step.message_id \
    WHERE step.organization_id = $1 AND step.batch = $2 AND mail.status = 'queued' AND mail.next_attempt_at <= $4 \
    ORDER BY mail.next_attempt_at, mail.id LIMIT $6) \
    UPDATE email_messages SET status = 'claimed', lease_token = $3, lease_until = $5, updated_at = $4 \
    FROM due WHERE organization_id = $1 AND id = due_id AND status = 'queued' \
    RETURNING id, kind, campaign_id, lead_id, to_email, attempts, variant, topic_id";

const BATCH_DUE: &str = "SELECT MIN(CASE mail.status WHEN 'queued' THEN mail.next_attempt_at ELSE mail.lease_until END) \
    FROM sequence_mails AS step \
    JOIN email_messages AS mail ON mail.organization_id = step.organization_id AND mail.id = step.message_id \
    WHERE step.organization_id = $1 AND step.batch = $2 AND mail.status IN ('queued', 'claimed', 'sending')";

pub(super) async fn add(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    mails: &[StepMail],
) -> Result<(), StoreError> {
    for piece in mails.chunks(ROWS) {
        let rows = piece
            .iter()
            .map(|mail| convert::mail_row(organization, mail).into_active_model());
        Entity::insert_many(rows)
            .exec_without_returning(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn claim(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    (batch, limit): (Uuid, u32),
    lease: LeaseToken,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Vec<ClaimedMail>, StoreError> {
    let values = [
        organization.into(),
        batch.into(),
        lease.0.into(),
        now.into(),
        lease_until.into(),
        i64::from(limit).into(),
    ];
    let rows = conn
        .query_all_raw(statement(conn, CLAIM, values))
        .await
        .map_err(store_error)?;
    let mut messages = rows
        .iter()
        .map(claimed)
        .collect::<Result<Vec<ClaimedMessage>, _>>()?;
    messages.sort_unstable_by_key(|message| message.id);
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let steps = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::MessageId.is_in(padded(messages.iter().map(|message| message.id.0))))
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut steps: HashMap<Uuid, sequence_mails::Model> =
        steps.into_iter().map(|step| (step.message_id, step)).collect();
    Ok(messages
        .into_iter()
        .filter_map(|message| {
            let step = steps.remove(&message.id.0)?;
            Some(ClaimedMail {
                message,
                sequence_id: step.sequence_id.into(),
                version: step.revision,
                step: step.step,
            })
        })
        .collect())
}

pub(super) async fn batch_due(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    batch: Uuid,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let statement = statement(conn, BATCH_DUE, [organization.into(), batch.into()]);
    let row = conn.query_one_raw(statement).await.map_err(store_error)?;
    row.map_or(Ok(None), |row| row.try_get_by_index(0).map_err(store_error))
}

pub(super) async fn traces(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    enrollments: &[EnrollmentId],
) -> Result<HashMap<EnrollmentId, Vec<MailTrace>>, StoreError> {
    let mut found: HashMap<EnrollmentId, Vec<MailTrace>> = HashMap::new();
    if enrollments.is_empty() {
        return Ok(found);
    }
    let steps = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::EnrollmentId.is_in(padded(enrollments.iter().map(|id| id.0))))
        .all(conn)
        .await
        .map_err(store_error)?;
    let ids: Vec<Uuid> = steps.iter().map(|step| step.message_id).collect();
    let mut marks: HashMap<Uuid, (bool, bool)> = HashMap::new();
    for ids in ids.chunks(ROWS) {
        use email_messages::Column as Message;
        let rows: Vec<Marked> = email_messages::Entity::find()
            .select_only()
            .columns([Message::Id, Message::OpenedAt, Message::ClickedAt])
            .filter(Message::OrganizationId.eq(organization))
            .filter(Message::Id.is_in(padded(ids.iter().copied())))
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        let marked = |(id, opened, clicked): Marked| (id, (opened.is_some(), clicked.is_some()));
        marks.extend(rows.into_iter().map(marked));
    }
    for step in steps {
        let (opened, clicked) = marks.get(&step.message_id).copied().unwrap_or_default();
        found
            .entry(step.enrollment_id.into())
            .or_default()
            .push(MailTrace {
                message_id: step.message_id.into(),
                step: step.step,
                opened,
                clicked,
            });
    }
    Ok(found)
}

pub(super) async fn clicked_link(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    messages: &[MessageId],
    part: &str,
) -> Result<HashSet<MessageId>, StoreError> {
    use email_events::Column as Event;
    let mut found = HashSet::new();
    for ids in messages.chunks(ROWS) {
        let rows: Vec<Uuid> = email_events::Entity::find()
            .select_only()
            .column(Event::MessageId)
            .distinct()
            .filter(Event::OrganizationId.eq(organization))
            .filter(Event::MessageId.is_in(padded(ids.iter().map(|id| id.0))))
            .filter(Event::Kind.eq(EmailEventKind::Click.as_str()))
            .filter(Event::Human.eq(true))
            .filter(contains(conn, Event::Url, part))
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        found.extend(rows.into_iter().map(MessageId));
    }
    Ok(found)
}

pub(super) async fn happened(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    test: &EventTest,
    since: &[(LeadId, DateTime<Utc>)],
) -> Result<HashSet<LeadId>, StoreError> {
    use lead_events::Column as Event;
    let mut found = HashSet::new();
    for piece in since.chunks(ROWS) {
        let Some(earliest) = piece.iter().map(|(_, since)| *since).min() else {
            continue;
        };
        let mut select = lead_events::Entity::find()
            .select_only()
            .column(Event::LeadId)
            .column_as(Event::OccurredAt.max(), "last")
            .filter(Event::OrganizationId.eq(organization))
            .filter(Event::LeadId.is_in(padded(piece.iter().map(|(lead, _)| lead.0))))
            .filter(Event::Kind.eq(test.kind.as_str()))
            .filter(Event::OccurredAt.gte(earliest))
            .apply_if(test.subject, |select, subject| {
                select.filter(Event::Subject.eq(subject))
            })
            .group_by(Event::LeadId);
        if let Some(name) = &test.name {
            let named = json_text(conn, Expr::col(Event::Data), "name").eq(name.as_str());
            select = select.filter(named);
        }
        let rows: Vec<(Uuid, DateTime<Utc>)> = select.into_tuple().all(conn).await.map_err(store_error)?;
        let last: HashMap<Uuid, DateTime<Utc>> = rows.into_iter().collect();
        let met = piece
            .iter()
            .filter(|(lead, since)| last.get(&lead.0).is_some_and(|last| last >= since));
        found.extend(met.map(|(lead, _)| *lead));
    }
    Ok(found)
}
