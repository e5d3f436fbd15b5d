//! Scoring models, the ledgers of those that run beside the primary one, and how far a computation of all scores is.
//!
//! The ledger of the lead's own score stays as it is, with two more columns that have defaults, so that a process of the
//! release before goes on writing to it: its lines are those of the built-in model, which has the organization's id (an
//! empty one in a line).

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, date, integer, json_binary, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

const BUILT_IN_RULES: &str = r#"[
{"name": "form_submitted", "axis": "engagement", "when": {"event": "form_submitted"}, "points": 10},
{"name": "double_opt_in_confirmed", "axis": "engagement", "when": {"event": "opt_in_confirmed"}, "points": 5},
{"name": "email_opened", "axis": "engagement", "when": {"event": "email_opened"}, "points": 2},
{"name": "email_clicked", "axis": "engagement", "when": {"event": "email_clicked"}, "points": 5},
{"name": "unsubscribed", "axis": "engagement", "when": {"event": "unsubscribed"}, "points": -10}]"#;

/// Opens, clicks and unsubscribes of the time before there were events: scores are computed from events.
const EVENTS_OF_MAILS: &str = "INSERT INTO lead_events (organization_id, lead_id, occurred_at, id, kind, subject, data) \
    SELECT line.organization_id, line.lead_id, line.created_at, line.id, line.rule, $subject, $nothing \
    FROM score_entries AS line \
    WHERE line.rule IN ('email_opened', 'email_clicked', 'unsubscribed') AND line.event LIKE 'message:%' \
    AND NOT EXISTS (SELECT 1 FROM lead_events AS event WHERE event.organization_id = line.organization_id \
      AND event.lead_id = line.lead_id AND event.kind = line.rule AND event.subject = $subject)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(models()).await?;
        for (name, column) in [
            ("scoring_models_created_at", "created_at"),
            ("scoring_models_name", "name"),
        ] {
            let index = index("scoring_models", name, ["organization_id", column, "id"]);
            manager.create_index(index).await?;
        }
        manager.create_table(side_lines()).await?;
        let by_time = index(
            "side_score_entries",
            "side_score_entries_created_at",
            ["organization_id", "lead_id", "model_id", "created_at", "id"],
        );
        manager.create_index(by_time).await?;
        let mut once = index(
            "side_score_entries",
            "side_score_entries_once",
            ["organization_id", "lead_id", "model_id", "rule", "event"],
        );
        manager.create_index(once.unique().take()).await?;
        manager.create_table(runs()).await?;

        let connection = manager.get_connection();
        let (nobody, subject, nothing, json, yes) = match manager.get_database_backend() {
            DbBackend::Postgres => (
                "'00000000-0000-0000-0000-000000000000'",
                "substring(line.event from 9)::uuid",
                "'{}'::jsonb",
                "::jsonb",
                "true",
            ),
            _ => (
                "x'00000000000000000000000000000000'",
                "unhex(replace(substr(line.event, 9), '-', ''))",
                "'{}'",
                "",
                "1",
            ),
        };
        let kind = match manager.get_database_backend() {
            DbBackend::Postgres => "uuid",
            _ => "uuid_text",
        };
        for sql in [
            format!("ALTER TABLE score_entries ADD COLUMN model_id {kind} NOT NULL DEFAULT {nobody}"),
            "ALTER TABLE score_entries ADD COLUMN revision integer NOT NULL DEFAULT 1".to_owned(),
            // One primary model of an organization.
            "CREATE UNIQUE INDEX scoring_models_primary ON scoring_models (organization_id) WHERE is_primary"
                .to_owned(),
            format!(
                "INSERT INTO scoring_models (organization_id, id, name, status, is_primary, decays, rules, caps, revision, \
                 created_at, updated_at, version) SELECT id, id, 'Built-in', 'active', {yes}, NOT {yes}, \
                 '{BUILT_IN_RULES}'{json}, {nothing}, 1, created_at, created_at, 1 FROM organizations"
            ),
            EVENTS_OF_MAILS
                .replace("$subject", subject)
                .replace("$nothing", nothing),
        ] {
            connection.execute_unprepared(&sql).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn models() -> TableCreateStatement {
    of_organization("scoring_models")
        .col(text("name"))
        .col(text("status"))
        .col(boolean("is_primary"))
        // Whether its points change as days go by; asked for each night.
        .col(boolean("decays"))
        .col(json_binary("rules"))
        .col(json_binary("caps"))
        .col(integer("revision"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("scoring_models"))
        .take()
}

fn side_lines() -> TableCreateStatement {
    of_organization("side_score_entries")
        .col(uuid("lead_id"))
        // No foreign key: a model that is deleted leaves its lines to the next run.
        .col(uuid("model_id"))
        .col(integer("revision"))
        .col(text("rule"))
        .col(text("axis"))
        .col(integer("points"))
        .col(text("event"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "side_score_entries",
            "lead_id",
            "leads",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn runs() -> TableCreateStatement {
    of_organization("scoring_runs")
        .col(uuid_null("after"))
        .col(big_integer("done"))
        .col(big_integer("leads"))
        .col(date("day"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .foreign_key(&mut to_organization("scoring_runs"))
        .take()
}
