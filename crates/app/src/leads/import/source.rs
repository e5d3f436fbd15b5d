//! The lines of a kept file.

use super::plan::ImportPlan;
use super::reader::{Line, LineReader};
use crate::App;
use groundswell_domain::leads::{FileFormat, Import, ImportStatus, Place};
use groundswell_domain::{Error, Repos, Scope};

/// Of the start of a file, so much is looked at to make its plan again. It was enough when the file came.
const HEAD: usize = 1024 * 1024;

/// How the file is read, as it was found out when it came; `None` when the file is gone.
pub(super) async fn plan(repos: &dyn Repos, import: &Import) -> Result<Option<ImportPlan>, Error> {
    let mut head: Vec<u8> = Vec::new();
    let mut is_whole = false;
    while head.len() < HEAD && !is_whole {
        let offset = i64::try_from(head.len()).map_err(Error::internal)?;
        match repos.imports().piece(import.id, offset).await? {
            Some(piece) => head.extend(piece),
            None => is_whole = true,
        }
    }
    if head.is_empty() {
        return Ok(None);
    }
    let detected = import.detected.as_ref();
    let said = super::plan::Layout {
        delimiter: detected.and_then(|detected| u8::try_from(detected.delimiter).ok()),
        header: detected.map(|detected| detected.header),
    };
    let format = detected.map_or(FileFormat::Csv, |detected| detected.format);
    let head = String::from_utf8_lossy(&head);
    ImportPlan::new(&head, is_whole, format, &import.mapping, &said).map(Some)
}

pub(super) struct Source {
    app: App,
    scope: Scope,
    import: Import,
    reader: LineReader,
    read_to: i64,
}

impl Source {
    pub fn new(app: &App, scope: &Scope, import: &Import, plan: &ImportPlan, from: Place) -> Self {
        let reader = plan.reader(from);
        Self {
            app: app.clone(),
            scope: scope.clone(),
            import: import.clone(),
            read_to: reader.place().offset,
            reader,
        }
    }

    pub fn place(&self) -> Place {
        self.reader.place()
    }

    /// Up to `most` lines, none at the end. An error when the file went away, for then the import has ended otherwise.
    pub async fn read(&mut self, most: usize) -> Result<Vec<Line>, Error> {
        let mut lines = Vec::new();
        loop {
            lines.extend(self.reader.read(most - lines.len()));
            if lines.len() == most || self.reader.has_ended() {
                return Ok(lines);
            }
            let repos = self.app.store.read(&self.scope);
            match repos.imports().piece(self.import.id, self.read_to).await? {
                Some(piece) => {
                    self.read_to += i64::try_from(piece.len()).map_err(Error::internal)?;
                    self.reader.push(&piece);
                }
                None => self.reader.end(),
            }
        }
    }

    /// Whether all of the file was there to be read. Who cancels an import or erases somebody in it takes the file away.
    pub fn is_complete(&self) -> bool {
        self.import.status != ImportStatus::Receiving
            && self.import.size.is_none_or(|size| size == self.read_to)
    }
}
