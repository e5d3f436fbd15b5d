//! The list of leads by what they last decided.

use crate::dialect;
use groundswell_domain::consents::Purpose;
use groundswell_domain::segments::ConsentState;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

const DECISIONS: [ConsentState; 2] = [ConsentState::Granted, ConsentState::Withdrawn];

/// [`lines`], for all leads at once.
pub(super) fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    purpose: &Purpose,
    decision: Option<ConsentState>,
) -> SelectStatement {
    match decision.filter(|decision| DECISIONS.contains(decision)) {
        Some(decision) if dialect::merges(conn) => last(organization, purpose, decision),
        _ => lines(organization, purpose, decision),
    }
}

/// The same as [`lines`] of a decision: the first line of each lead in the order of the index.
fn last(organization: Uuid, purpose: &Purpose, decision: ConsentState) -> SelectStatement {
    let newest = Query::select()
        .distinct_on([("c", "lead_id")])
        .columns([("c", "lead_id"), ("c", "decision")])
        .from_as("consents", "c")
        .and_where(Expr::col(("c", "organization_id")).eq(organization))
        .and_where(Expr::col(("c", "purpose")).eq(purpose.as_str()))
        .and_where(Expr::col(("c", "decision")).is_in(DECISIONS.map(ConsentState::as_str)))
        .order_by(("c", "lead_id"), Order::Asc)
        .order_by(("c", "created_at"), Order::Desc)
        .order_by(("c", "id"), Order::Desc)
        .take();
    Query::select()
        .column(("c", "lead_id"))
        .from_subquery(newest, "c")
        .and_where(Expr::col(("c", "decision")).eq(decision.as_str()))
        .take()
}

/// Leads for whom this is what counts about the purpose, or with `None` those that ever said or were asked anything. Without repetition;
/// its table is called `c`.
pub(super) fn lines(
    organization: Uuid,
    purpose: &Purpose,
    decision: Option<ConsentState>,
) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("c", "lead_id"))
        .from_as("consents", "c")
        .and_where(Expr::col(("c", "organization_id")).eq(organization))
        .and_where(Expr::col(("c", "purpose")).eq(purpose.as_str()));
    if let Some(decision) = decision {
        let place =
            |table: &'static str| Expr::tuple([Expr::col((table, "created_at")), Expr::col((table, "id"))]);
        let decided = Expr::col(("later", "decision")).is_in(DECISIONS.map(ConsentState::as_str));
        let after = place("later").gt(place("c"));
        // A decision is overtaken by a later one only; a question also by any decision.
        let overtakes = match decision {
            ConsentState::Granted | ConsentState::Withdrawn => decided.and(after),
            ConsentState::Pending | ConsentState::Lapsed | ConsentState::Unknown => decided.or(after),
        };
        let later = Query::select()
            .expr(Expr::val(1))
            .from_as("consents", "later")
            .and_where(Expr::col(("later", "organization_id")).eq(organization))
            .and_where(Expr::col(("later", "lead_id")).equals(("c", "lead_id")))
            .and_where(Expr::col(("later", "purpose")).eq(purpose.as_str()))
            .and_where(overtakes)
            .take();
        select
            .and_where(Expr::col(("c", "decision")).eq(decision.as_str()))
            .and_where(Expr::exists(later).not());
    }
    select.add_group_by([Expr::col(("c", "lead_id"))]).take()
}
