//! What would happen to a lead, day by day: the interpreter on a made clock.

use super::advance::{Facts, Standing, advance};
use super::definition::{Definition, StepId};
use super::effect::Effect;
use super::enrollment::{Enrollment, ExitReason, Phase};
use super::event::LeadEvents;
use super::test::{Since, Test};
use crate::consents::Consent;
use crate::ids::MessageId;
use crate::leads::{Lead, LeadEvent, LeadEventKind, Tags};
use crate::locale::TimeZone;
use crate::segments::{self, Condition, Moment, SentMail};
use crate::timing::Model;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Most lines of an answer.
const MOST_LINES: usize = 1000;

/// Something that is taken to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assumed {
    /// After the entry.
    #[serde(default)]
    pub days: u32,
    #[serde(default)]
    pub hours: u32,
    pub what: Assumption,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Assumption {
    /// The lead opens the mail of a step, if it has it by then.
    Opened {
        step: StepId,
    },
    Clicked {
        step: StepId,
        #[serde(default)]
        link: Option<String>,
    },
    Event {
        kind: LeadEventKind,
        #[serde(default)]
        subject: Option<Uuid>,
        #[serde(default)]
        name: Option<String>,
    },
    Unsubscribed,
    /// The programs of webhooks don't take what they are told; they do otherwise.
    WebhooksFail,
}

/// What is known of the lead at the beginning.
#[derive(Debug, Clone)]
pub struct World {
    pub lead: Lead,
    pub events: Vec<LeadEvent>,
    pub sent: Vec<SentMail>,
    pub consents: Vec<Consent>,
    pub standing: Standing,
    /// Whether a person holds the lead's stage.
    pub held: bool,
    /// Where days of conditions begin.
    pub organization_zone: TimeZone,
    /// Whose clock counts for timing.
    pub zone: Tz,
    pub habits: Model,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Simulated {
    pub at: DateTime<Utc>,
    /// Full days since the entry.
    pub day: i64,
    /// Where the lead was.
    pub step: StepId,
    /// What it went on to, or waits at; absent when it left.
    pub now_at: Option<StepId>,
    /// What was done there.
    pub effect: Option<Effect>,
    /// Until when it waits, if it does.
    pub waits_until: Option<DateTime<Utc>>,
    pub exit_reason: Option<ExitReason>,
    pub exit_note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Simulation {
    pub lines: Vec<Simulated>,
    /// Whether it came to an end within the time.
    pub ended: bool,
}

/// From the entry on for so many days.
pub fn simulate(
    definition: &Definition,
    enrollment: Enrollment,
    world: World,
    assumed: &[Assumed],
    days: u32,
) -> Simulation {
    let start = enrollment.entered_at;
    let end = start + TimeDelta::days(days.into());
    let mut coming: Vec<(DateTime<Utc>, &Assumption)> = assumed
        .iter()
        .map(|assumed| {
            let after = TimeDelta::days(assumed.days.into()) + TimeDelta::hours(assumed.hours.into());
            (start + after, &assumed.what)
        })
        .collect();
    // In the order in which they were given where the time is the same.
    coming.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    coming.reverse();
    let refuses = assumed
        .iter()
        .any(|assumed| assumed.what == Assumption::WebhooksFail);
    let mut run = Run {
        world,
        mails: Vec::new(),
        now: start,
        numbers: 0,
    };
    let (mut at, mut lines) = (enrollment, Vec::new());
    let mut coming = coming.into_iter().peekable();
    while at.is_active() && lines.len() < MOST_LINES {
        let wakes = at.wake_at;
        let happens = coming.peek().map(|(at, _)| *at);
        let Some(next) = wakes.into_iter().chain(happens).min().filter(|next| *next <= end) else {
            break;
        };
        run.now = next.max(run.now);
        // What is due at the same moment was due first.
        if wakes.is_none_or(|wakes| wakes > run.now)
            && let Some((_, what)) = coming.next()
        {
            run.happen(what);
            if *what == Assumption::Unsubscribed {
                let before = at.step.clone();
                at.exit(ExitReason::Unsubscribed, None, run.now);
                lines.push(run.line(start, before, &at, None));
            } else if at.listens && at.phase != Phase::Calling {
                at.wake_at = Some(run.now);
            }
            continue;
        }
        let done = advance(definition, &at, &run, run.now);
        let stayed = done.enrollment.taken == at.taken && done.enrollment.phase == at.phase;
        if let Some(effect) = &done.effect {
            run.apply(effect, &at);
        }
        let before = std::mem::replace(&mut at, done.enrollment);
        if !(stayed && at.is_active()) {
            lines.push(run.line(start, before.step, &at, done.effect));
        }
        if at.phase == Phase::Calling {
            at.phase = if refuses { Phase::Refused } else { Phase::Answered };
            at.wake_at = Some(run.now);
        }
    }
    Simulation {
        lines,
        ended: !at.is_active(),
    }
}

struct Mail {
    step: StepId,
    id: MessageId,
    opened: bool,
    links: Vec<String>,
}

struct Run {
    world: World,
    mails: Vec<Mail>,
    now: DateTime<Utc>,
    /// Ids that were given.
    numbers: u128,
}

impl Run {
    fn id<T: From<Uuid>>(&mut self) -> T {
        self.numbers += 1;
        Uuid::from_u128(self.numbers).into()
    }

    fn line(&self, start: DateTime<Utc>, step: StepId, at: &Enrollment, effect: Option<Effect>) -> Simulated {
        Simulated {
            at: self.now,
            day: (self.now - start).num_days(),
            step,
            now_at: at.is_active().then(|| at.step.clone()),
            effect,
            waits_until: at.due_at.filter(|_| at.phase == Phase::Waiting),
            exit_reason: at.exit_reason,
            exit_note: at.exit_note.clone(),
        }
    }

    fn happen(&mut self, what: &Assumption) {
        let (kind, subject, data) = match what {
            Assumption::Opened { step } | Assumption::Clicked { step, .. } => {
                let Some(mail) = self.mails.iter_mut().rev().find(|mail| mail.step == *step) else {
                    return;
                };
                let kind = if let Assumption::Clicked { link, .. } = what {
                    mail.links.push(link.clone().unwrap_or_default().to_lowercase());
                    LeadEventKind::EmailClicked
                } else {
                    mail.opened = true;
                    LeadEventKind::EmailOpened
                };
                (kind, Some(mail.id.0), Map::new())
            }
            Assumption::Event { kind, subject, name } => {
                let named = name
                    .iter()
                    .map(|name| ("name".to_owned(), Value::from(name.clone())));
                (*kind, *subject, named.collect())
            }
            Assumption::Unsubscribed => (LeadEventKind::Unsubscribed, None, Map::new()),
            Assumption::WebhooksFail => return,
        };
        let event = LeadEvent {
            id: self.id(),
            lead_id: self.world.lead.id,
            kind,
            subject,
            occurred_at: self.now,
            data,
        };
        self.world.events.push(event);
    }

    fn apply(&mut self, effect: &Effect, at: &Enrollment) {
        let now = self.now;
        match effect {
            Effect::Send { .. } => {
                let id: MessageId = self.id();
                self.world.sent.push(SentMail {
                    id,
                    campaign: None,
                    at: now,
                });
                self.mails.push(Mail {
                    step: at.step.clone(),
                    id,
                    opened: false,
                    links: Vec::new(),
                });
            }
            Effect::AddTag { tag } => {
                let lead = &mut self.world.lead;
                lead.tags =
                    Tags::parse([tag]).map_or_else(|_| lead.tags.clone(), |tag| lead.tags.union(&tag));
            }
            Effect::RemoveTag { tag } => self.world.lead.tags = self.world.lead.tags.without(tag),
            Effect::ChangeStage { stage } => {
                if !self.world.held && self.world.lead.move_to(*stage, now).is_ok_and(|moved| moved) {
                    let event = LeadEvent {
                        id: self.id(),
                        lead_id: self.world.lead.id,
                        kind: LeadEventKind::StageChanged,
                        subject: None,
                        occurred_at: now,
                        data: Map::new(),
                    };
                    self.world.events.push(event);
                }
            }
            Effect::CreateTask(_) | Effect::CallWebhook(_) => {}
        }
    }
}

impl Facts for Run {
    fn standing(&self) -> Standing {
        self.world.standing.clone()
    }

    fn holds(&self, test: &Test, enrollment: &Enrollment) -> bool {
        let mail = |step: &str| self.mails.iter().rev().find(|mail| mail.step == step);
        match test {
            Test::Condition(expression) => {
                let facts = segments::Facts {
                    lead: &self.world.lead,
                    events: &self.world.events,
                    sent: &self.world.sent,
                    consents: &self.world.consents,
                    suppressed: self.world.standing != Standing::Fine,
                };
                let moment = Moment {
                    now: self.now,
                    time_zone: self.world.organization_zone,
                };
                Condition::parse(expression).is_ok_and(|condition| condition.holds(&facts, &moment))
            }
            Test::Opened(asked) => mail(&asked.step).is_some_and(|mail| mail.opened),
            Test::Clicked(asked) => mail(&asked.step).is_some_and(|mail| {
                let part = asked.link.as_deref().unwrap_or_default().to_lowercase();
                mail.links.iter().any(|link| link.contains(&part))
            }),
            Test::Event(asked) => {
                let since = match asked.since {
                    Since::Entry => enrollment.entered_at,
                    Since::Step => enrollment.arrived_at,
                };
                let mut events = self.world.events.iter();
                events.any(|event| event.occurred_at >= since && asked.means(event))
            }
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.world.lead.custom_fields.get(name)
    }

    fn zone(&self) -> Tz {
        self.world.zone
    }

    fn habits(&self) -> Option<&Model> {
        Some(&self.world.habits)
    }
}
