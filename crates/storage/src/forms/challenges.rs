//! Captchas work once: each is written down with the submission that it was solved for.

use crate::dialect;
use crate::entity::form_challenges::{Column, Entity, Model};
use crate::error::store_error;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::forms::{SPENT, SpentChallenge};
use groundswell_domain::{StoreError, SubmissionId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Spends captchas, each for a submission. One that was spent for the same submission was so by an earlier try of this very
/// transaction, whose commit nobody heard of.
pub(super) async fn spend(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    solved: Vec<(&SpentChallenge, SubmissionId)>,
) -> Result<(), StoreError> {
    for (challenge, submission) in solved {
        let row = Model {
            organization_id: organization,
            id: challenge.id,
            form_id: challenge.form_id.0,
            submission_id: submission.0,
            expires_at: challenge.expires_at,
        };
        let unique = [Column::OrganizationId, Column::Id];
        let added = dialect::insert_new::<Entity>(conn, vec![row], &unique, &[Column::Id]).await?;
        if added.is_empty() {
            let known = one(conn, Entity::find_by_id((organization, challenge.id))).await?;
            if known.is_none_or(|known| known.submission_id != submission.0) {
                return Err(StoreError::Duplicate {
                    constraint: SPENT.to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Of all organizations. What has expired is refused anyway.
pub(super) async fn forget(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let old = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    Ok(old.exec(conn).await.map_err(store_error)?.rows_affected)
}
