//! The port of predictions.

use super::super::scored::{self, Scored};
use super::{facts, rows};
use crate::codec::to_json;
use crate::dialect;
use crate::entity::{lead_predictions, leads, prediction_models};
use crate::error::store_error;
use crate::one::{one, one_joined};
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::StoreError;
use groundswell_domain::ids::{LeadId, PredictionModelId};
use groundswell_domain::leads::prediction::{
    KeptModel, LeadFacts, LeadPrediction, PredictionRepo, PredictionStatus, Scoring,
};
use prediction_models::Column;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

/// Predictions in one statement, of five values each.
const LINES: usize = 1_000;

const REPLACE_ACTIVE: &str =
    "UPDATE prediction_models SET active = FALSE WHERE organization_id = $1 AND active = TRUE";

/// The ten newest stay, and the one that is in use.
const FORGET_OLD: &str = "DELETE FROM prediction_models WHERE organization_id = $1 AND active = FALSE AND id NOT IN \
    (SELECT id FROM prediction_models WHERE organization_id = $1 ORDER BY trained_at DESC, id DESC LIMIT 10)";

const ADVANCE: &str = "UPDATE prediction_models SET pieces = pieces + 1, scoring = $4 \
    WHERE organization_id = $1 AND id = $2 AND pieces = $3 AND active = TRUE";

#[async_trait]
impl<C: ConnectionTrait + Send> PredictionRepo for Session<C> {
    async fn outcomes(&self, before: Option<LeadId>, limit: u32) -> Result<Vec<LeadFacts>, StoreError> {
        let rows = facts::find(self.organization)
            .filter(facts::decided(true))
            .apply_if(before, |select, id| select.filter(leads::Column::Id.lt(id.0)))
            .order_by_desc(leads::Column::Id)
            .limit(u64::from(limit))
            .into_model::<Scored>()
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        facts::of(&self.conn, self.organization, rows).await
    }

    async fn open_leads(&self, after: Option<LeadId>, limit: u32) -> Result<Vec<LeadFacts>, StoreError> {
        let rows = facts::find(self.organization)
            .filter(facts::decided(false))
            .apply_if(after, |select, id| select.filter(leads::Column::Id.gt(id.0)))
            .order_by_asc(leads::Column::Id)
            .limit(u64::from(limit))
            .into_model::<Scored>()
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        facts::of(&self.conn, self.organization, rows).await
    }

    async fn facts(&self, id: LeadId) -> Result<Option<LeadFacts>, StoreError> {
        let select = leads::Entity::find_by_id((self.organization, id.0))
            .apply_if(self.of_client(leads::Column::ClientId), QueryFilter::filter);
        let select = scored::read(select, self.organization);
        let row = one_joined::<_, Scored>(&self.conn, select).await?;
        Ok(
            facts::of(&self.conn, self.organization, row.into_iter().collect())
                .await?
                .pop(),
        )
    }

    async fn insert(&self, model: &KeptModel) -> Result<(), StoreError> {
        if model.head.status != PredictionStatus::Failed {
            dialect::execute(&self.conn, REPLACE_ACTIVE, [self.organization.into()])
                .await
                .map_err(store_error)?;
        }
        let row = rows::model_row(self.organization, model)?;
        prediction_models::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        dialect::execute(&self.conn, FORGET_OLD, [self.organization.into()])
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn newest(&self) -> Result<Option<KeptModel>, StoreError> {
        let row = prediction_models::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .order_by_desc(Column::TrainedAt)
            .order_by_desc(Column::Id)
            .limit(1)
            .all(&self.conn)
            .await
            .map_err(store_error)?
            .pop();
        row.map(TryInto::try_into).transpose()
    }

    async fn active(&self) -> Result<Option<KeptModel>, StoreError> {
        let select = prediction_models::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Active.eq(true));
        one(&self.conn, select).await?.map(TryInto::try_into).transpose()
    }

    async fn record(&self, predictions: &[LeadPrediction]) -> Result<(), StoreError> {
        use lead_predictions::Column::{ComputedAt, LeadId, ModelId, OrganizationId, Probability};
        for lines in predictions.chunks(LINES) {
            let lines = lines
                .iter()
                .map(|prediction| rows::prediction_row(self.organization, prediction).into_active_model());
            lead_predictions::Entity::insert_many(lines)
                .on_conflict(
                    OnConflict::columns([OrganizationId, LeadId])
                        .update_columns([ModelId, Probability, ComputedAt])
                        .to_owned(),
                )
                .exec_without_returning(&self.conn)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn prediction(&self, lead: LeadId) -> Result<Option<LeadPrediction>, StoreError> {
        let row = one(
            &self.conn,
            lead_predictions::Entity::find_by_id((self.organization, lead.0)),
        )
        .await?;
        Ok(row.map(Into::into))
    }

    async fn advance(
        &self,
        id: PredictionModelId,
        pieces: i64,
        scoring: &Scoring,
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            pieces.into(),
            to_json(scoring)?.into(),
        ];
        let done = dialect::execute(&self.conn, ADVANCE, values)
            .await
            .map_err(store_error)?;
        Ok(done > 0)
    }
}
