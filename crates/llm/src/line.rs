//! Sending a request and reading what comes, for all vendors.

use crate::sse::Events;
use crate::wire::{Reader, Said};
use async_trait::async_trait;
use groundswell_domain::egress::{Body, FetchError, FetchMethod, FetchRequest, Fetched, Open, Opened};
use groundswell_domain::llm::{
    Chunk, ChunkSource, FailureKind, NamedBy, ProviderFailure, Target, retry_after,
};
use groundswell_domain::platform::Clock;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Most bytes of an answer. Images are large; words are not.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
/// Most bytes of an error that are read.
const MAX_ERROR: usize = 64 * 1024;
/// Until an answer begins: longer than the gate waits, which decides.
const BEGIN: Duration = Duration::from_mins(10);

/// The ways out.
#[derive(Clone)]
pub struct Line {
    direct: Arc<dyn Open>,
    egress: Arc<dyn Open>,
    clock: Arc<dyn Clock>,
}

impl Line {
    /// `direct` for addresses of the operator, `egress` for those that an organization named.
    pub fn new(direct: Arc<dyn Open>, egress: Arc<dyn Open>, clock: Arc<dyn Clock>) -> Self {
        Self {
            direct,
            egress,
            clock,
        }
    }

    /// Sends a request and answers with what was said, if it was a yes.
    async fn send(
        &self,
        target: &Target,
        path: &str,
        query: Option<&str>,
        headers: Vec<(String, SecretString)>,
        body: &Value,
        reads: &dyn Reader,
    ) -> Result<Opened, ProviderFailure> {
        let mut url = target.endpoint.join(path);
        url.set_query(query);
        let mut request = FetchRequest::get(url);
        request.method = FetchMethod::Post;
        request.headers = headers;
        request
            .headers
            .push(("content-type".into(), "application/json".to_owned().into()));
        request.body = Some(body.to_string().into_bytes());
        request.max_bytes = MAX_ANSWER;
        request.timeout = BEGIN;
        request.follow = false;
        let open = match target.endpoint.named_by {
            NamedBy::Operator => &self.direct,
            NamedBy::Organization => &self.egress,
        };
        let opened = open.open(request).await.map_err(|error| unreached(&error))?;
        if opened.head.is_success() {
            return Ok(opened);
        }
        Err(self.refused(target, opened, reads).await)
    }

    /// The whole answer.
    pub(crate) async fn whole(
        &self,
        target: &Target,
        path: &str,
        headers: Vec<(String, SecretString)>,
        body: &Value,
        reads: &dyn Reader,
    ) -> Result<Value, ProviderFailure> {
        let mut opened = self.send(target, path, None, headers, body, reads).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = opened.body.chunk().await.map_err(|error| cut(&error))? {
            bytes.extend_from_slice(&chunk);
        }
        let status = opened.head.status;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            ProviderFailure::new(FailureKind::Malformed, format!("the answer is no JSON: {error}"))
                .with_status(status)
        })?;
        // Some servers say no with a yes (OpenRouter does, for providers behind it).
        match reads.error(status, &value) {
            Some((kind, message)) => Err(self.failure(target, kind, &message, &opened.head, &value)),
            None => Ok(value),
        }
    }

    /// The answer as it comes.
    pub(crate) async fn stream(
        &self,
        target: &Target,
        path: &str,
        query: Option<&str>,
        headers: Vec<(String, SecretString)>,
        body: &Value,
        reads: Box<dyn Reader>,
    ) -> Result<Box<dyn ChunkSource>, ProviderFailure> {
        let opened = self
            .send(target, path, query, headers, body, reads.as_ref())
            .await?;
        Ok(Box::new(Source {
            line: self.clone(),
            target: target.clone(),
            head: opened.head,
            body: opened.body,
            events: Events::default(),
            reads,
            ready: VecDeque::new(),
            state: State::Open,
            failed: None,
        }))
    }

    async fn refused(&self, target: &Target, mut opened: Opened, reads: &dyn Reader) -> ProviderFailure {
        let mut bytes = Vec::new();
        while bytes.len() < MAX_ERROR
            && let Ok(Some(chunk)) = opened.body.chunk().await
        {
            bytes.extend_from_slice(&chunk);
        }
        let status = opened.head.status;
        let value = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            // A gateway in front of the vendor writes pages.
            Value::String(format!("HTTP {status}"))
        });
        let (kind, message) = reads
            .error(status, &value)
            .unwrap_or_else(|| (FailureKind::of_status(status), format!("HTTP {status}")));
        self.failure(target, kind, &message, &opened.head, &value)
    }

    fn failure(
        &self,
        target: &Target,
        kind: FailureKind,
        message: &str,
        head: &Fetched,
        body: &Value,
    ) -> ProviderFailure {
        let message = without_key(message, target);
        let wish = retry_after(
            head.header("retry-after"),
            head.header("retry-after-ms"),
            self.clock.now(),
        );
        let failure = ProviderFailure::new(kind, message).after(wish.or_else(|| delay_in(body)));
        if head.is_success() {
            failure
        } else {
            failure.with_status(head.status)
        }
    }
}

/// Google says in the body how long to wait: `google.rpc.RetryInfo`, `"retryDelay": "34s"`.
fn delay_in(body: &Value) -> Option<Duration> {
    let details = body
        .pointer("/error/details")
        .or_else(|| body.pointer("/0/error/details"))?;
    let delay = details
        .as_array()?
        .iter()
        .find_map(|detail| detail.get("retryDelay")?.as_str())?;
    retry_after(delay.strip_suffix('s'), None, chrono::DateTime::UNIX_EPOCH)
}

/// OpenAI repeats a part of a wrong key; others might repeat all of it.
fn without_key(message: &str, target: &Target) -> String {
    let line: String = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let hidden = match &target.key {
        Some(key) if !key.expose_secret().is_empty() => line.replace(key.expose_secret(), "[key]"),
        _ => line,
    };
    groundswell_domain::llm::redact(&hidden)
}

fn unreached(error: &FetchError) -> ProviderFailure {
    let kind = match error {
        FetchError::Refused(_) => FailureKind::Refused,
        FetchError::Timeout(_) => FailureKind::Timeout,
        FetchError::TooLarge(_) | FetchError::Unreadable(_) => FailureKind::Malformed,
        _ => FailureKind::Unreachable,
    };
    ProviderFailure::new(kind, error.to_string())
}

fn cut(error: &FetchError) -> ProviderFailure {
    let kind = match error {
        FetchError::TooLarge(_) => FailureKind::Malformed,
        _ => FailureKind::CutStream,
    };
    ProviderFailure::new(kind, format!("the answer broke off: {error}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The vendor said that this was all, or it broke off.
    Ended,
}

/// Chunks out of events.
struct Source {
    line: Line,
    target: Target,
    head: Fetched,
    body: Box<dyn Body>,
    events: Events,
    reads: Box<dyn Reader>,
    ready: VecDeque<Chunk>,
    state: State,
    /// Told after what came before it.
    failed: Option<ProviderFailure>,
}

impl Source {
    fn take(&mut self, event: &str) -> Result<(), ProviderFailure> {
        match self.reads.event(event) {
            Ok(Said::Chunks(chunks)) => self.ready.extend(chunks),
            Ok(Said::End) => self.state = State::Ended,
            Ok(Said::Error(kind, message, body)) => {
                return Err(self.line.failure(&self.target, kind, &message, &self.head, &body));
            }
            Err(message) => return Err(ProviderFailure::new(FailureKind::Malformed, message)),
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<(), ProviderFailure> {
        let malformed = |message: String| ProviderFailure::new(FailureKind::Malformed, message);
        let bytes = match self.body.chunk().await {
            // The answer is whole, and the connection did not live to say goodbye.
            Err(_) if self.reads.is_complete() => None,
            bytes => bytes.map_err(|error| cut(&error))?,
        };
        if let Some(bytes) = bytes {
            for event in self.events.push(&bytes).map_err(malformed)? {
                if self.state == State::Open {
                    self.take(&event)?;
                }
            }
            return Ok(());
        }
        // A last event that is cut is no event: only a whole one counts.
        if let Some(event) = self.events.rest().map_err(malformed)? {
            self.take(&event).map_err(|failure| ProviderFailure {
                kind: if failure.kind == FailureKind::Malformed {
                    FailureKind::CutStream
                } else {
                    failure.kind
                },
                ..failure
            })?;
        }
        if self.state == State::Open && !self.reads.is_complete() {
            return Err(ProviderFailure::new(
                FailureKind::CutStream,
                "the stream ended before the answer did",
            ));
        }
        self.state = State::Ended;
        Ok(())
    }
}

#[async_trait]
impl ChunkSource for Source {
    async fn next(&mut self) -> Option<Result<Chunk, ProviderFailure>> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Some(Ok(chunk));
            }
            if self.state == State::Ended {
                return self.failed.take().map(Err);
            }
            if let Err(failure) = self.read().await {
                self.failed = Some(failure);
                self.state = State::Ended;
            }
        }
    }
}
