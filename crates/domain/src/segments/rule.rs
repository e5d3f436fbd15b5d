//! A segment at the moment it is used: fixed, so that a long walk means one thing from its beginning to its end.

use super::condition::Condition;
use super::lexer::Fault;
use super::when::Moment;
use crate::ids::{ClientId, SegmentId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub condition: Condition,
    /// Only leads of this client; `None` for all.
    pub client: Option<ClientId>,
    pub moment: Moment,
}

/// Which leads a segment means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Those that meet a condition.
    Rule(Arc<Rule>),
    /// The members of a frozen segment.
    Members(SegmentId),
}

/// The same, as a campaign keeps it from its launch on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Rule {
        expression: String,
        client: Option<ClientId>,
        moment: Moment,
    },
    Members(SegmentId),
}

impl Audience {
    pub fn chosen(&self) -> Result<Chosen, Fault> {
        Ok(match self {
            Self::Members(id) => Chosen::Members(*id),
            Self::Rule {
                expression,
                client,
                moment,
            } => Chosen::Rule(Arc::new(Rule {
                condition: Condition::parse(expression)?,
                client: *client,
                moment: *moment,
            })),
        })
    }
}
