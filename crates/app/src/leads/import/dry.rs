//! Counts what an import would do, without doing it.
//!
//! What an earlier line would have made must be known at a later one about the same person. To remember all that would take
//! as much memory as the file, so a first walk through it finds out which addresses come more than once: of a million lines,
//! eight megabytes of hashes. Only those are remembered in the second walk, and not more than 64 MiB of them.

use super::job::{MOST_ERRORS, PIECE};
use super::merge;
use super::plan::ImportPlan;
use super::source::Source;
use super::write::{known, manner, without_erased};
use crate::App;
use crate::jobs::Stop;
use groundswell_domain::leads::{Import, ImportCounts, ImportError, Lead, Place};
use groundswell_domain::{Error, Scope};
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// Lines that a dry run looks at.
const MOST_LINES: usize = 5_000_000;
/// Addresses that may come more than once.
const MOST_AGAIN: usize = 100_000;
/// Bytes of the leads that are remembered.
const MOST_BYTES: usize = 64 * 1024 * 1024;

pub(super) enum DryRun {
    Done(Place, ImportCounts, Vec<ImportError>),
    /// A sentence for people.
    Refused(String),
    Stopped,
}

pub(super) async fn dry_run(
    app: &App,
    scope: &Scope,
    import: &Import,
    plan: &ImportPlan,
    stop: &Stop,
) -> Result<DryRun, Error> {
    let again = match come_again(app, scope, import, plan, stop).await? {
        Ok(again) => again,
        Err(end) => return Ok(end),
    };
    let repos = app.store.read(scope);
    let mut source = Source::new(app, scope, import, plan, Place::default());
    let mut total = ImportCounts::default();
    let mut errors = Vec::new();
    let mut imagined: HashMap<String, Lead> = HashMap::new();
    // Bytes of them, and which of them the file made.
    let (mut bytes, mut ours) = (0, HashSet::new());
    let manner = manner(import);
    loop {
        if stop.is_set() {
            return Ok(DryRun::Stopped);
        }
        let lines = source.read(PIECE).await?;
        if lines.is_empty() {
            return Ok(DryRun::Done(source.place(), total, errors));
        }
        let read = merge::read_rows(plan, &lines);
        let (mut rows, counts, wrong) = without_erased(app, scope, repos.as_ref(), read).await?;
        total.add(counts);
        errors.extend(wrong);
        errors.truncate(MOST_ERRORS);
        let mut known = known(repos.as_ref(), &mut rows).await?;
        for row in &rows {
            if let Some(lead) = imagined.get(&row.email.key()) {
                known.insert(row.email.key(), lead.clone());
            }
        }
        let changes = merge::merge(&rows, &manner, &mut known, &ours, app.now(), || app.id());
        total.add(changes.counts);
        errors.extend(changes.errors);
        errors.truncate(MOST_ERRORS);
        let is_made = std::iter::repeat_n(true, changes.inserts.len()).chain(std::iter::repeat(false));
        let leads = changes.inserts.into_iter().chain(changes.updates);
        for (lead, is_made) in leads.zip(is_made) {
            let key = lead.email.key();
            if !again.contains(&hash(&key)) {
                continue;
            }
            if is_made {
                ours.insert(lead.id);
            }
            bytes += size(&lead);
            if let Some(former) = imagined.insert(key, lead) {
                bytes -= size(&former);
            }
        }
        if bytes > MOST_BYTES {
            let why = "the people that come more than once in it are too much to remember: a dry run can't tell what would \
                become of them";
            return Ok(DryRun::Refused(why.to_owned()));
        }
    }
}

/// Bytes of memory that a lead takes, more or less.
fn size(lead: &Lead) -> usize {
    let texts = [&lead.phone, &lead.company, &lead.title].map(|text| text.as_ref().map_or(0, String::len));
    let fields = lead.custom_fields.iter();
    let fields = fields.map(|(key, value)| 100 + key.len() + weight(value));
    let tags = lead.tags.as_slice().iter().map(|tag| 30 + tag.len());
    size_of::<Lead>()
        + lead.name.len()
        + texts.iter().sum::<usize>()
        + fields.sum::<usize>()
        + tags.sum::<usize>()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| 32 + weight(item)).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| 100 + key.len() + weight(value))
            .sum(),
        _ => 0,
    }
}

/// Hashes of addresses that come more than once.
async fn come_again(
    app: &App,
    scope: &Scope,
    import: &Import,
    plan: &ImportPlan,
    stop: &Stop,
) -> Result<Result<HashSet<u64>, DryRun>, Error> {
    let mut source = Source::new(app, scope, import, plan, Place::default());
    let mut hashes = Vec::new();
    loop {
        if stop.is_set() {
            return Ok(Err(DryRun::Stopped));
        }
        let lines = source.read(PIECE).await?;
        if lines.is_empty() {
            break;
        }
        let (rows, ..) = merge::read_rows(plan, &lines);
        hashes.extend(rows.iter().map(|row| hash(&row.email.key())));
        if hashes.len() > MOST_LINES {
            let why = format!("a dry run looks at no more than {MOST_LINES} lines: split the file");
            return Ok(Err(DryRun::Refused(why)));
        }
    }
    hashes.sort_unstable();
    let again: HashSet<u64> = hashes
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
        .collect();
    if again.len() > MOST_AGAIN {
        let why = format!(
            "more than {MOST_AGAIN} addresses come more than once: a dry run can't tell what would become of them"
        );
        return Ok(Err(DryRun::Refused(why)));
    }
    Ok(Ok(again))
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::plan::Layout;
    use super::*;
    use groundswell_domain::leads::{FileFormat, OnExisting, Tags};
    use std::collections::BTreeMap;

    fn lead(remark: &str) -> Lead {
        let text = format!("email,note\na@b.de,{remark}\n");
        let none = BTreeMap::new();
        let plan = ImportPlan::new(&text, true, FileFormat::Csv, &none, &Layout::default()).unwrap();
        let mut reader = plan.reader(Place::default());
        reader.push(&text.as_bytes()[usize::try_from(plan.start.offset).unwrap()..]);
        reader.end();
        let (rows, ..) = merge::read_rows(&plan, &reader.read(1));
        let manner = merge::Manner {
            tags: Tags::default(),
            on_existing: OnExisting::Overwrite,
            source: "import",
        };
        let mut known = HashMap::new();
        let new = || uuid::Uuid::nil().into();
        let now = chrono::DateTime::UNIX_EPOCH;
        merge::merge(&rows, &manner, &mut known, &HashSet::new(), now, new)
            .inserts
            .remove(0)
    }

    #[test]
    fn what_is_remembered_of_a_person_counts_with_its_texts() {
        let (small, large) = (size(&lead("x")), size(&lead(&"x".repeat(10_000))));
        assert_eq!(large - small, 9_999);
        assert!(MOST_AGAIN * large > MOST_BYTES && small > size_of::<Lead>());
    }
}
