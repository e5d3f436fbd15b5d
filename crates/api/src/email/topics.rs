//! What mails are about.

use super::query::{TopicLeaveQuery, TopicQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::email::{self, NewTopic, TopicPatch};
use groundswell_domain::TopicId;
use groundswell_domain::email::{Topic, TopicLeave};

/// Create a topic, which recipients can leave without leaving everything.
#[utoipa::path(post, path = "/api/email/topics", operation_id = "create_email_topic", tag = "email", request_body = NewTopic,
    responses((status = 201, body = Envelope<Topic>)), security(("bearer" = [])))]
pub(super) async fn create_topic(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewTopic>,
) -> Result<Answer<Topic>, ApiError> {
    let topic = email::create_topic(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/email/topics/{}", topic.id), topic))
}

/// List topics.
#[utoipa::path(get, path = "/api/email/topics", operation_id = "list_email_topics", tag = "email", params(TopicQuery),
    responses((status = 200, body = ListEnvelope<Topic>)), security(("bearer" = [])))]
pub(super) async fn list_topics(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<TopicQuery>,
) -> Result<Listing<Topic>, ApiError> {
    let (filter, page) = (query.filter(), query.page()?);
    Ok(Listing(
        email::list_topics(&state.app, &auth.scope, &filter, &page).await?,
    ))
}

/// Read a topic.
#[utoipa::path(get, path = "/api/email/topics/{id}", operation_id = "get_email_topic", tag = "email", params(("id" = TopicId, Path)),
    responses((status = 200, body = Envelope<Topic>)), security(("bearer" = [])))]
pub(super) async fn get_topic(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TopicId>,
) -> Result<Answer<Topic>, ApiError> {
    Ok(Answer::versioned(
        email::get_topic(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Change or archive a topic: what is absent stays, null clears.
#[utoipa::path(patch, path = "/api/email/topics/{id}", operation_id = "update_email_topic", tag = "email",
    params(("id" = TopicId, Path), IfMatch), request_body = TopicPatch,
    responses((status = 200, body = Envelope<Topic>)), security(("bearer" = [])))]
pub(super) async fn update_topic(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TopicId>,
    expected: IfMatch,
    body: JsonBody<TopicPatch>,
) -> Result<Answer<Topic>, ApiError> {
    Ok(Answer::versioned(
        email::update_topic(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a topic that nothing is about and nobody left; others can be archived.
#[utoipa::path(delete, path = "/api/email/topics/{id}", operation_id = "delete_email_topic", tag = "email", params(("id" = TopicId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_topic(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TopicId>,
) -> Result<Nothing, ApiError> {
    email::delete_topic(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// List who left a topic.
#[utoipa::path(get, path = "/api/email/topics/{id}/leaves", operation_id = "list_email_topic_leaves", tag = "email",
    params(("id" = TopicId, Path), TopicLeaveQuery),
    responses((status = 200, body = ListEnvelope<TopicLeave>)), security(("bearer" = [])))]
pub(super) async fn list_topic_leaves(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TopicId>,
    query: Query<TopicLeaveQuery>,
) -> Result<Listing<TopicLeave>, ApiError> {
    let (email, page) = (query.email.as_deref(), query.page()?);
    Ok(Listing(
        email::list_topic_leaves(&state.app, &auth.scope, id.0, email, &page).await?,
    ))
}
