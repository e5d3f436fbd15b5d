//! Writing many scores and ledger lines with values of their own each, as [`super::bulk`] does it.

use super::columns::ArrayText;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::leads::{Score, ScoreEntry};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

/// The new score of a lead.
#[derive(Debug)]
pub(crate) struct ScoreChange {
    id: Uuid,
    total: i32,
    fit: i32,
    engagement: i32,
}

impl ScoreChange {
    pub fn new(id: Uuid, score: Score) -> Self {
        Self {
            id,
            total: score.total,
            fit: score.fit,
            engagement: score.engagement,
        }
    }
}

/// What a line that stays becomes.
#[derive(Debug, Serialize)]
pub(crate) struct LineChange {
    id: Uuid,
    model_id: Uuid,
    revision: i32,
    axis: &'static str,
    points: i32,
    created_at: DateTime<Utc>,
}

impl From<&ScoreEntry> for LineChange {
    fn from(line: &ScoreEntry) -> Self {
        Self {
            id: line.id.0,
            model_id: line.model_id.0,
            revision: line.revision,
            axis: line.axis.as_str(),
            points: line.points,
            created_at: line.created_at,
        }
    }
}

const SCORES_ON_POSTGRES: &str = "UPDATE lead_scores SET total = new.total, fit = new.fit, \
    engagement = new.engagement FROM unnest($2::text::uuid[], $3::text::int[], $4::text::int[], $5::text::int[]) \
    AS new(id, total, fit, engagement) WHERE lead_scores.organization_id = $1 AND lead_scores.lead_id = new.id";
const SCORE_ON_SQLITE: &str = "UPDATE lead_scores SET total = $3, fit = $4, engagement = $5 \
    WHERE organization_id = $1 AND lead_id = $2";

macro_rules! lines {
    ($table:literal) => {
        [
            concat!(
                "UPDATE ", $table, " AS line SET model_id = new.model_id, revision = new.revision, axis = new.axis, \
                 points = new.points, created_at = new.created_at FROM jsonb_to_recordset($2) AS new(id uuid, \
                 model_id uuid, revision int, axis text, points int, created_at timestamptz) \
                 WHERE line.organization_id = $1 AND line.id = new.id"
            ),
            concat!(
                "UPDATE ", $table, " SET model_id = $3, revision = $4, axis = $5, points = $6, created_at = $7 \
                 WHERE organization_id = $1 AND id = $2"
            ),
            concat!(
                "DELETE FROM ", $table, " AS line USING jsonb_array_elements_text($2) AS gone(id) \
                 WHERE line.organization_id = $1 AND line.id = gone.id::uuid"
            ),
            concat!("DELETE FROM ", $table, " WHERE organization_id = $1 AND id = $2"),
        ]
    };
}

const OWN: [&str; 4] = lines!("score_entries");
const SIDE: [&str; 4] = lines!("side_score_entries");

/// Writes the scores of these leads, whose own rows must be locked.
pub(crate) fn update_scores(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    scores: &[ScoreChange],
) -> Vec<Statement> {
    let backend = conn.get_database_backend();
    if scores.is_empty() {
        return Vec::new();
    }
    if backend == DbBackend::Postgres {
        let mut columns: [ArrayText; 4] = std::array::from_fn(|_| ArrayText::default());
        for score in scores {
            columns[0].plain(score.id);
            columns[1].plain(score.total);
            columns[2].plain(score.fit);
            columns[3].plain(score.engagement);
        }
        let values = std::iter::once(organization.into()).chain(columns.map(ArrayText::finish));
        return vec![Statement::from_sql_and_values(
            backend,
            SCORES_ON_POSTGRES,
            values,
        )];
    }
    let one = |score: &ScoreChange| {
        let values: [Value; 5] = [
            organization.into(),
            score.id.into(),
            score.total.into(),
            score.fit.into(),
            score.engagement.into(),
        ];
        Statement::from_sql_and_values(backend, SCORE_ON_SQLITE, values)
    };
    scores.iter().map(one).collect()
}

/// Writes lines that stay, of the leads' own ledgers and of others.
pub(crate) fn update_lines(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    own: &[LineChange],
    side: &[LineChange],
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    let mut statements = Vec::new();
    for (lines, [many, one, ..]) in [(own, OWN), (side, SIDE)] {
        if backend == DbBackend::Postgres {
            if !lines.is_empty() {
                statements.push(all(backend, many, organization, lines)?);
            }
            continue;
        }
        statements.extend(lines.iter().map(|line| {
            let values: [Value; 7] = [
                organization.into(),
                line.id.into(),
                line.model_id.into(),
                line.revision.into(),
                line.axis.into(),
                line.points.into(),
                line.created_at.into(),
            ];
            Statement::from_sql_and_values(backend, one, values)
        }));
    }
    Ok(statements)
}

/// Takes lines away, of the leads' own ledgers and of others.
pub(crate) fn delete_lines(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    own: &[Uuid],
    side: &[Uuid],
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    let mut statements = Vec::new();
    for (ids, [_, _, many, one]) in [(own, OWN), (side, SIDE)] {
        if backend == DbBackend::Postgres {
            if !ids.is_empty() {
                statements.push(all(backend, many, organization, ids)?);
            }
            continue;
        }
        statements.extend(ids.iter().map(|id| {
            let values: [Value; 2] = [organization.into(), (*id).into()];
            Statement::from_sql_and_values(backend, one, values)
        }));
    }
    Ok(statements)
}

fn all<T: Serialize>(
    backend: DbBackend,
    sql: &'static str,
    organization: Uuid,
    rows: &[T],
) -> Result<Statement, StoreError> {
    let rows = serde_json::to_value(rows).map_err(StoreError::other)?;
    let values: [Value; 2] = [organization.into(), rows.into()];
    Ok(Statement::from_sql_and_values(backend, sql, values))
}
