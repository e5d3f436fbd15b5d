//! One organization's consents.

use super::convert;
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
use groundswell_domain::{LeadId, Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};
use std::collections::HashSet;
use uuid::Uuid;

/// Leads in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const LEADS: usize = 8_192;

/// The row is the newest of its lead and purpose.
fn newest() -> SimpleExpr {
    const NEWEST: &str = "NOT EXISTS (SELECT 1 FROM consents AS later \
        WHERE later.organization_id = consents.organization_id AND later.lead_id = consents.lead_id \
        AND (later.created_at, later.id) > (consents.created_at, consents.id) \
        AND later.purpose = consents.purpose)";
    Expr::cust(NEWEST)
}

#[async_trait]
impl<C: ConnectionTrait + Send> ConsentRepo for Session<C> {
    async fn add(&self, consent: &Consent) -> Result<(), StoreError> {
        let row = convert::row(self.organization, consent);
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
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
            .apply_if(filter.current.then(newest), QueryFilter::filter);
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
                .filter(newest())
                .into_tuple()
                .all(&self.conn)
                .await
                .map_err(store_error)?;
            found.extend(rows.into_iter().map(LeadId::from));
        }
        Ok(found)
    }
}
