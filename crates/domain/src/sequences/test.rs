//! Questions about a lead that decide where it goes on.

use super::definition::StepId;
use crate::leads::LeadEventKind;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One question, answered when it is asked: nothing is remembered that could be missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SequenceTest))]
pub enum Test {
    /// The lead meets an expression in the language of segments.
    Condition(String),
    /// It opened the mail of a step.
    Opened(MailTest),
    /// It clicked in the mail of a step.
    Clicked(MailTest),
    /// Something happened to it.
    Event(EventTest),
}

/// Longest label, in characters.
const LABEL: usize = 500;

impl Test {
    /// In words: what the note of an exit says when it was a goal, and what goals are told apart by.
    pub fn label(&self) -> String {
        let text = match self {
            Self::Condition(text) => text.clone(),
            Self::Opened(mail) => format!("opened {}", mail.step),
            Self::Clicked(MailTest { step, link }) => match link {
                Some(link) => format!("clicked {step} \"{link}\""),
                None => format!("clicked {step}"),
            },
            Self::Event(EventTest {
                kind,
                subject,
                name,
                since,
            }) => {
                let name = name
                    .as_ref()
                    .map(|name| format!(" \"{name}\""))
                    .unwrap_or_default();
                let subject = subject.map(|id| format!(" {id}")).unwrap_or_default();
                format!("{kind}{name}{subject} since {since}")
            }
        };
        text.chars().take(LABEL).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTest {
    /// The step that sent it.
    pub step: StepId,
    /// Of a click: a part of the link's address, without case. Any link without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

crate::text_enum::text_enum! {
    /// From when on events count.
    Since {
        /// Since the lead entered the sequence.
        Entry => "entry",
        /// Since it came to the step that asks.
        Step => "step",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SequenceEventTest))]
pub struct EventTest {
    pub kind: LeadEventKind,
    /// What it was about, for example the form of a submission. Anything without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// Of an event of kind `custom`: its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default = "since_entry")]
    pub since: Since,
}

fn since_entry() -> Since {
    Since::Entry
}
