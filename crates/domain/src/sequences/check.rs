//! Finds what is wrong with a definition before anybody goes through it. Every error names its step.

use super::definition::{Definition, END, MOST_GOALS, MOST_STEPS, Step, Until};
use super::test::Test;
use crate::leads::{LeadEventKind, Tags};
use crate::segments::Condition;
use crate::validate::Problems;
use std::collections::{BTreeSet, HashSet};
use url::Url;

/// Longest name of a step.
const MOST_ID: usize = 60;
/// Most ways of one split.
const MOST_WAYS: usize = 20;

impl Definition {
    /// Adds all mistakes to `problems`.
    pub fn check(&self, problems: &mut Problems) {
        problems.check(
            !self.steps.is_empty(),
            "steps",
            "a sequence needs at least one step",
        );
        if self.steps.len() > MOST_STEPS {
            problems.add("steps", format!("at most {MOST_STEPS} steps"));
            return;
        }
        problems.check(
            self.goals.len() <= MOST_GOALS,
            "goals",
            format!("at most {MOST_GOALS} goals"),
        );
        let mut seen = HashSet::new();
        for (index, step) in self.steps.iter().enumerate() {
            let field = format!("steps[{index}]");
            check_id(problems, &field, step.id());
            problems.check(
                seen.insert(step.id()),
                &format!("{field}.id"),
                format!("`{}` is the name of another step, too", step.id()),
            );
            self.check_step(problems, &field, step);
            for (name, to) in step.leads_to() {
                let Some(to) = to.filter(|to| *to != END) else {
                    continue;
                };
                problems.check(
                    self.step(to).is_some(),
                    &format!("{field}.{name}"),
                    format!("step `{}` leads to `{to}`, which there is not", step.id()),
                );
            }
        }
        for (index, goal) in self.goals.iter().enumerate() {
            self.check_test(problems, &format!("goals[{index}]"), goal);
        }
        self.timing.check(problems);
        if problems.is_empty() {
            self.check_ways(problems);
        }
    }

    fn check_step(&self, problems: &mut Problems, field: &str, step: &Step) {
        match step {
            Step::Send { content, id, .. } => {
                let own = content.subject.is_some() || content.html.is_some() || content.text.is_some();
                let kinds = [content.template_id.is_some(), own, content.personal];
                problems.check(
                    kinds.iter().filter(|given| **given).count() == 1
                        && (!own || content.own_mail().is_some()),
                    &format!("{field}.content"),
                    format!("step `{id}` needs either a template_id, or subject and html"),
                );
            }
            Step::Wait { pause, .. } => {
                problems.take(&format!("{field}.for"), pause.check());
            }
            Step::WaitUntil {
                until, timeout, id, ..
            } => {
                match (until.test(), timeout) {
                    (Some(test), timeout) => {
                        self.check_test(problems, &format!("{field}.until"), &test);
                        problems.check(
                            timeout.is_some(),
                            &format!("{field}.timeout"),
                            format!("step `{id}` could wait for ever: say after how long it goes on"),
                        );
                    }
                    (None, Some(_)) => problems.add(
                        format!("{field}.timeout"),
                        format!("step `{id}` waits for a time, which comes by itself: leave it out"),
                    ),
                    (None, None) => {}
                }
                if let Some(timeout) = timeout {
                    problems.take(&format!("{field}.timeout"), timeout.check());
                }
                check_until(problems, field, until);
            }
            Step::Branch { when, .. } => self.check_test(problems, &format!("{field}.when"), when),
            Step::Split { ways, id } => {
                let fine = (2..=MOST_WAYS).contains(&ways.len())
                    && ways.iter().all(|way| (1..=1000).contains(&way.weight));
                problems.check(
                    fine,
                    &format!("{field}.ways"),
                    format!("step `{id}` needs 2 to {MOST_WAYS} ways with weights of 1 to 1000"),
                );
            }
            Step::AddTag { tag, .. } | Step::RemoveTag { tag, .. } => {
                problems.take(&format!("{field}.tag"), Tags::parse([tag]));
            }
            Step::CreateTask { title, text, .. } => {
                problems.line(&format!("{field}.title"), title, 200, false);
                problems.text(
                    &format!("{field}.text"),
                    text.as_deref().unwrap_or_default(),
                    5000,
                );
            }
            Step::Webhook { url, .. } => {
                let fine = Url::parse(url)
                    .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
                problems.check(
                    fine && url.len() <= 2000,
                    &format!("{field}.url"),
                    "must be an http or https address",
                );
            }
            Step::Exit { note, .. } => {
                problems.line(
                    &format!("{field}.note"),
                    note.as_deref().unwrap_or_default(),
                    100,
                    true,
                );
            }
            Step::ChangeStage { .. } => {}
        }
    }

    fn check_test(&self, problems: &mut Problems, field: &str, test: &Test) {
        match test {
            Test::Condition(expression) => {
                if let Err(fault) = Condition::parse(expression) {
                    problems.add(format!("{field}.condition"), fault.message);
                }
            }
            Test::Opened(mail) | Test::Clicked(mail) => {
                problems.check(
                    matches!(self.step(&mail.step), Some(Step::Send { .. })),
                    field,
                    format!("`{}` is no step that sends a mail", mail.step),
                );
                let link = mail.link.as_deref().unwrap_or_default();
                problems.line(field, link, 500, true);
                problems.check(
                    mail.link.is_none() || matches!(test, Test::Clicked(_)),
                    field,
                    "only clicks have a link",
                );
            }
            Test::Event(event) => {
                problems.check(
                    !event.kind.is_derived(),
                    field,
                    format!("{} can't be waited for: ask with a condition", event.kind),
                );
                problems.line(field, event.name.as_deref().unwrap_or_default(), 100, true);
                problems.check(
                    event.name.is_none() || event.kind == LeadEventKind::Custom,
                    field,
                    "only events of kind custom have a name",
                );
            }
        }
    }

    /// Every step can be reached, and whoever goes in a circle waits in it.
    fn check_ways(&self, problems: &mut Problems) {
        let ways: Vec<Vec<usize>> = self
            .steps
            .iter()
            .map(|step| {
                step.leads_to()
                    .into_iter()
                    .filter_map(|(_, to)| self.place(self.target(step.id(), to)?))
                    .collect()
            })
            .collect();
        let mut reached = BTreeSet::from([0]);
        let mut open = vec![0];
        while let Some(place) = open.pop() {
            open.extend(ways[place].iter().copied().filter(|next| reached.insert(*next)));
        }
        for (place, step) in self.steps.iter().enumerate() {
            problems.check(
                reached.contains(&place),
                &format!("steps[{place}]"),
                format!("no way leads to step `{}`", step.id()),
            );
        }
        if let Some(place) = self.circle(&ways) {
            problems.add(
                format!("steps[{place}]"),
                format!(
                    "step `{}` is in a circle without a wait: a lead would go round for ever",
                    self.steps[place].id()
                ),
            );
        }
    }

    /// A step from which one comes back to it without a pause: what is left when steps without open ways before them are taken
    /// away one after the other (Kahn 1962).
    fn circle(&self, ways: &[Vec<usize>]) -> Option<usize> {
        let waits = |place: usize| matches!(self.steps[place], Step::Wait { .. });
        let mut before = vec![0_usize; ways.len()];
        for (place, next) in ways.iter().enumerate() {
            if !waits(place) {
                for next in next {
                    before[*next] += 1;
                }
            }
        }
        let mut free: Vec<usize> = (0..ways.len()).filter(|place| before[*place] == 0).collect();
        let mut gone = vec![false; ways.len()];
        while let Some(place) = free.pop() {
            gone[place] = true;
            if waits(place) {
                continue;
            }
            for next in &ways[place] {
                before[*next] -= 1;
                if before[*next] == 0 {
                    free.push(*next);
                }
            }
        }
        (0..ways.len()).find(|place| !gone[*place] && !waits(*place))
    }
}

fn check_until(problems: &mut Problems, field: &str, until: &Until) {
    match until {
        Until::Time(time) => {
            problems.time(&format!("{field}.until.time"), Some(*time));
        }
        Until::Date(date) => {
            problems.line(&format!("{field}.until.date.field"), &date.field, 100, false);
            problems.check(
                date.offset_days.abs() <= 366 && date.hour < 24,
                &format!("{field}.until.date"),
                "offset_days is -366 to 366, and hour is 0 to 23",
            );
        }
        Until::Condition(_) | Until::Opened(_) | Until::Clicked(_) | Until::Event(_) => {}
    }
}

fn check_id(problems: &mut Problems, field: &str, id: &str) {
    let fine = (1..=MOST_ID).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    problems.check(
        fine && id != END,
        &format!("{field}.id"),
        format!(
            "`{id}` can't be the name of a step: use 1 to {MOST_ID} of a-z, 0-9, - and _, and not `{END}`"
        ),
    );
}
