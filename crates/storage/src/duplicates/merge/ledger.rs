//! Ledgers of leads that are merged, and what their sums are.

use super::kept::{Ledger, ledger};
use crate::dialect::{self, execute};
use crate::entity::{score_entries, side_score_entries};
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::leads::{Score, ScoreEntry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashSet;
use uuid::Uuid;

const SUM: &str = "UPDATE lead_scores SET total = $3, fit = $4, engagement = $5 \
    WHERE organization_id = $1 AND lead_id = $2";

impl Ledger {
    pub fn score(&self) -> Result<Score, StoreError> {
        let lines = self.own.iter().cloned().map(ScoreEntry::try_from);
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        Ok(Score::sum(&lines))
    }

    /// These lines, and those of `now` that were not there after the merge.
    pub fn with_newer(mut self, now: Self, after: &Self) -> Self {
        let ids: HashSet<Uuid> = after.own.iter().map(|line| line.id).collect();
        self.own
            .extend(now.own.into_iter().filter(|line| !ids.contains(&line.id)));
        let ids: HashSet<Uuid> = after.side.iter().map(|line| line.id).collect();
        self.side
            .extend(now.side.into_iter().filter(|line| !ids.contains(&line.id)));
        self
    }
}

/// Puts this ledger into the place of whatever the lead has.
pub(super) async fn replace(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Uuid,
    lines: Ledger,
) -> Result<(), StoreError> {
    use score_entries::Column as Own;
    use side_score_entries::Column as Side;
    score_entries::Entity::delete_many()
        .filter(Own::OrganizationId.eq(organization))
        .filter(Own::LeadId.eq(lead))
        .exec(conn)
        .await
        .map_err(store_error)?;
    side_score_entries::Entity::delete_many()
        .filter(Side::OrganizationId.eq(organization))
        .filter(Side::LeadId.eq(lead))
        .exec(conn)
        .await
        .map_err(store_error)?;
    let once = [Own::OrganizationId, Own::LeadId, Own::Rule, Own::Event];
    dialect::insert_new::<score_entries::Entity>(conn, lines.own, &once, &[Own::Id]).await?;
    let once = [
        Side::OrganizationId,
        Side::LeadId,
        Side::ModelId,
        Side::Rule,
        Side::Event,
    ];
    dialect::insert_new::<side_score_entries::Entity>(conn, lines.side, &once, &[Side::Id]).await?;
    Ok(())
}

/// Writes the sums of the lines that the lead has.
pub(super) async fn sum(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Uuid,
) -> Result<(), StoreError> {
    let score = ledger(conn, organization, lead).await?.score()?;
    let values = [
        organization.into(),
        lead.into(),
        score.total.into(),
        score.fit.into(),
        score.engagement.into(),
    ];
    execute(conn, SUM, values).await.map_err(store_error)?;
    Ok(())
}
