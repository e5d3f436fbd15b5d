//! Sequences of all organizations.

use crate::entity::{organizations, sequence_enrollments, sequences};
use crate::organizations_with::organizations_with;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::sequences::{SequenceDirectory, SequenceStatus};
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

#[async_trait]
impl SequenceDirectory for SeaStore {
    async fn organizations_with_due(
        &self,
        before: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        use organizations::Column as Organization;
        use sequence_enrollments::Column as Enrollment;
        use sequences::Column as Sequence;
        // One look into the index for each active sequence.
        let inside = Query::select()
            .expr(Expr::val(1))
            .from(sequence_enrollments::Entity)
            .and_where(
                Expr::col((sequence_enrollments::Entity, Enrollment::OrganizationId))
                    .equals((sequences::Entity, Sequence::OrganizationId)),
            )
            .and_where(
                Expr::col((sequence_enrollments::Entity, Enrollment::SequenceId))
                    .equals((sequences::Entity, Sequence::Id)),
            )
            .and_where(Enrollment::WakeAt.lt(before))
            .take();
        let due = Query::select()
            .expr(Expr::val(1))
            .from(sequences::Entity)
            .and_where(
                Expr::col((sequences::Entity, Sequence::OrganizationId))
                    .equals((organizations::Entity, Organization::Id)),
            )
            .and_where(Sequence::Status.eq(SequenceStatus::Active.as_str()))
            .and_where(Expr::exists(inside))
            .take();
        organizations_with(&self.reader, due, after, limit).await
    }
}
