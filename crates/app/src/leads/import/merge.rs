//! Decides what lines would do to leads, without a store: the same for a dry run and for the real one.

use super::plan::ImportPlan;
use super::reader::Line;
use super::row::{self, Row};
use chrono::{DateTime, Utc};
use groundswell_domain::LeadId;
use groundswell_domain::email::Verification;
use groundswell_domain::leads::{
    ImportCounts, ImportError, Lead, LeadProfile, LeadStage, OnExisting, Score, Tags, Utm,
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
/// so that an address that comes twice is one lead.
pub(super) fn merge(
    rows: &[Row],
    manner: &Manner,
    known: &mut Known,
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
                changes.meant.push(lead.id);
                known.insert(key.clone(), lead);
                created.insert(key);
                changes.counts.created += 1;
            }
            // What this file made is not skipped by it: several lines about one person are one lead.
            Some(_) if manner.on_existing == OnExisting::Skip && !created.contains(&key) => {
                changes.counts.unchanged += 1;
            }
            Some(lead) => {
                if let Some(error) = forbidden(lead, row, manner) {
                    changes.errors.push(error);
                    changes.counts.failed += 1;
                    continue;
                }
                changes.meant.push(lead.id);
                let was = (lead.stage, lead.stage_since);
                let is_changed = match manner.on_existing {
                    OnExisting::Fill => lead.absorb(&row.profile, &row.tags.union(&manner.tags)),
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

/// A status that the life cycle does not allow to this lead.
fn forbidden(lead: &Lead, row: &Row, manner: &Manner) -> Option<ImportError> {
    if manner.on_existing == OnExisting::Fill {
        return None;
    }
    let stage = lead.stage.meant_by(row.status?);
    let refused = lead.stage.check_move(stage).err()?;
    Some(ImportError {
        line: row.line,
        field: "status".into(),
        message: refused.to_string(),
        raw: String::new(),
    })
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
    profile.absorb(&lead.profile());
    // `absorb` lets the other side's custom fields win; here the file's do.
    for (key, value) in &row.profile.custom_fields {
        profile.custom_fields.insert(key.clone(), value.clone());
    }
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
mod tests {
    use super::super::plan::Layout;
    use super::*;
    use groundswell_domain::leads::{FileFormat, Place};
    use std::cell::Cell;
    use std::collections::BTreeMap;

    fn run(text: &str, known: &mut Known) -> (Changes, ImportCounts, Vec<ImportError>) {
        run_as(OnExisting::Overwrite, text, known)
    }

    fn run_as(
        on_existing: OnExisting,
        text: &str,
        known: &mut Known,
    ) -> (Changes, ImportCounts, Vec<ImportError>) {
        let none = BTreeMap::new();
        let plan = ImportPlan::new(text, true, FileFormat::Csv, &none, &Layout::default()).unwrap();
        let mut reader = plan.reader(Place::default());
        reader.push(&text.as_bytes()[usize::try_from(plan.start.offset).unwrap()..]);
        reader.end();
        let lines = reader.read(1000);
        let (rows, counts, errors) = read_rows(&plan, &lines);
        let next = Cell::new(0);
        let changes = merge(
            &rows,
            &Manner {
                tags: Tags::parse(["fair"]).unwrap(),
                on_existing,
                source: "import",
            },
            known,
            DateTime::UNIX_EPOCH,
            || {
                next.set(next.get() + 1);
                uuid::Uuid::from_u128(next.get()).into()
            },
        );
        (changes, counts, errors)
    }

    #[test]
    fn one_address_twice_is_one_lead_with_both_lines_in_it() {
        let mut known = Known::new();
        let (changes, ..) = run(
            "email,name,company\na@b.de,Ada,\nA@B.de,,ACME\na@b.de,Ada,ACME\n",
            &mut known,
        );
        assert_eq!(
            (
                changes.counts.created,
                changes.counts.updated,
                changes.counts.unchanged
            ),
            (1, 1, 1)
        );
        assert_eq!(changes.inserts.len(), 1);
        assert_eq!(changes.inserts[0].company.as_deref(), Some("ACME"));
        assert!(changes.updates.is_empty());
    }

    #[test]
    fn a_file_overwrites_but_its_empty_cells_do_not() {
        let mut known = Known::new();
        run("email,name,company,size\na@b.de,Ada,ACME,3\n", &mut known);
        let (changes, ..) = run("email,name,company,size\na@b.de,Ada L.,,4\n", &mut known);
        let lead = &changes.updates[0];
        assert_eq!(
            (lead.name.as_str(), lead.company.as_deref()),
            ("Ada L.", Some("ACME"))
        );
        assert_eq!(lead.custom_fields["size"], "4");
    }

    #[test]
    fn leads_can_be_filled_up_or_skipped_instead() {
        let mut known = Known::new();
        run("email,name,company\na@b.de,Ada,\n", &mut known);
        let file = "email,name,company\na@b.de,Grace,ACME\nnew@b.de,New,\nnew@b.de,,Late\n";
        let (changes, ..) = run_as(OnExisting::Skip, file, &mut known.clone());
        assert_eq!(
            (
                changes.updates.len(),
                changes.counts.unchanged,
                changes.inserts[0].company.as_deref()
            ),
            (0, 1, Some("Late"))
        );
        assert_eq!(
            changes.meant.len(),
            2,
            "nobody says anything about a lead that is skipped"
        );
        let (changes, ..) = run_as(OnExisting::Fill, file, &mut known);
        let lead = &changes.updates[0];
        assert_eq!(
            (lead.name.as_str(), lead.company.as_deref()),
            ("Ada", Some("ACME"))
        );
    }

    #[test]
    fn bad_lines_are_errors_with_their_number_and_the_rest_goes_on() {
        let text = "email,status\nnope,new\n,new\na@b.de,wild\nb@b.de,qualified\nc@b.de,new,extra\n";
        let (changes, counts, errors) = run(text, &mut Known::new());
        assert_eq!((counts.rows, counts.failed, changes.counts.created), (5, 4, 1));
        let places: Vec<_> = errors
            .iter()
            .map(|error| (error.line, error.field.as_str()))
            .collect();
        assert_eq!(places, [(2, "email"), (3, "email"), (4, "status"), (6, "")]);
        assert_eq!(errors[0].raw, "nope,new");
    }
}
