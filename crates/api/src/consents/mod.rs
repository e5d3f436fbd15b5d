//! What leads agreed to.

mod manage;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(manage::list_consents, manage::record_consent))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/api/leads/{id}/consents")
            .get(manage::list_consents)
            .post(manage::record_consent),
    );
}
