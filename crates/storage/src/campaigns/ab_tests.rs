//! A/B tests of campaigns, and what people did with each version.

use crate::codec::{from_json, parse, to_json};
use crate::dialect;
use crate::entity::ab_tests::{Column, Entity, Model};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::{AbCounts, AbTest, VariantFigures};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryTrait,
};
use uuid::Uuid;

const FORGET: &str = "DELETE FROM ab_tests WHERE organization_id = $1 AND campaign_id = $2";

const UPDATE: &str = "UPDATE ab_tests SET status = $4, winner = $5, verdict = $6, looks = $3 + 1, decided_at = $7, \
    updated_at = $8, frozen = $9 WHERE organization_id = $1 AND campaign_id = $2 AND looks = $3";

const COUNTS: &str = "SELECT variant, COUNT(*) AS assigned, COUNT(sent_at) AS sent, COUNT(opened_at) AS opens, \
    COUNT(clicked_at) AS clicks, COUNT(unsubscribed_at) AS unsubscribes, MIN(sent_at) AS began, \
    COUNT(CASE WHEN status IN ('queued', 'claimed', 'sending') THEN 1 END) AS unsettled \
    FROM email_messages WHERE organization_id = $1 AND campaign_id = $2 GROUP BY variant ORDER BY variant";

fn row(organization: Uuid, test: &AbTest) -> Result<Model, StoreError> {
    Ok(Model {
        organization_id: organization,
        id: test.id.0,
        campaign_id: test.campaign_id.0,
        design: to_json(&test.design)?,
        status: test.status.as_str().to_owned(),
        winner: test.winner,
        verdict: test.outcome.as_ref().map(to_json).transpose()?,
        looks: test.looks,
        decided_at: test.decided_at,
        created_at: test.created_at,
        updated_at: test.updated_at,
        frozen: Some(to_json(&test.frozen)?),
    })
}

fn test(row: Model) -> Result<AbTest, StoreError> {
    let frozen = row.frozen.map(|value| from_json("ab_tests.frozen", value));
    Ok(AbTest {
        id: row.id.into(),
        campaign_id: row.campaign_id.into(),
        design: from_json("ab_tests.design", row.design)?,
        status: parse("ab_tests.status", &row.status)?,
        winner: row.winner,
        outcome: row
            .verdict
            .map(|value| from_json("ab_tests.verdict", value))
            .transpose()?,
        looks: row.looks,
        decided_at: row.decided_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        frozen: frozen.transpose()?.unwrap_or_default(),
    })
}

pub(super) async fn put(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    test: &AbTest,
) -> Result<(), StoreError> {
    let values = [organization.into(), test.campaign_id.0.into()];
    dialect::execute(conn, FORGET, values)
        .await
        .map_err(store_error)?;
    Entity::insert(row(organization, test)?.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
) -> Result<Option<AbTest>, StoreError> {
    let query = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::CampaignId.eq(campaign))
        .into_query();
    let found = conn.query_one(&query).await.map_err(store_error)?;
    let row = found.map(|row| Model::from_query_result(&row, "").map_err(store_error));
    row.transpose()?.map(test).transpose()
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    test: &AbTest,
    expected: i32,
) -> Result<bool, StoreError> {
    let row = row(organization, test)?;
    let values = [
        organization.into(),
        row.campaign_id.into(),
        expected.into(),
        row.status.into(),
        row.winner.into(),
        row.verdict.into(),
        row.decided_at.into(),
        row.updated_at.into(),
        row.frozen.into(),
    ];
    let done = dialect::execute(conn, UPDATE, values)
        .await
        .map_err(store_error)?;
    Ok(done == 1)
}

#[derive(FromQueryResult)]
struct Counted {
    variant: Option<i32>,
    assigned: i64,
    sent: i64,
    opens: i64,
    clicks: i64,
    unsubscribes: i64,
    began: Option<DateTime<Utc>>,
    unsettled: i64,
}

pub(super) async fn counts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
) -> Result<AbCounts, StoreError> {
    let values = [organization.into(), campaign.into()];
    let rows = Counted::find_by_statement(dialect::statement(conn, COUNTS, values))
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut counts = AbCounts::default();
    for row in rows {
        let Some(variant) = row.variant else {
            counts.waiting = row.unsettled;
            continue;
        };
        counts.unsettled += row.unsettled;
        counts.began = counts.began.into_iter().chain(row.began).min();
        counts.figures.push(VariantFigures {
            variant,
            assigned: row.assigned,
            sent: row.sent,
            opens: row.opens,
            clicks: row.clicks,
            unsubscribes: row.unsubscribes,
        });
    }
    Ok(counts)
}
