//! One server among several.

use super::{Rate, Refusal};
use crate::mime::Built;
use crate::sender::Sender;
use async_trait::async_trait;
use groundswell_domain::email::{Doubted, Fate, OutgoingMail};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A mail as it is handed over.
pub(crate) struct Envelope<'a> {
    /// The bytes, signed.
    pub built: &'a Built,
    /// What they were made of, for providers that want the parts.
    pub mail: &'a OutgoingMail,
    pub from: &'a Sender,
}

/// Takes mails.
#[async_trait]
pub(crate) trait Server: Send + Sync {
    /// The reply when it took the mail.
    async fn deliver(&self, envelope: &Envelope<'_>) -> Result<String, Refusal>;
    /// Connects and says hello, without a mail.
    async fn check(&self) -> Result<String, String>;
    /// Header fields that it is known to replace, and which therefore can't be signed.
    fn rewrites(&self) -> &'static [&'static str] {
        &[]
    }
    /// Whether it can be asked what became of a mail.
    fn can_tell(&self) -> bool {
        false
    }
    /// What became of a mail; `None` when it does not know.
    async fn fate(&self, _mail: &Doubted) -> Result<Option<Fate>, String> {
        Ok(None)
    }
}

/// What an operator decides about a server.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerOptions {
    /// How logs, `doctor` and the turns in the database call it.
    pub name: String,
    /// Its part of the mails, against that of others; 0: only when the others fail.
    pub weight: u32,
    /// Of all processes together; `None`: as fast as it goes.
    pub rate: Option<Rate>,
}

/// A server, and how this process gets on with it.
pub struct MailServer {
    pub(super) options: ServerOptions,
    pub(super) inner: Box<dyn Server>,
    avoided: Mutex<Option<Instant>>,
}

impl MailServer {
    pub(crate) fn new(options: ServerOptions, inner: Box<dyn Server>) -> Self {
        Self {
            options,
            inner,
            avoided: Mutex::new(None),
        }
    }

    pub(super) fn is_avoided(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn avoid(&self, time: Duration) {
        *self.lock() = Some(Instant::now() + time);
    }

    pub(super) fn was_reached(&self) {
        *self.lock() = None;
    }

    fn until(&self) -> Option<Instant> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.avoided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
