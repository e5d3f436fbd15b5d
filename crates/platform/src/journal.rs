//! The journal of erasures: a file with a line of JSON each, beside the database and not in it.

use async_trait::async_trait;
use groundswell_domain::privacy::{ErasureJournal, ErasureRecord};
use groundswell_domain::{ErasureId, Error};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Why a journal can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path}: {source}")]
pub struct JournalError {
    path: PathBuf,
    source: io::Error,
}

/// What a journal says.
#[derive(Debug, PartialEq, Eq)]
pub struct Journal {
    pub records: Vec<ErasureRecord>,
    /// Lines that can't be read. A crash in the middle of a line leaves one, of an erasure that did not happen.
    pub unreadable: usize,
}

#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    /// Lines of this process come one after the other.
    turn: Arc<Mutex<()>>,
}

impl FileJournal {
    /// The file is made when the first line is written.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            turn: Arc::default(),
        }
    }

    /// Every line of a journal; none when there is no file.
    pub fn read(path: &Path) -> Result<Journal, JournalError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            other => other,
        };
        let text = text.map_err(|source| JournalError {
            path: path.to_owned(),
            source,
        })?;
        let (mut records, mut voided, mut unreadable) = (Vec::new(), HashSet::new(), 0);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(Line::Record(record)) => records.push(record),
                Ok(Line::Void { void }) => {
                    voided.insert(void);
                }
                Err(_) => unreadable += 1,
            }
        }
        records.retain(|record: &ErasureRecord| !voided.contains(&record.id));
        Ok(Journal { records, unreadable })
    }

    async fn add(&self, line: &Line) -> Result<(), Error> {
        // First a line break: should a crash have left half a line, this one is not part of it.
        let mut text = b"\n".to_vec();
        serde_json::to_writer(&mut text, line).map_err(Error::internal)?;
        text.push(b'\n');
        let (path, turn) = (self.path.clone(), self.turn.clone());
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            write(&path, &text)
        })
        .await
        .map_err(Error::internal)?;
        written.map_err(|error| {
            tracing::error!(%error, path = %self.path.display(), "the journal of erasures can't be written");
            Error::Unavailable {
                message: "the journal of erasures can't be written right now: nothing was erased".into(),
                retry_after: Duration::from_mins(1),
            }
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Record(ErasureRecord),
    /// The one with this id did not happen.
    Void {
        void: ErasureId,
    },
}

fn write(path: &Path, line: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(line)?;
    file.sync_all()
}

#[async_trait]
impl ErasureJournal for FileJournal {
    async fn append(&self, record: &ErasureRecord) -> Result<(), Error> {
        self.add(&Line::Record(record.clone())).await
    }

    async fn void(&self, id: ErasureId) -> Result<(), Error> {
        self.add(&Line::Void { void: id }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::privacy::ErasureKind;

    fn record(number: u128) -> ErasureRecord {
        ErasureRecord {
            id: uuid::Uuid::from_u128(number).into(),
            organization_id: uuid::Uuid::from_u128(7).into(),
            kind: ErasureKind::Lead,
            subject_id: None,
            subject_hash: Some("hmac-sha256:x".into()),
            requested_by: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn lines_come_back_and_half_a_line_is_left_out() {
        let folder = std::env::temp_dir().join(format!("gs_journal_{}", std::process::id()));
        let path = folder.join("new").join("erasures.jsonl");
        let read = || FileJournal::read(&path).map(|journal| (journal.records, journal.unreadable));
        assert_eq!(read().unwrap(), (vec![], 0));
        let journal = FileJournal::new(path.clone());
        journal.append(&record(1)).await.unwrap();
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"id\":").unwrap();
        assert_eq!(read().unwrap(), (vec![record(1)], 1));
        journal.append(&record(2)).await.unwrap();
        assert_eq!(read().unwrap(), (vec![record(1), record(2)], 1));
        journal.void(record(1).id).await.unwrap();
        assert_eq!(read().unwrap(), (vec![record(2)], 1));
        fs::remove_dir_all(folder).unwrap();
    }
}
