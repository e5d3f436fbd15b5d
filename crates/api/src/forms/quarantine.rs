//! What was held back as spam: it was none, or it was.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, PathId};
use actix_web::web::Data;
use groundswell_app::forms::{self, Taken};
use groundswell_domain::SubmissionId;
use groundswell_domain::forms::Submission;

/// Release a submission from quarantine: what follows is what follows from any other.
#[utoipa::path(post, path = "/api/lead-capture/submissions/{id}/release", operation_id = "release_submission", tag = "forms",
    params(("id" = SubmissionId, Path)),
    responses((status = 200, body = Envelope<Taken>), (status = 409, description = "It is not in quarantine")), security(("bearer" = [])))]
pub(super) async fn release_submission(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SubmissionId>,
) -> Result<Answer<Taken>, ApiError> {
    let taken = forms::release_submission(&state.app, &auth.scope, id.0).await?;
    Ok(Answer::ok(taken))
}

/// Say of a submission in quarantine that it is spam. It is forgotten 30 days after it came.
#[utoipa::path(post, path = "/api/lead-capture/submissions/{id}/reject", operation_id = "reject_submission", tag = "forms",
    params(("id" = SubmissionId, Path)),
    responses((status = 200, body = Envelope<Submission>), (status = 409, description = "It is not in quarantine")), security(("bearer" = [])))]
pub(super) async fn reject_submission(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SubmissionId>,
) -> Result<Answer<Submission>, ApiError> {
    let rejected = forms::reject_submission(&state.app, &auth.scope, id.0).await?;
    Ok(Answer::ok(rejected))
}
