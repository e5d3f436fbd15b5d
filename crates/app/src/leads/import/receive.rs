//! Takes a file in as it comes, a piece at a time: no process ever has the whole of it in memory.
//!
//! A spreadsheet is the exception, for its directory is at its end. It is unfolded into the same text that a CSV file is kept
//! as, when it has come, so that everything after that is one path, and what is wrong with it is told at once.

use super::intake::{Content, Intake, encoding_named};
use super::layout::delimiter_named;
use super::plan::{ImportPlan, Layout};
use super::sheet::Unfolded;
use crate::audit::{self, Event};
use crate::leads::commands::{ImportOptions, ImportStarted, IncomingFile};
use crate::{App, blocking, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::consents::check_text;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{
    Detected, FileFormat, Import, ImportConsent, ImportCounts, ImportStatus, OnExisting, Place, RunImport,
    Tags,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, ImportId, Scope, UnitOfWork};
use serde_json::json;
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// Bytes in a piece, a little more or less.
pub(super) const PIECE: usize = 1024 * 1024;

/// A file on its way in. Ends with [`Receiver::start`], or with [`Receiver::abandon`]; one that just stops is forgotten after a
/// day.
pub struct Receiver {
    app: App,
    scope: Scope,
    import: Import,
    intake: Intake,
    sheet: Option<String>,
    /// The first piece: enough to find out what the file is.
    head: String,
    size: i64,
}

/// Begins to take in a file for an import.
pub async fn receive_import(app: &App, scope: &Scope, file: IncomingFile) -> Result<Receiver, Error> {
    let encoding = allowed(scope, &file)?;
    let name = file.file_name.chars().filter(|c| !c.is_control()).take(200);
    let import = Import {
        id: app.id(),
        file_name: name.collect(),
        status: ImportStatus::Receiving,
        dry_run: false,
        mapping: BTreeMap::new(),
        tags: Tags::default(),
        detected: None,
        on_existing: OnExisting::Overwrite,
        consent: None,
        counts: ImportCounts::default(),
        undone: None,
        error: None,
        place: Place::default(),
        size: None,
        created_at: app.now(),
        finished_at: None,
    };
    app.store.read(scope).imports().insert(&import).await?;
    Ok(Receiver {
        app: app.clone(),
        scope: scope.clone(),
        import,
        intake: Intake::new(encoding),
        sheet: file.sheet,
        head: String::new(),
        size: 0,
    })
}

/// Who may bring files, and in which encoding they say it is.
pub(super) fn allowed(
    scope: &Scope,
    file: &IncomingFile,
) -> Result<Option<&'static encoding_rs::Encoding>, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    file.encoding
        .as_deref()
        .map(encoding_named)
        .transpose()
        .map_err(|message| Error::invalid("encoding", message))
}

/// What the options say about how to read the file.
pub(super) fn layout(options: &ImportOptions) -> Result<Layout, Error> {
    let delimiter = options.delimiter.as_deref().map(delimiter_named).transpose();
    Ok(Layout {
        delimiter: delimiter.map_err(|message| Error::invalid("delimiter", message))?,
        header: options.header,
    })
}

pub(super) fn detected(
    plan: &ImportPlan,
    format: FileFormat,
    encoding: &'static encoding_rs::Encoding,
    sheet: Option<String>,
) -> Detected {
    Detected {
        format,
        delimiter: char::from(plan.delimiter),
        encoding: encoding.name().to_owned(),
        header: plan.header,
        sheet,
    }
}

impl Receiver {
    pub fn id(&self) -> ImportId {
        self.import.id
    }

    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.intake.push(bytes)?;
        while let Some(text) = self.intake.take(PIECE) {
            self.keep(text).await?;
        }
        Ok(())
    }

    /// Forgets what has come.
    pub async fn abandon(self) -> Result<(), Error> {
        let repos = self.app.store.read(&self.scope);
        Ok(repos.imports().abandon(self.import.id).await?)
    }

    /// The file is there: puts the job into the queue. A file whose columns can't be understood is refused at once.
    pub async fn start(self, options: ImportOptions) -> Result<ImportStarted, Error> {
        let (app, scope, id) = (self.app.clone(), self.scope.clone(), self.import.id);
        let started = match self.complete(options).await {
            Ok(import) => enqueue(&app, &scope, &import).await,
            Err(error) => Err(error),
        };
        if started.is_err() {
            app.store.read(&scope).imports().abandon(id).await?;
        }
        started
    }

    /// The same without a job, for whoever runs the import at once. The command line does.
    pub async fn start_here(self, options: ImportOptions) -> Result<Import, Error> {
        let (app, scope, id) = (self.app.clone(), self.scope.clone(), self.import.id);
        match self.complete(options).await {
            Ok(import) => {
                let unit = app.store.begin(&scope).await?;
                received(unit.as_ref(), &import).await?;
                note(&app, &scope, unit.as_ref(), &import).await?;
                unit.commit().await?;
                Ok(import)
            }
            Err(error) => {
                app.store.read(&scope).imports().abandon(id).await?;
                Err(error)
            }
        }
    }

    async fn complete(mut self, options: ImportOptions) -> Result<Import, Error> {
        check(&options)?;
        let layout = layout(&options)?;
        let intake = std::mem::replace(&mut self.intake, Intake::new(None));
        let (format, encoding, sheet) = match intake.finish()? {
            Content::Text(text, encoding) => {
                self.keep(text).await?;
                (FileFormat::Csv, encoding, None)
            }
            Content::Workbook(bytes) => {
                let sheet = self.unfold(bytes).await?;
                (FileFormat::Xlsx, encoding_rs::UTF_8, Some(sheet))
            }
        };
        let is_whole = i64::try_from(self.head.len()).map_err(Error::internal)? == self.size;
        let plan = ImportPlan::new(&self.head, is_whole, format, &options.mapping, &layout)?;
        let mut import = self.import;
        import.mapping = plan.mapping();
        import.detected = Some(detected(&plan, format, encoding, sheet));
        import.size = Some(self.size);
        import.status = ImportStatus::Queued;
        import.tags = options.tags;
        import.dry_run = options.dry_run;
        import.on_existing = options.on_existing;
        import.consent = options.consent;
        Ok(import)
    }

    /// On a thread of its own, piece by piece: gigabytes may come out of a small file.
    async fn unfold(&mut self, bytes: Vec<u8>) -> Result<String, Error> {
        let sheet = self.sheet.clone();
        let (sender, pieces) = mpsc::channel(1);
        let reading = blocking::run(move || {
            let mut book = Unfolded::open(bytes, sheet.as_deref())?;
            let name = book.sheet();
            let mut pieces = book.pieces()?;
            while let Some(piece) = pieces.next(PIECE)? {
                if sender.blocking_send(piece).is_err() {
                    // Nobody waits for them any more.
                    break;
                }
            }
            Ok::<_, Error>(name)
        });
        let keeping = async {
            let mut pieces = pieces;
            while let Some(piece) = pieces.recv().await {
                self.keep(piece).await?;
            }
            Ok::<_, Error>(())
        };
        let (name, kept) = futures_util::join!(reading, keeping);
        kept?;
        name?
    }

    async fn keep(&mut self, text: String) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let repos = self.app.store.read(&self.scope);
        let start = self.size;
        repos
            .imports()
            .add_piece(self.import.id, start, text.as_bytes())
            .await?;
        self.size += i64::try_from(text.len()).map_err(Error::internal)?;
        if start == 0 {
            self.head = text;
        }
        Ok(())
    }
}

fn check(options: &ImportOptions) -> Result<(), Error> {
    let mut problems = Problems::new();
    if let Some(ImportConsent { text, basis, .. }) = &options.consent {
        check_text(&mut problems, "consent.text", text);
        problems.optional_line("consent.basis", basis.as_deref(), 500);
    }
    problems.finish()
}

async fn enqueue(app: &App, scope: &Scope, import: &Import) -> Result<ImportStarted, Error> {
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    received(unit.as_ref(), import).await?;
    let job = NewJob::new(app.id(), &RunImport { import_id: import.id }, now);
    let started = ImportStarted {
        import_id: import.id,
        job_id: unit.jobs().enqueue(&job, now).await?,
    };
    note(app, scope, unit.as_ref(), import).await?;
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}

async fn received(unit: &dyn UnitOfWork, import: &Import) -> Result<(), Error> {
    if unit.imports().received(import).await? {
        return Ok(());
    }
    Err(Error::conflict(
        "import_ended",
        "the import was ended while its file came, perhaps because somebody in it was erased: upload it again without them",
    ))
}

async fn note(app: &App, scope: &Scope, unit: &dyn UnitOfWork, import: &Import) -> Result<(), Error> {
    let event = Event::of(AuditAction::ImportStarted, import.id)
        .after(json!({ "file_name": import.file_name, "dry_run": import.dry_run }));
    audit::record(app, scope, unit, event).await
}
