//! Leads whose address is to be looked at, and what came of it.

use super::checks;
use crate::dialect::{self, FoundAddress};
use crate::entity::leads::{self, Column};
use crate::entity::{duplicate_scans, organizations};
use crate::error::store_error;
use crate::organizations_with::organizations_with;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::duplicates::DuplicateScanStatus;
use groundswell_domain::email::{Checked, Due, EmailAddress};
use groundswell_domain::leads::LeadDirectory;
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// Rows that are written at once.
const ROWS: usize = 1_000;

pub(super) async fn due(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    let rows: Vec<(Uuid, String, DateTime<Utc>)> = leads::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Email, Column::CreatedAt])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::VerifyAt.lte(now))
        .order_by_asc(Column::VerifyAt)
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let lead = |(id, email, created_at): (Uuid, String, _)| Due {
        id: id.into(),
        email: EmailAddress::from_trusted(email),
        created_at,
    };
    Ok(rows.into_iter().map(lead).collect())
}

pub(super) async fn write(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    checked: &[Checked],
) -> Result<u64, StoreError> {
    let mut written = 0;
    for chunk in checked.chunks(ROWS) {
        let mut rows = Vec::with_capacity(chunk.len());
        for lead in chunk {
            rows.push(FoundAddress {
                id: lead.id.0,
                email_key: lead.email_key.clone(),
                checks: checks::letters(&lead.verification),
                checked_at: lead.verification.checked_at,
                verify_at: lead.next,
            });
        }
        for statement in dialect::verify_leads(conn, organization, rows)? {
            let done = conn.execute_raw(statement).await.map_err(store_error)?;
            written += done.rows_affected();
        }
    }
    Ok(written)
}

#[async_trait]
impl LeadDirectory for SeaStore {
    async fn organizations_to_verify(
        &self,
        now: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        use organizations::Column as Organization;
        // One look into the index of each organization.
        let due = Query::select()
            .expr(Expr::val(1))
            .from(leads::Entity)
            .and_where(
                Expr::col((leads::Entity, Column::OrganizationId))
                    .equals((organizations::Entity, Organization::Id)),
            )
            .and_where(Column::VerifyAt.lte(now))
            .take();
        organizations_with(&self.reader, due, after, limit).await
    }

    async fn organizations_to_compare(
        &self,
        until: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        use duplicate_scans::{Column as Scan, Entity as Scans};
        let row = Expr::tuple([
            Expr::col((leads::Entity, Column::UpdatedAt)),
            Expr::col((leads::Entity, Column::Id)),
        ]);
        let seen = Expr::tuple([
            Expr::col((Scans, Scan::SeenAt)),
            Expr::col((Scans, Scan::SeenLead)),
        ]);
        let due = Query::select()
            .expr(Expr::val(1))
            .from(leads::Entity)
            .and_where(
                Expr::col((leads::Entity, Column::OrganizationId)).equals((Scans, Scan::OrganizationId)),
            )
            .and_where(Column::UpdatedAt.lte(until))
            .and_where(row.gt(seen))
            .take();
        let ids: Vec<Uuid> = Scans::find()
            .select_only()
            .column(Scan::OrganizationId)
            .filter(Scan::Status.eq(DuplicateScanStatus::Done.as_str()))
            .filter(Expr::exists(due))
            .apply_if(after, |select, id| select.filter(Scan::OrganizationId.gt(id.0)))
            .order_by_asc(Scan::OrganizationId)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}
