//! What a sequence does: a graph of steps.

use super::pause::Pause;
use super::test::{EventTest, MailTest, Test};
use super::timing::Timing;
use crate::email::TemplateSource;
use crate::ids::{TemplateId, UserId};
use crate::leads::LeadStage;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The name of a step, unique in its sequence and kept when the sequence is edited.
pub type StepId = String;

/// What `next` says of a way that ends there.
pub const END: &str = "end";
/// Most steps of one sequence.
pub const MOST_STEPS: usize = 200;
/// Most goals of one sequence.
pub const MOST_GOALS: usize = 10;

/// The part of a sequence that has versions: whoever is inside is on one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Definition {
    /// The first one is where leads come in. A step without `next` goes on with the one below it; the last one ends.
    pub steps: Vec<Step>,
    /// Whoever meets one of these leaves with the reason `goal`, wherever they are.
    #[serde(default)]
    pub goals: Vec<Test>,
    #[serde(default)]
    pub timing: Timing,
}

/// A mail: a template, or subject and HTML of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailContent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Made from the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Each lead has a mail of its own, which a person approved. Only outreach has such steps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
}

impl MailContent {
    /// The mail without a template, if it is whole.
    pub fn own_mail(&self) -> Option<TemplateSource> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let mail = TemplateSource::html(filled(&self.subject)?, filled(&self.html)?);
        Some(mail.with_text(self.text.clone()))
    }
}

/// One way of a random split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SplitWay {
    /// 1 or more, in relation to the others.
    pub weight: u32,
    pub next: StepId,
}

/// What somebody waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Until {
    Condition(String),
    Opened(MailTest),
    Clicked(MailTest),
    Event(EventTest),
    /// A moment that is the same for everybody.
    Time(DateTime<Utc>),
    /// A date that a custom field of the lead has.
    Date(DateField),
}

impl Until {
    /// What is to become true; `None` where it is a time.
    pub fn test(&self) -> Option<Test> {
        Some(match self {
            Self::Condition(expression) => Test::Condition(expression.clone()),
            Self::Opened(mail) => Test::Opened(mail.clone()),
            Self::Clicked(mail) => Test::Clicked(mail.clone()),
            Self::Event(event) => Test::Event(event.clone()),
            Self::Time(_) | Self::Date(_) => return None,
        })
    }
}

/// A date in a custom field, as `2026-05-31` or with a time as RFC 3339 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DateField {
    pub field: String,
    /// Days before (negative) or after it, at most 366.
    #[serde(default)]
    pub offset_days: i32,
    /// The hour of that day on the lead's clock, 0 to 23.
    #[serde(default = "nine")]
    pub hour: u32,
}

fn nine() -> u32 {
    9
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SequenceStep))]
pub enum Step {
    /// Sends a mail, when timing allows it.
    Send {
        id: StepId,
        content: MailContent,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    Wait {
        id: StepId,
        #[serde(rename = "for")]
        pause: Pause,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    /// Waits for something, or until time is up: a test needs a `timeout`.
    WaitUntil {
        id: StepId,
        until: Until,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout: Option<Pause>,
        /// Where to go when time is up, or when the lead has no such date; like `next` without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<StepId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    Branch {
        id: StepId,
        when: Test,
        then: StepId,
        /// The step below without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<StepId>,
    },
    /// By chance, in these shares. A lead that comes again goes another way only if it enters anew.
    Split { id: StepId, ways: Vec<SplitWay> },
    AddTag {
        id: StepId,
        tag: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    RemoveTag {
        id: StepId,
        tag: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    /// Where the life cycle does not allow it, or a person holds the stage, the lead stays and goes on.
    ChangeStage {
        id: StepId,
        stage: LeadStage,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    /// Puts something to do into the lead's timeline and tells somebody of the organization by mail.
    CreateTask {
        id: StepId,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Who is to do it, and gets a mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_id: Option<UserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    /// Tells another program, and waits until it has taken it.
    Webhook {
        id: StepId,
        url: String,
        /// Where to go when it did not, after all tries; like `next` without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_failure: Option<StepId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepId>,
    },
    Exit {
        id: StepId,
        /// A word of yours that is kept with the exit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

impl Step {
    pub fn id(&self) -> &str {
        match self {
            Self::Send { id, .. }
            | Self::Wait { id, .. }
            | Self::WaitUntil { id, .. }
            | Self::Branch { id, .. }
            | Self::Split { id, .. }
            | Self::AddTag { id, .. }
            | Self::RemoveTag { id, .. }
            | Self::ChangeStage { id, .. }
            | Self::CreateTask { id, .. }
            | Self::Webhook { id, .. }
            | Self::Exit { id, .. } => id,
        }
    }

    /// The word of `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Wait { .. } => "wait",
            Self::WaitUntil { .. } => "wait_until",
            Self::Branch { .. } => "branch",
            Self::Split { .. } => "split",
            Self::AddTag { .. } => "add_tag",
            Self::RemoveTag { .. } => "remove_tag",
            Self::ChangeStage { .. } => "change_stage",
            Self::CreateTask { .. } => "create_task",
            Self::Webhook { .. } => "webhook",
            Self::Exit { .. } => "exit",
        }
    }

    /// References to other steps, each with the name of its field; `None` means the step below.
    pub(super) fn leads_to(&self) -> Vec<(&'static str, Option<&str>)> {
        match self {
            Self::Send { next, .. }
            | Self::Wait { next, .. }
            | Self::AddTag { next, .. }
            | Self::RemoveTag { next, .. }
            | Self::ChangeStage { next, .. }
            | Self::CreateTask { next, .. } => vec![("next", next.as_deref())],
            Self::WaitUntil { next, otherwise, .. } => {
                vec![
                    ("next", next.as_deref()),
                    ("otherwise", otherwise.as_deref().or(next.as_deref())),
                ]
            }
            Self::Webhook { next, on_failure, .. } => {
                vec![
                    ("next", next.as_deref()),
                    ("on_failure", on_failure.as_deref().or(next.as_deref())),
                ]
            }
            Self::Branch { then, otherwise, .. } => {
                vec![("then", Some(then.as_str())), ("otherwise", otherwise.as_deref())]
            }
            Self::Split { ways, .. } => ways.iter().map(|way| ("ways", Some(way.next.as_str()))).collect(),
            Self::Exit { .. } => Vec::new(),
        }
    }

    /// What it asks about the lead.
    pub fn test(&self) -> Option<Test> {
        match self {
            Self::WaitUntil { until, .. } => until.test(),
            Self::Branch { when, .. } => Some(when.clone()),
            _ => None,
        }
    }
}

impl Definition {
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id() == id)
    }

    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id() == id)
    }

    pub fn first(&self) -> Option<&str> {
        self.steps.first().map(Step::id)
    }

    /// The step that a reference from `from` means; `None` at the end.
    pub(super) fn target<'a>(&'a self, from: &str, to: Option<&'a str>) -> Option<&'a str> {
        match to {
            Some(END) => None,
            Some(id) => Some(id),
            None => self.steps.get(self.place(from)? + 1).map(Step::id),
        }
    }

    /// Everything that is asked about leads anywhere in it.
    pub fn tests(&self) -> impl Iterator<Item = Test> {
        let asked = self.steps.iter().filter_map(Step::test);
        self.goals.iter().cloned().chain(asked)
    }
}
