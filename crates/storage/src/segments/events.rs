//! The list of leads that something happened to.

use super::query::in_range;
use groundswell_domain::leads::LeadEventKind;
use groundswell_domain::segments::{EventTest, Moment, Subject};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use uuid::Uuid;

/// Without repetition; its table is called `e`.
pub(super) fn of(organization: Uuid, test: &EventTest, moment: &Moment) -> SelectStatement {
    // Mails have a ledger of their own, which tells when each was sent and first opened, and of which campaign it is.
    let told = match (test.kind, test.subject) {
        (LeadEventKind::EmailSent, _) => Some("sent_at"),
        (LeadEventKind::EmailOpened, Some(Subject::Campaign(_))) => Some("opened_at"),
        (LeadEventKind::EmailClicked, Some(Subject::Campaign(_))) => Some("clicked_at"),
        (LeadEventKind::Unsubscribed, Some(Subject::Campaign(_))) => Some("unsubscribed_at"),
        _ => None,
    };
    let (table, subject, time) = match told {
        Some(time) => ("email_messages", "id", time),
        None => ("lead_events", "subject", "occurred_at"),
    };
    let mut select = Query::select();
    select
        .column(("e", "lead_id"))
        .from_as(table, "e")
        .and_where(Expr::col(("e", "organization_id")).eq(organization));
    if told.is_some() {
        select
            .and_where(Expr::col(("e", time)).is_not_null())
            .and_where(Expr::col(("e", "lead_id")).is_not_null());
    } else {
        // In the text, so that the planner knows how many of them there are. It is a word of ours.
        let kind = format!("'{}'", test.kind.as_str());
        select.and_where(Expr::col(("e", "kind")).eq(Expr::cust(kind)));
    }
    let about = |id: Uuid| Expr::col(("e", subject)).eq(id);
    match test.subject {
        None => {}
        Some(Subject::Form(id)) => {
            select.and_where(about(id.0));
        }
        Some(Subject::Message(id)) => {
            select.and_where(about(id.0));
        }
        Some(Subject::Other(id)) => {
            select.and_where(about(id));
        }
        Some(Subject::Campaign(id)) if told.is_some() => {
            select.and_where(Expr::col(("e", "campaign_id")).eq(id.0));
        }
        Some(Subject::Campaign(id)) => {
            // Events of mails are about the message, which tells its campaign.
            let on = Expr::col(("m", "organization_id"))
                .eq(organization)
                .and(Expr::col(("m", "id")).equals(("e", "subject")))
                .and(Expr::col(("m", "campaign_id")).eq(id.0));
            select.join_as(JoinType::InnerJoin, "email_messages", "m", on);
        }
    }
    if let Some(when) = &test.when {
        select.and_where(in_range(&Expr::col(("e", time)), moment.range(when)));
    }
    select.add_group_by([Expr::col(("e", "lead_id"))]);
    if test.at_least > 1 {
        let times = Func::count(Expr::col(("e", "lead_id")));
        select.and_having(Expr::from(times).gte(i64::from(test.at_least)));
    }
    select.take()
}
