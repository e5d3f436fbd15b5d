//! An organization's people.

use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query, page_request,
};
use actix_web::web::Data;
use groundswell_app::identity::{self, Invitation, NewUser, UserPatch};
use groundswell_domain::identity::{Role, User, UserFilter, UserSort, UserStatus};
use groundswell_domain::{PageRequest, Sort, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// Part of the name or the mail address, without case.
    q: Option<String>,
    role: Option<Role>,
    status: Option<UserStatus>,
    /// 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, `name` or `email`; descending with a `-` before it.
    sort: Option<String>,
    /// Count the whole list as well.
    with_total: Option<bool>,
}

impl UserQuery {
    fn page(&self) -> Result<PageRequest<UserSort>, ApiError> {
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            Sort::descending(UserSort::CreatedAt),
        )
    }

    fn filter(self) -> UserFilter {
        UserFilter {
            text: self.q,
            role: self.role,
            status: self.status,
        }
    }
}

/// List the people of your organization.
#[utoipa::path(get, path = "/api/users", operation_id = "list_users", tag = "users", params(UserQuery),
    responses((status = 200, body = ListEnvelope<User>)), security(("bearer" = [])))]
pub(super) async fn list_users(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<UserQuery>,
) -> Result<Listing<User>, ApiError> {
    let page = query.page()?;
    let filter = query.0.filter();
    Ok(Listing(
        identity::list_users(&state.app, &auth.scope, &filter, &page).await?,
    ))
}

/// Make an account with a password.
#[utoipa::path(post, path = "/api/users", operation_id = "create_user", tag = "users", request_body = NewUser,
    responses((status = 201, body = Envelope<User>)), security(("bearer" = [])))]
pub(super) async fn create_user(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewUser>,
) -> Result<Answer<User>, ApiError> {
    let user = identity::create_user(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/users/{}", user.id), user))
}

/// Invite somebody by mail. Again for somebody who has not come yet: a new link, and the older one ends.
#[utoipa::path(post, path = "/api/users/invite", operation_id = "invite_user", tag = "users", request_body = Invitation,
    responses((status = 201, body = Envelope<User>)), security(("bearer" = [])))]
pub(super) async fn invite_user(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<Invitation>,
) -> Result<Answer<User>, ApiError> {
    let user = identity::invite_user(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/users/{}", user.id), user))
}

/// Read a person's account.
#[utoipa::path(get, path = "/api/users/{id}", operation_id = "get_user", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = Envelope<User>)), security(("bearer" = [])))]
pub(super) async fn get_user(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<UserId>,
) -> Result<Answer<User>, ApiError> {
    Ok(Answer::versioned(
        identity::get_user(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Change a person's name or role, or lock them out.
#[utoipa::path(patch, path = "/api/users/{id}", operation_id = "update_user", tag = "users", params(("id" = UserId, Path)),
    request_body = UserPatch, responses((status = 200, body = Envelope<User>)), security(("bearer" = [])))]
pub(super) async fn update_user(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<UserId>,
    expected: IfMatch,
    body: JsonBody<UserPatch>,
) -> Result<Answer<User>, ApiError> {
    Ok(Answer::versioned(
        identity::update_user(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a person's account. What they made stays.
#[utoipa::path(delete, path = "/api/users/{id}", operation_id = "delete_user", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_user(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<UserId>,
) -> Result<Nothing, ApiError> {
    identity::delete_user(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
