//! One lead of two, and back.

use super::commands::{MergeInput, MergedLead, UnmergeInput, UnmergedLeads};
use super::scan::{index_again, wait_for_scan};
use crate::audit::{self, Event};
use crate::{App, effect, email, leads, organization, scoring, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentFilter, ConsentSort, ConsentSource};
use groundswell_domain::duplicates::{DuplicatePair, DuplicateStatus, LeadMerge, MergeExtras, combine};
use groundswell_domain::email::{Suppression, SuppressionReason, TopicLeave};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind};
use groundswell_domain::paging::MAX_LIMIT;
use groundswell_domain::{Error, LeadId, PageRequest, Scope, Sort, StoreError, TopicId, UnitOfWork};
use serde_json::json;
use std::collections::BTreeSet;

/// Makes one lead of two. The other one becomes part of this one, with everything that happened to it.
pub async fn merge_lead(
    app: &App,
    scope: &Scope,
    id: LeadId,
    input: MergeInput,
    expected: Option<i32>,
) -> Result<MergedLead, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    if input.lead_id == id {
        return Err(Error::invalid("lead_id", "is the lead itself: name another one"));
    }
    let region = organization::region(app, scope).await?;
    let unit = app.store.begin(scope).await?;
    wait_for_scan(unit.as_ref()).await?;
    let this = leads::require(unit.as_ref(), id).await?;
    let other = unit.leads().get(input.lead_id).await?;
    let other = other.ok_or_else(|| Error::invalid("lead_id", "names no lead"))?;
    version::check("lead", this.version, expected)?;
    version::check("lead", other.version, input.version)?;
    let now = app.now();
    let mut merged = combine(&this, &other, &input.fields, now);
    merged.read_phone(region);
    let merge = LeadMerge {
        id: app.id(),
        survivor_id: id,
        other_id: other.id,
        merged_by: scope.actor.user(),
        merged_at: now,
    };
    let extras = MergeExtras {
        consents: withdrawals(app, scope, unit.as_ref(), (&this, &other)).await?,
        topics: topics(app, unit.as_ref(), (&this, &other), &merged).await?,
        suppression: suppression(app, scope, unit.as_ref(), (&this, &other), &merged).await?,
    };
    let read = (this.version, other.version);
    let done = unit.merges().merge(&merge, &merged, read, &extras).await?;
    version::written("lead", done, this.version)?;

    // No event of a stage: how the other one came to its own is among the events that moved.
    let event = LeadEvent {
        subject: Some(other.id.0),
        ..leads::event(
            app,
            id,
            LeadEventKind::Merged,
            json!({ "merge_id": merge.id, "user_id": merge.merged_by }),
        )
    };
    unit.lead_events().add(&[event]).await?;
    scoring::anew(app, scope, unit.as_ref(), &[id]).await?;
    let lead = leads::require(unit.as_ref(), id).await?;
    index_again(unit.as_ref(), &[&lead]).await?;
    unit.merges().seal(&merge).await?;
    let event =
        Event::of(AuditAction::LeadMerged, id).after(json!({ "lead_id": other.id, "merge_id": merge.id }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let answer = MergedLead { lead, merge };
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}

/// A withdrawal of one of the two counts, also where the other one agreed later: they did not know of each other.
async fn withdrawals(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    (this, other): (&Lead, &Lead),
) -> Result<Vec<Consent>, Error> {
    let filter = ConsentFilter {
        purpose: None,
        current: true,
    };
    let page = PageRequest::first(MAX_LIMIT, Sort::descending(ConsentSort::CreatedAt));
    let ours = unit.consents().list(this.id, &filter, &page).await?.items;
    let theirs = unit.consents().list(other.id, &filter, &page).await?.items;
    let is_hidden = |withdrawn: &&Consent| {
        withdrawn.decision == ConsentDecision::Withdrawn
            && ours.iter().chain(&theirs).any(|later| {
                later.purpose == withdrawn.purpose
                    && later.decision == ConsentDecision::Granted
                    && (later.created_at, later.id) > (withdrawn.created_at, withdrawn.id)
            })
    };
    let hidden = ours.iter().chain(&theirs).filter(is_hidden);
    Ok(hidden
        .map(|withdrawn| Consent {
            id: app.id(),
            lead_id: this.id,
            purpose: withdrawn.purpose.clone(),
            decision: ConsentDecision::Withdrawn,
            text: None,
            source: ConsentSource::Api,
            form_id: None,
            submission_id: None,
            import_id: None,
            recorded_by: scope.actor.user(),
            confirmation: None,
            created_at: app.now(),
        })
        .collect())
}

/// What was left at one address is left at the other. The addresses stay what they are: a lead that is taken out again finds its own.
async fn topics(
    app: &App,
    unit: &dyn UnitOfWork,
    (this, other): (&Lead, &Lead),
    merged: &Lead,
) -> Result<Vec<TopicLeave>, Error> {
    let stays = merged.email.key();
    let found = unit
        .topics()
        .left_by(&[this.email.key(), other.email.key()])
        .await?;
    let has = |topic: TopicId| {
        let mut own = found.iter().filter(|leave| leave.email.key() == stays);
        own.any(|leave| leave.topic_id == topic)
    };
    let missing: BTreeSet<TopicId> = found
        .iter()
        .map(|leave| leave.topic_id)
        .filter(|topic| !has(*topic))
        .collect();
    let leave = |topic_id| TopicLeave {
        id: app.id(),
        topic_id,
        email: merged.email.clone(),
        message_id: None,
        created_at: app.now(),
    };
    Ok(missing.into_iter().map(leave).collect())
}

/// Who does not want mail at one address does not want it at the other. That an address bounces says nothing about the other.
async fn suppression(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    (this, other): (&Lead, &Lead),
    merged: &Lead,
) -> Result<Option<Suppression>, Error> {
    let keys = [this.email.key(), other.email.key()];
    let found = email::suppressed(app, unit, scope, &keys).await?;
    if found.contains_key(&merged.email.key()) {
        return Ok(None);
    }
    let personal = |reason: &&SuppressionReason| {
        matches!(
            reason,
            SuppressionReason::Unsubscribe | SuppressionReason::Complaint | SuppressionReason::Manual
        )
    };
    Ok(found.values().find(personal).map(|reason| Suppression {
        id: app.id(),
        email: Some(merged.email.clone()),
        email_hash: None,
        reason: *reason,
        note: Some("came with a lead that was merged".to_owned()),
        created_at: app.now(),
    }))
}

/// Takes the lead that became part of this one out of it again.
pub async fn unmerge_lead(
    app: &App,
    scope: &Scope,
    id: LeadId,
    input: UnmergeInput,
    expected: Option<i32>,
) -> Result<UnmergedLeads, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let unit = app.store.begin(scope).await?;
    wait_for_scan(unit.as_ref()).await?;
    let this = leads::require(unit.as_ref(), id).await?;
    version::check("lead", this.version, expected)?;
    let nothing = || Error::conflict("nothing_merged", "no lead is part of this one");
    let merge = unit.merges().newest(id).await?.ok_or_else(nothing)?;
    if let Some(wanted) = input.lead_id
        && wanted != merge.other_id
    {
        if unit.merges().merged_into(wanted).await? != Some(id) {
            return Err(Error::invalid("lead_id", "is not part of this lead"));
        }
        return Err(Error::conflict(
            "merged_since",
            format!(
                "the lead {} was merged later, or with the lead that this one was part of: take that one out first",
                merge.other_id
            ),
        ));
    }
    let touched = unit.merges().unmerge(&merge, app.now()).await.map_err(taken)?;
    let event = |lead: LeadId, subject: LeadId| LeadEvent {
        subject: Some(subject.0),
        ..leads::event(
            app,
            lead,
            LeadEventKind::Unmerged,
            json!({ "merge_id": merge.id, "user_id": scope.actor.user() }),
        )
    };
    let events = [event(id, merge.other_id), event(merge.other_id, id)];
    unit.lead_events().add(&events).await?;
    if touched {
        scoring::from_scratch(app, scope, unit.as_ref(), &[id, merge.other_id]).await?;
    }
    if input.do_not_merge {
        remember(app, scope, unit.as_ref(), (id, merge.other_id)).await?;
    }
    let lead = leads::require(unit.as_ref(), id).await?;
    let other = leads::require(unit.as_ref(), merge.other_id).await?;
    index_again(unit.as_ref(), &[&lead, &other]).await?;
    let event =
        Event::of(AuditAction::LeadUnmerged, id).after(json!({ "lead_id": other.id, "merge_id": merge.id }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let answer = UnmergedLeads { lead, other };
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Duplicate { .. } => Error::conflict(
            "lead_exists",
            "another lead has the mail address of the one that would come back: change or delete that first",
        ),
        other => other.into(),
    }
}

async fn remember(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    (one, other): (LeadId, LeadId),
) -> Result<(), Error> {
    let (lead_a, lead_b) = DuplicatePair::ordered(one, other);
    let pair = DuplicatePair {
        id: app.id(),
        lead_a,
        lead_b,
        probability: 0.0,
        evidence: Vec::new(),
        status: DuplicateStatus::Dismissed,
        decided_by: scope.actor.user(),
        decided_at: Some(app.now()),
        created_at: app.now(),
    };
    unit.duplicates().dismiss(&pair).await?;
    Ok(())
}
