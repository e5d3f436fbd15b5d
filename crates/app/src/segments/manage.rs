//! Create, read, replace, change, delete.

use super::commands::{NewSegment, SegmentPatch};
use super::{MISSING, expression, freeze};
use crate::audit::{self, Event};
use crate::{App, clients, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::segments::{LANGUAGE, Segment, SegmentKind, SegmentSort};
use groundswell_domain::validate::Problems;
use groundswell_domain::{CampaignId, ClientId, Error, Page, PageRequest, Patch, Repos, Scope, SegmentId};
use serde_json::json;

/// Most campaigns that a refusal names.
const MOST_NAMED: usize = 10;

pub async fn create_segment(app: &App, scope: &Scope, new: NewSegment) -> Result<Segment, Error> {
    scope.require(Permission::LeadsWrite)?;
    let now = app.now();
    let segment = Segment {
        id: app.id(),
        name: new.name,
        description: new.description,
        expression: new.expression,
        kind: new.kind.unwrap_or(SegmentKind::Dynamic),
        client_id: new.client_id,
        frozen_at: None,
        count_at_freeze: None,
        created_at: now,
        updated_at: now,
        version: 1,
        language: LANGUAGE,
    };
    let unit = app.store.begin(scope).await?;
    let segment = checked(scope, unit.as_ref(), segment).await?;
    unit.segments().insert(&segment).await?;
    if segment.kind == SegmentKind::Frozen {
        freeze::enqueue(app, unit.as_ref(), &segment).await?;
    }
    let event = Event::of(AuditAction::SegmentCreated, segment.id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &segment).await?;
    Ok(segment)
}

/// The segment with its texts trimmed and its expression in the canonical form, if everything in it is right.
async fn checked<R: Repos + ?Sized>(
    scope: &Scope,
    repos: &R,
    mut segment: Segment,
) -> Result<Segment, Error> {
    let mut problems = Problems::new();
    segment.name = problems.line("name", &segment.name, 200, false);
    problems.text(
        "description",
        segment.description.as_deref().unwrap_or_default(),
        5000,
    );
    let theirs = scope.client.is_none() || scope.client == segment.client_id;
    problems.check(theirs, "client_id", "must be the client that you are limited to");
    clients::check_client(repos, &mut problems, segment.client_id).await?;
    let condition = expression::read(repos, &segment.expression, &mut problems).await?;
    problems.finish()?;
    if let Some(condition) = condition {
        segment.expression = condition.to_string();
        segment.language = LANGUAGE;
    }
    Ok(segment)
}

pub async fn get_segment(app: &App, scope: &Scope, id: SegmentId) -> Result<Segment, Error> {
    scope.require(Permission::LeadsRead)?;
    app.store.read(scope).segments().get(id).await?.ok_or(MISSING)
}

/// `name` is matched as a part, without case.
pub async fn list_segments(
    app: &App,
    scope: &Scope,
    name: Option<&str>,
    client: Option<ClientId>,
    page: &PageRequest<SegmentSort>,
) -> Result<Page<Segment>, Error> {
    scope.require(Permission::LeadsRead)?;
    Ok(app.store.read(scope).segments().list(name, client, page).await?)
}

pub async fn replace_segment(
    app: &App,
    scope: &Scope,
    id: SegmentId,
    new: NewSegment,
    expected: Option<i32>,
) -> Result<Segment, Error> {
    if let Some(kind) = new.kind {
        let found = get_segment(app, scope, id).await?;
        if found.kind != kind {
            let message = "can't be replaced: freeze the segment with POST /api/segments/{id}/freeze";
            return Err(Error::invalid("kind", message));
        }
    }
    let patch = SegmentPatch {
        name: Some(new.name),
        description: new.description.map_or(Patch::Null, Patch::Value),
        expression: Some(new.expression),
        client_id: new.client_id.map_or(Patch::Null, Patch::Value),
    };
    update_segment(app, scope, id, patch, expected).await
}

pub async fn update_segment(
    app: &App,
    scope: &Scope,
    id: SegmentId,
    patch: SegmentPatch,
    expected: Option<i32>,
) -> Result<Segment, Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.segments().get_locked(id).await?.ok_or(MISSING)?;
    let current = old.version;
    version::check("segment", current, expected)?;
    let mut segment = old.clone();
    if let Some(name) = patch.name {
        segment.name = name;
    }
    patch.description.apply(&mut segment.description);
    if let Some(expression) = patch.expression {
        segment.expression = expression;
    }
    patch.client_id.apply(&mut segment.client_id);
    segment.updated_at = app.now();
    segment.version += 1;
    let segment = if old.expression == segment.expression && old.client_id == segment.client_id {
        // What it names may be gone meanwhile; that does not stop anybody from giving it another name.
        let mut problems = Problems::new();
        let name = problems.line("name", &segment.name, 200, false);
        let description = segment.description.as_deref().unwrap_or_default();
        problems.text("description", description, 5000);
        problems.finish()?;
        Segment { name, ..segment }
    } else {
        checked(scope, unit.as_ref(), segment).await?
    };
    let other = old.expression != segment.expression || old.client_id != segment.client_id;
    if other && old.kind == SegmentKind::Frozen {
        return Err(Error::conflict(
            "segment_frozen",
            "this segment is frozen: its expression and client can't be changed any more",
        ));
    }
    let written = unit.segments().update(&segment, current).await?;
    version::written("segment", written, current)?;
    let (before, after) = audit::changes(&old, &segment)?;
    let event = Event::of(AuditAction::SegmentUpdated, id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(segment)
}

/// Refused while a campaign that is not finished is for it.
pub async fn delete_segment(app: &App, scope: &Scope, id: SegmentId) -> Result<(), Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let segment = unit.segments().get_locked(id).await?.ok_or(MISSING)?;
    let used = unit.segments().unfinished_campaigns(id).await?;
    if !used.is_empty() {
        return Err(Error::conflict("segment_in_use", refusal(scope, &used)));
    }
    unit.segments().delete(id).await?;
    let event = Event::of(AuditAction::SegmentDeleted, id).before(json!({ "name": segment.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}

fn refusal(scope: &Scope, used: &[(CampaignId, String)]) -> String {
    let unfinished = "campaigns that are not finished are for this segment, so it can't be deleted";
    // They may be another client's.
    if scope.client.is_some() {
        return unfinished.to_owned();
    }
    let named: Vec<_> = used
        .iter()
        .take(MOST_NAMED)
        .map(|(id, name)| format!("{name} ({id})"))
        .collect();
    let more = match used.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{unfinished}: {}{more}", named.join(", "))
}
