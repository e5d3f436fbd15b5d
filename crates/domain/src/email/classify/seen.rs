//! One open, click or unsubscribe, as it came in.

use super::Network;
use crate::email::EmailEventKind;
use chrono::{DateTime, Utc};

crate::text_enum::text_enum! {
    /// How it was asked for.
    Method { Get => "get", Head => "head", Post => "post" }
}

/// What a judge may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub kind: EmailEventKind,
    pub at: DateTime<Utc>,
    /// When the mail was handed to a server, if that is known.
    pub sent_at: Option<DateTime<Utc>>,
    /// The link, of a click.
    pub url: Option<String>,
    pub agent: Option<String>,
    /// `None` where it was not kept.
    pub network: Option<Network>,
    /// `None` where it was not kept.
    pub method: Option<Method>,
    /// Whether it named a language; `None` where it was not kept.
    pub language: Option<bool>,
}
