//! What was found, and saying no to it.

use crate::audit::{self, Event};
use crate::{App, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::duplicates::{DuplicateFilter, DuplicatePair, DuplicateSort, DuplicateStatus};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::{DuplicateId, Error, Page, PageRequest, Scope};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "duplicate" };

/// Proposals, or with a lead those that it is part of.
pub async fn list_duplicates(
    app: &App,
    scope: &Scope,
    filter: &DuplicateFilter,
    page: &PageRequest<DuplicateSort>,
) -> Result<Page<DuplicatePair>, Error> {
    scope.require(Permission::LeadsRead)?;
    // The other lead may be of another client.
    scope.require_whole_organization()?;
    if let Some(least) = filter.min_probability
        && !(0.0..=1.0).contains(&least)
    {
        return Err(Error::invalid("min_probability", "must be between 0 and 1"));
    }
    let repos = app.store.read(scope);
    if let Some(lead) = filter.lead {
        crate::leads::require(repos.as_ref(), lead).await?;
    }
    Ok(repos.duplicates().list(filter, page).await?)
}

/// They are two people. Nothing proposes them again.
pub async fn dismiss_duplicate(app: &App, scope: &Scope, id: DuplicateId) -> Result<DuplicatePair, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let unit = app.store.begin(scope).await?;
    let pair = unit.duplicates().get(id).await?.ok_or(MISSING)?;
    let pair = DuplicatePair {
        status: DuplicateStatus::Dismissed,
        decided_by: scope.actor.user(),
        decided_at: Some(app.now()),
        ..pair
    };
    let pair = unit.duplicates().dismiss(&pair).await?.ok_or(MISSING)?;
    let event =
        Event::of(AuditAction::DuplicateDismissed, pair.lead_a).after(json!({ "lead_id": pair.lead_b }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &pair).await?;
    Ok(pair)
}
