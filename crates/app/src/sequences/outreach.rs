//! A personal mail for each of many leads, at each one's best hour, after a person has approved it.
//!
//! An outreach is a sequence of one step, whose mail is the lead's draft. A draft that is approved lets its lead in; from there on
//! everything is as in other sequences: suppression, timing, the ledger, the numbers.

use super::MISSING;
use super::commands::{Approval, NewOutreach, Outreach};
use super::deliver::{UNSUBSCRIBE, source};
use super::enroll::{PIECE, let_in};
use crate::audit::{self, Event};
use crate::email::{LeftOut, merge_fields, topics};
use crate::jobs::{Progress, Stop};
use crate::{App, effect, segments};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{CompiledTemplate, MergeFields, TemplateSource};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::{Organization, Permission};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::sequences::{
    Definition, Draft, DraftOutreach, DraftStatus, Entry, MailContent, ReEntry, SendApproved, Sequence,
    SequenceStatus, Step, Timing,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, JobId, LeadId, Repos, Scope, SequenceId};
use serde_json::{Map, json};

/// Drafts in one transaction: each is a whole mail.
const DRAFTS: u32 = 100;

/// Leads in one request.
const MOST: usize = 200;

pub async fn create_outreach(app: &App, scope: &Scope, new: NewOutreach) -> Result<Outreach, Error> {
    scope.require(Permission::TemplatesWrite)?;
    // Drafts say what is known of leads.
    scope.require(Permission::LeadsRead)?;
    let mut problems = Problems::new();
    let name = problems.line("name", &new.name, 200, false);
    let content = new.content();
    let unit = app.store.begin(scope).await?;
    let one_of = content.template_id.is_some() != (content.subject.is_some() || content.html.is_some());
    problems.check(
        one_of,
        "template_id",
        "give either a template_id, or subject and html",
    );
    let mail = source(app, unit.as_ref(), &content).await?;
    let field = if content.template_id.is_some() {
        "template_id"
    } else {
        "html"
    };
    match &mail {
        Some(mail) => {
            for problem in app.templates.compile(mail).err().into_iter().flatten() {
                problems.push(problem);
            }
        }
        None => problems.add(field, "there is no such template, or subject or html is missing"),
    }
    let whom = new.lead_ids.is_some() != new.segment_id.is_some();
    problems.check(whom, "segment_id", "give either a segment_id or lead_ids");
    let count = new.lead_ids.as_ref().map_or(1, Vec::len);
    problems.check(
        (1..=MOST).contains(&count),
        "lead_ids",
        format!("1 to {MOST}; more of them by a segment"),
    );
    topics::check(unit.as_ref(), &mut problems, new.topic_id, None).await?;
    problems.finish()?;
    let Some(mail) = mail else {
        return Err(Error::invalid(field, "is required"));
    };
    let sequence = Sequence {
        topic_id: new.topic_id,
        ..sequence(app, name)
    };
    unit.sequences().insert(&sequence).await?;
    let mut job_id: Option<JobId> = None;
    if let Some(id) = new.segment_id {
        let payload = DraftOutreach {
            sequence_id: sequence.id,
            audience: segments::choose(app, unit.as_ref(), id, "segment_id").await?,
            mail,
        };
        let now = app.now();
        let job = NewJob::new(app.id(), &payload, now);
        unit.jobs().enqueue(&job, now).await?;
        job_id = Some(job.id);
    } else {
        let filter = LeadFilter {
            lead_ids: new.lead_ids,
            ..LeadFilter::default()
        };
        let leads = unit.leads().after(&filter, None, 200).await?;
        add_drafts(app, scope, unit.as_ref(), &sequence, &mail, &leads).await?;
    }
    let event = Event::of(AuditAction::SequenceCreated, sequence.id).after(json!({ "outreach": true }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let answer = shown(unit.as_ref(), &sequence, job_id).await?;
    effect::commit(app, scope, unit, Outcome::Accepted, &answer).await?;
    Ok(answer)
}

fn sequence(app: &App, name: String) -> Sequence {
    let now = app.now();
    let step = Step::Send {
        id: "mail".to_owned(),
        content: MailContent {
            personal: true,
            ..MailContent::default()
        },
        next: None,
    };
    Sequence {
        id: app.id(),
        name,
        description: None,
        status: SequenceStatus::Draft,
        entry: Entry::default(),
        reentry: ReEntry::Never,
        definition: Definition {
            steps: vec![step],
            goals: Vec::new(),
            timing: Timing {
                best_time: true,
                ..Timing::default()
            },
        },
        revision: 1,
        topic_id: None,
        outreach: true,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn shown<R: Repos + ?Sized>(
    repos: &R,
    sequence: &Sequence,
    job_id: Option<JobId>,
) -> Result<Outreach, Error> {
    Ok(Outreach {
        id: sequence.id,
        name: sequence.name.clone(),
        status: sequence.status,
        drafts: repos.sequences().draft_counts(sequence.id).await?,
        job_id,
    })
}

pub async fn get_outreach(app: &App, scope: &Scope, id: SequenceId) -> Result<Outreach, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    let sequence = found(repos.as_ref(), id).await?;
    shown(repos.as_ref(), &sequence, None).await
}

pub(super) async fn found<R: Repos + ?Sized>(repos: &R, id: SequenceId) -> Result<Sequence, Error> {
    let sequence = repos.sequences().get(id).await?;
    sequence
        .filter(|sequence| sequence.outreach)
        .ok_or(Error::NotFound { what: "outreach" })
}

/// The job that writes the drafts of a segment. Killed anywhere, it goes on after the last one.
pub async fn write_drafts(
    app: &App,
    scope: &Scope,
    job: &DraftOutreach,
    stop: &Stop,
) -> Result<Progress, Error> {
    let filter = LeadFilter {
        segment: Some(segments::readable(job.audience.chosen())?),
        ..LeadFilter::default()
    };
    let mut after = app
        .store
        .read(scope)
        .sequences()
        .last_draft(job.sequence_id)
        .await?;
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let leads = app
            .store
            .read(scope)
            .leads()
            .after(&filter, after, DRAFTS)
            .await?;
        let unit = app.store.begin(scope).await?;
        // Not locked: leads are locked before sequences, everywhere.
        let Some(sequence) = unit.sequences().get(job.sequence_id).await? else {
            return Ok(Progress::Done);
        };
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        // So that none of them goes away before its draft is there.
        let there = unit.sequences().lock_leads(&ids).await?;
        let leads: Vec<Lead> = leads
            .into_iter()
            .filter(|lead| there.binary_search(&lead.id).is_ok())
            .collect();
        add_drafts(app, scope, unit.as_ref(), &sequence, &job.mail, &leads).await?;
        unit.commit().await?;
        if ids.len() < DRAFTS as usize {
            return Ok(Progress::Done);
        }
        after = ids.last().copied();
    }
}

/// For those who may be written to.
async fn add_drafts<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    sequence: &Sequence,
    mail: &TemplateSource,
    leads: &[Lead],
) -> Result<(), Error> {
    let outreach = sequence.id;
    let template = app.templates.compile(mail).map_err(Error::Invalid)?;
    let organization = unit.identity().organization().await?;
    let organization = organization.ok_or(Error::NotFound { what: "organization" })?;
    let keys: Vec<String> = leads.iter().map(|lead| lead.email.key()).collect();
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let left_out = LeftOut::find(app, unit, scope, &keys, &ids, sequence.topic_id.as_slice()).await?;
    let written = leads
        .iter()
        .zip(&keys)
        .filter(|(lead, key)| left_out.reason(key, Some(lead.id), sequence.topic_id).is_none());
    let drafts = written
        .filter_map(|(lead, _)| {
            draft(app, outreach, template.as_ref(), &organization, lead)
                .inspect_err(
                    |error| tracing::warn!(%error, lead = %lead.id, %outreach, "a draft can't be made"),
                )
                .ok()
        })
        .collect::<Vec<Draft>>();
    unit.sequences().add_drafts(&drafts).await?;
    Ok(())
}

fn draft(
    app: &App,
    outreach: SequenceId,
    template: &dyn CompiledTemplate,
    organization: &Organization,
    lead: &Lead,
) -> Result<Draft, Error> {
    let fields = MergeFields {
        lead: merge_fields(lead),
        organization: json!({ "name": organization.name }),
        variables: Map::new(),
        // The link is made when the mail leaves.
        unsubscribe_url: Some(UNSUBSCRIBE.to_owned()),
    };
    let mail = template
        .render(&fields, None)
        .map_err(|message| Error::invalid("html", message))?;
    let now = app.now();
    Ok(Draft {
        id: app.id(),
        outreach_id: outreach,
        lead_id: lead.id,
        subject: mail.subject,
        html: mail.html,
        text: Some(mail.text),
        status: DraftStatus::Draft,
        decided_by: None,
        decided_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

/// Approves every draft that waits for a person.
pub async fn approve_outreach(app: &App, scope: &Scope, id: SequenceId) -> Result<Approval, Error> {
    scope.require(Permission::EmailSend)?;
    let unit = app.store.begin(scope).await?;
    found(unit.as_ref(), id).await?;
    let approved = unit
        .sequences()
        .approve_drafts(id, scope.actor.user(), app.now())
        .await?;
    begin_sending(app, unit.as_ref(), id).await?;
    let event = Event::of(AuditAction::OutreachApproved, id).after(json!({ "drafts": approved }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let answer = Approval { approved };
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}

/// In the transaction that approves drafts: the sequence runs from then on. One that somebody paused stays so.
pub(super) async fn begin_sending<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    id: SequenceId,
) -> Result<(), Error> {
    let sequence = unit.sequences().get_locked(id).await?.ok_or(MISSING)?;
    let now = app.now();
    if sequence.status == SequenceStatus::Draft {
        let current = sequence.version;
        let running = Sequence {
            status: SequenceStatus::Active,
            updated_at: now,
            version: current + 1,
            ..sequence
        };
        unit.sequences().update(&running, current).await?;
    }
    let job = NewJob::new(app.id(), &SendApproved { sequence_id: id }, now);
    unit.jobs().enqueue(&job, now).await?;
    Ok(())
}

/// The job: lets in the leads of approved drafts.
pub async fn send_approved(
    app: &App,
    scope: &Scope,
    job: &SendApproved,
    stop: &Stop,
) -> Result<Progress, Error> {
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let unit = app.store.begin(scope).await?;
        let sequence = unit.sequences().get(job.sequence_id).await?;
        let Some(sequence) = sequence.filter(|found| found.status != SequenceStatus::Draft) else {
            return Ok(Progress::Done);
        };
        let leads = unit.sequences().approved(job.sequence_id, PIECE).await?;
        if leads.is_empty() {
            return Ok(Progress::Done);
        }
        let_in(app, unit.as_ref(), &sequence, &leads, None).await?;
        unit.sequences()
            .drafts_entered(job.sequence_id, &leads, app.now())
            .await?;
        unit.commit().await?;
    }
}
