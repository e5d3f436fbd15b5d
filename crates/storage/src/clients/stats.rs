//! Sums over an organization's clients.

use crate::codec::parse;
use crate::dialect;
use crate::entity::clients::{Column, Entity};
use crate::error::store_error;
use crate::session::Session;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::clients::{
    ClientStats, CountryCount, IndustryCount, MOST_GROUPS, growth, growth_start,
};
use groundswell_domain::money::{Currency, Money};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};
use std::collections::BTreeMap;

/// The average and not the sum is asked for: a sum of large amounts could be beyond what a number holds.
const REVENUE: &str = "SELECT currency, CAST(ROUND(AVG(annual_revenue)) AS BIGINT) FROM clients \
    WHERE organization_id = $1 AND (id = $2 OR $3) AND annual_revenue IS NOT NULL GROUP BY currency";

pub(super) async fn stats<C: ConnectionTrait>(
    session: &Session<C>,
    now: DateTime<Utc>,
) -> Result<ClientStats, StoreError> {
    let mut stats = ClientStats::default();
    for (status, clients) in groups(session, Column::Status).await? {
        stats.total += clients;
        stats.by_status.insert(status.unwrap_or_default(), clients);
    }
    let industries = groups(session, Column::Industry).await?;
    stats.other_industries = stats.total - industries.iter().map(|(_, clients)| clients).sum::<i64>();
    stats.by_industry = industries
        .into_iter()
        .map(|(industry, clients)| IndustryCount { industry, clients })
        .collect();
    let countries = groups(session, Column::Country).await?;
    stats.other_countries = stats.total - countries.iter().map(|(_, clients)| clients).sum::<i64>();
    stats.by_country = countries
        .into_iter()
        .map(|(country, clients)| CountryCount { country, clients })
        .collect();
    stats.average_revenue = average_revenue(session).await?;
    stats.growth_by_month = growth(now, &by_month(session, growth_start(now)).await?);
    Ok(stats)
}

/// Clients by the value of a column, largest first.
async fn groups<C: ConnectionTrait>(
    session: &Session<C>,
    column: Column,
) -> Result<Vec<(Option<String>, i64)>, StoreError> {
    let count = Alias::new("clients_in_group");
    let query = Query::select()
        .column(column.as_column_ref())
        .expr_as(Expr::col(Column::Id.as_column_ref()).count(), count.clone())
        .from(Entity)
        .and_where(Column::OrganizationId.eq(session.organization))
        .and_where_option(session.of_client(Column::Id))
        .group_by_col(column.as_column_ref())
        .order_by(count, Order::Desc)
        .order_by(column.as_column_ref(), Order::Asc)
        .limit(MOST_GROUPS as u64)
        .take();
    let rows = session.conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| {
            let value = row.try_get_by_index(0).map_err(store_error)?;
            Ok((value, row.try_get_by_index(1).map_err(store_error)?))
        })
        .collect()
}

async fn average_revenue<C: ConnectionTrait>(
    session: &Session<C>,
) -> Result<BTreeMap<String, f64>, StoreError> {
    let values = [
        session.organization.into(),
        session.client.into(),
        session.client.is_none().into(),
    ];
    let conn = &session.conn;
    let rows = conn
        .query_all_raw(dialect::statement(conn, REVENUE, values))
        .await
        .map_err(store_error)?;
    let mut averages = BTreeMap::new();
    for row in &rows {
        let code: String = row.try_get_by_index(0).map_err(store_error)?;
        let minor: i64 = row.try_get_by_index(1).map_err(store_error)?;
        let currency: Currency = parse("clients.currency", &code)?;
        let amount = Money { minor, currency }.amount();
        averages.insert(code, amount.to_string().parse().map_err(StoreError::other)?);
    }
    Ok(averages)
}

/// New clients by month (`2027-01`).
async fn by_month<C: ConnectionTrait>(
    session: &Session<C>,
    since: DateTime<Utc>,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let month = Alias::new("month");
    let query = Query::select()
        .expr_as(
            dialect::utc_month(&session.conn, Column::CreatedAt),
            month.clone(),
        )
        .expr(Expr::col(Column::Id.as_column_ref()).count())
        .from(Entity)
        .and_where(Column::OrganizationId.eq(session.organization))
        .and_where_option(session.of_client(Column::Id))
        .and_where(Column::CreatedAt.gte(since))
        .add_group_by([Expr::col(month)])
        .take();
    let rows = session.conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| {
            let month = row.try_get_by_index(0).map_err(store_error)?;
            Ok((month, row.try_get_by_index(1).map_err(store_error)?))
        })
        .collect()
}
