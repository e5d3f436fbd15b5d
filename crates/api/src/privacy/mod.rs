//! Forgetting people, and telling them what is kept of them.

mod account;
mod erasures;
mod export;
mod query;
mod whole;

use actix_web::web::{ServiceConfig, resource};
use whole::whole;

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    erasures::erase_lead,
    erasures::create_erasure,
    erasures::list_erasures,
    erasures::get_erasure,
    account::delete_account,
    export::get_data_export,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/api/leads/{id}/erase").post(erasures::erase_lead))
        .service(
            resource("/api/privacy/erasures")
                .get(erasures::list_erasures)
                .post(erasures::create_erasure),
        )
        .service(resource("/api/privacy/erasures/{id}").get(erasures::get_erasure))
        .service(resource("/api/user/account").delete(account::delete_account))
        .service(resource("/api/user/data-export").get(export::get_data_export));
}
