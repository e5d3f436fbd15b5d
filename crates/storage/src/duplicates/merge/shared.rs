//! What both leads can have: the one that stays gets what it does not have itself, until they are parted again.

use crate::dialect;
use crate::entity::{segment_members, segments, slot_answers, stage_holds};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use uuid::Uuid;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Rows {
    answers: Vec<slot_answers::Model>,
    holds: Vec<stage_holds::Model>,
    members: Vec<segment_members::Model>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Shared {
    /// The other's, as they were.
    theirs: Rows,
    /// Those that the lead that stays got.
    given: Rows,
}

macro_rules! of_lead {
    ($conn:ident, $organization:ident, $lead:ident, $table:ident) => {
        $table::Entity::find()
            .filter($table::Column::OrganizationId.eq($organization))
            .filter($table::Column::LeadId.eq($lead))
            .all($conn)
            .await
            .map_err(store_error)?
    };
}

impl Rows {
    async fn read(conn: &impl ConnectionTrait, organization: Uuid, lead: Uuid) -> Result<Self, StoreError> {
        Ok(Self {
            answers: of_lead!(conn, organization, lead, slot_answers),
            holds: of_lead!(conn, organization, lead, stage_holds),
            members: of_lead!(conn, organization, lead, segment_members),
        })
    }

    async fn insert(&self, conn: &impl ConnectionTrait) -> Result<(), StoreError> {
        macro_rules! insert {
            ($rows:ident, $table:ident, $($key:ident),+) => {{
                let unique = [$($table::Column::$key),+];
                let rows = self.$rows.clone();
                dialect::insert_new::<$table::Entity>(conn, rows, &unique, &[$table::Column::LeadId]).await?;
            }};
        }
        insert!(answers, slot_answers, OrganizationId, LeadId, Framework, Slot);
        insert!(holds, stage_holds, OrganizationId, LeadId);
        insert!(members, segment_members, OrganizationId, SegmentId, LeadId);
        Ok(())
    }
}

impl Shared {
    /// Before the other's row goes away, and these with it.
    pub async fn read(
        conn: &impl ConnectionTrait,
        organization: Uuid,
        other: Uuid,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            theirs: Rows::read(conn, organization, other).await?,
            given: Rows::default(),
        })
    }

    pub async fn give(
        &mut self,
        conn: &impl ConnectionTrait,
        organization: Uuid,
        survivor: Uuid,
    ) -> Result<(), StoreError> {
        let own = Rows::read(conn, organization, survivor).await?;
        macro_rules! missing {
            ($rows:ident, |$row:ident| $key:expr) => {{
                let known: HashSet<_> = own.$rows.iter().map(|$row| $key).collect();
                let rows = self.theirs.$rows.iter();
                let rows = rows.filter(|$row| !known.contains(&$key)).cloned();
                rows.map(|mut row| {
                    row.lead_id = survivor;
                    row
                })
                .collect()
            }};
        }
        self.given = Rows {
            answers: missing!(answers, |row| (row.framework.as_str(), row.slot.as_str())),
            holds: missing!(holds, |row| row.organization_id),
            members: missing!(members, |row| row.segment_id),
        };
        self.given.insert(conn).await
    }

    /// Takes from the lead that stayed what it got, as far as nobody changed it since, and gives the other its own again.
    pub async fn part(mut self, conn: &impl ConnectionTrait, organization: Uuid) -> Result<(), StoreError> {
        for row in &self.given.answers {
            slot_answers::Entity::delete_many()
                .filter(slot_answers::Column::OrganizationId.eq(organization))
                .filter(slot_answers::Column::LeadId.eq(row.lead_id))
                .filter(slot_answers::Column::Framework.eq(&row.framework))
                .filter(slot_answers::Column::Slot.eq(&row.slot))
                .filter(slot_answers::Column::AnsweredAt.eq(row.answered_at))
                .exec(conn)
                .await
                .map_err(store_error)?;
        }
        for row in &self.given.holds {
            stage_holds::Entity::delete_many()
                .filter(stage_holds::Column::OrganizationId.eq(organization))
                .filter(stage_holds::Column::LeadId.eq(row.lead_id))
                .filter(stage_holds::Column::HeldAt.eq(row.held_at))
                .exec(conn)
                .await
                .map_err(store_error)?;
        }
        for row in &self.given.members {
            segment_members::Entity::delete_many()
                .filter(segment_members::Column::OrganizationId.eq(organization))
                .filter(segment_members::Column::SegmentId.eq(row.segment_id))
                .filter(segment_members::Column::LeadId.eq(row.lead_id))
                .exec(conn)
                .await
                .map_err(store_error)?;
        }
        self.forget_gone(conn, organization).await?;
        self.theirs.insert(conn).await
    }

    /// Segments may be gone by now.
    async fn forget_gone(
        &mut self,
        conn: &impl ConnectionTrait,
        organization: Uuid,
    ) -> Result<(), StoreError> {
        let theirs = &mut self.theirs;
        let segments: HashSet<Uuid> = segments::Entity::find()
            .select_only()
            .column(segments::Column::Id)
            .filter(segments::Column::OrganizationId.eq(organization))
            .filter(segments::Column::Id.is_in(padded(theirs.members.iter().map(|row| row.segment_id))))
            .into_tuple::<Uuid>()
            .all(conn)
            .await
            .map_err(store_error)?
            .into_iter()
            .collect();
        theirs.members.retain(|row| segments.contains(&row.segment_id));
        Ok(())
    }
}
