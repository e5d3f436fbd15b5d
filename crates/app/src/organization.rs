//! What several contexts need to know of the organization they work for.

use groundswell_domain::money::Currency;
use groundswell_domain::{Error, Repos};

/// The currency of bare amounts.
pub(crate) async fn currency<R: Repos + ?Sized>(repos: &R) -> Result<Currency, Error> {
    let organization = repos.identity().organization().await?;
    organization
        .map(|organization| organization.currency)
        .ok_or(Error::NotFound { what: "organization" })
}
