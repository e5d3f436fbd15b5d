//! Makes ledgers what the models say.
//!
//! What is there is read, what should be there is computed, and only the difference is written: most leads of most runs
//! have none. Each step is one statement for all leads of a piece.

use super::piece::{self, Which};
use crate::dialect::{self, LineChange, ScoreChange};
use crate::entity::{score_entries, side_score_entries};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::leads::{Score, ScoreEntry};
use groundswell_domain::scoring::{LedgerChange, Scorers, compare};
use groundswell_domain::{LeadId, StoreError};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

pub(crate) async fn rescore(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    scorers: &Scorers,
    leads: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<(LeadId, Score)>, StoreError> {
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    some(conn, organization, scorers, &Which::These(leads), now).await
}

pub(super) async fn some(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    scorers: &Scorers,
    which: &Which<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<(LeadId, Score)>, StoreError> {
    let leads = piece::leads(conn, organization, which, true).await?;
    // Under the locks: whoever adds events or lines has one of them.
    let mut events = piece::events(conn, organization, which).await?;
    let mut ledgers = piece::lines(conn, organization, which).await?;
    let mut changes = LedgerChange::default();
    let (mut sums, mut moved) = (Vec::with_capacity(leads.len()), Vec::new());
    for lead in &leads {
        let events = events.remove(&lead.id.0).unwrap_or_default();
        let lines = scorers.lines(lead, &events, now);
        let score = Score::sum(lines.iter().filter(|line| line.primary));
        if score != lead.score {
            moved.push(ScoreChange::new(lead.id.0, score));
        }
        sums.push((lead.id, score));
        let change = compare(ledgers.remove(&lead.id.0).unwrap_or_default(), lines);
        changes.added.extend(change.added);
        changes.changed.extend(change.changed);
        changes.removed.extend(change.removed);
    }
    write(conn, organization, changes).await?;
    for statement in dialect::update_scores(conn, organization, &moved) {
        conn.execute_raw(statement).await.map_err(store_error)?;
    }
    Ok(sums)
}

async fn write(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    changes: LedgerChange,
) -> Result<(), StoreError> {
    let split =
        |lines: Vec<ScoreEntry>| -> (Vec<_>, Vec<_>) { lines.into_iter().partition(|line| line.primary) };
    let (own, side) = split(changes.removed);
    let ids = |lines: Vec<ScoreEntry>| lines.into_iter().map(|line| line.id.0).collect::<Vec<_>>();
    let mut statements = dialect::delete_lines(conn, organization, &ids(own), &ids(side))?;
    let (own, side) = split(changes.changed);
    let all = |lines: Vec<ScoreEntry>| lines.iter().map(LineChange::from).collect::<Vec<_>>();
    statements.extend(dialect::update_lines(conn, organization, &all(own), &all(side))?);
    for statement in statements {
        conn.execute_raw(statement).await.map_err(store_error)?;
    }
    let (own, side) = split(changes.added);
    insert(conn, organization, &own, &side).await
}

async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    own: &[ScoreEntry],
    side: &[ScoreEntry],
) -> Result<(), StoreError> {
    use score_entries::Column as Own;
    use side_score_entries::Column as Side;
    let rows = own
        .iter()
        .map(|line| score_entries::Model::of(organization, line))
        .collect();
    let once = [Own::OrganizationId, Own::LeadId, Own::Rule, Own::Event];
    dialect::insert_new::<score_entries::Entity>(conn, rows, &once, &[Own::Id]).await?;
    let rows = side
        .iter()
        .map(|line| side_score_entries::Model::of(organization, line))
        .collect();
    let once = [
        Side::OrganizationId,
        Side::LeadId,
        Side::ModelId,
        Side::Rule,
        Side::Event,
    ];
    dialect::insert_new::<side_score_entries::Entity>(conn, rows, &once, &[Side::Id]).await?;
    Ok(())
}
