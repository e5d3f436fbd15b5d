//! The job that pulls from one source.

use super::ask::{Asker, Trouble};
use super::records::Columns;
use crate::App;
use crate::jobs::{Progress, Stop};
use crate::leads::commands::{ImportOptions, IncomingFile};
use crate::leads::import::{Receiver, get_import, receive_import, run_import};
use chrono::{DateTime, SecondsFormat, Utc};
use groundswell_domain::egress::Fetched;
use groundswell_domain::leads::{
    ImportCounts, LeadSource, RunImport, SourceKind, SourceRun, SourceState, SyncSource, SyncStatus,
};
use groundswell_domain::{Error, Scope};
use secrecy::SecretString;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Pages of one sync: what is left comes with the next one.
const MOST_PAGES: usize = 1_000;
/// Records on a page that we ask another Groundswell for.
const PAGE: usize = 200;
/// Bytes of all pages.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// What a source gave: nothing is written yet.
struct Pulled {
    /// `None` when there is nothing to import.
    receiver: Option<Receiver>,
    state: SourceState,
    /// There is more at once.
    more: bool,
}

/// The job. Run twice, the second run finds what the first one wrote unchanged.
pub async fn run_sync(app: &App, scope: &Scope, job: &SyncSource, stop: &Stop) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let Some(mut source) = repos.lead_sources().get(job.source_id).await? else {
        return Ok(Progress::Done);
    };
    let mut run = SourceRun {
        status: SyncStatus::Succeeded,
        unmodified: false,
        import_id: None,
        counts: ImportCounts::default(),
        error: None,
        started_at: app.now(),
        finished_at: app.now(),
    };
    let ended = sync(app, scope, &mut source, &mut run, stop).await;
    run.finished_at = app.now();
    let (why, later) = match ended {
        Ok(more) => {
            repos.lead_sources().ran(&source, &run).await?;
            return Ok(if more {
                Progress::ContinueAt(app.now())
            } else {
                Progress::Done
            });
        }
        Err(Trouble::Final(why)) => (why, false),
        Err(Trouble::Later(why)) => (why, true),
        Err(Trouble::Ours(error)) => return Err(error),
    };
    run.status = SyncStatus::Failed;
    run.error = Some(why.clone());
    repos.lead_sources().ran(&source, &run).await?;
    if later {
        return Err(Error::Unavailable {
            message: why,
            retry_after: Duration::from_mins(1),
        });
    }
    Ok(Progress::Done)
}

/// True when there is more at once.
async fn sync(
    app: &App,
    scope: &Scope,
    source: &mut LeadSource,
    run: &mut SourceRun,
    stop: &Stop,
) -> Result<bool, Trouble> {
    let pulled = match source.kind {
        SourceKind::CsvUrl => file(app, scope, source).await?,
        SourceKind::JsonUrl => records(app, scope, source, run.started_at).await?,
        SourceKind::Groundswell => leads(app, scope, source, stop).await?,
    };
    let Some(receiver) = pulled.receiver else {
        run.unmodified = true;
        source.state = pulled.state;
        return Ok(false);
    };
    let is_text = source.kind != SourceKind::CsvUrl;
    let options = ImportOptions {
        mapping: source.rules.mapping.clone(),
        tags: source.rules.tags.clone(),
        delimiter: is_text.then(|| ",".to_owned()),
        header: is_text.then_some(true),
        on_existing: source.rules.on_existing,
        ..ImportOptions::default()
    };
    let import = receiver.start_here(options).await?;
    run.import_id = Some(import.id);
    let work = RunImport { import_id: import.id };
    // To its end: what is pulled is bounded, and begun anew it would be another import.
    run_import(app, scope, &work, &Stop::default()).await?;
    let import = get_import(app, scope, import.id).await?;
    run.counts = import.counts;
    if let Some(error) = import.error {
        return Err(Trouble::Final(error));
    }
    source.state = pulled.state;
    Ok(pulled.more)
}

fn address(source: &LeadSource) -> Result<Url, Trouble> {
    Url::parse(&source.url).map_err(|error| Trouble::Final(format!("its address is wrong: {error}")))
}

async fn receiver(app: &App, scope: &Scope, source: &LeadSource, text: bool) -> Result<Receiver, Trouble> {
    let file = IncomingFile {
        file_name: source.name.clone(),
        encoding: text.then(|| "utf-8".to_owned()),
        sheet: None,
    };
    Ok(receive_import(app, scope, file).await?)
}

/// Hands text on; when it is refused, nothing of it is kept.
async fn push(mut receiver: Receiver, bytes: &[u8]) -> Result<Receiver, Trouble> {
    match receiver.push(bytes).await {
        Ok(()) => Ok(receiver),
        Err(error) => {
            receiver.abandon().await?;
            Err(error.into())
        }
    }
}

fn conditions(state: &SourceState) -> Vec<(String, SecretString)> {
    let pair = |name: &str, value: &Option<String>| {
        value
            .clone()
            .map(|value| (name.to_owned(), SecretString::from(value)))
    };
    [
        pair("if-none-match", &state.etag),
        pair("if-modified-since", &state.last_modified),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the server calls this version of what it sent.
fn remembered(answer: &Fetched, since: Option<DateTime<Utc>>) -> SourceState {
    let header = |name: &str| {
        let value = answer.header(name).filter(|value| value.len() <= 1000);
        value.map(str::to_owned)
    };
    SourceState {
        etag: header("etag"),
        last_modified: header("last-modified"),
        since,
    }
}

async fn file(app: &App, scope: &Scope, source: &LeadSource) -> Result<Pulled, Trouble> {
    let url = address(source)?;
    let asker = Asker::new(app, scope, source, &url).await?;
    let answer = asker.get(url, conditions(&source.state)).await?;
    if answer.status == 304 {
        return Ok(unmodified(source));
    }
    let receiver = receiver(app, scope, source, false).await?;
    Ok(Pulled {
        receiver: Some(push(receiver, &answer.body).await?),
        state: remembered(&answer, None),
        more: false,
    })
}

fn unmodified(source: &LeadSource) -> Pulled {
    Pulled {
        receiver: None,
        state: source.state.clone(),
        more: false,
    }
}

fn parse(answer: &Fetched) -> Result<Value, Trouble> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| Trouble::Final(format!("the server did not answer with JSON: {error}")))
}

fn list<'a>(answer: &'a Value, pointer: &str) -> Result<&'a Vec<Value>, Trouble> {
    let found = answer.pointer(pointer).and_then(Value::as_array);
    found.ok_or_else(|| Trouble::Final(format!("the answer has no array at `{pointer}`")))
}

/// Text that grows page by page.
struct Growing<'a> {
    app: &'a App,
    scope: &'a Scope,
    source: &'a LeadSource,
    columns: Option<Columns>,
    receiver: Option<Receiver>,
    bytes: usize,
}

impl<'a> Growing<'a> {
    fn new(app: &'a App, scope: &'a Scope, source: &'a LeadSource, columns: Option<Columns>) -> Self {
        Self {
            app,
            scope,
            source,
            columns,
            receiver: None,
            bytes: 0,
        }
    }

    async fn add(&mut self, records: &[Value]) -> Result<(), Trouble> {
        if records.is_empty() {
            return Ok(());
        }
        let mapping = &self.source.rules.mapping;
        let columns = self.columns.get_or_insert_with(|| Columns::of(records, mapping));
        let mut text = String::new();
        let open = if let Some(open) = self.receiver.take() {
            open
        } else {
            text.push_str(&columns.header());
            receiver(self.app, self.scope, self.source, true).await?
        };
        for record in records {
            text.push_str(&columns.line(record));
        }
        self.bytes += text.len();
        self.receiver = Some(push(open, text.as_bytes()).await?);
        Ok(())
    }

    async fn give_up(&mut self, trouble: Trouble) -> Trouble {
        if let Some(receiver) = self.receiver.take()
            && let Err(error) = receiver.abandon().await
        {
            return error.into();
        }
        trouble
    }
}

async fn records(
    app: &App,
    scope: &Scope,
    source: &LeadSource,
    started_at: DateTime<Utc>,
) -> Result<Pulled, Trouble> {
    let mut growing = Growing::new(app, scope, source, None);
    match all_records(&mut growing, started_at).await {
        Ok(Some(state)) => Ok(Pulled {
            receiver: growing.receiver,
            state,
            more: false,
        }),
        Ok(None) => Ok(unmodified(source)),
        Err(trouble) => Err(growing.give_up(trouble).await),
    }
}

async fn all_records(
    growing: &mut Growing<'_>,
    started_at: DateTime<Utc>,
) -> Result<Option<SourceState>, Trouble> {
    let rules = &growing.source.rules;
    let mut url = address(growing.source)?;
    let asker = Asker::new(growing.app, growing.scope, growing.source, &url).await?;
    if let (Some(name), Some(since)) = (&rules.since_parameter, growing.source.state.since) {
        url.query_pairs_mut()
            .append_pair(name, &since.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    // Of a list in pages, the first page may well be the same while another one is not.
    let is_one = rules.next_pointer.is_none() && rules.since_parameter.is_none();
    let mut state = SourceState {
        since: Some(started_at),
        ..SourceState::default()
    };
    for page in 0..MOST_PAGES {
        let headers = if is_one {
            conditions(&growing.source.state)
        } else {
            Vec::new()
        };
        let answer = asker.get(url.clone(), headers).await?;
        if answer.status == 304 {
            return Ok(None);
        }
        if is_one && page == 0 {
            state = remembered(&answer, Some(started_at));
        }
        let body = parse(&answer)?;
        growing
            .add(list(&body, rules.pointer.as_deref().unwrap_or_default())?)
            .await?;
        let next = rules
            .next_pointer
            .as_deref()
            .and_then(|pointer| body.pointer(pointer))
            .and_then(Value::as_str)
            .filter(|next| !next.is_empty());
        let Some(next) = next else {
            return Ok(Some(state));
        };
        let next = url
            .join(next)
            .map_err(|error| Trouble::Final(format!("the address of the next page is wrong: {error}")))?;
        if next == url {
            return Err(Trouble::Final("a page names itself as the next one".into()));
        }
        url = next;
        if growing.bytes > MOST_BYTES {
            break;
        }
    }
    Err(Trouble::Final(format!(
        "it has more than {MOST_PAGES} pages or {} MiB: ask it for less",
        MOST_BYTES >> 20
    )))
}

/// In the order of their last change, from that of the last sync on.
async fn leads(app: &App, scope: &Scope, source: &LeadSource, stop: &Stop) -> Result<Pulled, Trouble> {
    let mut growing = Growing::new(app, scope, source, Some(Columns::of_leads()));
    match all_leads(&mut growing, stop).await {
        Ok((since, more)) => Ok(Pulled {
            receiver: growing.receiver,
            state: SourceState {
                since,
                ..SourceState::default()
            },
            more,
        }),
        Err(trouble) => Err(growing.give_up(trouble).await),
    }
}

async fn all_leads(growing: &mut Growing<'_>, stop: &Stop) -> Result<(Option<DateTime<Utc>>, bool), Trouble> {
    let base = address(growing.source)?;
    let asker = Asker::new(growing.app, growing.scope, growing.source, &base).await?;
    let from = growing.source.state.since;
    let (mut since, mut cursor) = (from, None::<String>);
    for _ in 0..MOST_PAGES {
        let mut url = base.clone();
        let path = format!("{}/api/leads", base.path().trim_end_matches('/'));
        url.set_path(&path);
        url.query_pairs_mut()
            .append_pair("sort", "updated_at")
            .append_pair("limit", &PAGE.to_string());
        if let Some(from) = from {
            url.query_pairs_mut()
                .append_pair("updated_from", &from.to_rfc3339_opts(SecondsFormat::Micros, true));
        }
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let answer = asker.get(url, Vec::new()).await?;
        let body = parse(&answer)?;
        let page = list(&body, "/data")?;
        growing.add(page).await?;
        let times = page.iter().filter_map(|lead| lead.get("updated_at")?.as_str());
        for time in times.filter_map(|time| time.parse::<DateTime<Utc>>().ok()) {
            since = since.max(Some(time));
        }
        let next = body.get("next_cursor").and_then(Value::as_str);
        if next.is_none() || next == cursor.as_deref() {
            return Ok((since, false));
        }
        cursor = next.map(str::to_owned);
        // What came so far is in order, so the next sync goes on after it.
        if stop.is_set() || growing.bytes > MOST_BYTES {
            break;
        }
    }
    // Without a step on, going on would go on for ever.
    Ok((since, since > from))
}
