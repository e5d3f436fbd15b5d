//! What looks like spam: held back, released, or rejected. See docs/decisions/0022.

use super::commands::Taken;
use super::take::{assemble, lead};
use super::visits::{Visit, count_visit_on, write_visits};
use crate::audit::{self, Event};
use crate::{App, effect, organization, qualification, scoring, sequences};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::forms::{Form, Quarantined, SpentChallenge, Submission, SubmissionStatus};
use groundswell_domain::idempotency::{KEPT_HOURS, Outcome};
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, LeadId, Scope, StoreError, SubmissionId, UnitOfWork};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "submission" };

/// Holds a submission back. Answers with the lead that the visitor is told of: the known one, the one that an earlier
/// submission was told of, or one that may come to be.
pub(super) async fn keep(
    app: &App,
    scope: &Scope,
    mut held: Quarantined,
    challenge: Option<&SpentChallenge>,
) -> Result<LeadId, StoreError> {
    let unit = app.store.begin(scope).await?;
    let key = held.email.key();
    let known = unit
        .leads()
        .by_email_keys(std::slice::from_ref(&key))
        .await?
        .pop();
    let told = match known {
        Some(lead) => lead.id,
        None => unit
            .forms()
            .promised_lead(&key)
            .await?
            .unwrap_or(held.submission.lead_id),
    };
    held.submission.lead_id = told;
    unit.forms().quarantine(&held, challenge).await?;
    if let Some(key) = &scope.idempotency {
        let (now, data) = (
            held.submission.created_at,
            json!({ "lead_id": told, "submission_id": held.submission.id }),
        );
        let until = now + chrono::TimeDelta::hours(KEPT_HOURS);
        let outcome = Outcome::Recorded;
        unit.idempotency().record(key, outcome, &data, now, until).await?;
    }
    unit.commit().await?;
    Ok(told)
}

/// Takes what was held back as if it had been fine: the lead, the score, consents and jobs, under the same ids.
pub async fn release_submission(app: &App, scope: &Scope, id: SubmissionId) -> Result<Taken, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let region = organization::region(app, scope).await?;
    let unit = app.store.begin(scope).await?;
    let held = held(unit.as_ref(), id).await?;
    let form = unit.forms().get(held.submission.form_id).await?.ok_or(MISSING)?;
    let mut submission = Submission {
        status: SubmissionStatus::Accepted,
        ..held.submission
    };
    // The lead that it was kept for has another address by now, so it is somebody else's.
    let promised = unit.leads().get(submission.lead_id).await?;
    if promised.is_some_and(|lead| lead.email.key() != held.email.key()) {
        submission.lead_id = app.id();
    }
    let mut lead = lead(&submission, held.email, held.profile);
    lead.read_phone(region);
    let scorers = scoring::scorers(app, scope.organization, unit.as_ref()).await?;
    let released = submission.clone();
    let mut new = assemble(
        app,
        &form,
        submission,
        lead,
        &held.consents,
        held.double_opt_in,
        scorers,
    );
    new.qualify = qualification::after_capture(app, scope, unit.as_ref(), id).await?;
    new.sequences = sequences::after_capture(app, scope, unit.as_ref(), id).await?;
    // What came in meanwhile is newer.
    new.renewed.clear();
    // Somebody else was faster.
    let lead_id = unit.forms().release(&new).await?.ok_or_else(not_quarantined)?;
    let event = Event::of(AuditAction::SubmissionReleased, id)
        .after(json!({ "form_id": form.id, "score": new.submission.verdict.score }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let taken = Taken {
        lead_id,
        submission_id: id,
    };
    effect::commit(app, scope, unit, Outcome::Done, &taken).await?;
    count(app, &form, &released).await;
    Ok(taken)
}

/// Completes its visit, on the day on which it was sent. The count can be told later, the release was done.
async fn count(app: &App, form: &Form, submission: &Submission) {
    if submission.test {
        return;
    }
    let day = submission.created_at.date_naive();
    count_visit_on(app, form, Visit::Completed, &submission.attribution, day);
    if let Err(error) = write_visits(app).await {
        tracing::warn!(%error, "visits of forms could not be written down yet");
    }
}

/// It was spam. Kept for the rest of its days, so that it can be looked at, and then forgotten.
pub async fn reject_submission(app: &App, scope: &Scope, id: SubmissionId) -> Result<Submission, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let unit = app.store.begin(scope).await?;
    let mut submission = held(unit.as_ref(), id).await?.submission;
    if !unit.forms().reject(id).await? {
        return Err(not_quarantined());
    }
    submission.status = SubmissionStatus::Rejected;
    let event = Event::of(AuditAction::SubmissionRejected, id)
        .after(json!({ "form_id": submission.form_id, "score": submission.verdict.score }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &submission).await?;
    Ok(submission)
}

async fn held(unit: &dyn UnitOfWork, id: SubmissionId) -> Result<Quarantined, Error> {
    if let Some(held) = unit.forms().quarantined(id).await? {
        return match held.submission.status {
            SubmissionStatus::Quarantined => Ok(held),
            SubmissionStatus::Accepted | SubmissionStatus::Rejected => Err(not_quarantined()),
        };
    }
    let accepted = unit.forms().submission(id).await?.is_some();
    Err(if accepted { not_quarantined() } else { MISSING })
}

fn not_quarantined() -> Error {
    Error::conflict(
        "not_quarantined",
        "this submission is not in quarantine: it was accepted, released or rejected already",
    )
}
