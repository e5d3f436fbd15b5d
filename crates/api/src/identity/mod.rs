//! Accounts and API keys.

mod api_keys;
mod session;
mod token;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    session::register,
    session::login,
    session::refresh,
    session::logout,
    session::get_me,
    session::verify_token,
    token::issue_token,
    api_keys::create_api_key,
    api_keys::list_api_keys,
    api_keys::delete_api_key,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/api/auth/register").post(session::register))
        .service(resource("/api/auth/login").post(session::login))
        .service(resource("/api/auth/refresh").post(session::refresh))
        .service(resource("/api/auth/logout").post(session::logout))
        .service(resource("/api/auth/me").get(session::get_me))
        .service(resource("/api/auth/verify").get(session::verify_token))
        .service(resource("/api/auth/token").post(token::issue_token))
        .service(
            resource("/api/auth/api-keys")
                .get(api_keys::list_api_keys)
                .post(api_keys::create_api_key),
        )
        .service(resource("/api/auth/api-keys/{id}").delete(api_keys::delete_api_key));
}
