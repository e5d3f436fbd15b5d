//! Who took back their consent to marketing, or was asked to confirm it and did not.
//!
//! Only these keep mail away. A lead that was never asked is written to as before: whoever runs the campaign may
//! have another legal basis than consent, such as an existing customer's (Directive 2002/58/EC, article 13(2)), and knows it
//! better than this program.

use super::history::happened;
use crate::{App, scoring};
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentSource, Purpose};
use groundswell_domain::{Error, LeadId, Repos, Scope};
use std::collections::HashMap;

/// Why a campaign's mail was suppressed.
pub(crate) const CONSENT_WITHDRAWN: &str = "consent withdrawn";

/// Likewise: nobody has shown that the address is theirs who asked for mail to it.
const UNCONFIRMED: &str = "unconfirmed";

/// Which of these leads take no marketing mail, and why.
pub(crate) async fn without_consent<R: Repos + ?Sized>(
    repos: &R,
    leads: &[LeadId],
) -> Result<HashMap<LeadId, &'static str>, Error> {
    let found = repos.consents().without(&Purpose::marketing(), leads).await?;
    let reason = |decision| match decision {
        ConsentDecision::Granted | ConsentDecision::Withdrawn => CONSENT_WITHDRAWN,
        ConsentDecision::Pending | ConsentDecision::Lapsed => UNCONFIRMED,
    };
    Ok(found
        .into_iter()
        .map(|(lead, decision)| (lead, reason(decision)))
        .collect())
}

/// A lead that follows the link at the end of a mail takes back a consent to marketing, if there is one.
pub(crate) async fn withdraw<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    lead: LeadId,
) -> Result<(), Error> {
    let purpose = Purpose::marketing();
    let granted = ConsentDecision::Granted;
    if !repos
        .consents()
        .decided(&purpose, granted, &[lead])
        .await?
        .contains(&lead)
    {
        return Ok(());
    }
    let consent = Consent {
        id: app.id(),
        lead_id: lead,
        purpose,
        decision: ConsentDecision::Withdrawn,
        text: None,
        source: ConsentSource::Unsubscribe,
        form_id: None,
        submission_id: None,
        import_id: None,
        recorded_by: None,
        confirmation: None,
        created_at: app.now(),
    };
    repos.consents().add(&consent).await?;
    scoring::happened(app, scope, repos, &[happened(app, &consent)]).await
}
