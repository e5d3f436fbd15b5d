//! What the interpreter asks about leads, read for a whole piece at once: one statement for each question, however many leads.

use crate::email::LeftOut;
use crate::{App, timing};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::qualification::Case;
use groundswell_domain::segments::{Chosen, Condition, Moment, Rule};
use groundswell_domain::sequences::{
    Definition, Enrollment, EventTest, ExitReason, Facts, MailTrace, Since, Standing, Step, Test, ZoneOf,
};
use groundswell_domain::timing::Model;
use groundswell_domain::{EnrollmentId, Error, LeadId, MessageId, Repos, Scope, SequenceId, TopicId};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Since when something that happens to a lead counts.
type Asked = (LeadId, DateTime<Utc>);

/// By sequence and revision.
pub(super) type Definitions = HashMap<(SequenceId, i32), Definition>;

pub(super) struct Known {
    pub cases: HashMap<LeadId, Case>,
    pub organization: Organization,
    /// Of the sequence that all of them are in.
    topic: Option<TopicId>,
    left_out: LeftOut,
    conditions: HashMap<String, HashSet<LeadId>>,
    traces: HashMap<EnrollmentId, Vec<MailTrace>>,
    links: HashMap<String, HashSet<MessageId>>,
    happened: Vec<(EventTest, HashSet<LeadId>)>,
    habits: HashMap<LeadId, Model>,
}

impl Known {
    /// In the transaction that has locked the leads of `cases`.
    pub async fn read<R: Repos + ?Sized>(
        app: &App,
        scope: &Scope,
        unit: &R,
        cases: Vec<Case>,
        topic: Option<TopicId>,
        (enrollments, definitions): (&[Enrollment], &Definitions),
    ) -> Result<Self, Error> {
        let organization = unit.identity().organization().await?;
        let organization = organization.ok_or(Error::NotFound { what: "organization" })?;
        let leads: Vec<LeadId> = cases.iter().map(|case| case.lead.id).collect();
        let keys: Vec<String> = cases.iter().map(|case| case.lead.email.key()).collect();
        let mut known = Self {
            topic,
            left_out: LeftOut::find(app, unit, scope, &keys, &leads, topic.as_slice()).await?,
            cases: cases.into_iter().map(|case| (case.lead.id, case)).collect(),
            organization,
            conditions: HashMap::new(),
            traces: HashMap::new(),
            links: HashMap::new(),
            happened: Vec::new(),
            habits: HashMap::new(),
        };
        known.ask(app, unit, enrollments, definitions).await?;
        known
            .learn_habits(app, scope, unit, enrollments, definitions)
            .await?;
        Ok(known)
    }

    async fn ask<R: Repos + ?Sized>(
        &mut self,
        app: &App,
        unit: &R,
        enrollments: &[Enrollment],
        definitions: &Definitions,
    ) -> Result<(), Error> {
        let mut conditions: HashMap<String, Vec<LeadId>> = HashMap::new();
        let mut links: BTreeSet<String> = BTreeSet::new();
        let mut events: Vec<(EventTest, Vec<Asked>)> = Vec::new();
        let mut about_mails = Vec::new();
        for enrollment in enrollments {
            let Some(definition) = definition(definitions, enrollment) else {
                continue;
            };
            let here = definition.step(&enrollment.step).and_then(Step::test);
            for test in definition.goals.iter().cloned().chain(here) {
                match test {
                    Test::Condition(text) => conditions.entry(text).or_default().push(enrollment.lead_id),
                    Test::Opened(_) => about_mails.push(enrollment.id),
                    Test::Clicked(mail) => {
                        about_mails.push(enrollment.id);
                        links.extend(mail.link);
                    }
                    Test::Event(test) => {
                        let asked = (enrollment.lead_id, since(&test, enrollment));
                        match events.iter_mut().find(|(other, _)| *other == test) {
                            Some((_, leads)) => leads.push(asked),
                            None => events.push((test, vec![asked])),
                        }
                    }
                }
            }
        }
        let moment = Moment {
            now: app.now(),
            time_zone: self.organization.time_zone,
        };
        for (text, leads) in conditions {
            let met = meeting(unit, &text, leads, moment).await?;
            self.conditions.insert(text, met);
        }
        about_mails.sort_unstable();
        about_mails.dedup();
        self.traces = unit.sequences().traces(&about_mails).await?;
        let clicked = self.traces.values().flatten().filter(|trace| trace.clicked);
        let clicked: Vec<MessageId> = clicked.map(|trace| trace.message_id).collect();
        for link in links {
            let found = unit.sequences().clicked_link(&clicked, &link).await?;
            self.links.insert(link, found);
        }
        for (test, leads) in events {
            let found = unit.sequences().happened(&test, &leads).await?;
            self.happened.push((test, found));
        }
        Ok(())
    }

    async fn learn_habits<R: Repos + ?Sized>(
        &mut self,
        app: &App,
        scope: &Scope,
        unit: &R,
        enrollments: &[Enrollment],
        definitions: &Definitions,
    ) -> Result<(), Error> {
        let waits_for_hour = |enrollment: &&Enrollment| {
            definition(definitions, enrollment).is_some_and(|definition| {
                definition.timing.best_time
                    && enrollment.due_at.is_none()
                    && matches!(definition.step(&enrollment.step), Some(Step::Send { .. }))
            })
        };
        let leads: Vec<&Lead> = enrollments
            .iter()
            .filter(waits_for_hour)
            .filter_map(|enrollment| self.cases.get(&enrollment.lead_id).map(|case| &case.lead))
            .collect();
        let models = timing::models(app, scope, unit, (&self.organization, &leads)).await?;
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        self.habits = ids.into_iter().zip(models).collect();
        Ok(())
    }

    pub fn about<'a>(&'a self, case: &'a Case, definition: &Definition) -> About<'a> {
        let zone = match definition.timing.time_zone {
            ZoneOf::Lead => timing::zone(&case.lead, &self.organization),
            ZoneOf::Organization => self.organization.time_zone.tz(),
        };
        About {
            known: self,
            lead: &case.lead,
            zone,
        }
    }
}

pub(super) fn definition<'a>(
    definitions: &'a Definitions,
    enrollment: &Enrollment,
) -> Option<&'a Definition> {
    definitions.get(&(enrollment.sequence_id, enrollment.version))
}

fn since(test: &EventTest, enrollment: &Enrollment) -> DateTime<Utc> {
    match test.since {
        Since::Entry => enrollment.entered_at,
        Since::Step => enrollment.arrived_at,
    }
}

/// Who of them meets an expression. It was checked when the sequence was saved: one that can't be read by now is met by nobody.
async fn meeting<R: Repos + ?Sized>(
    unit: &R,
    text: &str,
    mut leads: Vec<LeadId>,
    moment: Moment,
) -> Result<HashSet<LeadId>, Error> {
    let Ok(condition) = Condition::parse(text) else {
        return Ok(HashSet::new());
    };
    leads.sort_unstable();
    leads.dedup();
    let most = u32::try_from(leads.len()).unwrap_or(u32::MAX);
    let rule = Rule {
        condition,
        client: None,
        moment,
    };
    let filter = LeadFilter {
        lead_ids: Some(leads),
        segment: Some(Chosen::Rule(Arc::new(rule))),
        ..LeadFilter::default()
    };
    let found = unit.leads().after(&filter, None, most).await?;
    Ok(found.into_iter().map(|lead| lead.id).collect())
}

/// One lead.
pub(super) struct About<'a> {
    known: &'a Known,
    lead: &'a Lead,
    zone: Tz,
}

impl Facts for About<'_> {
    fn standing(&self) -> Standing {
        let (key, lead) = (self.lead.email.key(), Some(self.lead.id));
        let topic = self.known.topic;
        match self.known.left_out.reason(&key, lead, topic) {
            None => Standing::Fine,
            Some(reason) if self.known.left_out.by_themselves(&key, self.lead.id, topic) => {
                Standing::Barred(ExitReason::Unsubscribed, reason)
            }
            Some(reason) => Standing::Barred(ExitReason::Suppressed, reason),
        }
    }

    fn holds(&self, question: &Test, enrollment: &Enrollment) -> bool {
        let known = self.known;
        let mails = || known.traces.get(&enrollment.id).into_iter().flatten();
        match question {
            Test::Condition(text) => known
                .conditions
                .get(text)
                .is_some_and(|met| met.contains(&self.lead.id)),
            Test::Opened(asked) => mails().any(|trace| trace.step == asked.step && trace.opened),
            Test::Clicked(asked) => mails()
                .filter(|trace| trace.step == asked.step && trace.clicked)
                .any(|trace| {
                    asked.link.as_ref().is_none_or(|link| {
                        known
                            .links
                            .get(link)
                            .is_some_and(|found| found.contains(&trace.message_id))
                    })
                }),
            Test::Event(asked) => {
                let found = known.happened.iter().find(|(test, _)| test == asked);
                found.is_some_and(|(_, leads)| leads.contains(&self.lead.id))
            }
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.lead.custom_fields.get(name)
    }

    fn zone(&self) -> Tz {
        self.zone
    }

    fn habits(&self) -> Option<&Model> {
        self.known.habits.get(&self.lead.id)
    }
}
