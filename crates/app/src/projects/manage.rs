//! Create, read, update, delete.

use super::commands::{NewProject, ProjectPatch};
use crate::{App, clients, effect, version};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::projects::{Project, ProjectFilter, ProjectSort, ProjectStatus};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, ProjectId, Repos, Scope};

const MISSING: Error = Error::NotFound { what: "project" };

pub async fn create_project(app: &App, scope: &Scope, new: NewProject) -> Result<Project, Error> {
    scope.require(Permission::ClientsWrite)?;
    let unit = app.store.begin(scope).await?;
    let now = app.now();
    let mut project = Project {
        id: app.id(),
        client_id: None,
        name: String::new(),
        description: None,
        status: ProjectStatus::Active,
        start_date: None,
        end_date: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    fill(&mut project, new);
    check(unit.as_ref(), &mut project).await?;
    unit.projects().insert(&project).await?;
    effect::commit(app, scope, unit, Outcome::Created, &project).await?;
    Ok(project)
}

fn fill(project: &mut Project, new: NewProject) {
    project.client_id = new.client_id;
    project.name = new.name;
    project.description = new.description;
    project.status = new.status.unwrap_or(ProjectStatus::Active);
    project.start_date = new.start_date;
    project.end_date = new.end_date;
}

async fn check<R: Repos + ?Sized>(repos: &R, project: &mut Project) -> Result<(), Error> {
    let mut problems = Problems::new();
    project.check(&mut problems);
    clients::check_client(repos, &mut problems, project.client_id).await?;
    problems.finish()
}

pub async fn get_project(app: &App, scope: &Scope, id: ProjectId) -> Result<Project, Error> {
    scope.require(Permission::ClientsRead)?;
    app.store.read(scope).projects().get(id).await?.ok_or(MISSING)
}

pub async fn list_projects(
    app: &App,
    scope: &Scope,
    filter: &ProjectFilter,
    page: &PageRequest<ProjectSort>,
) -> Result<Page<Project>, Error> {
    scope.require(Permission::ClientsRead)?;
    Ok(app.store.read(scope).projects().list(filter, page).await?)
}

pub async fn replace_project(
    app: &App,
    scope: &Scope,
    id: ProjectId,
    new: NewProject,
    expected: Option<i32>,
) -> Result<Project, Error> {
    change(app, scope, id, expected, |project| fill(project, new)).await
}

pub async fn update_project(
    app: &App,
    scope: &Scope,
    id: ProjectId,
    patch: ProjectPatch,
    expected: Option<i32>,
) -> Result<Project, Error> {
    change(app, scope, id, expected, |project| {
        if let Some(name) = patch.name {
            project.name = name;
        }
        patch.client_id.apply(&mut project.client_id);
        patch.description.apply(&mut project.description);
        project.status = patch.status.unwrap_or(project.status);
        patch.start_date.apply(&mut project.start_date);
        patch.end_date.apply(&mut project.end_date);
    })
    .await
}

async fn change(
    app: &App,
    scope: &Scope,
    id: ProjectId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut Project),
) -> Result<Project, Error> {
    scope.require(Permission::ClientsWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut project = unit.projects().get_locked(id).await?.ok_or(MISSING)?;
    let (current, owner) = (project.version, project.client_id);
    version::check("project", current, expected)?;
    edit(&mut project);
    check(unit.as_ref(), &mut project).await?;
    if project.client_id != owner {
        check_move(unit.as_ref(), &project).await?;
    }
    project.updated_at = app.now();
    project.version += 1;
    version::written(
        "project",
        unit.projects().update(&project, current).await?,
        current,
    )?;
    unit.commit().await?;
    Ok(project)
}

/// Campaigns of one client can't be in a project of another.
async fn check_move<R: Repos + ?Sized>(repos: &R, project: &Project) -> Result<(), Error> {
    let Some(client) = project.client_id else {
        return Ok(());
    };
    match repos.projects().campaigns_of_others(project.id, client).await? {
        0 => Ok(()),
        count => Err(Error::conflict(
            "project_has_campaigns",
            format!(
                "campaigns of another client are in this project ({count}), so it can't go to this client: \
                 take them out of it first"
            ),
        )),
    }
}

/// Its campaigns stay, without a project.
pub async fn delete_project(app: &App, scope: &Scope, id: ProjectId) -> Result<(), Error> {
    scope.require(Permission::ClientsWrite)?;
    let unit = app.store.begin(scope).await?;
    if !unit.projects().delete(id).await? {
        return Err(MISSING);
    }
    unit.commit().await?;
    Ok(())
}
