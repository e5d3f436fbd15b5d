//! Decides what lines would do to leads, without a store: the same for a dry run and for the real one.

use super::plan::ImportPlan;
use super::reader::Line;
use super::row::{self, Row};
use chrono::{DateTime, Utc};
use groundswell_domain::LeadId;
use groundswell_domain::email::Verification;
use groundswell_domain::leads::{
    ImportCounts, ImportError, Lead, LeadProfile, LeadStage, MAX_CUSTOM_FIELDS, OnExisting, Score, Tags, Utm,
};
use std::collections::{HashMap, HashSet};

/// Leads by normalized address.
pub(super) type Known = HashMap<String, Lead>;

/// What a piece of the file changes.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub inserts: Vec<Lead>,
    pub updates: Vec<Lead>,
    /// Leads that the lines are about, but for those that were skipped. One may come twice.
    pub meant: Vec<LeadId>,
    /// Updated leads that went to another stage: which one they left, and since when they were there.
    pub moved: HashMap<LeadId, (LeadStage, DateTime<Utc>)>,
    pub counts: ImportCounts,
    /// Lines that can't be done to the lead they are about.
    pub errors: Vec<ImportError>,
}

/// What is the same for all lines.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    /// Put on every lead.
    pub tags: Tags,
    pub on_existing: OnExisting,
    /// Of leads whose line does not say it.
    pub source: &'static str,
}

impl Manner {
    /// What this import made is not skipped by it: several lines about one person are one lead.
    pub fn skips(&self) -> bool {
        self.on_existing == OnExisting::Skip
    }
}

/// The readable rows of some lines; the others become errors.
pub(super) fn read_rows(plan: &ImportPlan, lines: &[Line]) -> (Vec<Row>, ImportCounts, Vec<ImportError>) {
    let mut counts = ImportCounts::default();
    let mut errors = Vec::new();
    let mut rows = Vec::new();
    for line in lines {
        counts.rows += 1;
        match row::read(plan, line) {
            Ok(row) => rows.push(row),
            Err(problems) => {
                counts.failed += 1;
                errors.extend(problems);
            }
        }
    }
    (rows, counts, errors)
}

/// Applies rows to what is known. `known` holds every lead that has an address of the rows, and is kept up to date,
/// so that an address that comes twice is one lead; `ours` are those of them that earlier lines of the file made.
pub(super) fn merge(
    rows: &[Row],
    manner: &Manner,
    known: &mut Known,
    ours: &HashSet<LeadId>,
    now: DateTime<Utc>,
    new_id: impl Fn() -> LeadId,
) -> Changes {
    let mut changes = Changes::default();
    let mut created: HashSet<String> = HashSet::new();
    let mut updated: HashSet<String> = HashSet::new();
    for row in rows {
        let key = row.email.key();
        match known.get_mut(&key) {
            None => {
                let lead = new_lead(row, manner, now, new_id());
                if let Err(message) = row.tags.join(&manner.tags) {
                    changes.refuse(row, "tags", message);
                    continue;
                }
                changes.meant.push(lead.id);
                known.insert(key.clone(), lead);
                created.insert(key);
                changes.counts.created += 1;
            }
            Some(lead) if manner.skips() && !created.contains(&key) && !ours.contains(&lead.id) => {
                changes.counts.unchanged += 1;
            }
            Some(lead) => {
                if let Err((field, message)) = check(lead, row, manner) {
                    changes.refuse(row, field, message);
                    continue;
                }
                changes.meant.push(lead.id);
                let was = (lead.stage, lead.stage_since);
                let is_changed = match manner.on_existing {
                    OnExisting::Fill => lead.fill(&row.profile, &row.tags.union(&manner.tags)),
                    OnExisting::Overwrite | OnExisting::Skip => overwrite(lead, row, &manner.tags, now),
                };
                if lead.stage != was.0 {
                    changes.moved.entry(lead.id).or_insert(was);
                }
                if is_changed {
                    lead.updated_at = now;
                    changes.counts.updated += 1;
                    if !created.contains(&key) {
                        updated.insert(key);
                    }
                } else {
                    changes.counts.unchanged += 1;
                }
            }
        }
    }
    let take = |keys: HashSet<String>| {
        keys.iter()
            .filter_map(|key| known.get(key).cloned())
            .collect::<Vec<_>>()
    };
    changes.inserts = take(created);
    changes.updates = take(updated);
    // A fixed order of locks, so that two imports can't wait for each other.
    changes.inserts.sort_by_key(|lead| lead.id);
    changes.updates.sort_by_key(|lead| lead.id);
    changes
}

impl Changes {
    fn refuse(&mut self, row: &Row, field: &str, message: String) {
        self.counts.failed += 1;
        self.errors.push(ImportError {
            line: row.line,
            field: field.to_owned(),
            message,
            raw: String::new(),
        });
    }
}

/// Whether the line can be done to this lead: a status may not be allowed by its life cycle, and there may be no room for more.
fn check(lead: &Lead, row: &Row, manner: &Manner) -> Result<(), (&'static str, String)> {
    if let Some(status) = row.status.filter(|_| manner.on_existing != OnExisting::Fill) {
        let allowed = lead.stage.check_move(lead.stage.meant_by(status));
        allowed.map_err(|refused| ("status", refused.to_string()))?;
    }
    if !lead.profile().has_room_for(&row.profile) {
        let message =
            format!("a lead has at most {MAX_CUSTOM_FIELDS} custom fields, with those that it has already");
        return Err(("custom_fields", message));
    }
    let tags = lead.tags.join(&row.tags).and_then(|tags| tags.join(&manner.tags));
    tags.map_err(|message| ("tags", format!("{message}, with those that it has already")))?;
    Ok(())
}

fn new_lead(row: &Row, manner: &Manner, now: DateTime<Utc>, id: LeadId) -> Lead {
    let stage = row
        .status
        .map_or(LeadStage::New, |status| LeadStage::New.meant_by(status));
    let mut lead = Lead {
        id,
        name: String::new(),
        verification: Verification::of(&row.email),
        phone_e164: None,
        email: row.email.clone(),
        phone: None,
        company: None,
        title: None,
        source: row.source.clone().unwrap_or_else(|| manner.source.to_owned()),
        status: stage.status(),
        stage,
        stage_since: now,
        furthest_stage: LeadStage::New.or_further(stage),
        outcome_reason: None,
        value: None,
        tags: row.tags.union(&manner.tags),
        custom_fields: serde_json::Map::new(),
        score: Score::default(),
        utm: Utm::default(),
        client_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    lead.set_profile(row.profile.clone());
    lead
}

/// A person brought this file: what it says is newer than what is there. Empty cells say nothing. True when anything changed.
fn overwrite(lead: &mut Lead, row: &Row, tags: &Tags, now: DateTime<Utc>) -> bool {
    let before = lead.clone();
    let mut profile: LeadProfile = row.profile.clone();
    profile.fill(&lead.profile());
    lead.set_profile(profile);
    lead.tags = lead.tags.union(&row.tags).union(tags);
    if let Some(status) = row.status {
        // It was allowed, or we would not be here.
        let _ = lead.move_to(lead.stage.meant_by(status), now);
    }
    if let Some(source) = &row.source {
        lead.source.clone_from(source);
    }
    *lead != before
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
