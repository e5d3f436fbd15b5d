//! From the lines that are there to those that should be.

use crate::leads::ScoreEntry;
use std::collections::HashMap;

/// What to write. Lines that stay as they are keep their time and revision.
#[derive(Debug, Default, PartialEq)]
pub struct LedgerChange {
    pub added: Vec<ScoreEntry>,
    /// They have the ids of the lines that are there.
    pub changed: Vec<ScoreEntry>,
    pub removed: Vec<ScoreEntry>,
}

/// A line is known by its lead, ledger, rule and event.
pub fn compare(old: Vec<ScoreEntry>, new: Vec<ScoreEntry>) -> LedgerChange {
    let mut there: HashMap<_, _> = old.into_iter().map(|line| (key(&line), line)).collect();
    let mut change = LedgerChange::default();
    for line in new {
        match there.remove(&key(&line)) {
            None => change.added.push(line),
            Some(old)
                if old.points == line.points && old.model_id == line.model_id && old.axis == line.axis => {}
            Some(old) => change.changed.push(ScoreEntry { id: old.id, ..line }),
        }
    }
    change.removed = there.into_values().collect();
    change
}

fn key(line: &ScoreEntry) -> (uuid::Uuid, Option<uuid::Uuid>, String, String) {
    let ledger = (!line.primary).then_some(line.model_id.0);
    (line.lead_id.0, ledger, line.rule.clone(), line.event.clone())
}
