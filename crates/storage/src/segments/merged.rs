//! Counting without the table of leads.
//!
//! A condition about nothing but what leads did or consented to is a question about its lists. They come from their indexes in the
//! order of leads, so that PostgreSQL merges them; to walk a million leads beside them would take as long again. Every row of a
//! list belongs to a lead that is there.

use super::query::{Query, Shape};
use crate::dialect;
use groundswell_domain::segments::{Condition, ConsentState, Rule};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

/// A statement whose answer is the number of leads; `None` when leads must be looked at.
pub(crate) fn count(conn: &impl ConnectionTrait, organization: Uuid, rule: &Rule) -> Option<Statement> {
    if !dialect::merges(conn) || rule.client.is_some() {
        return None;
    }
    // Of somebody who is in no list.
    let of_nobody = of_strangers(&rule.condition)?;
    let mut query = Query::new(conn, organization, Shape::Whole);
    let condition = query.met(rule, of_nobody);
    let select: SelectStatement = query.lists_only(condition)?;
    // Those who do not meet it are in a list; the others are all the rest.
    let all = of_nobody.then_some(organization);
    Some(dialect::merged_count(conn, select, all))
}

/// Whether the condition is met by a lead that never did or said anything; `None` when that depends on the lead.
fn of_strangers(condition: &Condition) -> Option<bool> {
    match condition {
        Condition::Event(_) => Some(false),
        Condition::Consent(_, state) => Some(*state == ConsentState::Unknown),
        Condition::Not(inner) => of_strangers(inner).map(|met| !met),
        Condition::All(items) => items
            .iter()
            .try_fold(true, |all, item| Some(all & of_strangers(item)?)),
        Condition::Any(items) => items
            .iter()
            .try_fold(false, |any, item| Some(any | of_strangers(item)?)),
        _ => None,
    }
}
