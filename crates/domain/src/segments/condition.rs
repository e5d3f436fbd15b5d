//! The typed conditions that expressions are made of.
//!
//! Each question is asked in one way: `a != b` is the opposite of `a = b`, which is a list of one. So a condition that is
//! missing something (a lead without a company) is just not met, and its opposite is.

use super::field::{AddressField, NumberField, TextField, TimeField};
use super::when::When;
use crate::consents::Purpose;
use crate::email::{Deliverable, Verdict};
use crate::ids::{CampaignId, ClientId, FormId, MessageId};
use crate::leads::{LeadEventKind, LeadStage, LeadStatus};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Everyone,
    /// At least two.
    All(Vec<Condition>),
    /// At least two.
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Text(TextField, TextTest),
    Status(Vec<LeadStatus>),
    Stage(Vec<LeadStage>),
    /// The furthest stage it was ever in.
    Furthest(Vec<LeadStage>),
    Deliverable(Vec<Deliverable>),
    Address(AddressField, Vec<Verdict>),
    Number(NumberField, Compare, i32),
    Time(TimeField, When),
    /// Has one of these tags.
    Tag(Vec<String>),
    NoTags,
    Client(Vec<ClientId>),
    NoClient,
    Custom(String, CustomTest),
    Consent(Purpose, ConsentState),
    /// The address must not be written to.
    Suppressed,
    Event(EventTest),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// Is one of these.
    In(Vec<String>),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    /// Unknown.
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Compare {
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
        }
    }

    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// A value that a custom field is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// Compared exactly, also with the items of a list.
    Text(String),
    /// Compared as a number, also with a text that is one.
    Number(Decimal),
    Flag(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomTest {
    /// Is one of these.
    In(Vec<Literal>),
    /// Never [`Compare::Equal`], which is a list of one.
    Number(Compare, Decimal),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    /// Absent, null, an empty text or an empty list.
    Empty,
}

crate::text_enum::text_enum! {
    /// What a lead last decided about a purpose, or what it was last asked to confirm if it decided nothing.
    ConsentState {
        Granted => "granted",
        Withdrawn => "withdrawn",
        /// Asked to confirm, and not answered yet.
        Pending => "pending",
        /// Not confirmed in time.
        Lapsed => "lapsed",
        /// It never said anything.
        Unknown => "unknown",
    }
}

/// Something happened to a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTest {
    pub kind: LeadEventKind,
    /// What it was about; `None` for anything.
    pub subject: Option<Subject>,
    /// 1 or more.
    pub at_least: u32,
    /// `None` for ever.
    pub when: Option<When>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Form(FormId),
    /// Any mail of this campaign.
    Campaign(CampaignId),
    Message(MessageId),
    /// Whatever events of this kind are about.
    Other(Uuid),
}

/// Things that a condition names by id and that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct References {
    pub forms: BTreeSet<FormId>,
    pub campaigns: BTreeSet<CampaignId>,
    pub clients: BTreeSet<ClientId>,
}

impl References {
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty() && self.campaigns.is_empty() && self.clients.is_empty()
    }
}

impl Condition {
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    pub(super) fn negated_if(self, not: bool) -> Self {
        if not { self.negated() } else { self }
    }

    pub fn references(&self) -> References {
        let mut found = References::default();
        self.collect(&mut found);
        found
    }

    fn collect(&self, found: &mut References) {
        match self {
            Self::All(items) | Self::Any(items) => items.iter().for_each(|item| item.collect(found)),
            Self::Not(inner) => inner.collect(found),
            Self::Client(ids) => found.clients.extend(ids),
            Self::Event(test) => match test.subject {
                Some(Subject::Form(id)) => found.forms.extend([id]),
                Some(Subject::Campaign(id)) => found.campaigns.extend([id]),
                Some(Subject::Message(_) | Subject::Other(_)) | None => {}
            },
            _ => {}
        }
    }
}
