//! Consents in the timeline of their lead.

use crate::{App, leads};
use groundswell_domain::consents::{Consent, ConsentDecision};
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use serde_json::json;

/// That a lead decided; the event has the id of the consent.
pub(super) fn happened(app: &App, consent: &Consent) -> LeadEvent {
    let kind = match consent.decision {
        ConsentDecision::Granted => LeadEventKind::ConsentGranted,
        ConsentDecision::Withdrawn => LeadEventKind::ConsentWithdrawn,
    };
    let data =
        json!({ "purpose": consent.purpose, "source": consent.source, "user_id": consent.recorded_by });
    LeadEvent {
        id: consent.id.0.into(),
        subject: consent.form_id.map(Into::into),
        ..leads::event(app, consent.lead_id, kind, data)
    }
}
