//! What the kinds of sources give.

use super::ask::{Asker, Trouble};
use super::growing::{Growing, begin, push};
use super::records::Columns;
use crate::App;
use crate::jobs::Stop;
use crate::leads::import::Receiver;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use groundswell_domain::Scope;
use groundswell_domain::egress::Fetched;
use groundswell_domain::leads::{LeadSource, SourceState};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

/// Pages of one sync: what is left comes with the next one.
const MOST_PAGES: usize = 1_000;
/// Records on a page that we ask another Groundswell for.
const PAGE: usize = 200;
/// Bytes of all pages.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// So much of the time before the last sync is asked for again. What is there already is found unchanged.
const SETTLED: TimeDelta = TimeDelta::minutes(5);
/// What is so old is settled, whatever their clock says.
const LONG_AGO: TimeDelta = TimeDelta::days(1);

/// What a source gave: nothing is written yet.
pub(super) struct Pulled {
    /// `None` when there is nothing to import.
    pub receiver: Option<Receiver>,
    pub state: SourceState,
    /// There is more at once.
    pub more: bool,
    /// Keys of records that were left out.
    pub ignored_keys: Vec<String>,
}

fn address(source: &LeadSource) -> Result<Url, Trouble> {
    Url::parse(&source.url).map_err(|error| Trouble::Final(format!("its address is wrong: {error}")))
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
fn remembered(answer: &Fetched) -> SourceState {
    let header = |name: &str| {
        let value = answer.header(name).filter(|value| value.len() <= 1000);
        value.map(str::to_owned)
    };
    SourceState {
        etag: header("etag"),
        last_modified: header("last-modified"),
        ..SourceState::default()
    }
}

pub(super) async fn file(app: &App, scope: &Scope, source: &LeadSource) -> Result<Pulled, Trouble> {
    let url = address(source)?;
    let asker = Asker::new(app, scope, source, &url).await?;
    let answer = asker.get(url, conditions(&source.state)).await?;
    if answer.status == 304 {
        return Ok(unmodified(source));
    }
    let receiver = begin(app, scope, source, false).await?;
    Ok(Pulled {
        receiver: Some(push(receiver, &answer.body).await?),
        state: remembered(&answer),
        more: false,
        ignored_keys: Vec::new(),
    })
}

fn unmodified(source: &LeadSource) -> Pulled {
    Pulled {
        receiver: None,
        state: source.state.clone(),
        more: false,
        ignored_keys: Vec::new(),
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

pub(super) async fn records(
    app: &App,
    scope: &Scope,
    source: &LeadSource,
    started_at: DateTime<Utc>,
) -> Result<Pulled, Trouble> {
    let columns = Columns::of_records(&source.rules.mapping);
    let mut growing = Growing::new(app, scope, source, columns);
    match all_records(&mut growing, started_at).await {
        Ok(Some(state)) => Ok(Pulled {
            receiver: growing.end().await?,
            state,
            more: false,
            ignored_keys: growing.columns.left_out(),
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
    let mut state = SourceState::default();
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
        if page == 0 {
            if is_one {
                state = remembered(&answer);
            }
            // Their clock is the one that counts; what they were still writing when we asked comes the next time.
            let theirs = answer
                .header("date")
                .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
            let asked_at = theirs.map_or(started_at, |theirs| started_at.min(theirs.to_utc()));
            state.since = Some(asked_at - SETTLED);
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
pub(super) async fn leads(
    app: &App,
    scope: &Scope,
    source: &LeadSource,
    stop: &Stop,
) -> Result<Pulled, Trouble> {
    let mut growing = Growing::new(app, scope, source, Columns::of_leads());
    match all_leads(&mut growing, stop).await {
        Ok((since, more)) => Ok(Pulled {
            receiver: growing.end().await?,
            ignored_keys: Vec::new(),
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
    let (mut last, mut cursor) = (None, None::<String>);
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
            last = last.max(Some(time));
        }
        let next = body.get("next_cursor").and_then(Value::as_str);
        if next.is_none() || next == cursor.as_deref() {
            return Ok((last.map(|last| settled(last, growing.app.now())).or(from), false));
        }
        cursor = next.map(str::to_owned);
        // What came so far is in order, so the next sync goes on after it.
        if stop.is_set() || growing.bytes > MOST_BYTES {
            break;
        }
    }
    // Exactly from there, or what comes next would be the same again; and without a step on it would be for ever.
    let reached = last.max(from);
    Ok((reached, reached > from))
}

/// From when on to ask the next time. Changes get their time before they can be seen: something that is older than the last one
/// we saw may still come, unless that was long ago.
fn settled(last: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if now - last > LONG_AGO {
        last
    } else {
        last - SETTLED
    }
}
