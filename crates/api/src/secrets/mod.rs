//! Secrets of people, clients and the organization.

mod manage;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(manage::list_secrets, manage::put_secret, manage::delete_secret))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/api/user/secrets").get(manage::list_secrets))
        .service(
            resource("/api/user/secrets/{service}")
                .put(manage::put_secret)
                .delete(manage::delete_secret),
        );
}
