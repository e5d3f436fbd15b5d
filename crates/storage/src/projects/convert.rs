//! Between rows and projects.

use crate::codec::parse;
use crate::entity::projects::Model;
use groundswell_domain::StoreError;
use groundswell_domain::projects::Project;
use uuid::Uuid;

pub(super) fn project(row: Model) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.id.into(),
        client_id: row.client_id.map(Into::into),
        name: row.name,
        description: row.description,
        status: parse("projects.status", &row.status)?,
        start_date: row.start_date,
        end_date: row.end_date,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn row(organization: Uuid, project: &Project) -> Model {
    Model {
        organization_id: organization,
        id: project.id.0,
        client_id: project.client_id.map(Into::into),
        name: project.name.clone(),
        description: project.description.clone(),
        status: project.status.as_str().to_owned(),
        start_date: project.start_date,
        end_date: project.end_date,
        created_at: project.created_at,
        updated_at: project.updated_at,
        version: project.version,
    }
}
