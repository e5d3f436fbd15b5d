//! Where points have decayed since scores were last computed.

use crate::dialect;
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::NaiveDate;
use groundswell_domain::scoring::ScoringDirectory;
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

const DUE: &str = "SELECT DISTINCT model.organization_id FROM scoring_models AS model \
    WHERE model.organization_id > $1 AND model.status = 'active' AND model.decays \
    AND NOT EXISTS (SELECT 1 FROM scoring_runs AS run \
      WHERE run.organization_id = model.organization_id AND run.day >= $2) \
    ORDER BY model.organization_id LIMIT $3";

#[async_trait]
impl ScoringDirectory for SeaStore {
    async fn due(
        &self,
        today: NaiveDate,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let values = [after.into(), today.into(), i64::from(limit).into()];
        let rows = self
            .reader
            .query_all_raw(dialect::statement(&self.reader, DUE, values))
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| {
                row.try_get_by_index::<Uuid>(0)
                    .map(Into::into)
                    .map_err(store_error)
            })
            .collect()
    }
}
