//! Single mails, and the ledger of everything that was sent.

use super::query::MessageQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::email::{self, EmailQueued, SendEmail};
use groundswell_domain::MessageId;
use groundswell_domain::email::Message;

/// Send a mail to one person.
#[utoipa::path(post, path = "/api/email/send", operation_id = "send_email", tag = "email", request_body = SendEmail,
    responses((status = 202, body = Envelope<EmailQueued>)), security(("bearer" = [])))]
pub(super) async fn send_email(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<SendEmail>,
) -> Result<Answer<EmailQueued>, ApiError> {
    Ok(Answer::accepted(
        email::send_email(&state.app, &auth.scope, body.0).await?,
    ))
}

/// List mails.
#[utoipa::path(get, path = "/api/email/messages", operation_id = "list_messages", tag = "email", params(MessageQuery),
    responses((status = 200, body = ListEnvelope<Message>)), security(("bearer" = [])))]
pub(super) async fn list_messages(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<MessageQuery>,
) -> Result<Listing<Message>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        email::list_messages(&state.app, &auth.scope, &query.0.filter(), &page).await?,
    ))
}

/// Read a mail.
#[utoipa::path(get, path = "/api/email/messages/{id}", operation_id = "get_message", tag = "email", params(("id" = MessageId, Path)),
    responses((status = 200, body = Envelope<Message>)), security(("bearer" = [])))]
pub(super) async fn get_message(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<MessageId>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer::ok(
        email::get_message(&state.app, &auth.scope, id.0).await?,
    ))
}
