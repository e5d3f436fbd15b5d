//! Between rows and consents.

use crate::codec::{from_json, parse, to_json};
use crate::entity::consents::Model;
use groundswell_domain::StoreError;
use groundswell_domain::consents::Consent;
use uuid::Uuid;

pub(super) fn consent(row: Model) -> Result<Consent, StoreError> {
    Ok(Consent {
        id: row.id.into(),
        lead_id: row.lead_id.into(),
        purpose: parse("consents.purpose", &row.purpose)?,
        decision: parse("consents.decision", &row.decision)?,
        text: row.text,
        source: parse("consents.source", &row.source)?,
        form_id: row.form_id.map(Into::into),
        submission_id: row.submission_id.map(Into::into),
        import_id: row.import_id.map(Into::into),
        recorded_by: row.recorded_by.map(Into::into),
        confirmation: row
            .confirmation
            .map(|value| from_json("consents.confirmation", value))
            .transpose()?,
        created_at: row.created_at,
    })
}

pub(super) fn row(organization: Uuid, consent: &Consent) -> Result<Model, StoreError> {
    Ok(Model {
        organization_id: organization,
        id: consent.id.0,
        lead_id: consent.lead_id.0,
        purpose: consent.purpose.as_str().to_owned(),
        decision: consent.decision.as_str().to_owned(),
        text: consent.text.clone(),
        source: consent.source.as_str().to_owned(),
        form_id: consent.form_id.map(Into::into),
        submission_id: consent.submission_id.map(Into::into),
        import_id: consent.import_id.map(Into::into),
        recorded_by: consent.recorded_by.map(Into::into),
        confirmation: consent.confirmation.as_ref().map(to_json).transpose()?,
        created_at: consent.created_at,
    })
}
