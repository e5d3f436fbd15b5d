//! The counters of campaigns with caps.

use crate::dialect;
use crate::entity::campaign_paces::{Entity, Model};
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::Pace;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryTrait};
use uuid::Uuid;

const BEGIN: &str = "INSERT INTO campaign_paces (organization_id, campaign_id, day_count, earlier_days, minute_count) \
    VALUES ($1, $2, 0, 0, 0) ON CONFLICT (organization_id, campaign_id) DO NOTHING";

const SET: &str = "UPDATE campaign_paces SET day = $3, day_count = $4, earlier_days = $5, minute = $6, minute_count = $7 \
    WHERE organization_id = $1 AND campaign_id = $2";

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
) -> Result<Pace, StoreError> {
    dialect::execute(conn, BEGIN, [organization.into(), campaign.into()])
        .await
        .map_err(store_error)?;
    let mut query = Entity::find_by_id((organization, campaign)).into_query();
    dialect::lock_for_update(conn, &mut query);
    let row = conn.query_one(&query).await.map_err(store_error)?;
    let Some(row) = row else {
        return Ok(Pace::default());
    };
    let row = Model::from_query_result(&row, "").map_err(store_error)?;
    let number = |number: i32| u32::try_from(number).map_err(StoreError::other);
    Ok(Pace {
        day: row.day,
        day_count: number(row.day_count)?,
        earlier_days: number(row.earlier_days)?,
        minute: row.minute,
        minute_count: number(row.minute_count)?,
    })
}

pub(super) async fn set(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    pace: &Pace,
) -> Result<(), StoreError> {
    let number = |number: u32| i32::try_from(number).map_err(StoreError::other);
    let values = [
        organization.into(),
        campaign.into(),
        pace.day.into(),
        number(pace.day_count)?.into(),
        number(pace.earlier_days)?.into(),
        pace.minute.into(),
        number(pace.minute_count)?.into(),
    ];
    dialect::execute(conn, SET, values).await.map_err(store_error)?;
    Ok(())
}
