//! Erases a lead.

use super::{ledger, traces, waiting};
use crate::dialect;
use crate::entity::{
    consents, duplicate_pairs, email_topic_leaves, enrichment_values, form_partials, lead_aliases,
    lead_enrichments, lead_events, lead_import_changes, lead_match_keys, lead_merges, lead_predictions,
    lead_scores, leads, outreach_drafts, quarantined_submissions, score_entries, segment_members,
    sequence_enrollments, side_score_entries, slot_answers, stage_holds, submissions, suppressions,
};
use crate::error::store_error;
use crate::forms::quarantine;
use crate::sequences;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{EmailAddress, MessageKind};
use groundswell_domain::forms::notification_id;
use groundswell_domain::leads::LeadEventKind;
use groundswell_domain::privacy::{Touched, Treatment};
use groundswell_domain::sequences::ExitReason;
use groundswell_domain::{LeadId, StoreError};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::HashSet;
use uuid::Uuid;

/// Most addresses that a form tells about a submission, and then some.
const MOST_NOTIFIED: u8 = 16;
/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
pub(super) const KEYS: usize = 8_192;

/// The counter of leads by status is left as it is: it counts how many there were.
pub(super) async fn erase(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Option<LeadId>,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Touched>, StoreError> {
    let leads = locked(conn, organization, lead, key).await?;
    let submissions = ids_of_submissions(conn, organization, &leads).await?;
    let suppressions = ids_of_suppressions(conn, organization, key).await?;
    let mut touched = Vec::new();
    let mut note = |store: &str, treatment, rows: u64| {
        if rows > 0 {
            touched.push(Touched::new(store, treatment, rows));
        }
    };

    // What was sent to the person, and what told others of their answers, or of things to do about them.
    let tasks = ids_of_tasks(conn, organization, &leads).await?;
    let told: HashSet<Uuid> = submissions
        .iter()
        .flat_map(|id| (0..MOST_NOTIFIED).map(|index| notification_id((*id).into(), index).0))
        .chain(tasks)
        .collect();
    let to_them = Condition::any()
        .add(ledger::Column::LeadId.is_in(leads.iter().copied()))
        .add(ledger::Column::ToKey.eq(key));
    let own = [
        MessageKind::Campaign,
        MessageKind::Single,
        MessageKind::Confirmation,
        MessageKind::AutoReply,
        MessageKind::Sequence,
    ];
    let mails = ledger::find(conn, organization, to_them, &own).await?;
    let mut notices = Vec::new();
    let told: Vec<Uuid> = told.into_iter().collect();
    for ids in told.chunks(KEYS) {
        let these = Condition::all().add(ledger::Column::Id.is_in(ids.iter().copied()));
        notices.extend(ledger::find(conn, organization, these, &[MessageKind::Notification]).await?);
    }
    let done = ledger::anonymize(conn, organization, &mails, ledger::Keep::Nothing, now).await?;
    let more = ledger::anonymize(conn, organization, &notices, ledger::Keep::Recipient, now).await?;
    note(
        "email_messages",
        Treatment::Anonymized,
        done.messages + more.messages,
    );
    note(
        "email_contents",
        Treatment::Deleted,
        done.contents + more.contents,
    );
    note("email_events", Treatment::Anonymized, done.events);
    note("outbox_mails", Treatment::Deleted, done.outbox + more.outbox);

    let waiting = mails.iter().chain(&notices).filter(|mail| mail.waits());
    let named = waiting
        .map(|mail| mail.id)
        .chain(submissions.iter().copied())
        .chain(leads.iter().copied());
    let named: Vec<Uuid> = named.collect();
    let things: Vec<Uuid> = leads.iter().chain(&suppressions).copied().collect();
    let (mut jobs, mut errors, mut answers, mut lines, mut files, mut log) = (0, 0, 0, 0, 0, 0);
    // Texts have the address as somebody wrote it.
    for key in &EmailAddress::spellings(key) {
        jobs += traces::cancel_jobs(conn, organization, &named, key, now).await?;
        errors += traces::forget_job_errors(conn, organization, key).await?;
        answers += traces::forget_answers(conn, organization, key).await?;
        lines += traces::forget_import_lines(conn, organization, key).await?;
        files += waiting::forget_files(conn, organization, key, now).await?;
        log += traces::forget_in_log(conn, organization, &things, key).await?;
    }
    note("jobs", Treatment::Cancelled, jobs);
    note("job_errors", Treatment::Anonymized, errors);
    note("idempotency_keys", Treatment::Deleted, answers);
    note("lead_import_errors", Treatment::Anonymized, lines);
    note("lead_import_contents", Treatment::Deleted, files);
    note("audit_log", Treatment::Anonymized, log);
    let gone = delete_many::<suppressions::Entity>(
        conn,
        suppressions::Column::OrganizationId.eq(organization),
        suppressions::Column::Id,
        &suppressions,
    )
    .await?;
    note("suppressions", Treatment::Deleted, gone);
    let left = forget_topics(conn, organization, key).await?;
    note("email_topic_leaves", Treatment::Deleted, left);
    let held = quarantine::of_address(conn, organization, key).await?;
    let gone = delete_many::<quarantined_submissions::Entity>(
        conn,
        quarantined_submissions::Column::OrganizationId.eq(organization),
        quarantined_submissions::Column::Id,
        &held,
    )
    .await?;
    note("quarantined_submissions", Treatment::Deleted, gone);
    let unsent = form_partials::Entity::delete_many()
        .filter(form_partials::Column::OrganizationId.eq(organization))
        .filter(form_partials::Column::EmailKey.eq(key))
        .exec(conn)
        .await
        .map_err(store_error)?;
    note("form_partials", Treatment::Deleted, unsent.rows_affected);
    for (store, gone) in delete(conn, organization, &leads, &submissions).await? {
        note(store, Treatment::Deleted, gone);
    }
    Ok(touched)
}

/// What the address left: an erased one gets no mail at all.
async fn forget_topics(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
) -> Result<u64, StoreError> {
    use email_topic_leaves::Column;
    let done = email_topic_leaves::Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::EmailKey.eq(key))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected)
}

/// What is only about the person.
async fn delete(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Uuid],
    submissions: &[Uuid],
) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let ids: Vec<LeadId> = leads.iter().copied().map(LeadId).collect();
    sequences::leads_go(conn, organization, &ids, ExitReason::Erased).await?;
    let mut gone = Vec::new();
    macro_rules! delete_where {
        ($($table:ident.$column:ident in $ids:expr),* $(,)?) => {$(
            let own = $table::Column::OrganizationId.eq(organization);
            let rows = delete_many::<$table::Entity>(conn, own, $table::Column::$column, $ids).await?;
            gone.push((stringify!($table), rows));
        )*};
    }
    delete_where! {
        submissions.Id in submissions,
        score_entries.LeadId in leads,
        side_score_entries.LeadId in leads,
        lead_scores.LeadId in leads,
        consents.LeadId in leads,
        lead_events.LeadId in leads,
        lead_predictions.LeadId in leads,
        enrichment_values.LeadId in leads,
        lead_enrichments.LeadId in leads,
        slot_answers.LeadId in leads,
        stage_holds.LeadId in leads,
        lead_import_changes.LeadId in leads,
        segment_members.LeadId in leads,
        sequence_enrollments.LeadId in leads,
        outreach_drafts.LeadId in leads,
        // Who they may be, what became part of them, with the rows as they were, and by which addresses they were found.
        lead_match_keys.LeadId in leads,
        lead_aliases.LeadId in leads,
        lead_merges.LeadId in leads,
    }
    let mut pairs = 0;
    for column in [duplicate_pairs::Column::LeadA, duplicate_pairs::Column::LeadB] {
        let own = duplicate_pairs::Column::OrganizationId.eq(organization);
        pairs += delete_many::<duplicate_pairs::Entity>(conn, own, column, leads).await?;
    }
    gone.push(("duplicate_pairs", pairs));
    delete_where!(leads.Id in leads);
    Ok(gone)
}

/// The lead, and another one that has the address, be it that of a lead that was merged with it.
async fn locked(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Option<LeadId>,
    key: &str,
) -> Result<Vec<Uuid>, StoreError> {
    let owners = crate::leads::aliases(conn, organization, &[key.to_owned()]).await?;
    let who = Condition::any()
        .add(leads::Column::EmailKey.eq(key))
        .add(leads::Column::Id.is_in(owners.into_values()))
        .add_option(lead.map(|id| leads::Column::Id.eq(id.0)));
    let mut query = leads::Entity::find()
        .select_only()
        .column(leads::Column::Id)
        .filter(leads::Column::OrganizationId.eq(organization))
        .filter(who)
        .order_by_asc(leads::Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0).map_err(store_error))
        .collect()
}

/// Things to do about these leads: the mails about them have the ids of the events.
async fn ids_of_tasks(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    lead_events::Entity::find()
        .select_only()
        .column(lead_events::Column::Id)
        .filter(lead_events::Column::OrganizationId.eq(organization))
        .filter(lead_events::Column::LeadId.is_in(leads.iter().copied()))
        .filter(lead_events::Column::Kind.eq(LeadEventKind::TaskCreated.as_str()))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)
}

async fn ids_of_submissions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    submissions::Entity::find()
        .select_only()
        .column(submissions::Column::Id)
        .filter(submissions::Column::OrganizationId.eq(organization))
        .filter(submissions::Column::LeadId.is_in(leads.iter().copied()))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)
}

async fn ids_of_suppressions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
) -> Result<Vec<Uuid>, StoreError> {
    suppressions::Entity::find()
        .select_only()
        .column(suppressions::Column::Id)
        .filter(suppressions::Column::OrganizationId.eq(organization))
        .filter(suppressions::Column::EmailKey.eq(key))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)
}

async fn delete_many<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    of_organization: sea_orm::sea_query::SimpleExpr,
    column: E::Column,
    ids: &[Uuid],
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for ids in ids.chunks(KEYS) {
        let done = E::delete_many()
            .filter(of_organization.clone())
            .filter(column.is_in(ids.iter().copied()))
            .exec(conn)
            .await
            .map_err(store_error)?;
        gone += done.rows_affected;
    }
    Ok(gone)
}
