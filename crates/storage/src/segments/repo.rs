//! The port of segments.

use super::rows;
use crate::dialect::{self, contains, execute, json_text};
use crate::entity::segments::{ActiveModel, Column, Entity, Model};
use crate::entity::{campaigns, clients, forms, leads, segment_members};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::{one, one_locked};
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::CampaignStatus;
use groundswell_domain::ids::{CampaignId, ClientId, LeadId, SegmentId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::segments::{References, Segment, SegmentRepo, SegmentSort};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::BTreeSet;
use uuid::Uuid;

const DELETE: &str = "DELETE FROM segments WHERE organization_id = $1 AND id = $2";

const LAST_MEMBER: &str = "SELECT lead_id FROM segment_members WHERE organization_id = $1 AND segment_id = $2 \
    ORDER BY lead_id DESC LIMIT 1";

const FINISH: &str = "UPDATE segments SET frozen_at = $3, version = version + 1, updated_at = $3, count_at_freeze = \
    (SELECT COUNT(*) FROM segment_members WHERE organization_id = $1 AND segment_id = $2) \
    WHERE organization_id = $1 AND id = $2 AND kind = 'frozen' AND frozen_at IS NULL";

#[async_trait]
impl<C: ConnectionTrait + Send> SegmentRepo for Session<C> {
    async fn insert(&self, segment: &Segment) -> Result<(), StoreError> {
        let row = rows::row(self.organization, segment);
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: SegmentId) -> Result<Option<Segment>, StoreError> {
        let row = one(&self.conn, self.segment(id)).await?;
        row.map(rows::segment).transpose()
    }

    async fn get_locked(&self, id: SegmentId) -> Result<Option<Segment>, StoreError> {
        let row = one_locked(&self.conn, self.segment(id)).await?;
        row.map(rows::segment).transpose()
    }

    async fn list(
        &self,
        name: Option<&str>,
        client: Option<ClientId>,
        request: &PageRequest<SegmentSort>,
    ) -> Result<Page<Segment>, StoreError> {
        let mut select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(self.of_client(Column::ClientId), QueryFilter::filter)
            .apply_if(client, |select, id| select.filter(Column::ClientId.eq(id.0)));
        if let Some(part) = name {
            select = select.filter(contains(&self.conn, Column::Name, part));
        }
        let field = request.sort.field;
        let sort = match field {
            SegmentSort::CreatedAt => Column::CreatedAt,
            SegmentSort::UpdatedAt => Column::UpdatedAt,
            SegmentSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match field {
                SegmentSort::CreatedAt => CursorValue::Time(row.created_at),
                SegmentSort::UpdatedAt => CursorValue::Time(row.updated_at),
                SegmentSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let columns = (sort, Column::Id);
        keyset::page(&self.conn, select, columns, request, place, rows::segment).await
    }

    async fn update(&self, segment: &Segment, expected: i32) -> Result<bool, StoreError> {
        let row = rows::row(self.organization, segment);
        let mut change = ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(segment.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: SegmentId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn unfinished_campaigns(&self, id: SegmentId) -> Result<Vec<(CampaignId, String)>, StoreError> {
        use campaigns::Column;
        let mut query = campaigns::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Name, Column::Status])
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(sea_orm::sea_query::ExprTrait::eq(
                json_text(&self.conn, Expr::col(Column::TargetAudience), "segment_id"),
                id.to_string(),
            ))
            .order_by_asc(Column::Id)
            .into_query();
        dialect::lock_for_update(&self.conn, &mut query);
        let mut found = Vec::new();
        for row in self.conn.query_all(&query).await.map_err(store_error)? {
            let (id, name, status): (Uuid, String, String) =
                row.try_get_many_by_index().map_err(store_error)?;
            let status: CampaignStatus = crate::codec::parse("campaigns.status", &status)?;
            if !status.is_final() {
                found.push((id.into(), name));
            }
        }
        Ok(found)
    }

    async fn known(&self, wanted: &References) -> Result<References, StoreError> {
        macro_rules! known {
            ($table:ident, $ids:expr, $visible:expr) => {
                self.known_ids::<$table::Entity, _>(
                    ($table::Column::OrganizationId, $table::Column::Id),
                    $visible,
                    $ids.iter().map(|id| id.0).collect(),
                )
                .await?
            };
        }
        Ok(References {
            forms: known!(forms, wanted.forms, None),
            campaigns: known!(
                campaigns,
                wanted.campaigns,
                self.of_client(campaigns::Column::ClientId)
            ),
            clients: known!(clients, wanted.clients, self.of_client(clients::Column::Id)),
        })
    }

    async fn add_members(&self, id: SegmentId, leads: &[LeadId]) -> Result<(), StoreError> {
        use segment_members::Column;
        let mut query = leads::Entity::find()
            .select_only()
            .column(leads::Column::Id)
            .filter(leads::Column::OrganizationId.eq(self.organization))
            .filter(leads::Column::Id.is_in(padded(leads.iter().map(|lead| lead.0))))
            .order_by_asc(leads::Column::Id)
            .into_query();
        // So that none of them goes away before it is written down.
        dialect::lock_for_update(&self.conn, &mut query);
        let rows = self.conn.query_all(&query).await.map_err(store_error)?;
        let members = rows
            .iter()
            .map(|row| {
                Ok(segment_members::Model {
                    organization_id: self.organization,
                    segment_id: id.0,
                    lead_id: row.try_get_by_index(0).map_err(store_error)?,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let unique = [Column::OrganizationId, Column::SegmentId, Column::LeadId];
        dialect::insert_new::<segment_members::Entity>(&self.conn, members, &unique, &[Column::LeadId])
            .await?;
        Ok(())
    }

    async fn last_member(&self, id: SegmentId) -> Result<Option<LeadId>, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        let statement = dialect::statement(&self.conn, LAST_MEMBER, values);
        let row = self.conn.query_one_raw(statement).await.map_err(store_error)?;
        row.map(|row| {
            let id: Uuid = row.try_get_by_index(0).map_err(store_error)?;
            Ok(id.into())
        })
        .transpose()
    }

    async fn finish_freeze(&self, id: SegmentId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into(), now.into()];
        Ok(execute(&self.conn, FINISH, values).await.map_err(store_error)? == 1)
    }
}

impl<C: ConnectionTrait + Send> Session<C> {
    /// Those of the ids that there are in a table.
    async fn known_ids<E: EntityTrait, Id: From<Uuid> + Ord>(
        &self,
        (organization, id): (E::Column, E::Column),
        visible: Option<SimpleExpr>,
        wanted: Vec<Uuid>,
    ) -> Result<BTreeSet<Id>, StoreError> {
        if wanted.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows: Vec<Uuid> = E::find()
            .select_only()
            .column(id)
            .filter(organization.eq(self.organization))
            .apply_if(visible, QueryFilter::filter)
            .filter(id.is_in(padded(wanted)))
            .into_tuple()
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    fn segment(&self, id: SegmentId) -> sea_orm::Select<Entity> {
        Entity::find_by_id((self.organization, id.0))
            .apply_if(self.of_client(Column::ClientId), QueryFilter::filter)
    }
}
