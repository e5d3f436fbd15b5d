//! The interpreter: what happens to one enrollment at one moment.

use super::definition::{DateField, Definition, Step, Until};
use super::effect::{CallWebhook, CreateTask, Effect};
use super::enrollment::{Enrollment, ExitReason, Phase};
use super::pause::{Pause, instant};
use super::split::way;
use super::test::Test;
use crate::timing::Model;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;

/// After so many steps somebody has gone in circles long enough, and leaves as failed.
pub const MOST_TAKEN: i32 = 1000;

/// Whether the lead may be written to at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Fine,
    /// Why not, as an exit and in words.
    Barred(ExitReason, String),
}

/// What the interpreter asks about a lead.
pub trait Facts {
    fn standing(&self) -> Standing;
    /// Whether a test is met; the enrollment says since when, and which mails are meant.
    fn holds(&self, test: &Test, enrollment: &Enrollment) -> bool;
    /// A custom field.
    fn field(&self, name: &str) -> Option<&Value>;
    /// Where the clock hangs that counts.
    fn zone(&self) -> Tz;
    /// When the lead looks at its mails, if somebody wants to know.
    fn habits(&self) -> Option<&Model>;
}

/// What is to be done, and how the enrollment stands afterwards. Both belong into one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Advance {
    pub enrollment: Enrollment,
    pub effect: Option<Effect>,
}

/// Takes at most one step. An enrollment that is over, or not to be looked at yet, stays as it is; so does one whose time has not
/// come, only that it is known when to look again.
pub fn advance(
    definition: &Definition,
    enrollment: &Enrollment,
    facts: &impl Facts,
    now: DateTime<Utc>,
) -> Advance {
    let mut turn = Turn {
        definition,
        facts,
        now,
        at: enrollment.clone(),
        effect: None,
    };
    if enrollment.is_active() && enrollment.wake_at.is_some_and(|at| at <= now) {
        turn.take();
    }
    Advance {
        enrollment: turn.at,
        effect: turn.effect,
    }
}

struct Turn<'a, F> {
    definition: &'a Definition,
    facts: &'a F,
    now: DateTime<Utc>,
    at: Enrollment,
    effect: Option<Effect>,
}

impl<F: Facts> Turn<'_, F> {
    fn take(&mut self) {
        if let Standing::Barred(reason, note) = self.facts.standing() {
            return self.exit(reason, Some(note));
        }
        let mut goals = self.definition.goals.iter();
        if let Some(goal) = goals.find(|goal| self.facts.holds(goal, &self.at)) {
            return self.exit(ExitReason::Goal, Some(goal.label()));
        }
        if self.at.taken >= MOST_TAKEN {
            let note = format!("it took {MOST_TAKEN} steps without coming to an end");
            return self.exit(ExitReason::Failed, Some(note));
        }
        let definition = self.definition;
        let Some(step) = definition.step(&self.at.step) else {
            let note = format!("there is no step `{}`", self.at.step);
            return self.exit(ExitReason::Failed, Some(note));
        };
        self.at.listens = !definition.goals.is_empty() || matches!(step, Step::WaitUntil { .. });
        match step {
            Step::Send { id, content, next } => self.send(
                Effect::Send {
                    step: id.clone(),
                    content: content.clone(),
                },
                next.as_deref(),
            ),
            Step::Wait { pause, next, .. } => {
                let due = pause.after(self.at.arrived_at, self.facts.zone());
                self.wait_or(due, next.as_deref());
            }
            Step::WaitUntil {
                until,
                timeout,
                otherwise,
                next,
                ..
            } => self.wait_until(
                until,
                timeout.unwrap_or_default(),
                (next.as_deref(), otherwise.as_deref()),
            ),
            Step::Branch {
                when,
                then,
                otherwise,
                ..
            } => {
                if self.facts.holds(when, &self.at) {
                    self.go(Some(then));
                } else {
                    self.go(otherwise.as_deref());
                }
            }
            Step::Split { id, ways } => match way(ways, self.at.id, id) {
                Some(next) => self.go(Some(next)),
                None => self.exit(ExitReason::Failed, Some("a split has no ways".into())),
            },
            Step::AddTag { tag, next, .. } => self.act(Effect::AddTag { tag: tag.clone() }, next.as_deref()),
            Step::RemoveTag { tag, next, .. } => {
                self.act(Effect::RemoveTag { tag: tag.clone() }, next.as_deref());
            }
            Step::ChangeStage { stage, next, .. } => {
                self.act(Effect::ChangeStage { stage: *stage }, next.as_deref());
            }
            Step::CreateTask {
                id,
                title,
                text,
                user_id,
                next,
            } => {
                let task = CreateTask {
                    step: id.clone(),
                    title: title.clone(),
                    text: text.clone(),
                    user_id: *user_id,
                };
                self.act(Effect::CreateTask(task), next.as_deref());
            }
            Step::Webhook {
                id,
                url,
                on_failure,
                next,
            } => {
                let call = CallWebhook {
                    step: id.clone(),
                    url: url.clone(),
                };
                self.tell(call, (next.as_deref(), on_failure.as_deref()));
            }
            Step::Exit { note, .. } => self.exit(ExitReason::Finished, note.clone()),
        }
    }

    fn wait_until(&mut self, until: &Until, timeout: Pause, (next, otherwise): (Option<&str>, Option<&str>)) {
        let given_up = otherwise.or(next);
        match (until, until.test()) {
            (_, Some(test)) if self.facts.holds(&test, &self.at) => self.go(next),
            (_, Some(_)) => {
                let due = timeout.after(self.at.arrived_at, self.facts.zone());
                self.wait_or(due, given_up);
            }
            (Until::Time(time), None) => self.wait_or(*time, next),
            (Until::Date(date), None) => match self.date(date) {
                Some(due) => self.wait_or(due, next),
                None => self.go(given_up),
            },
            (_, None) => self.go(given_up),
        }
    }

    fn tell(&mut self, call: CallWebhook, (next, on_failure): (Option<&str>, Option<&str>)) {
        match self.at.phase {
            Phase::Arrived | Phase::Waiting => {
                self.effect = Some(Effect::CallWebhook(call));
                self.at.phase = Phase::Calling;
                self.at.wake_at = None;
            }
            // Woken by something else: the answer is still to come.
            Phase::Calling => self.at.wake_at = None,
            Phase::Answered => self.go(next),
            Phase::Refused => self.go(on_failure.or(next)),
        }
    }

    fn exit(&mut self, reason: ExitReason, note: Option<String>) {
        self.at.exit(reason, note, self.now);
    }

    /// On to another step, or out at the end.
    fn go(&mut self, to: Option<&str>) {
        self.at.taken += 1;
        match self.definition.target(&self.at.step, to) {
            None => self.exit(ExitReason::Finished, None),
            Some(next) => {
                next.clone_into(&mut self.at.step);
                self.at.phase = Phase::Arrived;
                self.at.attempt = 0;
                self.at.arrived_at = self.now;
                self.at.due_at = None;
                self.at.wake_at = Some(self.now);
            }
        }
    }

    fn act(&mut self, effect: Effect, next: Option<&str>) {
        self.effect = Some(effect);
        self.go(next);
    }

    fn wait_or(&mut self, due: DateTime<Utc>, next: Option<&str>) {
        if due <= self.now {
            self.go(next);
        } else {
            self.wait(due);
        }
    }

    fn wait(&mut self, due: DateTime<Utc>) {
        self.at.phase = Phase::Waiting;
        self.at.due_at = Some(due);
        self.at.wake_at = Some(due);
    }

    /// Now, if it is allowed; a slot that was chosen is kept, unless its hour has passed.
    fn send(&mut self, mail: Effect, next: Option<&str>) {
        let timing = &self.definition.timing;
        let (zone, now) = (self.facts.zone(), self.now);
        match self.at.due_at.filter(|_| self.at.phase == Phase::Waiting) {
            Some(due) if due > now => self.wait(due),
            Some(_) if timing.allows(now, zone) => self.act(mail, next),
            Some(_) => self.wait(timing.slot(now, zone, None)),
            None => {
                let slot = timing.slot(now, zone, self.facts.habits());
                if slot <= now {
                    self.act(mail, next);
                } else {
                    self.wait(slot);
                }
            }
        }
    }

    fn date(&self, date: &DateField) -> Option<DateTime<Utc>> {
        let zone = self.facts.zone();
        let text = self.facts.field(&date.field)?.as_str()?;
        let day = match text.parse::<DateTime<Utc>>() {
            Ok(time) if is_near(time.year()) => time.with_timezone(&zone).date_naive(),
            Ok(_) => return None,
            Err(_) => text.parse::<NaiveDate>().ok().filter(|day| is_near(day.year()))?,
        };
        let days = Days::new(u64::from(date.offset_days.unsigned_abs()));
        let day = if date.offset_days < 0 {
            day.checked_sub_days(days)?
        } else {
            day.checked_add_days(days)?
        };
        Some(instant(
            day.and_time(NaiveTime::from_hms_opt(date.hour, 0, 0)?),
            zone,
        ))
    }
}

/// Far from the ends of what calendars and databases can tell: anybody may have written the date into a form.
fn is_near(year: i32) -> bool {
    (1..=9000).contains(&year)
}
