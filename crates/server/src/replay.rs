//! Brings a database that was restored from a backup to know what was erased since.

use groundswell_app::App;
use groundswell_app::privacy::{Replayed, replay_erasures};
use groundswell_platform::FileJournal;
use std::path::PathBuf;

/// Reads journals and does again what the database does not know of. A journal that does not exist has no lines.
pub async fn replay(app: &App, journals: &[PathBuf]) -> Result<Replayed, String> {
    let mut records = Vec::new();
    for path in journals {
        let journal = FileJournal::read(path).map_err(|error| error.to_string())?;
        if journal.unreadable > 0 {
            tracing::warn!(
                path = %path.display(),
                lines = journal.unreadable,
                "lines of the journal of erasures can't be read: a crash leaves such a line of an erasure that did not happen"
            );
        }
        records.extend(journal.records);
    }
    if records.is_empty() {
        return Ok(Replayed::default());
    }
    let replayed = replay_erasures(app, &records)
        .await
        .map_err(|error| format!("the journal of erasures can't be replayed: {error}"))?;
    if replayed.applied > 0 {
        tracing::warn!(
            erasures = replayed.applied,
            "the database did not know of erasures in the journal: they were done again"
        );
    }
    Ok(replayed)
}
