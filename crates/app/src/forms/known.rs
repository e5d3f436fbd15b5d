//! Visitors whom we know for certain: they show a token that we gave them. A typed address proves nothing, and what is known
//! of a lead is shown to nobody: a form only leaves out what it need not ask.

use crate::App;
use groundswell_domain::forms::Form;
use groundswell_domain::identity::Role;
use groundswell_domain::{Actor, Error, LeadId, OrganizationId, RequestId, Scope};
use std::collections::HashSet;
use uuid::Uuid;

const PURPOSE: &str = "known lead";

/// A token for links to forms in a lead's own mails (`?l=`).
pub fn lead_token(app: &App, organization: OrganizationId, lead: LeadId) -> String {
    let payload = [organization.0.as_bytes().as_slice(), lead.0.as_bytes()].concat();
    app.links.sign(PURPOSE, &payload)
}

/// Names of the fields that need not be asked of whoever shows this token; none if it is not for a lead of the form's
/// organization, or the form asks everything at once.
pub async fn known_fields(
    app: &App,
    request: RequestId,
    form: &Form,
    token: &str,
) -> Result<HashSet<String>, Error> {
    let lead = lead_of(app, form, token);
    let (Some(progressive), Some(lead)) = (&form.settings.progressive, lead) else {
        return Ok(HashSet::new());
    };
    let scope = Scope::new(
        form.organization_id,
        Actor::Visitor(form.id),
        Role::Client,
        request,
    );
    let lead = app.store.read(&scope).leads().get(lead).await?;
    Ok(lead
        .map(|lead| progressive.answered_by(&lead))
        .unwrap_or_default())
}

fn lead_of(app: &App, form: &Form, token: &str) -> Option<LeadId> {
    let payload = app.links.verify(PURPOSE, token)?;
    let (organization, lead) = payload.split_first_chunk::<16>()?;
    let lead = Uuid::from_slice(lead).ok()?;
    (Uuid::from_bytes(*organization) == form.organization_id.0).then(|| lead.into())
}
