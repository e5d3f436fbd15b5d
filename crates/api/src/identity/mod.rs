//! Accounts, people and API keys.

mod api_keys;
mod installation;
mod links;
mod organization;
mod passwords;
mod session;
mod sessions;
mod token;
mod users;

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
    sessions::list_sessions,
    sessions::end_other_sessions,
    sessions::end_session,
    passwords::change_password,
    passwords::forgot_password,
    passwords::reset_password,
    passwords::accept_invitation,
    passwords::verify_email,
    passwords::request_verification,
    links::show_account_link,
    links::use_account_link,
    users::list_users,
    users::create_user,
    users::invite_user,
    users::get_user,
    users::update_user,
    users::delete_user,
    installation::list_organizations,
    installation::create_organization,
    installation::visit_organization,
    installation::add_administrator,
    organization::get_organization,
    organization::update_organization,
    organization::get_preferences,
    organization::replace_preferences,
    api_keys::create_api_key,
    api_keys::list_api_keys,
    api_keys::get_api_key,
    api_keys::delete_api_key,
    api_keys::rotate_api_key,
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
            resource("/api/auth/sessions")
                .get(sessions::list_sessions)
                .delete(sessions::end_other_sessions),
        )
        .service(resource("/api/auth/sessions/{id}").delete(sessions::end_session))
        .service(resource("/api/auth/password/change").post(passwords::change_password))
        .service(resource("/api/auth/password/forgot").post(passwords::forgot_password))
        .service(resource("/api/auth/password/reset").post(passwords::reset_password))
        .service(resource("/api/auth/invitations/accept").post(passwords::accept_invitation))
        .service(resource("/api/auth/email/verify").post(passwords::verify_email))
        .service(resource("/api/auth/email/verify/request").post(passwords::request_verification))
        .service(
            resource("/account/{token}")
                .get(links::show_account_link)
                .post(links::use_account_link),
        )
        .service(
            resource("/api/users")
                .get(users::list_users)
                .post(users::create_user),
        )
        .service(resource("/api/users/invite").post(users::invite_user))
        .service(
            resource("/api/users/{id}")
                .get(users::get_user)
                .patch(users::update_user)
                .delete(users::delete_user),
        )
        .service(
            resource("/api/admin/organizations")
                .get(installation::list_organizations)
                .post(installation::create_organization),
        )
        .service(resource("/api/admin/organizations/{id}").get(installation::visit_organization))
        .service(
            resource("/api/admin/organizations/{id}/administrators").post(installation::add_administrator),
        )
        .service(
            resource("/api/organization")
                .get(organization::get_organization)
                .patch(organization::update_organization),
        )
        .service(
            resource("/api/user/preferences")
                .get(organization::get_preferences)
                .put(organization::replace_preferences),
        )
        .service(
            resource("/api/auth/api-keys")
                .get(api_keys::list_api_keys)
                .post(api_keys::create_api_key),
        )
        .service(
            resource("/api/auth/api-keys/{id}")
                .get(api_keys::get_api_key)
                .delete(api_keys::delete_api_key),
        )
        .service(resource("/api/auth/api-keys/{id}/rotate").post(api_keys::rotate_api_key));
}
