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
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// More bytes than an address has, with what tells that it is a whole one.
const EDGE: usize = 1024;

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
        .distinct()
        .filter(Column::OrganizationId.eq(organization))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut forgotten = 0;
    for import in waiting {
        if !mentions(conn, organization, import, key).await? {
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
        let done = Entity::delete_many()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::ImportId.eq(import))
            .exec(conn)
            .await
            .map_err(store_error)?;
        forgotten += done.rows_affected;
    }
    Ok(forgotten)
}

/// They are kept as UTF-8, whatever they came in. One piece at a time, with the end of the one before: an address may go over
/// the edge between the two.
async fn mentions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: Uuid,
    key: &str,
) -> Result<bool, StoreError> {
    let starts: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::Start)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::ImportId.eq(import))
        .order_by_asc(Column::Start)
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut rest = Vec::new();
    for start in starts {
        let Some(piece) = one(conn, Entity::find_by_id((organization, import, start))).await? else {
            continue;
        };
        rest.extend(piece.content);
        if address::mentions(&String::from_utf8_lossy(&rest), key) {
            return Ok(true);
        }
        rest.drain(..rest.len().saturating_sub(EDGE));
    }
    Ok(false)
}
