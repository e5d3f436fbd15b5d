//! The list of leads that something happened to.

use super::query::in_range;
use groundswell_domain::CampaignId;
use groundswell_domain::leads::LeadEventKind;
use groundswell_domain::segments::{EventTest, Moment, Subject};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement, SimpleExpr, UnionType};
use uuid::Uuid;

/// Without repetition; its table is called `e`.
pub(super) fn of(organization: Uuid, test: &EventTest, moment: &Moment) -> SelectStatement {
    let (mut select, time) = match (test.subject, ledger_column(test.kind)) {
        (Some(Subject::Campaign(id)), Some(time)) => (of_campaign(organization, id, test.kind, time), "at"),
        _ if test.kind == LeadEventKind::EmailSent => (sent(organization, test.subject), "sent_at"),
        _ => (events(organization, test), "occurred_at"),
    };
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

/// Where the ledger of mails tells when such a thing first happened to one; each of them is one event.
fn ledger_column(kind: LeadEventKind) -> Option<&'static str> {
    match kind {
        LeadEventKind::EmailOpened => Some("opened_at"),
        LeadEventKind::EmailClicked => Some("clicked_at"),
        LeadEventKind::Unsubscribed => Some("unsubscribed_at"),
        _ => None,
    }
}

/// From the ledger of mails, which knows their campaign. Of a campaign that went to two leads that are one by now, the mail of
/// the other is nobody's, and its events are the lead's.
fn of_campaign(
    organization: Uuid,
    campaign: CampaignId,
    kind: LeadEventKind,
    time: &'static str,
) -> SelectStatement {
    let mails = || {
        Query::select()
            .from_as("email_messages", "m")
            .and_where(Expr::col(("m", "organization_id")).eq(organization))
            .and_where(Expr::col(("m", "campaign_id")).eq(campaign.0))
            .and_where(Expr::col(("m", time)).is_not_null())
            .take()
    };
    let of_event = Expr::col(("d", "organization_id"))
        .eq(organization)
        .and(Expr::col(("d", "kind")).eq(word(kind)))
        .and(Expr::col(("d", "subject")).equals(("m", "id")));
    let merged = mails()
        .column(("d", "lead_id"))
        .expr_as(Expr::col(("d", "occurred_at")), "at")
        .join_as(JoinType::InnerJoin, "lead_events", "d", of_event)
        .and_where(Expr::col(("m", "lead_id")).is_null())
        .take();
    let all = mails()
        .column(("m", "lead_id"))
        .expr_as(Expr::col(("m", time)), "at")
        .and_where(Expr::col(("m", "lead_id")).is_not_null())
        .union(UnionType::All, merged)
        .take();
    Query::select()
        .column(("e", "lead_id"))
        .from_subquery(all, "e")
        .take()
}

/// Mails that were sent are read off their own ledger.
fn sent(organization: Uuid, subject: Option<Subject>) -> SelectStatement {
    let mut select = Query::select()
        .column(("e", "lead_id"))
        .from_as("email_messages", "e")
        .and_where(Expr::col(("e", "organization_id")).eq(organization))
        .and_where(Expr::col(("e", "sent_at")).is_not_null())
        .and_where(Expr::col(("e", "lead_id")).is_not_null())
        .take();
    match subject {
        None => {}
        Some(Subject::Campaign(id)) => {
            select.and_where(Expr::col(("e", "campaign_id")).eq(id.0));
        }
        Some(other) => {
            select.and_where(Expr::col(("e", "id")).eq(id_of(other)));
        }
    }
    select
}

fn events(organization: Uuid, test: &EventTest) -> SelectStatement {
    let mut select = Query::select()
        .column(("e", "lead_id"))
        .from_as("lead_events", "e")
        .and_where(Expr::col(("e", "organization_id")).eq(organization))
        .and_where(Expr::col(("e", "kind")).eq(word(test.kind)))
        .take();
    match test.subject {
        None => {}
        Some(Subject::Campaign(id)) => {
            // Events of mails are about the message, which tells its campaign.
            let on = Expr::col(("m", "organization_id"))
                .eq(organization)
                .and(Expr::col(("m", "id")).equals(("e", "subject")))
                .and(Expr::col(("m", "campaign_id")).eq(id.0));
            select.join_as(JoinType::InnerJoin, "email_messages", "m", on);
        }
        Some(other) => {
            select.and_where(Expr::col(("e", "subject")).eq(id_of(other)));
        }
    }
    select
}

/// In the text, so that the planner knows how many of them there are. It is a word of ours.
fn word(kind: LeadEventKind) -> SimpleExpr {
    Expr::cust(format!("'{}'", kind.as_str()))
}

fn id_of(subject: Subject) -> Uuid {
    match subject {
        Subject::Form(id) => id.0,
        Subject::Message(id) => id.0,
        Subject::Campaign(id) => id.0,
        Subject::Other(id) => id,
    }
}
