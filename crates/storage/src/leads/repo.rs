//! The port of leads; many rows at once and the score have files of their own.

use super::scored::{self, Scored};
use super::{bulk, count, counters, filter, list, score, verification};
use crate::dialect;
use crate::entity::{lead_scores, leads, score_entries, side_score_entries};
use crate::error::store_error;
use crate::keyset;
use crate::one::one_joined;
use crate::segments::Shape;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{Checked, Due};
use groundswell_domain::ids::{LeadId, ScoringModelId};
use groundswell_domain::leads::{
    Lead, LeadFilter, LeadRepo, LeadSort, Score, ScoreEntry, ScoreSort, StatusCounts,
};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use leads::Column;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

#[async_trait]
impl<C: ConnectionTrait + Send> LeadRepo for Session<C> {
    async fn insert(&self, lead: &Lead) -> Result<(), StoreError> {
        bulk::check_free(&self.conn, self.organization, lead).await?;
        let row = leads::Model::of(self.organization, lead)?;
        leads::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        let score = lead_scores::Model::of(self.organization, lead.id.0, Score::default());
        lead_scores::Entity::insert(score.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        counters::add(&self.conn, self.organization, lead.id.0, lead.status.as_str(), 1).await
    }

    async fn insert_many(&self, leads: &[Lead]) -> Result<Vec<LeadId>, StoreError> {
        bulk::insert(&self.conn, self.organization, leads).await
    }

    async fn get(&self, id: LeadId) -> Result<Option<Lead>, StoreError> {
        let select = leads::Entity::find_by_id((self.organization, id.0))
            .apply_if(self.of_client(Column::ClientId), QueryFilter::filter);
        let select = scored::read(select, self.organization);
        let row = one_joined::<_, Scored>(&self.conn, select).await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn by_email_keys(&self, keys: &[String]) -> Result<Vec<Lead>, StoreError> {
        bulk::by_email_keys(&self.conn, self.organization, keys).await
    }

    async fn list(
        &self,
        filter: &LeadFilter,
        page: &PageRequest<LeadSort>,
    ) -> Result<Page<Lead>, StoreError> {
        list::list(self, filter, page).await
    }

    async fn count(&self, filter: &LeadFilter) -> Result<i64, StoreError> {
        count::count(self, filter).await
    }

    async fn some(&self, filter: &LeadFilter, limit: u32) -> Result<Vec<Lead>, StoreError> {
        let query = filter::select(self, filter, Shape::Whole)
            .with_scores(self.organization)
            .limit(u64::from(limit))
            .into_query();
        let rows = Scored::find_by_statement(dialect::page(&self.conn, &query))
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn after(
        &self,
        filter: &LeadFilter,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<Lead>, StoreError> {
        let rows = filter::select(self, filter, Shape::Walk)
            .with_scores(self.organization)
            .apply_if(after, |select, id| select.filter(Column::Id.gt(id.0)))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .into_model::<Scored>()
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn update(&self, lead: &Lead, expected: i32) -> Result<bool, StoreError> {
        let mut query = leads::Entity::find_by_id((self.organization, lead.id.0))
            .filter(Column::Version.eq(expected))
            .select_only()
            .columns([Column::Status, Column::EmailKey])
            .into_query();
        dialect::lock_for_update(&self.conn, &mut query);
        let Some(before) = self.conn.query_one(&query).await.map_err(store_error)? else {
            return Ok(false);
        };
        let (before, key): (String, String) = before.try_get_many_by_index().map_err(store_error)?;
        let row = leads::Model::of(self.organization, lead)?;
        let new_address = row.email_key != key;
        if new_address {
            bulk::check_free(&self.conn, self.organization, lead).await?;
        }
        if bulk::update_row(&self.conn, row, expected, new_address).await? == 0 {
            return Ok(false);
        }
        counters::shift(
            &self.conn,
            self.organization,
            lead.id.0,
            &before,
            lead.status.as_str(),
        )
        .await?;
        Ok(true)
    }

    async fn update_many(&self, leads: &[Lead]) -> Result<(), StoreError> {
        bulk::update(&self.conn, self.organization, leads).await
    }

    async fn due_for_verification(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Due>, StoreError> {
        verification::due(&self.conn, self.organization, now, limit).await
    }

    async fn verified(&self, checked: &[Checked]) -> Result<u64, StoreError> {
        verification::write(&self.conn, self.organization, checked).await
    }

    async fn delete(&self, id: LeadId) -> Result<bool, StoreError> {
        const DELETE: &str = "DELETE FROM leads WHERE organization_id = $1 AND id = $2 RETURNING status";
        if self.client.is_some() && LeadRepo::get(self, id).await?.is_none() {
            return Ok(false);
        }
        let statement = dialect::statement(&self.conn, DELETE, [self.organization.into(), id.0.into()]);
        let Some(row) = self.conn.query_one_raw(statement).await.map_err(store_error)? else {
            return Ok(false);
        };
        let status: String = row.try_get_by_index(0).map_err(store_error)?;
        counters::add(&self.conn, self.organization, id.0, &status, -1).await?;
        crate::email::forget_lead(&self.conn, self.organization, id.0).await?;
        Ok(true)
    }

    async fn add_score(&self, entries: &[ScoreEntry]) -> Result<u64, StoreError> {
        score::add(&self.conn, self.organization, entries).await
    }

    async fn score_entries(
        &self,
        lead: LeadId,
        beside: Option<ScoringModelId>,
        page: &PageRequest<ScoreSort>,
    ) -> Result<Page<ScoreEntry>, StoreError> {
        use score_entries::Column;
        if let Some(model) = beside {
            return side_entries(self, lead, model, page).await;
        }
        let column = match page.sort.field {
            ScoreSort::CreatedAt => Column::CreatedAt,
        };
        let select = score_entries::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::LeadId.eq(lead.0));
        let place = |row: &score_entries::Model| (CursorValue::Time(row.created_at), row.id);
        keyset::page(
            &self.conn,
            select,
            (column, Column::Id),
            page,
            place,
            TryInto::try_into,
        )
        .await
    }

    async fn status_counts(&self) -> Result<StatusCounts, StoreError> {
        match self.client {
            Some(client) => counters::of_client(&self.conn, self.organization, client).await,
            None => counters::sums(&self.conn, self.organization).await,
        }
    }
}

async fn side_entries<C: ConnectionTrait>(
    session: &Session<C>,
    lead: LeadId,
    model: ScoringModelId,
    page: &PageRequest<ScoreSort>,
) -> Result<Page<ScoreEntry>, StoreError> {
    use side_score_entries::Column;
    let column = match page.sort.field {
        ScoreSort::CreatedAt => Column::CreatedAt,
    };
    let select = side_score_entries::Entity::find()
        .filter(Column::OrganizationId.eq(session.organization))
        .filter(Column::LeadId.eq(lead.0))
        .filter(Column::ModelId.eq(model.0));
    let place = |row: &side_score_entries::Model| (CursorValue::Time(row.created_at), row.id);
    keyset::page(
        &session.conn,
        select,
        (column, Column::Id),
        page,
        place,
        TryInto::try_into,
    )
    .await
}
