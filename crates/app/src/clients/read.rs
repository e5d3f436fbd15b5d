//! Looking at clients.

use super::MISSING;
use super::commands::ClientSearch;
use crate::{App, organization};
use groundswell_domain::campaigns::{Campaign, CampaignFilter, CampaignSort};
use groundswell_domain::clients::{
    Client, ClientDetail, ClientFilter, ClientHealth, ClientSort, ClientStats, RevenueRange, assess,
};
use groundswell_domain::identity::Permission;
use groundswell_domain::money::{Currency, Money};
use groundswell_domain::{ClientId, Error, Page, PageRequest, Repos, Scope};
use rust_decimal::Decimal;

/// The client with its health.
pub async fn get_client(app: &App, scope: &Scope, id: ClientId) -> Result<ClientDetail, Error> {
    scope.require(Permission::ClientsRead)?;
    let repos = app.store.read(scope);
    let client = repos.clients().get(id).await?.ok_or(MISSING)?;
    let mut facts = repos.clients().campaign_facts(&[id]).await?;
    let health = assess(&client, &facts.remove(&id).unwrap_or_default(), app.now());
    Ok(ClientDetail { client, health })
}

pub async fn list_clients(
    app: &App,
    scope: &Scope,
    search: ClientSearch,
    page: &PageRequest<ClientSort>,
) -> Result<Page<Client>, Error> {
    scope.require(Permission::ClientsRead)?;
    let repos = app.store.read(scope);
    let filter = resolve(repos.as_ref(), search).await?;
    Ok(repos.clients().list(&filter, page).await?)
}

/// The clients with how their accounts are doing.
pub async fn list_health(
    app: &App,
    scope: &Scope,
    search: ClientSearch,
    page: &PageRequest<ClientSort>,
) -> Result<Page<ClientHealth>, Error> {
    scope.require(Permission::ClientsRead)?;
    let repos = app.store.read(scope);
    let filter = resolve(repos.as_ref(), search).await?;
    let found = repos.clients().list(&filter, page).await?;
    let ids: Vec<_> = found.items.iter().map(|client| client.id).collect();
    let facts = repos.clients().campaign_facts(&ids).await?;
    let now = app.now();
    Ok(found.map(|client| ClientHealth {
        health: assess(&client, &facts.get(&client.id).copied().unwrap_or_default(), now),
        id: client.id,
        name: client.name,
        status: client.status,
        created_at: client.created_at,
        updated_at: client.updated_at,
    }))
}

/// The filter in minor units of the currency that is asked for.
async fn resolve(repos: &dyn Repos, search: ClientSearch) -> Result<ClientFilter, Error> {
    let mut filter = search.filter;
    filter.check()?;
    if search.min_revenue.is_some() || search.max_revenue.is_some() || search.currency.is_some() {
        let currency = match search.currency {
            Some(currency) => currency,
            None => organization::currency(repos).await?,
        };
        filter.revenue = Some(RevenueRange {
            currency,
            min: minor("min_revenue", search.min_revenue, currency)?,
            max: minor("max_revenue", search.max_revenue, currency)?,
        });
    }
    Ok(filter)
}

fn minor(field: &str, amount: Option<Decimal>, currency: Currency) -> Result<Option<i64>, Error> {
    amount
        .map(|amount| Money::new(amount, currency).map(|money| money.minor))
        .transpose()
        .map_err(|message| Error::invalid(field, message))
}

/// The client's campaigns; the filter's client is not looked at.
pub async fn list_campaigns(
    app: &App,
    scope: &Scope,
    id: ClientId,
    filter: CampaignFilter,
    page: &PageRequest<CampaignSort>,
) -> Result<Page<Campaign>, Error> {
    scope.require(Permission::CampaignsRead)?;
    let repos = app.store.read(scope);
    repos.clients().get(id).await?.ok_or(MISSING)?;
    let filter = CampaignFilter {
        client_id: Some(id),
        ..filter
    };
    Ok(repos.campaigns().list(&filter, page).await?)
}

pub async fn stats(app: &App, scope: &Scope) -> Result<ClientStats, Error> {
    scope.require(Permission::ClientsRead)?;
    Ok(app.store.read(scope).clients().stats(app.now()).await?)
}
