//! Who says what, where and when, over weeks.

use super::{Desk, Work};
use crate::writer::draft::PlanEntry;
use crate::writer::grammar::number;
use crate::writer::pen::Pen;
use crate::writer::pool::{pool, value_of};
use chrono::{Datelike, Days, NaiveDate};
use std::fmt::Write as _;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let (brief, facts, mut pen) = (desk.brief, desk.facts, desk.pen());
    let weeks = brief.weeks.unwrap_or(4);
    let platforms = if facts.platforms.is_empty() {
        vec!["Blog".to_owned(), "LinkedIn".to_owned(), "Newsletter".to_owned()]
    } else {
        facts.platforms.clone()
    };
    let mut notes = Vec::new();
    if facts.platforms.is_empty() {
        notes.push(
            "The brief names no platforms: the plan is for a blog, LinkedIn and a newsletter.".to_owned(),
        );
    }
    let each = brief.posts_per_week.unwrap_or(1);
    let mut angles = Angles::new(&mut pen, facts.messages.len());
    let mut plan = Vec::new();
    for week in 1..=weeks {
        let mut entries = Vec::new();
        for (number, platform) in (0..).zip(&platforms) {
            let formats = value_of("plan.formats", &platform.to_lowercase()).map_or_else(
                || pool("plan.other_formats").to_vec(),
                |list| list.split(", ").collect(),
            );
            for post in 0..each {
                // Channels begin on different days, and posts on one channel keep apart.
                let day = (number * 2 + post * 5 / each) % 5;
                let turn = usize::try_from((week - 1) * each + post).unwrap_or_default();
                let format = formats[turn % formats.len()].to_owned();
                entries.push((day, platform.clone(), format));
            }
        }
        entries.sort_by_key(|(day, ..)| *day);
        for (day, platform, format) in entries {
            let Some((title, idea, message)) = angles.next(&mut pen) else {
                continue;
            };
            plan.push(PlanEntry {
                week,
                weekday: weekday(day),
                date: brief.start.and_then(|start| date(start, week, day)),
                platform,
                format,
                title,
                idea,
                message,
            });
        }
    }
    let asked = usize::try_from(weeks * each).unwrap_or_default() * platforms.len();
    if plan.len() < asked {
        notes.push(format!(
            "The plan has {} entries and not {asked}: more would repeat themselves. Give more messages, or plan fewer weeks at a time.",
            plan.len()
        ));
    }
    let body = body(desk, &mut pen, &plan, weeks);
    Work {
        body,
        plan,
        notes,
        ..Work::default()
    }
}

/// Angles in an order, paired with messages so that no pair comes twice.
struct Angles {
    lines: Vec<&'static str>,
    messages: usize,
    at: usize,
}

impl Angles {
    fn new(pen: &mut Pen, messages: usize) -> Self {
        Self {
            // Some only make sense when others went before.
            lines: [pen.eligible("plan.angles"), pen.eligible("plan.late_angles")].concat(),
            messages,
            at: 0,
        }
    }

    /// Title, idea and message; nothing when all pairs are used.
    fn next(&mut self, pen: &mut Pen) -> Option<(String, Option<String>, Option<u32>)> {
        let rounds = self.messages.max(1);
        if self.lines.is_empty() || self.at >= self.lines.len() * rounds {
            return None;
        }
        let (round, angle) = (self.at / self.lines.len(), self.at % self.lines.len());
        // Shifted by one each round, so that an angle meets another message.
        let message = (angle + round) % rounds;
        self.at += 1;
        let (title, idea) = self.lines[angle].split_once(" :: ")?;
        let message = (self.messages > 0).then(|| u32::try_from(message + 1).unwrap_or(u32::MAX));
        let idea = (round == 0).then(|| pen.fill(idea));
        let title = pen.fill(title);
        if round == 0 {
            return Some((title, idea, message));
        }
        pen.set("angle", &title);
        let again = pool("plan.again");
        let line = again.get((round - 1) % again.len().max(1))?;
        Some((pen.fill(line), None, message))
    }
}

fn weekday(day: u32) -> String {
    let names = pool("weekdays");
    usize::try_from(day)
        .ok()
        .and_then(|day| names.get(day))
        .map_or_else(String::new, |name| (*name).to_owned())
}

/// The day of a week (0 is Monday), where week 1 is that of the first day; before that day it is a week later.
fn date(start: NaiveDate, week: u32, day: u32) -> Option<NaiveDate> {
    let from_monday = start.weekday().num_days_from_monday();
    // From Saturday on, the plan begins with the next week.
    let days = u64::from(week - 1) * 7 + u64::from(day) + if from_monday > 4 { 7 } else { 0 };
    start
        .checked_sub_days(Days::new(from_monday.into()))?
        .checked_add_days(Days::new(days))
}

/// `Monday 1 March`.
fn written(date: NaiveDate, weekday: &str) -> String {
    let month = pool("months")
        .get(usize::try_from(date.month0()).unwrap_or_default())
        .copied()
        .unwrap_or_default();
    format!("{weekday} {} {month} {}", date.day(), date.year())
}

fn body(desk: &Desk, pen: &mut Pen, plan: &[PlanEntry], weeks: u32) -> String {
    let facts = desk.facts;
    let mut text = String::new();
    if !facts.messages.is_empty() {
        let count = usize::try_from(weeks).unwrap_or_default();
        let unit = if weeks == 1 { "week" } else { "weeks" };
        let intro = pen.say_with("plan.intro", "weeks", &format!("{} {unit}", number(count)));
        let _ = writeln!(text, "{}\n\n## Messages\n", intro.unwrap_or_default());
        for (number, message) in (1..).zip(&facts.messages) {
            let _ = writeln!(text, "{number}. {}", message.sentence);
        }
        text.push('\n');
    }
    if let Some(audience) = &facts.audience {
        let _ = writeln!(text, "Audience: {}.\n", audience.text);
    }
    if let Some(call) = facts.call_line() {
        let _ = writeln!(text, "Every entry ends with the call to action: {call}\n");
    }
    let mut week = 0;
    for entry in plan {
        if entry.week != week {
            week = entry.week;
            let _ = writeln!(text, "{}## Week {week}\n", if week > 1 { "\n" } else { "" });
        }
        let day = entry
            .date
            .map_or_else(|| entry.weekday.clone(), |date| written(date, &entry.weekday));
        let idea = entry
            .idea
            .as_ref()
            .map_or_else(String::new, |idea| format!(" {idea}"));
        let message = entry
            .message
            .map_or_else(String::new, |message| format!(" [{message}]"));
        let stop = if entry.title.ends_with(['?', '!', '.']) {
            ""
        } else {
            "."
        };
        let _ = writeln!(
            text,
            "- {day}, {} ({}): **{}{stop}**{idea}{message}",
            entry.platform, entry.format, entry.title
        );
    }
    if let Some(closing) = pen.say("plan.closing") {
        let _ = write!(text, "\n{closing}");
    }
    text.trim().to_owned()
}
