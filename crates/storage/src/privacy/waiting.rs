//! Files of imports that wait.

use super::address;
use crate::dialect::execute;
use crate::entity::lead_import_contents::{Column, Entity};
use crate::error::store_error;
use crate::leads::END_IMPORT;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::leads::ImportStatus;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

const WHY: &str = "somebody in the file asked to be forgotten while it waited: upload it again without them";

/// Ends imports whose files have the address, and deletes those files. To take one line out would leave the rest of what the
/// file tells about the person, and they are few: a file waits for seconds, unless something is wrong.
pub(super) async fn forget_files(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let waiting: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ImportId)
        .filter(Column::OrganizationId.eq(organization))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut forgotten = 0;
    // One at a time: each is as large as an upload may be.
    for import in waiting {
        let file = one(conn, Entity::find_by_id((organization, import))).await?;
        // They are kept as UTF-8, whatever they came in.
        let named = file.is_some_and(|file| address::mentions(&String::from_utf8_lossy(&file.content), key));
        if !named {
            continue;
        }
        let values = [
            organization.into(),
            import.into(),
            ImportStatus::Failed.as_str().into(),
            WHY.into(),
            now.into(),
        ];
        execute(conn, END_IMPORT, values).await.map_err(store_error)?;
        let done = Entity::delete_by_id((organization, import))
            .exec(conn)
            .await
            .map_err(store_error)?;
        forgotten += done.rows_affected;
    }
    Ok(forgotten)
}
