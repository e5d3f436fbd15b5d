//! One organization's consents.

use super::convert;
use crate::codec::parse;
use crate::dialect;
use crate::entity::consents::{Column, Entity, Model};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::consents::{
    Consent, ConsentDecision, ConsentFilter, ConsentRepo, ConsentSort, Purpose,
};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{LeadId, Page, PageRequest, StoreError, SubmissionId};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Leads in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const LEADS: usize = 8_192;

const TAKE_PENDING: &str = "DELETE FROM consents WHERE organization_id = $1 AND lead_id = $2 AND submission_id = $3 \
    AND decision = 'pending' RETURNING *";

/// The row is what counts for its lead and purpose: the newest decision, or the newest question if nothing was decided.
pub(crate) fn counts() -> SimpleExpr {
    const COUNTS: &str = "NOT EXISTS (SELECT 1 FROM consents AS other \
        WHERE other.organization_id = consents.organization_id AND other.lead_id = consents.lead_id \
        AND other.purpose = consents.purpose AND CASE \
        WHEN (other.decision IN ('granted', 'withdrawn')) = (consents.decision IN ('granted', 'withdrawn')) \
        THEN (other.created_at, other.id) > (consents.created_at, consents.id) \
        ELSE other.decision IN ('granted', 'withdrawn') END)";
    Expr::cust(COUNTS)
}

#[async_trait]
impl<C: ConnectionTrait + Send> ConsentRepo for Session<C> {
    async fn add(&self, consent: &Consent) -> Result<(), StoreError> {
        let row = convert::row(self.organization, consent)?;
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn add_many(&self, consents: &[Consent]) -> Result<(), StoreError> {
        let rows = consents
            .iter()
            .map(|consent| convert::row(self.organization, consent));
        super::insert_new(&self.conn, rows.collect::<Result<_, _>>()?).await
    }

    async fn list(
        &self,
        lead: LeadId,
        filter: &ConsentFilter,
        page: &PageRequest<ConsentSort>,
    ) -> Result<Page<Consent>, StoreError> {
        let select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::LeadId.eq(lead.0))
            .apply_if(filter.purpose.as_ref(), |select, purpose| {
                select.filter(Column::Purpose.eq(purpose.as_str()))
            })
            .apply_if(filter.current.then(counts), QueryFilter::filter);
        let sort = match page.sort.field {
            ConsentSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &Model| (CursorValue::Time(row.created_at), row.id);
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            page,
            place,
            convert::consent,
        )
        .await
    }

    async fn decided(
        &self,
        purpose: &Purpose,
        decision: ConsentDecision,
        leads: &[LeadId],
    ) -> Result<HashSet<LeadId>, StoreError> {
        let mut found = HashSet::new();
        for leads in leads.chunks(LEADS) {
            let rows: Vec<Uuid> = Entity::find()
                .select_only()
                .column(Column::LeadId)
                .filter(Column::OrganizationId.eq(self.organization))
                .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
                .filter(Column::Purpose.eq(purpose.as_str()))
                .filter(Column::Decision.eq(decision.as_str()))
                .filter(counts())
                .into_tuple()
                .all(&self.conn)
                .await
                .map_err(store_error)?;
            found.extend(rows.into_iter().map(LeadId::from));
        }
        Ok(found)
    }

    async fn without(
        &self,
        purpose: &Purpose,
        leads: &[LeadId],
    ) -> Result<HashMap<LeadId, ConsentDecision>, StoreError> {
        let mut found = HashMap::new();
        for leads in leads.chunks(LEADS) {
            let rows: Vec<(Uuid, String)> = Entity::find()
                .select_only()
                .columns([Column::LeadId, Column::Decision])
                .filter(Column::OrganizationId.eq(self.organization))
                .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
                .filter(Column::Purpose.eq(purpose.as_str()))
                .filter(Column::Decision.ne(ConsentDecision::Granted.as_str()))
                .filter(counts())
                .into_tuple()
                .all(&self.conn)
                .await
                .map_err(store_error)?;
            for (lead, decision) in rows {
                found.insert(lead.into(), parse("consents.decision", &decision)?);
            }
        }
        Ok(found)
    }

    async fn of_submission(
        &self,
        lead: LeadId,
        submission: SubmissionId,
    ) -> Result<Vec<Consent>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::LeadId.eq(lead.0))
            .filter(Column::SubmissionId.eq(submission.0))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(convert::consent).collect()
    }

    async fn take_pending(&self, lead: LeadId, submission: SubmissionId) -> Result<Vec<Consent>, StoreError> {
        let values = [self.organization.into(), lead.0.into(), submission.0.into()];
        let rows = self
            .conn
            .query_all_raw(dialect::statement(&self.conn, TAKE_PENDING, values))
            .await
            .map_err(store_error)?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in rows {
            taken.push(convert::consent(
                Model::from_query_result(&row, "").map_err(store_error)?,
            )?);
        }
        // RETURNING has no order.
        taken.sort_unstable_by_key(|consent| consent.id);
        Ok(taken)
    }
}
