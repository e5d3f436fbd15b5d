//! Writes down and reads one lead's consents.

use super::commands::NewConsent;
use super::history::happened;
use crate::audit::{self, Event};
use crate::{App, effect, scoring};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::consents::{Consent, ConsentFilter, ConsentSort, ConsentSource, check_text};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Page, PageRequest, Scope, StoreError};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "lead" };

/// Adds what somebody with access knows of a lead's decision.
pub async fn record_consent(
    app: &App,
    scope: &Scope,
    lead: LeadId,
    new: NewConsent,
) -> Result<Consent, Error> {
    scope.require(Permission::LeadsWrite)?;
    let mut problems = Problems::new();
    problems.check(
        new.decision.is_decided(),
        "decision",
        "must be granted or withdrawn: what is to be confirmed comes from a form with double opt-in",
    );
    if let Some(text) = &new.text {
        check_text(&mut problems, "text", text);
    }
    problems.finish()?;
    let consent = Consent {
        id: app.id(),
        lead_id: lead,
        purpose: new.purpose,
        decision: new.decision,
        text: new.text,
        source: ConsentSource::Api,
        form_id: None,
        submission_id: None,
        import_id: None,
        recorded_by: scope.actor.user(),
        confirmation: None,
        created_at: app.now(),
    };
    let unit = app.store.begin(scope).await?;
    // It also tells whether the lead is one that the caller may see.
    unit.leads().get(lead).await?.ok_or(MISSING)?;
    unit.consents().add(&consent).await.map_err(|error| match error {
        // It was deleted between the two statements.
        StoreError::MissingReference { .. } => MISSING,
        other => other.into(),
    })?;
    scoring::happened(app, scope, unit.as_ref(), &[happened(app, &consent)]).await?;
    let event = Event::of(AuditAction::ConsentRecorded, lead)
        .after(json!({ "purpose": consent.purpose, "decision": consent.decision }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Recorded, &consent).await?;
    Ok(consent)
}

pub async fn list_consents(
    app: &App,
    scope: &Scope,
    lead: LeadId,
    filter: &ConsentFilter,
    page: &PageRequest<ConsentSort>,
) -> Result<Page<Consent>, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    repos.leads().get(lead).await?.ok_or(MISSING)?;
    Ok(repos.consents().list(lead, filter, page).await?)
}
