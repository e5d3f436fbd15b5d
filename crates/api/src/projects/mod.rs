//! Projects of clients.

mod manage;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_project,
    manage::list_projects,
    manage::get_project,
    manage::replace_project,
    manage::update_project,
    manage::delete_project,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/projects")
                .get(manage::list_projects)
                .post(manage::create_project),
        )
        .service(
            resource("/api/projects/{id}")
                .get(manage::get_project)
                .put(manage::replace_project)
                .patch(manage::update_project)
                .delete(manage::delete_project),
        );
}
