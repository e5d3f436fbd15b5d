//! A finished mail, and how handing it to a server can go wrong.

use super::EmailAddress;
use super::bounce::Step;
use crate::ids::{MessageId, OrganizationId};

/// Merge fields filled in, links signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    pub subject: String,
    pub html: String,
    pub text: String,
}

/// What a transport sends.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    pub organization: OrganizationId,
    /// Also decides the Message-ID header, which is therefore the same at every try.
    pub id: MessageId,
    pub to: EmailAddress,
    /// Display name of the recipient; may be empty.
    pub to_name: String,
    pub mail: RenderedMail,
    /// HTTPS or HTTP address for RFC 8058 one-click unsubscription; bulk mail always has one.
    pub unsubscribe_url: Option<String>,
    /// No person wrote it, which other programs should know.
    pub auto_submitted: Option<AutoSubmitted>,
}

/// How a mail came about without a person (RFC 3834, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoSubmitted {
    Generated,
    /// In answer to something that the recipient sent.
    Replied,
}

/// Why a transport did not get a clear yes. The text is the server's reply or the fault of the network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server did not take it, and may later (4xx, or no connection). Nothing was delivered.
    #[error("{0}")]
    Transient(String),
    /// The mail can't be built, or not for this recipient. No server was asked, and nothing was delivered.
    #[error("{0}")]
    Permanent(String),
    /// The server refused it for good (5xx). Nothing was delivered.
    #[error("{reply}")]
    Refused {
        reply: String,
        /// What it answered to; `None` for the API of a provider.
        step: Option<Step>,
    },
    /// The connection broke after the content had been handed over and before the reply: it may be delivered.
    #[error("{0}")]
    Unknown(String),
    /// It was nobody's fault and no try: every server has as much to do as it may, or asked to be left alone until then.
    #[error("{reason}")]
    Later {
        reason: String,
        after: std::time::Duration,
    },
}
