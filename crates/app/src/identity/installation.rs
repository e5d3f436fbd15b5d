//! What the operators of the installation do to organizations that are not their own: through these doors, and by nothing
//! else. Whoever comes through one is named in the log of the organization they visited.

use super::account::new_organization;
use super::commands::{Invitation, NewAdministrator, NewOrganization};
use super::organization::get_organization;
use super::people::Invited;
use crate::App;
use crate::audit::{self, Event};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::{
    Organization, OrganizationFilter, OrganizationSort, Permission, Role, User,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, OrganizationId, Page, PageRequest, Scope};

pub async fn list_organizations(
    app: &App,
    scope: &Scope,
    filter: &OrganizationFilter,
    page: &PageRequest<OrganizationSort>,
) -> Result<Page<Organization>, Error> {
    scope.require(Permission::InstallationManage)?;
    Ok(app.system.organizations().organizations(filter, page).await?)
}

pub async fn visit_organization(app: &App, scope: &Scope, id: OrganizationId) -> Result<Organization, Error> {
    get_organization(app, &scope.visiting(id)?).await
}

/// Makes an organization whose first administrator is invited by mail. Doing it twice is refused, because that address is
/// taken then.
pub async fn create_organization(
    app: &App,
    scope: &Scope,
    new: NewOrganization,
) -> Result<Organization, Error> {
    scope.require(Permission::InstallationManage)?;
    let mut problems = Problems::new();
    let name = problems.line("name", &new.name, 200, false);
    problems.finish()?;
    let organization = new_organization(app, name);
    let there = scope.visiting(organization.id)?;
    let invited = Invited::read(app, &there, administrator(new.administrator)).await?;
    let unit = app.store.begin(&there).await?;
    unit.identity().insert_organization(&organization).await?;
    let made = Event::of(AuditAction::OrganizationCreated, organization.id);
    audit::record(app, &there, unit.as_ref(), made).await?;
    invited.write(app, &there, unit.as_ref()).await?;
    unit.commit().await?;
    Ok(organization)
}

/// Invites an administrator to an organization: for one whose own are all gone.
pub async fn add_administrator(
    app: &App,
    scope: &Scope,
    id: OrganizationId,
    new: NewAdministrator,
) -> Result<User, Error> {
    let there = scope.visiting(id)?;
    get_organization(app, &there).await?;
    let invited = Invited::read(app, &there, administrator(new)).await?;
    let unit = app.store.begin(&there).await?;
    let user = invited.write(app, &there, unit.as_ref()).await?;
    unit.commit().await?;
    Ok(user)
}

fn administrator(new: NewAdministrator) -> Invitation {
    Invitation {
        email: new.email,
        name: new.name,
        role: Role::CompanyAdmin,
        client_id: None,
    }
}
