//! Between rows and the types of forms.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{form_partials, forms, submissions};
use groundswell_domain::StoreError;
use groundswell_domain::forms::{Form, PartialSubmission, Submission, SubmissionStatus, Verdict};
use uuid::Uuid;

pub(super) fn form(row: forms::Model) -> Result<Form, StoreError> {
    Ok(Form {
        id: row.id.into(),
        organization_id: row.organization_id.into(),
        name: row.name,
        campaign_id: row.campaign_id.map(Into::into),
        fields: from_json("forms.fields", row.fields)?,
        styling: from_json("forms.styling", row.styling)?,
        settings: from_json("forms.settings", row.settings)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn form_row(organization: Uuid, form: &Form) -> Result<forms::Model, StoreError> {
    Ok(forms::Model {
        organization_id: organization,
        id: form.id.0,
        name: form.name.clone(),
        campaign_id: form.campaign_id.map(Into::into),
        fields: to_json(&form.fields)?,
        styling: to_json(&form.styling)?,
        settings: to_json(&form.settings)?,
        created_at: form.created_at,
        updated_at: form.updated_at,
        version: form.version,
    })
}

pub(super) fn submission(row: submissions::Model) -> Result<Submission, StoreError> {
    Ok(Submission {
        id: row.id.into(),
        form_id: row.form_id.into(),
        lead_id: row.lead_id.into(),
        status: SubmissionStatus::Accepted,
        answers: from_json("submissions.answers", row.answers)?,
        attribution: from_json("submissions.attribution", row.attribution)?,
        user_agent: row.user_agent,
        verdict: verdict("submissions.verdict", row.verdict)?,
        test: row.is_test,
        created_at: row.created_at,
    })
}

pub(super) fn verdict(column: &'static str, value: Option<serde_json::Value>) -> Result<Verdict, StoreError> {
    value.map_or_else(|| Ok(Verdict::default()), |value| from_json(column, value))
}

pub(super) fn submission_row(
    organization: Uuid,
    submission: &Submission,
) -> Result<submissions::Model, StoreError> {
    Ok(submissions::Model {
        organization_id: organization,
        id: submission.id.0,
        form_id: submission.form_id.0,
        lead_id: submission.lead_id.0,
        answers: to_json(&submission.answers)?,
        attribution: to_json(&submission.attribution)?,
        user_agent: submission.user_agent.clone(),
        // Nothing is kept of nothing: most submissions are fine.
        verdict: (submission.verdict != Verdict::default())
            .then(|| to_json(&submission.verdict))
            .transpose()?,
        is_test: submission.test,
        created_at: submission.created_at,
    })
}

pub(super) fn partial(row: form_partials::Model) -> Result<PartialSubmission, StoreError> {
    Ok(PartialSubmission {
        id: row.id.into(),
        form_id: row.form_id.into(),
        session: row.session,
        email: parse("form_partials.email", &row.email)?,
        answers: from_json("form_partials.answers", row.answers)?,
        last_field: row.last_field,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
