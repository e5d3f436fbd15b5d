//! A segment with a name.

use super::lexer::Fault;
use super::rule::{Audience, Chosen};
use super::when::Moment;
use crate::ids::{ClientId, SegmentId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    SegmentKind {
        /// Who meets the expression whenever it is asked for.
        Dynamic => "dynamic",
        /// Who met it when it was frozen, less those who are gone.
        Frozen => "frozen",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Segment {
    pub id: SegmentId,
    pub name: String,
    pub description: Option<String>,
    /// In its canonical form. See docs/segments.md for the language.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "tag = \"vip\" and opened within 30 days")
    )]
    pub expression: String,
    pub kind: SegmentKind,
    /// Only leads of this client are in it; null for the whole organization.
    pub client_id: Option<ClientId>,
    /// When it was frozen. A frozen segment without it is still being written: it can't be used until then.
    pub frozen_at: Option<DateTime<Utc>>,
    /// How many leads it had when it was frozen.
    pub count_at_freeze: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    /// The version of the language that the expression is written in.
    #[serde(skip)]
    pub language: i16,
}

impl Segment {
    /// Who is in it, for a use that begins now. `None`: it is being frozen.
    pub fn audience(&self, moment: Moment) -> Option<Audience> {
        match (self.kind, self.frozen_at) {
            (SegmentKind::Dynamic, _) => Some(Audience::Rule {
                expression: self.expression.clone(),
                client: self.client_id,
                moment,
            }),
            (SegmentKind::Frozen, Some(_)) => Some(Audience::Members(self.id)),
            (SegmentKind::Frozen, None) => None,
        }
    }

    /// Who meets its expression now, also while it is being frozen.
    pub fn rule(&self, moment: Moment) -> Result<Chosen, Fault> {
        let rule = Audience::Rule {
            expression: self.expression.clone(),
            client: self.client_id,
            moment,
        };
        rule.chosen()
    }
}

crate::sort_fields! {
    /// How segments can be ordered.
    SegmentSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
