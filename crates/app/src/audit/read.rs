//! Looking things up.

use crate::App;
use groundswell_domain::audit::{AuditEntry, AuditFilter, AuditSort};
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, Page, PageRequest, Scope};

pub async fn list_audit_log(
    app: &App,
    scope: &Scope,
    filter: &AuditFilter,
    page: &PageRequest<AuditSort>,
) -> Result<Page<AuditEntry>, Error> {
    scope.require(Permission::AuditRead)?;
    filter.check()?;
    Ok(app.store.read(scope).audit().list(filter, page).await?)
}
