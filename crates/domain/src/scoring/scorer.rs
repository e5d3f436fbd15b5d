//! A model at work: the lines that its rules give a lead.
//!
//! A rule's hits are lines of full points at the time they happened. What takes from them stands in lines of its own, so
//! that nothing in the ledger has to be believed: `decay` for the time that has passed, `cap` for what is too much. The
//! lines always sum to the score, because the score is their sum.

use super::event_key::event_key;
use super::facts::LeadFacts;
use super::line_id::line_id;
use super::model::{MOST_RULES, MOST_TOTAL, ScoringModel};
use super::rule::{NAME, Rule, When, is_name};
use crate::error::FieldError;
use crate::ids::{LeadId, ScoringModelId};
use crate::leads::{Axis, Lead, LeadEvent, ScoreEntry};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Fit is between 0 and this.
const MOST_FIT: i64 = 100;

/// A model that was read and is ready to be asked about many leads.
#[derive(Debug)]
pub struct Scorer {
    pub model: ScoringModelId,
    pub revision: i32,
    pub primary: bool,
    fit: Vec<Rule>,
    engagement: Vec<Rule>,
    caps: BTreeMap<String, i32>,
}

/// Lines that are being written of one lead.
struct Page<'a> {
    scorer: &'a Scorer,
    lead: LeadId,
    lines: Vec<ScoreEntry>,
}

impl Page<'_> {
    fn add(&mut self, rule: &str, axis: Axis, points: i64, event: String, at: DateTime<Utc>) {
        if points == 0 {
            return;
        }
        self.lines.push(ScoreEntry {
            id: line_id(self.lead, self.scorer.ledger(), rule, &event, at),
            lead_id: self.lead,
            model_id: self.scorer.model,
            revision: self.scorer.revision,
            primary: self.scorer.primary,
            rule: rule.to_owned(),
            axis,
            points: i32::try_from(points).unwrap_or(if points < 0 { i32::MIN } else { i32::MAX }),
            event,
            created_at: at,
        });
    }
}

impl Scorer {
    /// The mistakes, with the path to each, when the model can't be used.
    pub fn new(model: &ScoringModel) -> Result<Self, Vec<FieldError>> {
        let mut problems = Vec::new();
        let mut wrong = |at: String, message: String| problems.push(FieldError::new(at, message));
        if model.rules.len() > MOST_RULES {
            wrong(
                "rules".to_owned(),
                format!("a model has at most {MOST_RULES} rules"),
            );
            return Err(problems);
        }
        let mut names = HashSet::new();
        for (index, rule) in model.rules.iter().enumerate() {
            if !names.insert(rule.name.as_str()) {
                wrong(
                    format!("rules[{index}].name"),
                    "is taken by another rule of this model".to_owned(),
                );
            }
        }
        if model.caps.len() > MOST_RULES {
            wrong(
                "caps".to_owned(),
                format!("a model has at most {MOST_RULES} caps"),
            );
            return Err(problems);
        }
        for (kind, cap) in &model.caps {
            if !is_name(kind) {
                wrong("caps".to_owned(), format!("the names of kinds {NAME}"));
            } else if !(1..=MOST_TOTAL).contains(cap) {
                wrong(format!("caps.{kind}"), format!("must be 1 to {MOST_TOTAL}"));
            }
        }
        let (mut fit, mut engagement) = (Vec::new(), Vec::new());
        for (index, rule) in model.rules.iter().enumerate() {
            if let Some(read) = Rule::read(&format!("rules[{index}]"), rule, &mut problems) {
                match rule.axis {
                    Axis::Fit => fit.push(read),
                    Axis::Engagement => engagement.push(read),
                }
            }
        }
        let used: HashSet<&str> = engagement.iter().map(|rule| rule.kind.as_str()).collect();
        if problems.is_empty()
            && let Some(kind) = model.caps.keys().find(|kind| !used.contains(kind.as_str()))
        {
            problems.push(FieldError::new(format!("caps.{kind}"), "no rule is of this kind"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            model: model.id,
            revision: model.revision,
            primary: model.primary,
            fit,
            engagement,
            caps: model.caps.clone(),
        })
    }

    /// The ledger that its lines stand in: the lead's own, or one of this model.
    fn ledger(&self) -> Option<ScoringModelId> {
        (!self.primary).then_some(self.model)
    }

    /// Each event gives its points for good: lines can be added without looking at what is there.
    pub fn is_additive(&self) -> bool {
        self.fit.is_empty() && self.caps.is_empty() && self.engagement.iter().all(Rule::is_additive)
    }

    /// Whether what is known of a lead changes its score, not only what it does.
    pub fn reads_leads(&self) -> bool {
        !self.fit.is_empty() || self.engagement.iter().any(Rule::reads_lead)
    }

    /// Whether scores change as days go by.
    pub fn decays(&self) -> bool {
        self.engagement.iter().any(|rule| rule.half_life.is_some())
    }

    /// Whether events of this kind could count.
    pub fn counts(&self, event: &LeadEvent) -> bool {
        self.engagement
            .iter()
            .any(|rule| matches!(&rule.when, When::Event(wanted) if wanted.kinds.contains(&event.kind)))
    }

    /// The lines of events, of a model that is additive.
    pub fn additions(&self, events: &[LeadEvent]) -> Vec<ScoreEntry> {
        let mut lines = Vec::new();
        for event in events {
            let mut page = self.page(event.lead_id);
            for rule in self.engagement.iter().filter(|rule| rule.hit(event)) {
                let points = i64::from(rule.points);
                page.add(
                    &rule.name,
                    Axis::Engagement,
                    points,
                    event_key(event),
                    event.occurred_at,
                );
            }
            lines.append(&mut page.lines);
        }
        lines
    }

    /// All lines of a lead, given everything that happened to it, as of a moment.
    pub fn lines(&self, lead: &Lead, events: &[LeadEvent], now: DateTime<Utc>) -> Vec<ScoreEntry> {
        let mut page = self.page(lead.id);
        let facts = LeadFacts::new(lead);
        self.fit_lines(&mut page, &facts, now);
        let mut events: Vec<&LeadEvent> = events.iter().collect();
        events.sort_by_key(|event| (event.occurred_at, event.id));
        let mut kinds = BTreeMap::<&str, i64>::new();
        for rule in self.engagement.iter().filter(|rule| rule.suits(&facts)) {
            let value = hits(&mut page, rule, &events, now);
            *kinds.entry(&rule.kind).or_default() += value;
        }
        for (kind, value) in kinds {
            let cap = self
                .caps
                .get(kind)
                .map_or(i64::from(i32::MAX), |cap| i64::from(*cap));
            let over = value.clamp(-cap, cap) - value;
            page.add(
                &format!("cap.{kind}"),
                Axis::Engagement,
                over,
                "cap".to_owned(),
                now,
            );
        }
        page.lines
    }

    fn fit_lines(&self, page: &mut Page<'_>, facts: &LeadFacts<'_>, now: DateTime<Utc>) {
        let mut sum = 0;
        for rule in self.fit.iter().filter(|rule| rule.suits(facts)) {
            page.add(
                &rule.name,
                Axis::Fit,
                rule.points.into(),
                "profile".to_owned(),
                now,
            );
            sum += i64::from(rule.points);
        }
        let over = sum.clamp(0, MOST_FIT) - sum;
        page.add("cap.fit", Axis::Fit, over, "cap".to_owned(), now);
    }

    fn page(&self, lead: LeadId) -> Page<'_> {
        Page {
            scorer: self,
            lead,
            lines: Vec::new(),
        }
    }
}

/// Adds the lines of a rule's hits; what they are worth together.
fn hits(page: &mut Page<'_>, rule: &Rule, events: &[&LeadEvent], now: DateTime<Utc>) -> i64 {
    let mut once = HashSet::new();
    let mut of_day = HashMap::<NaiveDate, u32>::new();
    let (mut face, mut worth) = (0_i64, 0.0_f64);
    for event in events.iter().filter(|event| rule.hit(event)) {
        let key = event_key(event);
        if once.contains(&key) {
            continue;
        }
        let day = event.occurred_at.date_naive();
        if let Some(most) = rule.max_per_day {
            let count = of_day.entry(day).or_default();
            if *count >= most {
                continue;
            }
            *count += 1;
        }
        let left = decayed(rule, day, now.date_naive());
        once.insert(key.clone());
        // Less than half a point is nothing; its line goes, so that a ledger does not grow for ever.
        if left.abs() < 0.5 {
            continue;
        }
        face += i64::from(rule.points);
        worth += left;
        page.add(
            &rule.name,
            Axis::Engagement,
            rule.points.into(),
            key,
            event.occurred_at,
        );
    }
    let value = whole(worth);
    page.add(
        &rule.name,
        Axis::Engagement,
        value - face,
        "decay".to_owned(),
        now,
    );
    let cap = i64::from(rule.cap.unwrap_or(MOST_TOTAL));
    let capped = value.clamp(-cap, cap);
    page.add(
        &rule.name,
        Axis::Engagement,
        capped - value,
        "cap".to_owned(),
        now,
    );
    capped
}

/// What a hit of that day is worth today: half after each half-life. Counted in whole days, so that all of a day's
/// computations agree.
fn decayed(rule: &Rule, day: NaiveDate, today: NaiveDate) -> f64 {
    let points = f64::from(rule.points);
    let Some(half_life) = rule.half_life else {
        return points;
    };
    let days = i32::try_from((today - day).num_days().max(0)).unwrap_or(i32::MAX);
    points * (-f64::from(days) / f64::from(half_life)).exp2()
}

/// Towards zero, and not fooled by the last bit of a sum.
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most a thousand points for each event"
)]
fn whole(worth: f64) -> i64 {
    ((worth.abs() + 1e-9).floor() as i64) * if worth < 0.0 { -1 } else { 1 }
}
