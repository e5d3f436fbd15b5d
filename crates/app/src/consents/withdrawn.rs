//! Who took back their consent to marketing.
//!
//! Only a withdrawal keeps mail away. A lead that was never asked is written to as before: whoever runs the campaign may
//! have another legal basis than consent, such as an existing customer's (Directive 2002/58/EC, article 13(2)), and knows it
//! better than this program.

use super::history::happened;
use crate::App;
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentSource, Purpose};
use groundswell_domain::{Error, LeadId, Repos};
use std::collections::HashSet;

/// Why a campaign's mail was suppressed.
pub(crate) const CONSENT_WITHDRAWN: &str = "consent withdrawn";

/// Which of these leads take no marketing mail any more.
pub(crate) async fn withdrawn<R: Repos + ?Sized>(
    repos: &R,
    leads: &[LeadId],
) -> Result<HashSet<LeadId>, Error> {
    let decision = ConsentDecision::Withdrawn;
    Ok(repos
        .consents()
        .decided(&Purpose::marketing(), decision, leads)
        .await?)
}

/// A lead that follows the link at the end of a mail takes back a consent to marketing, if there is one.
pub(crate) async fn withdraw<R: Repos + ?Sized>(app: &App, repos: &R, lead: LeadId) -> Result<(), Error> {
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
        recorded_by: None,
        created_at: app.now(),
    };
    repos.consents().add(&consent).await?;
    Ok(repos.lead_events().add(&[happened(app, &consent)]).await?)
}
