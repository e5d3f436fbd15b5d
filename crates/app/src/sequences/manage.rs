//! Create, read, replace, change, start, stop, delete.

use super::commands::{NewSequence, SequenceEdit, SequencePatch};
use super::deliver::source;
use super::{MISSING, look, wake};
use crate::audit::{self, Event};
use crate::email::topics;
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::sequences::{
    Definition, Enrollment, EnrollmentFilter, EnrollmentSort, Migrate, MoveEnrollments, Sequence,
    SequenceSort, SequenceStatus, Step,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Patch, Repos, Scope, SequenceId, TopicId, UnitOfWork};
use serde_json::json;

pub async fn create_sequence(app: &App, scope: &Scope, new: NewSequence) -> Result<Sequence, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let now = app.now();
    let sequence = Sequence {
        id: app.id(),
        name: new.name,
        description: new.description,
        status: SequenceStatus::Draft,
        entry: new.entry,
        reentry: new.reentry,
        definition: Definition {
            steps: new.steps,
            goals: new.goals,
            timing: new.timing,
        },
        revision: 1,
        topic_id: new.topic_id,
        outreach: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    let sequence = checked(app, unit.as_ref(), sequence, None).await?;
    unit.sequences().insert(&sequence).await?;
    let event = Event::of(AuditAction::SequenceCreated, sequence.id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &sequence).await?;
    Ok(sequence)
}

/// The sequence with its texts trimmed, if everything in it is right and what it refers to exists.
/// A topic that it had `before` may have been archived since.
async fn checked<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    mut sequence: Sequence,
    before: Option<TopicId>,
) -> Result<Sequence, Error> {
    let mut problems = Problems::new();
    sequence.check(&mut problems);
    for (index, step) in sequence.definition.steps.iter().enumerate() {
        match step {
            Step::Send { content, id, .. } => {
                let field = format!("steps[{index}].content");
                problems.check(
                    !content.personal || sequence.outreach,
                    &field,
                    format!("step `{id}`: only outreach has personal mails"),
                );
                match source(app, repos, content).await? {
                    Some(source) => {
                        for problem in app.templates.compile(&source).err().into_iter().flatten() {
                            problems.add(format!("{field}.{}", problem.field), problem.message);
                        }
                    }
                    None if content.template_id.is_some() => {
                        problems.add(format!("{field}.template_id"), "there is no such template");
                    }
                    None => {}
                }
            }
            Step::CreateTask {
                user_id: Some(user), ..
            } => {
                let found = repos.identity().user(*user).await?.is_some();
                problems.check(found, &format!("steps[{index}].user_id"), "there is no such user");
            }
            _ => {}
        }
    }
    if let Some(id) = sequence.entry.segment_id {
        let found = repos.segments().get(id).await?.is_some();
        problems.check(found, "entry.segment_id", "there is no such segment");
    }
    for id in &sequence.entry.forms {
        let found = repos.forms().get(*id).await?.is_some();
        problems.check(found, "entry.forms", format!("there is no form {id}"));
    }
    for entry in &sequence.entry.campaigns {
        let found = repos.campaigns().get(entry.campaign_id).await?.is_some();
        let message = format!("there is no campaign {}", entry.campaign_id);
        problems.check(found, "entry.campaigns", message);
    }
    // Leads of any client can be in it.
    topics::check(repos, &mut problems, sequence.topic_id, before).await?;
    problems.finish()?;
    Ok(sequence)
}

pub async fn get_sequence(app: &App, scope: &Scope, id: SequenceId) -> Result<Sequence, Error> {
    scope.require(Permission::EmailRead)?;
    app.store.read(scope).sequences().get(id).await?.ok_or(MISSING)
}

/// `name` is matched as a part, without case.
pub async fn list_sequences(
    app: &App,
    scope: &Scope,
    status: Option<SequenceStatus>,
    name: Option<&str>,
    page: &PageRequest<SequenceSort>,
) -> Result<Page<Sequence>, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(app.store.read(scope).sequences().list(status, name, page).await?)
}

pub async fn list_enrollments(
    app: &App,
    scope: &Scope,
    id: SequenceId,
    filter: &EnrollmentFilter,
    page: &PageRequest<EnrollmentSort>,
) -> Result<Page<Enrollment>, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    repos.sequences().get(id).await?.ok_or(MISSING)?;
    Ok(repos.sequences().enrollments(id, filter, page).await?)
}

pub async fn replace_sequence(
    app: &App,
    scope: &Scope,
    id: SequenceId,
    new: SequenceEdit,
    expected: Option<i32>,
) -> Result<Sequence, Error> {
    let patch = SequencePatch {
        name: Some(new.name),
        description: new.description.map_or(Patch::Null, Patch::Value),
        entry: Some(new.entry),
        reentry: Some(new.reentry),
        steps: Some(new.steps),
        goals: Some(new.goals),
        timing: Some(new.timing),
        topic_id: new.topic_id.map_or(Patch::Null, Patch::Value),
        migrate: new.migrate,
    };
    update_sequence(app, scope, id, patch, expected).await
}

/// Other steps, goals or timing are a new revision. Those inside stay on theirs, or are moved by a job.
pub async fn update_sequence(
    app: &App,
    scope: &Scope,
    id: SequenceId,
    patch: SequencePatch,
    expected: Option<i32>,
) -> Result<Sequence, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.sequences().get_locked(id).await?.ok_or(MISSING)?;
    let current = old.version;
    version::check("sequence", current, expected)?;
    if old.status != SequenceStatus::Draft {
        // What it says from now on reaches people.
        scope.require(Permission::EmailSend)?;
    }
    let mut sequence = old.clone();
    if let Some(name) = patch.name {
        sequence.name = name;
    }
    patch.description.apply(&mut sequence.description);
    patch.topic_id.apply(&mut sequence.topic_id);
    sequence.entry = patch.entry.unwrap_or(sequence.entry);
    sequence.reentry = patch.reentry.unwrap_or(sequence.reentry);
    let definition = &mut sequence.definition;
    if let Some(steps) = patch.steps {
        definition.steps = steps;
    }
    if let Some(goals) = patch.goals {
        definition.goals = goals;
    }
    if let Some(timing) = patch.timing {
        definition.timing = timing;
    }
    if sequence.outreach && sequence.definition.steps != old.definition.steps {
        return Err(Error::conflict(
            "sequence_outreach",
            "the steps of an outreach are fixed",
        ));
    }
    if sequence.definition != old.definition {
        sequence.revision += 1;
    }
    sequence.updated_at = app.now();
    sequence.version += 1;
    let sequence = checked(app, unit.as_ref(), sequence, old.topic_id).await?;
    let written = unit.sequences().update(&sequence, current).await?;
    version::written("sequence", written, current)?;
    let migrate = patch.migrate.unwrap_or(Migrate::Keep);
    if migrate == Migrate::Move {
        let payload = MoveEnrollments {
            sequence_id: id,
            revision: sequence.revision,
        };
        let now = app.now();
        unit.jobs()
            .enqueue(&NewJob::new(app.id(), &payload, now), now)
            .await?;
    }
    if sequence.entry != old.entry {
        look::begin(app, unit.as_ref(), &sequence).await?;
    }
    let (before, mut after) = audit::changes(&old, &sequence)?;
    if sequence.revision != old.revision {
        after["migrate"] = json!(migrate);
    }
    let event = Event::of(AuditAction::SequenceUpdated, id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.sequences.invalidate(&scope.organization).await;
    Ok(sequence)
}

/// From now on leads come in, and those inside go on.
pub async fn activate_sequence(app: &App, scope: &Scope, id: SequenceId) -> Result<Sequence, Error> {
    scope.require(Permission::EmailSend)?;
    let unit = app.store.begin(scope).await?;
    let mut sequence = unit.sequences().get_locked(id).await?.ok_or(MISSING)?;
    sequence.activate()?;
    // What it refers to may be gone since it was saved.
    let topic = sequence.topic_id;
    let sequence = checked(app, unit.as_ref(), sequence, topic).await?;
    turn(app, scope, unit, sequence, AuditAction::SequenceActivated).await
}

/// Nobody comes in, and whoever is inside stays where it is. What is in the ledger already is still sent.
pub async fn pause_sequence(app: &App, scope: &Scope, id: SequenceId) -> Result<Sequence, Error> {
    scope.require(Permission::EmailSend)?;
    let unit = app.store.begin(scope).await?;
    let mut sequence = unit.sequences().get_locked(id).await?.ok_or(MISSING)?;
    sequence.pause()?;
    turn(app, scope, unit, sequence, AuditAction::SequencePaused).await
}

async fn turn(
    app: &App,
    scope: &Scope,
    unit: Box<dyn UnitOfWork>,
    mut sequence: Sequence,
    action: AuditAction,
) -> Result<Sequence, Error> {
    let current = sequence.version;
    sequence.updated_at = app.now();
    sequence.version += 1;
    let written = unit.sequences().update(&sequence, current).await?;
    version::written("sequence", written, current)?;
    if sequence.status == SequenceStatus::Active {
        look::begin(app, unit.as_ref(), &sequence).await?;
        // Those who became due meanwhile, and jobs that came and found it paused.
        wake::soon(app, unit.as_ref()).await?;
        let next = unit.sequences().next_due().await?;
        wake::at(app, unit.as_ref(), next).await?;
    }
    let event = Event::of(action, sequence.id).after(json!({ "status": sequence.status }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &sequence).await?;
    app.sequences.invalidate(&scope.organization).await;
    Ok(sequence)
}

/// Refused while it is active. Mails that were not sent yet are not sent; the others stay in the ledger.
pub async fn delete_sequence(app: &App, scope: &Scope, id: SequenceId) -> Result<(), Error> {
    scope.require(Permission::EmailSend)?;
    let unit = app.store.begin(scope).await?;
    let sequence = unit.sequences().get_locked(id).await?.ok_or(MISSING)?;
    if sequence.status == SequenceStatus::Active {
        return Err(Error::conflict(
            "sequence_state",
            "an active sequence can't be deleted: pause it first",
        ));
    }
    unit.sequences().delete(id, app.now()).await?;
    let event = Event::of(AuditAction::SequenceDeleted, id).before(json!({ "name": sequence.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.sequences.invalidate(&scope.organization).await;
    Ok(())
}
