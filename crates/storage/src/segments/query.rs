//! A condition as SQL on the table of leads.
//!
//! What a lead did is in other tables. There are two ways to ask for it, and both mean the same: one lead after the other
//! ([`Shape::Walk`]), which is right for the next few leads of a walk, and all at once ([`Shape::Whole`]), which is right
//! for counting: each question is a list of leads, without repetition, that is joined by the lead's id. The lists come
//! sorted from an index, so that a million leads are merged with them (docs/plans/leads.md).
//!
//! Conditions are never NULL: negation is pushed down to single questions, and the opposite of one that is not met is met.

use super::{consents, events, texts};
use crate::dialect::{self, CustomField, NumberTest};
use crate::entity::lead_scores::Column as Sum;
use crate::entity::leads::{self, Column};
use crate::leads::checks;
use groundswell_domain::leads::LeadStatus;
use groundswell_domain::segments::{
    Chosen, Compare, Condition, ConsentState, CustomTest, Literal, Moment, NumberField, Range, Rule,
    TimeField, as_float,
};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryTrait, Select};
use uuid::Uuid;

/// How other tables are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Whole,
    Walk,
}

/// The list of leads that something is true of: `key` of it is a column of leads.
struct List {
    select: SelectStatement,
    key: &'static str,
}

pub(crate) struct Query<'a, C> {
    pub conn: &'a C,
    pub organization: Uuid,
    shape: Shape,
    lists: Vec<List>,
    /// A condition is about scores: whoever asks joins their table, once for all conditions.
    pub by_score: bool,
    /// A condition is about something else.
    pub by_lead: bool,
}

impl<'a, C: ConnectionTrait> Query<'a, C> {
    pub fn new(conn: &'a C, organization: Uuid, shape: Shape) -> Self {
        Self {
            conn,
            organization,
            shape,
            lists: Vec::new(),
            by_score: false,
            by_lead: false,
        }
    }

    pub fn chosen(&mut self, chosen: &Chosen) -> SimpleExpr {
        match chosen {
            Chosen::Rule(rule) => {
                let condition = self.condition(&rule.condition, &rule.moment, false);
                match rule.client {
                    Some(client) => {
                        self.by_lead = true;
                        Column::ClientId.eq(client.0).and(condition)
                    }
                    None => condition,
                }
            }
            Chosen::Members(segment) => {
                self.by_lead = true;
                let member = sea_orm::sea_query::Query::select()
                    .column(("m", "lead_id"))
                    .from_as("segment_members", "m")
                    .and_where(Expr::col(("m", "organization_id")).eq(self.organization))
                    .and_where(Expr::col(("m", "segment_id")).eq(segment.0))
                    .and_where(Expr::col(("m", "lead_id")).equals(Column::Id.as_column_ref()))
                    .take();
                Expr::exists(member)
            }
        }
    }

    /// Whether the rule is met, or, with `not`, that it is not; its client apart.
    pub fn met(&mut self, rule: &Rule, not: bool) -> SimpleExpr {
        self.condition(&rule.condition, &rule.moment, not)
    }

    /// Counts the leads that are in a list and meet the condition, which is about lists only. `None` when they are too many for
    /// a merge: a third one would have to be sorted.
    pub fn lists_only(self, condition: SimpleExpr) -> Option<SelectStatement> {
        let mut lists = self.lists.into_iter();
        let (first, second) = (lists.next()?, lists.next());
        if lists.next().is_some() {
            return None;
        }
        let mut select = sea_orm::sea_query::Query::select();
        select.from_subquery(first.select, alias(0)).and_where(condition);
        if let Some(second) = second {
            let on = Expr::col((Alias::new(alias(1)), second.key)).equals((Alias::new(alias(0)), first.key));
            select.join_subquery(JoinType::FullOuterJoin, second.select, alias(1), on);
        }
        Some(select)
    }

    /// Joins the lists that the conditions so far refer to.
    pub fn join(self, mut select: Select<leads::Entity>) -> Select<leads::Entity> {
        for (number, list) in self.lists.into_iter().enumerate() {
            let name = alias(number);
            let on = Expr::col((Alias::new(&name), list.key)).equals(("leads", lead_key(list.key)));
            QueryTrait::query(&mut select).join_subquery(JoinType::LeftJoin, list.select, name, on);
        }
        select
    }

    fn condition(&mut self, condition: &Condition, moment: &Moment, not: bool) -> SimpleExpr {
        match condition {
            Condition::Everyone => Expr::val(1).eq(i32::from(!not)),
            Condition::Not(inner) => self.condition(inner, moment, !not),
            Condition::All(items) | Condition::Any(items) => {
                let all = matches!(condition, Condition::All(_)) != not;
                let mut parts = items.iter().map(|item| self.condition(item, moment, not));
                let first = parts.next().unwrap_or_else(|| Expr::val(1).eq(i32::from(all)));
                parts.fold(
                    first,
                    |left, right| if all { left.and(right) } else { left.or(right) },
                )
            }
            Condition::Consent(purpose, state) => {
                let (decision, not) = match state {
                    ConsentState::Unknown => (None, !not),
                    known => (Some(*known), not),
                };
                let select = match self.shape {
                    Shape::Whole => consents::list(self.conn, self.organization, purpose, decision),
                    Shape::Walk => consents::lines(self.organization, purpose, decision),
                };
                self.listed(("c", "lead_id"), select, not)
            }
            Condition::Suppressed => {
                let select = sea_orm::sea_query::Query::select()
                    .column(("s", "email_key"))
                    .from_as("suppressions", "s")
                    .and_where(Expr::col(("s", "organization_id")).eq(self.organization))
                    .take();
                self.listed(("s", "email_key"), select, not)
            }
            Condition::Event(test) => {
                let select = events::of(self.organization, test, moment);
                self.listed(("e", "lead_id"), select, not)
            }
            row => {
                let by_score = matches!(row, Condition::Number(..));
                self.by_score |= by_score;
                self.by_lead |= !by_score;
                let met = self.of_row(row, moment);
                if not {
                    dialect::is_not_true(self.conn, met)
                } else {
                    met
                }
            }
        }
    }

    /// Whether a lead is in a list, or, with `not`, that it is not.
    fn listed(
        &mut self,
        (table, key): (&'static str, &'static str),
        mut select: SelectStatement,
        not: bool,
    ) -> SimpleExpr {
        self.by_lead = true;
        match self.shape {
            Shape::Walk => {
                let one = Expr::col((table, key)).equals(("leads", lead_key(key)));
                select.and_where(one);
                let met = Expr::exists(select);
                if not { met.not() } else { met }
            }
            Shape::Whole => {
                let found = Expr::col((Alias::new(alias(self.lists.len())), key));
                self.lists.push(List { select, key });
                if not { found.is_null() } else { found.is_not_null() }
            }
        }
    }

    /// What the row of the lead itself answers, or that of its score; NULL counts as no.
    fn of_row(&self, condition: &Condition, moment: &Moment) -> SimpleExpr {
        match condition {
            Condition::Text(field, test) => texts::condition(self.conn, *field, test),
            Condition::Status(values) => Column::Status.is_in(values.iter().copied().map(LeadStatus::as_str)),
            Condition::Stage(values) => Column::Stage.is_in(values.iter().map(|stage| stage.as_str())),
            Condition::Furthest(values) => {
                Column::FurthestStage.is_in(values.iter().map(|stage| stage.as_str()))
            }
            Condition::Deliverable(values) => checks::are(|found| values.contains(&found.deliverable)),
            Condition::Address(field, values) => checks::are(|found| values.contains(&field.of(found))),
            Condition::Number(field, compare, value) => {
                let column = match field {
                    NumberField::Total => Sum::Total,
                    NumberField::Fit => Sum::Fit,
                    NumberField::Engagement => Sum::Engagement,
                };
                match compare {
                    Compare::Equal => column.eq(*value),
                    Compare::Less => column.lt(*value),
                    Compare::AtMost => column.lte(*value),
                    Compare::More => column.gt(*value),
                    Compare::AtLeast => column.gte(*value),
                }
            }
            Condition::Time(field, when) => {
                let column = match field {
                    TimeField::Created => Column::CreatedAt,
                    TimeField::Updated => Column::UpdatedAt,
                    TimeField::StageSince => Column::StageSince,
                };
                in_range(&Expr::col(column.as_column_ref()), moment.range(when))
            }
            Condition::Tag(tags) => dialect::json_array_overlaps(self.conn, Column::Tags, tags),
            Condition::NoTags => dialect::json_array_is_empty(self.conn, Column::Tags),
            Condition::Client(ids) => Column::ClientId.is_in(ids.iter().map(|id| id.0)),
            Condition::NoClient => Column::ClientId.is_null(),
            Condition::Custom(key, test) => self.custom(key, test),
            // The others are not asked of the row.
            _ => Expr::val(1).eq(0),
        }
    }

    fn custom(&self, key: &str, asked: &CustomTest) -> SimpleExpr {
        let field = CustomField::new(self.conn, Column::CustomFields, key);
        let like = |before: &str, part: &str, after: &str| {
            field.like(&format!(
                "{before}{}{after}",
                texts::literally(&part.to_ascii_lowercase())
            ))
        };
        match asked {
            CustomTest::In(values) => values.iter().fold(Expr::val(1).eq(0), |any, value| {
                any.or(match value {
                    Literal::Text(text) => field.is_text(text),
                    Literal::Flag(flag) => field.is_flag(*flag),
                    Literal::Number(number) => field.compares(NumberTest::Equal, as_float(*number)),
                })
            }),
            CustomTest::Number(compare, number) => {
                let test = match compare {
                    Compare::Equal => NumberTest::Equal,
                    Compare::Less => NumberTest::Less,
                    Compare::AtMost => NumberTest::AtMost,
                    Compare::More => NumberTest::More,
                    Compare::AtLeast => NumberTest::AtLeast,
                };
                field.compares(test, as_float(*number))
            }
            CustomTest::Contains(part) => like("%", part, "%"),
            CustomTest::StartsWith(part) => like("", part, "%"),
            CustomTest::EndsWith(part) => like("%", part, ""),
            CustomTest::Empty => field.is_empty(),
        }
    }
}

fn alias(number: usize) -> String {
    format!("list{number}")
}

/// The column of leads that the key of a list is compared with.
fn lead_key(key: &'static str) -> &'static str {
    if key == "lead_id" { "id" } else { key }
}

pub(super) fn in_range(time: &SimpleExpr, range: Range) -> SimpleExpr {
    let from = range.from.map(|from| time.clone().gte(from));
    let before = range.before.map(|before| time.clone().lt(before));
    match (from, before) {
        (Some(from), Some(before)) => from.and(before),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Expr::val(1).eq(1),
    }
}
