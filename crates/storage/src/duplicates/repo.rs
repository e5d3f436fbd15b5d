//! The ports of duplicates and merges.

use super::{convert, index, merge, pairs};
use crate::dialect;
use crate::entity::duplicate_pairs::{self, Column};
use crate::entity::{duplicate_scans, leads};
use crate::error::store_error;
use crate::keyset;
use crate::leads::{Scored, read_scored};
use crate::one::{one, one_locked};
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::duplicates::{
    DuplicateFilter, DuplicatePair, DuplicateRepo, DuplicateScan, DuplicateSort, Keys, LeadMerge,
    MergeExtras, MergeRepo,
};
use groundswell_domain::ids::{DuplicateId, DuplicateScanId, LeadId};
use groundswell_domain::leads::Lead;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use std::collections::HashMap;

const FORGET: &str = "DELETE FROM duplicate_scans WHERE organization_id = $1";

#[async_trait]
impl<C: ConnectionTrait + Send> DuplicateRepo for Session<C> {
    async fn get(&self, id: DuplicateId) -> Result<Option<DuplicatePair>, StoreError> {
        let row = one(
            &self.conn,
            duplicate_pairs::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn list(
        &self,
        filter: &DuplicateFilter,
        page: &PageRequest<DuplicateSort>,
    ) -> Result<Page<DuplicatePair>, StoreError> {
        let column = match page.sort.field {
            DuplicateSort::Probability => Column::Likelihood,
            DuplicateSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &duplicate_pairs::Model| {
            let value = match page.sort.field {
                DuplicateSort::Probability => CursorValue::Number(row.likelihood.into()),
                DuplicateSort::CreatedAt => CursorValue::Time(row.created_at),
            };
            (value, row.id)
        };
        let of_lead = |lead: LeadId| {
            Condition::any()
                .add(Column::LeadA.eq(lead.0))
                .add(Column::LeadB.eq(lead.0))
        };
        let select = duplicate_pairs::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(filter.status, |select, status| {
                select.filter(Column::Status.eq(status.as_str()))
            })
            .apply_if(filter.min_probability, |select, least| {
                select.filter(Column::Likelihood.gte(convert::likelihood(least)))
            })
            .apply_if(filter.lead.map(of_lead), QueryFilter::filter);
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

    async fn dismiss(&self, pair: &DuplicatePair) -> Result<Option<DuplicatePair>, StoreError> {
        pairs::dismiss(&self.conn, self.organization, pair).await
    }

    async fn found(
        &self,
        leads: &[LeadId],
        forward: bool,
        found: &[DuplicatePair],
    ) -> Result<(), StoreError> {
        pairs::found(&self.conn, self.organization, leads, forward, found).await
    }

    async fn scan(&self) -> Result<Option<DuplicateScan>, StoreError> {
        let row = one(&self.conn, duplicate_scans::Entity::find_by_id(self.organization)).await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn begin_scan(&self, scan: &DuplicateScan) -> Result<(), StoreError> {
        dialect::execute(&self.conn, FORGET, [self.organization.into()])
            .await
            .map_err(store_error)?;
        duplicate_scans::Entity::insert(convert::scan_row(self.organization, scan).into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn save_scan(&self, scan: &DuplicateScan) -> Result<bool, StoreError> {
        use duplicate_scans::Column;
        let row = convert::scan_row(self.organization, scan);
        let done = duplicate_scans::Entity::update_many()
            .col_expr(Column::Status, Expr::val(row.status))
            .col_expr(Column::Done, Expr::val(row.done))
            .col_expr(Column::Compared, Expr::val(row.compared))
            .col_expr(Column::Proposed, Expr::val(row.proposed))
            .col_expr(Column::TooCommon, Expr::val(row.too_common))
            .col_expr(Column::FinishedAt, Expr::val(row.finished_at))
            .col_expr(Column::After, Expr::val(row.after))
            .col_expr(Column::SeenAt, Expr::val(row.seen_at))
            .col_expr(Column::SeenLead, Expr::val(row.seen_lead))
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(row.id))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn lock_scan(&self, id: DuplicateScanId) -> Result<Option<DuplicateScan>, StoreError> {
        let select = duplicate_scans::Entity::find_by_id(self.organization)
            .filter(duplicate_scans::Column::Id.eq(id.0));
        let row = one_locked(&self.conn, select).await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn changed(
        &self,
        seen: Option<(DateTime<Utc>, LeadId)>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Lead>, StoreError> {
        use leads::Column;
        let after = seen.map(|(at, lead)| {
            let row = Expr::tuple([
                Expr::col(Column::UpdatedAt.as_column_ref()),
                Expr::col(Column::Id.as_column_ref()),
            ]);
            row.gt(Expr::tuple([Expr::val(at), Expr::val(lead.0)]))
        });
        let changed = leads::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::UpdatedAt.lte(until))
            .apply_if(after, QueryFilter::filter)
            .order_by_asc(Column::UpdatedAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        let rows = read_scored(changed, self.organization)
            .into_model::<Scored>()
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn index(&self, leads: &[(LeadId, Keys)]) -> Result<(), StoreError> {
        index::write(&self.conn, self.organization, leads).await
    }

    async fn counts(&self, keys: &[String]) -> Result<HashMap<String, u64>, StoreError> {
        index::counts(&self.conn, self.organization, keys).await
    }

    async fn sharing(&self, keys: &[String]) -> Result<Vec<(String, LeadId)>, StoreError> {
        index::sharing(&self.conn, self.organization, keys).await
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> MergeRepo for Session<C> {
    async fn merge(
        &self,
        merge: &LeadMerge,
        merged: &Lead,
        read: (i32, i32),
        extras: &MergeExtras,
    ) -> Result<bool, StoreError> {
        merge::run(self, merge, merged, read, extras).await
    }

    async fn seal(&self, merge: &LeadMerge) -> Result<(), StoreError> {
        merge::seal(&self.conn, self.organization, merge).await
    }

    async fn newest(&self, survivor: LeadId) -> Result<Option<LeadMerge>, StoreError> {
        merge::newest(&self.conn, self.organization, survivor).await
    }

    async fn unmerge(&self, merge: &LeadMerge, now: DateTime<Utc>) -> Result<bool, StoreError> {
        merge::undo(&self.conn, self.organization, merge, now).await
    }

    async fn merged_into(&self, lead: LeadId) -> Result<Option<LeadId>, StoreError> {
        merge::merged_into(&self.conn, self.organization, lead).await
    }

    async fn aliases(&self, keys: &[String]) -> Result<HashMap<String, LeadId>, StoreError> {
        let found = crate::leads::aliases(&self.conn, self.organization, keys).await?;
        Ok(found.into_iter().map(|(key, id)| (key, id.into())).collect())
    }

    async fn addresses(&self, leads: &[LeadId]) -> Result<Vec<String>, StoreError> {
        merge::addresses(&self.conn, self.organization, leads).await
    }
}
