//! What several contexts need to know of the organization they work for.

use crate::App;
use groundswell_domain::locale::TimeZone;
use groundswell_domain::money::Currency;
use groundswell_domain::region::Region;
use groundswell_domain::{Error, Repos, Scope};

/// The currency of bare amounts.
pub(crate) async fn currency<R: Repos + ?Sized>(repos: &R) -> Result<Currency, Error> {
    let organization = repos.identity().organization().await?;
    organization
        .map(|organization| organization.currency)
        .ok_or(Error::NotFound { what: "organization" })
}

/// The country that telephone numbers are read in, as it was at most some seconds ago. Not to be asked for within a unit of work.
pub(crate) async fn region(app: &App, scope: &Scope) -> Result<Option<Region>, Error> {
    if let Some(region) = app.regions.get(&scope.organization).await {
        return Ok(region);
    }
    let repos = app.store.read(scope);
    let organization = repos.identity().organization().await?;
    let region = organization.and_then(|organization| organization.country());
    app.regions.insert(scope.organization, region).await;
    Ok(region)
}

/// Where its days begin.
pub(crate) async fn time_zone<R: Repos + ?Sized>(repos: &R) -> Result<TimeZone, Error> {
    let organization = repos.identity().organization().await?;
    organization
        .map(|organization| organization.time_zone)
        .ok_or(Error::NotFound { what: "organization" })
}
