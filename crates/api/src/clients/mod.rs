//! Clients, and how their accounts are doing.

mod manage;
mod numbers;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_client,
    manage::list_clients,
    manage::get_client,
    manage::replace_client,
    manage::update_client,
    manage::delete_client,
    numbers::list_client_campaigns,
    numbers::get_client_stats,
    numbers::list_client_health,
))]
pub(crate) struct Docs;

/// Words come before ids: the first match wins.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/clients")
                .get(manage::list_clients)
                .post(manage::create_client),
        )
        .service(resource("/api/clients/stats/overview").get(numbers::get_client_stats))
        .service(resource("/api/clients/health/clients").get(numbers::list_client_health))
        .service(
            resource("/api/clients/{id}")
                .get(manage::get_client)
                .put(manage::replace_client)
                .patch(manage::update_client)
                .delete(manage::delete_client),
        )
        .service(resource("/api/clients/{id}/campaigns").get(numbers::list_client_campaigns));
}
