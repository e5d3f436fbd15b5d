//! Consents in the timeline of their lead.

use crate::{App, leads};
use groundswell_domain::consents::Consent;
use groundswell_domain::leads::LeadEvent;
use serde_json::json;

/// That a lead decided; the event has the id of the consent.
pub(crate) fn happened(app: &App, consent: &Consent) -> LeadEvent {
    let data =
        json!({ "purpose": consent.purpose, "source": consent.source, "user_id": consent.recorded_by });
    LeadEvent {
        id: consent.id.0.into(),
        subject: consent.form_id.map(Into::into),
        ..leads::event(app, consent.lead_id, consent.decision.into(), data)
    }
}
