//! Erases an organization, a piece at a time.

use crate::dialect;
use crate::error::store_error;
use groundswell_domain::StoreError;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

macro_rules! piece {
    ($($table:literal by $key:literal),* $(,)?) => {
        [$(concat!(
            "DELETE FROM ", $table, " WHERE organization_id = $1 AND (", $key, ") IN (SELECT ", $key, " FROM ", $table,
            " WHERE organization_id = $1 LIMIT $2)"
        )),*]
    };
}

/// Tables that no foreign key clears with the organization, and those with so many rows that clearing them at once would
/// take too long. What makes new rows comes first: campaigns send, forms capture.
const PIECES: &[&str] = &piece![
    "schedules" by "id",
    // They send, too.
    "sequence_mails" by "message_id",
    "sequence_enrollments" by "id",
    "outreach_drafts" by "id",
    "sequence_counts" by "sequence_id, name",
    "sequence_versions" by "sequence_id, revision",
    "sequences" by "id",
    "campaigns" by "id",
    "submissions" by "id",
    "quarantined_submissions" by "id",
    "form_partials" by "id",
    "form_challenges" by "id",
    "forms" by "id",
    "email_visits" by "id",
    "email_events" by "id",
    "email_messages" by "id",
    "outbox_mails" by "id",
    "score_entries" by "id",
    "side_score_entries" by "id",
    "lead_events" by "lead_id, id",
    "consents" by "id",
    "lead_predictions" by "lead_id",
    "prediction_models" by "id",
    "enrichment_values" by "lead_id, field, source",
    "lead_enrichments" by "lead_id",
    "slot_answers" by "lead_id, framework, slot",
    "stage_holds" by "lead_id",
    "lead_import_changes" by "import_id, lead_id",
    "segment_members" by "segment_id, lead_id",
    "segments" by "id",
    "duplicate_pairs" by "id",
    "lead_match_keys" by "key, lead_id",
    "lead_aliases" by "id",
    "lead_merges" by "id",
    // Their scores go with them: a lead without one can't be read.
    "leads" by "id",
    "lead_imports" by "id",
    "idempotency_keys" by "route, key",
    "email_templates" by "id",
    "suppressions" by "id",
    "email_topic_leaves" by "id",
    "email_topics" by "id",
    "email_receiver_days" by "provider, day",
    "bounces" by "id",
];

const LOG: [&str; 1] = piece!["audit_log" by "id"];

const COUNTERS: &str = "DELETE FROM lead_counters WHERE organization_id = $1";

const ORGANIZATION: &str = "DELETE FROM organizations WHERE id = $1";

/// The job that is doing it is running; what else was to be done is not.
const JOBS: &str = "DELETE FROM jobs WHERE organization_id = $1 AND status <> 'running'";

pub(super) async fn erase(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    limit: u32,
) -> Result<u64, StoreError> {
    for sql in PIECES.iter().chain(&LOG) {
        let values = [organization.into(), i64::from(limit).into()];
        let gone = dialect::execute(conn, sql, values).await.map_err(store_error)?;
        if gone > 0 {
            return Ok(gone);
        }
    }
    let mut gone = 0;
    for sql in [COUNTERS, JOBS, ORGANIZATION] {
        gone += dialect::execute(conn, sql, [organization.into()])
            .await
            .map_err(store_error)?;
    }
    Ok(gone)
}
