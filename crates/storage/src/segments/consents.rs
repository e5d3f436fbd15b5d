//! The list of leads by what they last decided.

use groundswell_domain::consents::Purpose;
use groundswell_domain::segments::ConsentState;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

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
        let decided = Expr::col(("later", "decision"))
            .is_in([ConsentState::Granted, ConsentState::Withdrawn].map(ConsentState::as_str));
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
