//! What leads did and what became of them: the one place that knows where the time of an outcome comes from.
//!
//! That is since when the lead has been in its stage. What it did afterwards must not be learned from.

use super::super::scored::{self, Scored};
use crate::dialect;
use crate::entity::leads::{Column, Entity};
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::leads::prediction::{Engagement, LeadFacts, Outcome};
use groundswell_domain::leads::{Lead, LeadStatus};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, ConnectionTrait};
use std::collections::HashMap;
use uuid::Uuid;

/// Statuses in which the outcome of a lead is known.
const DECIDED: [&str; 2] = ["converted", "disqualified"];

// $2 to $3 is the range of leads, $4 whether they are those whose outcome is known. A range and not a list: its text is the
// same for any number of leads.
const SUBMISSIONS: &str = "SELECT leads.id, COUNT(*) FROM leads \
    JOIN submissions AS did ON did.organization_id = leads.organization_id AND did.lead_id = leads.id \
    WHERE leads.organization_id = $1 AND leads.id >= $2 AND leads.id <= $3 \
    AND (leads.status IN ('converted', 'disqualified')) = $4 AND (NOT $4 OR did.created_at < leads.stage_since) \
    GROUP BY leads.id";

const MAILS: &str = "SELECT leads.id, \
    SUM(CASE WHEN NOT $4 AND did.sent_at IS NOT NULL OR did.sent_at < leads.stage_since THEN 1 ELSE 0 END), \
    SUM(CASE WHEN NOT $4 AND did.opened_at IS NOT NULL OR did.opened_at < leads.stage_since THEN 1 ELSE 0 END), \
    SUM(CASE WHEN NOT $4 AND did.clicked_at IS NOT NULL OR did.clicked_at < leads.stage_since THEN 1 ELSE 0 END), \
    SUM(CASE WHEN NOT $4 AND did.unsubscribed_at IS NOT NULL OR did.unsubscribed_at < leads.stage_since THEN 1 ELSE 0 END) \
    FROM leads \
    JOIN email_messages AS did ON did.organization_id = leads.organization_id AND did.lead_id = leads.id \
    WHERE leads.organization_id = $1 AND leads.id >= $2 AND leads.id <= $3 \
    AND (leads.status IN ('converted', 'disqualified')) = $4 \
    GROUP BY leads.id";

/// That the outcome of a lead is known, or not.
pub(super) fn decided(known: bool) -> SimpleExpr {
    if known {
        Column::Status.is_in(DECIDED)
    } else {
        Column::Status.is_not_in(DECIDED)
    }
}

fn outcome(lead: &Lead) -> Option<Outcome> {
    let converted = match lead.status {
        LeadStatus::Converted => true,
        LeadStatus::Disqualified => false,
        LeadStatus::New | LeadStatus::Contacted | LeadStatus::Qualified => return None,
    };
    Some(Outcome {
        converted,
        at: lead.stage_since,
    })
}

/// Adds what these leads did. All of them, or none, have an outcome.
pub(super) async fn of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: Vec<Scored>,
) -> Result<Vec<LeadFacts>, StoreError> {
    let leads: Vec<Lead> = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<_, _>>()?;
    let ids = || leads.iter().map(|lead| lead.id.0);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
        return Ok(Vec::new());
    };
    let known = leads.iter().any(|lead| outcome(lead).is_some());
    let values = || [organization.into(), first.into(), last.into(), known.into()];
    let mut did: HashMap<Uuid, Engagement> = HashMap::with_capacity(leads.len());
    for row in conn
        .query_all_raw(dialect::statement(conn, SUBMISSIONS, values()))
        .await
        .map_err(store_error)?
    {
        let (lead, submissions) = row.try_get_many_by_index().map_err(store_error)?;
        did.insert(
            lead,
            Engagement {
                submissions,
                ..Engagement::default()
            },
        );
    }
    for row in conn
        .query_all_raw(dialect::statement(conn, MAILS, values()))
        .await
        .map_err(store_error)?
    {
        let (lead, sent, opened, clicked, unsubscribed): (Uuid, i64, i64, i64, i64) =
            row.try_get_many_by_index().map_err(store_error)?;
        let engagement = did.entry(lead).or_default();
        engagement.emails_sent = sent;
        engagement.emails_opened = opened;
        engagement.emails_clicked = clicked;
        engagement.unsubscribed = unsubscribed;
    }
    let facts = leads.into_iter().map(|lead| LeadFacts {
        outcome: outcome(&lead),
        engagement: did.remove(&lead.id.0).unwrap_or_default(),
        lead,
    });
    Ok(facts.collect())
}

/// All leads of an organization, with their scores.
pub(super) fn find(organization: Uuid) -> sea_orm::Select<Entity> {
    use sea_orm::{EntityTrait, QueryFilter};
    scored::read(
        Entity::find().filter(Column::OrganizationId.eq(organization)),
        organization,
    )
}
