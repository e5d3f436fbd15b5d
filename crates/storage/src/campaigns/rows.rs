//! Between rows and campaigns.
//!
//! A campaign is read together with its counters, in one row of a join; the columns are read by position because a list
//! of campaigns is asked for all the time, and looking names up takes longer than reading.

use crate::codec::{Direct, parse, to_json};
use crate::entity::{campaign_metrics, campaigns};
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::{Campaign, CampaignMetrics};
use groundswell_domain::money::{Currency, Money};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait, Iterable, QueryResult, TryGetable};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

impl campaigns::Model {
    pub(super) fn of(organization: Uuid, campaign: &Campaign) -> Result<Self, StoreError> {
        let budget = campaign
            .budget_allocated
            .map(|amount| Money::new(amount, campaign.currency))
            .transpose()
            .map_err(|problem| StoreError::other(format!("the budget {problem}")))?;
        Ok(Self {
            organization_id: organization,
            id: campaign.id.0,
            name: campaign.name.clone(),
            kind: campaign.kind.as_str().to_owned(),
            status: campaign.status.as_str().to_owned(),
            objective: campaign.objective.clone(),
            description: campaign.description.clone(),
            budget_allocated: budget.map(|budget| budget.minor),
            currency: campaign.currency.as_str().to_owned(),
            channels: to_json(&campaign.channels)?,
            target_audience: to_json(&campaign.target_audience)?,
            content: to_json(&campaign.content)?,
            start_date: campaign.start_date,
            end_date: campaign.end_date,
            client_id: campaign.client_id.map(Into::into),
            project_id: campaign.project_id.map(Into::into),
            created_by: campaign.created_by.map(Into::into),
            failure: campaign.failure.clone(),
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            version: campaign.version,
            run: campaign.run,
            frozen: campaign.frozen.as_ref().map(to_json).transpose()?,
            audience: campaign.audience.as_ref().map(to_json).transpose()?,
            snapshot_after: campaign.snapshot_after.map(Into::into),
            snapshot_done: campaign.snapshot_done,
            launched_at: campaign.launched_at,
            delivery: unless_default(&campaign.delivery)?,
            utm: unless_default(&campaign.utm)?,
            resend_of: campaign.resend_of.map(Into::into),
            tags: campaign.tags.as_ref().map(to_json).transpose()?,
            topic_id: campaign.topic_id.map(Into::into),
            goal: campaign.goal.as_ref().map(to_json).transpose()?,
        })
    }
}

fn unless_default<T: Default + PartialEq + Serialize>(value: &T) -> Result<Option<Value>, StoreError> {
    (*value != T::default()).then(|| to_json(value)).transpose()
}

/// All columns of campaigns with their counters, of one organization.
pub(super) fn select(organization: Uuid) -> SelectStatement {
    use campaign_metrics::Column as Metrics;
    use campaigns::Column;
    let mut query = Query::select();
    for column in Column::iter().filter(|column| !matches!(column, Column::OrganizationId)) {
        query.column(column.as_column_ref());
    }
    for column in
        Metrics::iter().filter(|column| !matches!(column, Metrics::OrganizationId | Metrics::CampaignId))
    {
        query.column(column.as_column_ref());
    }
    query
        .from(campaigns::Entity)
        .join(
            JoinType::InnerJoin,
            campaign_metrics::Entity,
            Expr::col(Metrics::OrganizationId.as_column_ref())
                .equals(Column::OrganizationId.as_column_ref())
                .and(Expr::col(Metrics::CampaignId.as_column_ref()).equals(Column::Id.as_column_ref())),
        )
        .and_where(Column::OrganizationId.eq(organization))
        .take()
}

/// Reads the columns of a row one after the other.
struct Columns<'a> {
    row: &'a QueryResult,
    at: usize,
}

impl Columns<'_> {
    fn next<T: TryGetable>(&mut self) -> Result<T, StoreError> {
        let value = self
            .row
            .try_get_by_index(self.at)
            .map_err(crate::error::store_error);
        self.at += 1;
        value
    }
}

/// Reads a row of [`select`]. Struct fields are evaluated as they are written: their order is that of the columns.
pub(super) fn campaign(row: &QueryResult) -> Result<Campaign, StoreError> {
    let mut columns = Columns { row, at: 0 };
    let id: Uuid = columns.next()?;
    let name = columns.next()?;
    let kind: String = columns.next()?;
    let status: String = columns.next()?;
    let objective = columns.next()?;
    let description = columns.next()?;
    let budget: Option<i64> = columns.next()?;
    let currency: String = columns.next()?;
    let currency: Currency = parse("campaigns.currency", &currency)?;
    Ok(Campaign {
        id: id.into(),
        name,
        kind: parse("campaigns.kind", &kind)?,
        status: parse("campaigns.status", &status)?,
        objective,
        description,
        budget_allocated: budget.map(|minor| Money { minor, currency }.amount()),
        currency,
        channels: columns.next::<Direct<_>>()?.0,
        target_audience: columns.next::<Direct<_>>()?.0,
        content: columns.next::<Direct<_>>()?.0,
        start_date: columns.next()?,
        end_date: columns.next()?,
        client_id: columns.next::<Option<Uuid>>()?.map(Into::into),
        project_id: columns.next::<Option<Uuid>>()?.map(Into::into),
        created_by: columns.next::<Option<Uuid>>()?.map(Into::into),
        failure: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
        version: columns.next()?,
        run: columns.next()?,
        frozen: columns.next::<Option<Direct<_>>>()?.map(|frozen| frozen.0),
        audience: columns.next::<Option<Direct<_>>>()?.map(|audience| audience.0),
        snapshot_after: columns.next::<Option<Uuid>>()?.map(Into::into),
        snapshot_done: columns.next()?,
        launched_at: columns.next()?,
        delivery: columns
            .next::<Option<Direct<_>>>()?
            .map_or_else(Default::default, |plan| plan.0),
        utm: columns
            .next::<Option<Direct<_>>>()?
            .map_or_else(Default::default, |plan| plan.0),
        resend_of: columns.next::<Option<Uuid>>()?.map(Into::into),
        tags: columns.next::<Option<Direct<_>>>()?.map(|tags| tags.0),
        topic_id: columns.next::<Option<Uuid>>()?.map(Into::into),
        goal: columns.next::<Option<Direct<_>>>()?.map(|goal| goal.0),
        metrics: metrics(&mut columns)?,
    })
}

fn metrics(columns: &mut Columns<'_>) -> Result<CampaignMetrics, StoreError> {
    let mut metrics = CampaignMetrics {
        audience: columns.next()?,
        queued: 0,
        sent: columns.next()?,
        failed: columns.next()?,
        suppressed: columns.next()?,
        unknown: columns.next()?,
        cancelled: columns.next()?,
        opens: columns.next()?,
        unique_opens: columns.next()?,
        clicks: columns.next()?,
        unique_clicks: columns.next()?,
        unsubscribes: columns.next()?,
    };
    metrics.queued = super::metrics::queued(&metrics);
    Ok(metrics)
}
