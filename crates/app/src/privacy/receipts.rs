//! Receipts of erasures.

use crate::App;
use groundswell_domain::identity::Permission;
use groundswell_domain::privacy::{Erasure, ErasureSort};
use groundswell_domain::{ErasureId, Error, Page, PageRequest, Scope};

pub async fn list_erasures(
    app: &App,
    scope: &Scope,
    page: &PageRequest<ErasureSort>,
) -> Result<Page<Erasure>, Error> {
    scope.require(Permission::PrivacyManage)?;
    Ok(app.store.read(scope).erasures().list(page).await?)
}

pub async fn get_erasure(app: &App, scope: &Scope, id: ErasureId) -> Result<Erasure, Error> {
    scope.require(Permission::PrivacyManage)?;
    let found = app.store.read(scope).erasures().get(id).await?;
    found.ok_or(Error::NotFound { what: "erasure" })
}
