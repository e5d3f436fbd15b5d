//! The port of scoring.

use super::piece::{self, Which};
use super::{convert, models, rescore, runs, sample};
use crate::dialect::{self, execute};
use crate::entity::scoring_models;
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::leads::{Score, ScoreEntry};
use groundswell_domain::scoring::{
    LeadHistory, ModelSort, ModelStatus, Scorers, ScoringModel, ScoringRepo, ScoringRun,
};
use groundswell_domain::{LeadId, Page, PageRequest, ScoringModelId, ScoringRunId, StoreError};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

const DETHRONE: &str = "UPDATE scoring_models SET is_primary = false, updated_at = $2, version = version + 1 \
    WHERE organization_id = $1 AND is_primary";
const DELETE: &str = "DELETE FROM scoring_models WHERE organization_id = $1 AND id = $2";
const PIECE: &str = "SELECT id FROM (SELECT id FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3) \
    AS piece ORDER BY id DESC LIMIT 1";

#[async_trait]
impl<C: ConnectionTrait + Send> ScoringRepo for Session<C> {
    async fn insert(&self, model: &ScoringModel) -> Result<(), StoreError> {
        models::insert(&self.conn, self.organization, model).await
    }

    async fn get(&self, id: ScoringModelId) -> Result<Option<ScoringModel>, StoreError> {
        let select = scoring_models::Entity::find_by_id((self.organization, id.0));
        one(&self.conn, select).await?.map(convert::model).transpose()
    }

    async fn list(
        &self,
        status: Option<ModelStatus>,
        page: &PageRequest<ModelSort>,
    ) -> Result<Page<ScoringModel>, StoreError> {
        models::list(self, status, page).await
    }

    async fn active(&self) -> Result<Vec<ScoringModel>, StoreError> {
        models::active(&self.conn, self.organization).await
    }

    async fn update(&self, model: &ScoringModel, expected: i32) -> Result<bool, StoreError> {
        models::update(&self.conn, self.organization, model, expected).await
    }

    async fn dethrone(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let values = [self.organization.into(), now.into()];
        execute(&self.conn, DETHRONE, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete(&self, id: ScoringModelId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn rescore(
        &self,
        scorers: &Scorers,
        leads: &[LeadId],
        now: DateTime<Utc>,
    ) -> Result<Vec<(LeadId, Score)>, StoreError> {
        let leads: Vec<Uuid> = leads.iter().map(|id| id.0).collect();
        rescore::rescore(&self.conn, self.organization, scorers, &leads, now).await
    }

    async fn rescore_between(
        &self,
        scorers: &Scorers,
        after: Option<LeadId>,
        until: LeadId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let which = Which::Between(after.map(|id| id.0), until.0);
        let sums = rescore::some(&self.conn, self.organization, scorers, &which, now).await?;
        Ok(sums.len() as u64)
    }

    async fn piece_end(&self, after: Option<LeadId>, size: u32) -> Result<Option<LeadId>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let values = [self.organization.into(), after.into(), i64::from(size).into()];
        let row = self
            .conn
            .query_one_raw(dialect::statement(&self.conn, PIECE, values))
            .await
            .map_err(store_error)?;
        let id = row.map(|row| row.try_get_by_index::<Uuid>(0)).transpose();
        Ok(id.map_err(store_error)?.map(Into::into))
    }

    async fn lines(&self, leads: &[LeadId]) -> Result<Vec<ScoreEntry>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|id| id.0).collect();
        let found = piece::lines(&self.conn, self.organization, &Which::These(&ids)).await?;
        Ok(found.into_values().flatten().collect())
    }

    async fn sample(&self, limit: u32) -> Result<Vec<LeadHistory>, StoreError> {
        sample::sample(&self.conn, self.organization, limit).await
    }

    async fn begin_run(&self, run: &ScoringRun) -> Result<(), StoreError> {
        runs::begin(&self.conn, self.organization, run).await
    }

    async fn run(&self) -> Result<Option<ScoringRun>, StoreError> {
        runs::current(&self.conn, self.organization).await
    }

    async fn advance_run(&self, id: ScoringRunId, after: LeadId, done: u64) -> Result<bool, StoreError> {
        runs::advance(&self.conn, self.organization, id, after, done).await
    }

    async fn finish_run(&self, id: ScoringRunId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        runs::finish(&self.conn, self.organization, id, now).await
    }
}
