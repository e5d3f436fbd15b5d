//! What refers to clients and projects: checked when it is written, so that the caller hears which field is wrong. The
//! foreign keys below are for what happens at the same moment.

use groundswell_domain::validate::Problems;
use groundswell_domain::{ClientId, Error, ProjectId, Repos};

/// That the client exists.
pub(crate) async fn check_client<R: Repos + ?Sized>(
    repos: &R,
    problems: &mut Problems,
    client: Option<ClientId>,
) -> Result<(), Error> {
    if let Some(id) = client {
        let known = repos.clients().get(id).await?.is_some();
        problems.check(known, "client_id", "there is no such client");
    }
    Ok(())
}

/// That client and project exist, and that the project is not another client's.
pub(crate) async fn check_links<R: Repos + ?Sized>(
    repos: &R,
    problems: &mut Problems,
    client: Option<ClientId>,
    project: Option<ProjectId>,
) -> Result<(), Error> {
    check_client(repos, problems, client).await?;
    let Some(id) = project else { return Ok(()) };
    let Some(project) = repos.projects().get(id).await? else {
        problems.add("project_id", "there is no such project");
        return Ok(());
    };
    let fits = match (client, project.client_id) {
        (Some(client), Some(owner)) => client == owner,
        _ => true,
    };
    problems.check(fits, "project_id", "this project belongs to another client");
    Ok(())
}
