//! Text that grows page by page.
//!
//! Each line of a file has the same columns, but the records of an API need not have the same keys: one that nobody on the
//! first page has would be lost. The lines are therefore held back until all have come, or 32 MiB of them, and the line that names
//! the columns is written then. What first comes later is left out, and that is told.

use super::ask::Trouble;
use super::records::Columns;
use crate::App;
use crate::leads::commands::IncomingFile;
use crate::leads::import::{Receiver, receive_import};
use groundswell_domain::Scope;
use groundswell_domain::leads::LeadSource;
use serde_json::Value;

/// Bytes of lines that are held back.
const MOST_HELD: usize = 32 * 1024 * 1024;
/// Bytes that are handed on at a time: about as large is a piece of a file that is kept.
const PIECE: usize = 1024 * 1024;

pub(super) struct Growing<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    pub source: &'a LeadSource,
    pub columns: Columns,
    /// All that came, in bytes.
    pub bytes: usize,
    held: String,
    receiver: Option<Receiver>,
}

impl<'a> Growing<'a> {
    pub fn new(app: &'a App, scope: &'a Scope, source: &'a LeadSource, columns: Columns) -> Self {
        Self {
            app,
            scope,
            source,
            columns,
            bytes: 0,
            held: String::new(),
            receiver: None,
        }
    }

    pub async fn add(&mut self, records: &[Value]) -> Result<(), Trouble> {
        let before = self.held.len();
        for record in records {
            self.columns.learn(record);
            self.held.push_str(&self.columns.line(record));
        }
        self.bytes += self.held.len() - before;
        if self.receiver.is_some() || self.held.len() > MOST_HELD {
            self.hand_on().await?;
        }
        Ok(())
    }

    async fn hand_on(&mut self) -> Result<(), Trouble> {
        let lines = std::mem::take(&mut self.held);
        let receiver = if let Some(receiver) = self.receiver.take() {
            receiver
        } else {
            self.columns.close();
            let receiver = begin(self.app, self.scope, self.source, true).await?;
            push(receiver, self.columns.header().as_bytes()).await?
        };
        self.receiver = Some(push(receiver, lines.as_bytes()).await?);
        Ok(())
    }

    /// Everything has come. `None` when that is nothing.
    pub async fn end(&mut self) -> Result<Option<Receiver>, Trouble> {
        if !self.held.is_empty() {
            self.hand_on().await?;
        }
        Ok(self.receiver.take())
    }

    pub async fn give_up(&mut self, trouble: Trouble) -> Trouble {
        if let Some(receiver) = self.receiver.take()
            && let Err(error) = receiver.abandon().await
        {
            return error.into();
        }
        trouble
    }
}

/// Begins the import of what a source gives, and remembers it with the source: when this process dies, the next sync ends it.
pub(super) async fn begin(
    app: &App,
    scope: &Scope,
    source: &LeadSource,
    text: bool,
) -> Result<Receiver, Trouble> {
    let file = IncomingFile {
        file_name: source.name.clone(),
        encoding: text.then(|| "utf-8".to_owned()),
        sheet: None,
    };
    let receiver = receive_import(app, scope, file).await?;
    let mut begun = source.clone();
    begun.state.import = Some(receiver.id());
    let repos = app.store.read(scope);
    repos
        .lead_sources()
        .remember(&begun)
        .await
        .map_err(groundswell_domain::Error::from)?;
    Ok(receiver)
}

/// Hands text on; when it is refused, nothing of it is kept.
pub(super) async fn push(mut receiver: Receiver, bytes: &[u8]) -> Result<Receiver, Trouble> {
    for piece in bytes.chunks(PIECE) {
        if let Err(error) = receiver.push(piece).await {
            receiver.abandon().await?;
            return Err(error.into());
        }
    }
    Ok(receiver)
}
