//! Writing down what the steps of a piece do, all in its transaction.

use super::task;
use crate::leads::{event, stage_changed};
use crate::{App, scoring};
use groundswell_domain::email::{DeliverMessage, MessageKind, NewMessage};
use groundswell_domain::identity::Organization;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, Tags};
use groundswell_domain::qualification::Case;
use groundswell_domain::sequences::{
    CallSequenceWebhook, CreateTask, DeliverSequenceMails, Effect, Enrollment, Sequence, StepMail,
};
use groundswell_domain::{Error, LeadId, MessageId, Repos, Scope};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) struct Effects<'a> {
    app: &'a App,
    scope: &'a Scope,
    sequence: &'a Sequence,
    batch: Uuid,
    messages: Vec<NewMessage>,
    mails: Vec<StepMail>,
    leads: BTreeMap<LeadId, Lead>,
    events: Vec<LeadEvent>,
    tasks: Vec<(Lead, CreateTask)>,
    jobs: Vec<NewJob>,
}

impl<'a> Effects<'a> {
    pub fn new(app: &'a App, scope: &'a Scope, sequence: &'a Sequence) -> Self {
        Self {
            app,
            scope,
            sequence,
            batch: app.id(),
            messages: Vec::new(),
            mails: Vec::new(),
            leads: BTreeMap::new(),
            events: Vec::new(),
            tasks: Vec::new(),
            jobs: Vec::new(),
        }
    }

    /// `enrollment` is as it was before the step.
    pub fn add(&mut self, case: &Case, enrollment: &Enrollment, effect: Effect) -> Result<(), Error> {
        let app = self.app;
        match effect {
            Effect::Send { step, .. } => self.send(&case.lead, enrollment, step),
            Effect::AddTag { tag } => {
                let tag = Tags::parse([tag]).map_err(|message| Error::invalid("tag", message))?;
                let tags = case.lead.tags.union(&tag);
                self.tagged(&case.lead, tags);
            }
            Effect::RemoveTag { tag } => {
                let tags = case.lead.tags.without(&tag);
                self.tagged(&case.lead, tags);
            }
            Effect::ChangeStage { stage } => {
                let mut lead = case.lead.clone();
                let was = (lead.stage, lead.stage_since);
                // Where a person holds the stage, or the life cycle knows no such way, it stays.
                if case.hold.is_none() && lead.move_to(stage, app.now()).is_ok_and(|moved| moved) {
                    let mut event = stage_changed(app, self.scope, &lead, was);
                    event
                        .data
                        .insert("sequence_id".to_owned(), json!(self.sequence.id));
                    self.events.push(event);
                    self.change(lead);
                }
            }
            Effect::CreateTask(task) => self.tasks.push((case.lead.clone(), task)),
            Effect::CallWebhook(_) => {
                let payload = CallSequenceWebhook {
                    enrollment_id: enrollment.id,
                    taken: enrollment.taken,
                    message_id: app.id(),
                };
                self.jobs.push(NewJob::new(app.id(), &payload, app.now()));
            }
        }
        Ok(())
    }

    fn send(&mut self, lead: &Lead, enrollment: &Enrollment, step: String) {
        let id = self.app.id();
        self.messages.push(NewMessage {
            id,
            kind: MessageKind::Sequence,
            campaign_id: None,
            lead_id: Some(lead.id),
            to: lead.email.clone(),
            content: None,
            suppressed: None,
            topic_id: self.sequence.topic_id,
        });
        self.mails.push(StepMail {
            message_id: id,
            enrollment_id: enrollment.id,
            sequence_id: enrollment.sequence_id,
            version: enrollment.version,
            step,
            taken: enrollment.taken,
            batch: self.batch,
        });
    }

    fn tagged(&mut self, lead: &Lead, tags: Tags) {
        if tags != lead.tags {
            let mut lead = lead.clone();
            lead.tags = tags;
            self.change(lead);
        }
    }

    fn change(&mut self, mut lead: Lead) {
        lead.updated_at = self.app.now();
        lead.version += 1;
        self.leads.insert(lead.id, lead);
    }

    /// In the transaction, after the enrollments were written.
    pub async fn write<R: Repos + ?Sized>(
        mut self,
        unit: &R,
        organization: &Organization,
    ) -> Result<(), Error> {
        let (app, scope, now) = (self.app, self.scope, self.app.now());
        for (lead, task) in std::mem::take(&mut self.tasks) {
            let event = self.task_event(&lead, &task);
            // By this an erasure finds the mail.
            let id = MessageId(event.id.0);
            self.events.push(event);
            if let Some(mail) = task::notice(app, unit, organization, &lead, (&task, id)).await? {
                let payload = DeliverMessage { message_id: mail.id };
                self.jobs.push(NewJob::new(app.id(), &payload, now));
                self.messages.push(mail);
            }
        }
        unit.messages().insert_many(&self.messages, now).await?;
        if !self.mails.is_empty() {
            unit.sequences().add_mails(&self.mails).await?;
            let payload = DeliverSequenceMails { batch: self.batch };
            self.jobs.push(NewJob::new(app.id(), &payload, now));
        }
        for job in &self.jobs {
            unit.jobs().enqueue(job, now).await?;
        }
        let leads: Vec<Lead> = std::mem::take(&mut self.leads).into_values().collect();
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        if !leads.is_empty() {
            unit.leads().update_many(&leads).await?;
        }
        if !self.events.is_empty() {
            scoring::happened(app, scope, unit, &self.events).await?;
        }
        scoring::refit(app, scope, unit, &ids).await
    }

    fn task_event(&self, lead: &Lead, task: &CreateTask) -> LeadEvent {
        let data = json!({
            "title": task.title,
            "text": task.text,
            "user_id": task.user_id,
            "step": task.step,
        });
        LeadEvent {
            subject: Some(self.sequence.id.0),
            ..event(self.app, lead.id, LeadEventKind::TaskCreated, data)
        }
    }
}
