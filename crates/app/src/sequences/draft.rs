//! Drafts of an outreach: looked at, edited, approved and rejected by people.

use super::commands::DraftPatch;
use super::deliver::literal;
use super::outreach::{begin_sending, found};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::sequences::{Draft, DraftSort, DraftStatus};
use groundswell_domain::{DraftId, Error, Page, PageRequest, Scope, SequenceId};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "draft" };

pub async fn list_drafts(
    app: &App,
    scope: &Scope,
    outreach: SequenceId,
    status: Option<DraftStatus>,
    page: &PageRequest<DraftSort>,
) -> Result<Page<Draft>, Error> {
    scope.require(Permission::EmailRead)?;
    // Drafts say what is known of leads.
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    found(repos.as_ref(), outreach).await?;
    Ok(repos.sequences().drafts(outreach, status, page).await?)
}

pub async fn get_draft(app: &App, scope: &Scope, id: DraftId) -> Result<Draft, Error> {
    scope.require(Permission::EmailRead)?;
    // Drafts say what is known of leads.
    scope.require(Permission::LeadsRead)?;
    app.store.read(scope).sequences().draft(id).await?.ok_or(MISSING)
}

/// What is approved can't be edited any more.
pub async fn update_draft(
    app: &App,
    scope: &Scope,
    id: DraftId,
    patch: DraftPatch,
    expected: Option<i32>,
) -> Result<Draft, Error> {
    scope.require(Permission::TemplatesWrite)?;
    // Drafts say what is known of leads.
    scope.require(Permission::LeadsRead)?;
    let unit = app.store.begin(scope).await?;
    let mut draft = unit.sequences().draft(id).await?.ok_or(MISSING)?;
    let current = draft.version;
    version::check("draft", current, expected)?;
    undecided(&draft)?;
    if let Some(subject) = patch.subject {
        draft.subject = subject;
    }
    if let Some(html) = patch.html {
        draft.html = html;
        // Of other HTML the text is another one.
        draft.text = None;
    }
    patch.text.apply(&mut draft.text);
    app.templates.compile(&literal(&draft)).map_err(Error::Invalid)?;
    draft.updated_at = app.now();
    draft.version += 1;
    let written = unit.sequences().update_draft(&draft, current).await?;
    version::written("draft", written, current)?;
    unit.commit().await?;
    Ok(draft)
}

fn undecided(draft: &Draft) -> Result<(), Error> {
    if draft.status == DraftStatus::Draft {
        return Ok(());
    }
    Err(Error::conflict(
        "draft_state",
        format!(
            "this draft is {}: only one that waits for a person can be changed",
            draft.status
        ),
    ))
}

/// It is sent at the lead's best hour.
pub async fn approve_draft(app: &App, scope: &Scope, id: DraftId) -> Result<Draft, Error> {
    decide(app, scope, id, DraftStatus::Approved).await
}

pub async fn reject_draft(app: &App, scope: &Scope, id: DraftId) -> Result<Draft, Error> {
    decide(app, scope, id, DraftStatus::Rejected).await
}

async fn decide(app: &App, scope: &Scope, id: DraftId, status: DraftStatus) -> Result<Draft, Error> {
    scope.require(Permission::EmailSend)?;
    // Drafts say what is known of leads.
    scope.require(Permission::LeadsRead)?;
    let unit = app.store.begin(scope).await?;
    let mut draft = unit.sequences().draft(id).await?.ok_or(MISSING)?;
    undecided(&draft)?;
    let current = draft.version;
    draft.status = status;
    draft.decided_by = scope.actor.user();
    draft.decided_at = Some(app.now());
    draft.updated_at = app.now();
    draft.version += 1;
    let written = unit.sequences().update_draft(&draft, current).await?;
    version::written("draft", written, current)?;
    if status == DraftStatus::Approved {
        begin_sending(app, unit.as_ref(), draft.outreach_id).await?;
        let event =
            Event::of(AuditAction::OutreachApproved, draft.outreach_id).after(json!({ "draft_id": id }));
        audit::record(app, scope, unit.as_ref(), event).await?;
    }
    effect::commit(app, scope, unit, Outcome::Done, &draft).await?;
    Ok(draft)
}
