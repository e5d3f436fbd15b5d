//! Which leads are in a set, as SQL.

use crate::dialect;
use crate::entity::leads::Column;
use crate::entity::{forms, lead_events};
use crate::session::Session;
use groundswell_domain::leads::{LeadEventKind, LeadStage};
use groundswell_domain::pipeline::LeadSet;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};
use uuid::Uuid;

/// Every condition that is set, among what the session sees.
pub(super) fn condition<C: ConnectionTrait>(session: &Session<C>, set: &LeadSet) -> Condition {
    // All fields are named, so that a new one can't be forgotten.
    let LeadSet {
        created_from,
        created_before,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        form_id,
        campaign_id,
        client_id,
        reached,
        stage,
        since_from,
        since_before,
        converted_within_days,
        reason,
        goal,
    } = set;
    let text = |column: Column, value: &Option<String>| {
        value.as_ref().map(|value| {
            if value.is_empty() {
                column.is_null()
            } else {
                column.eq(value.as_str())
            }
        })
    };
    Condition::all()
        .add(Column::OrganizationId.eq(session.organization))
        .add_option(session.of_client(Column::ClientId))
        .add_option(created_from.map(|time| Column::CreatedAt.gte(time)))
        .add_option(created_before.map(|time| Column::CreatedAt.lt(time)))
        .add_option(source.as_ref().map(|source| Column::Source.eq(source.as_str())))
        .add_option(text(Column::UtmSource, utm_source))
        .add_option(text(Column::UtmMedium, utm_medium))
        .add_option(text(Column::UtmCampaign, utm_campaign))
        .add_option(form_id.map(|id| filled_in(session, lead_events::Column::Subject.eq(id.0))))
        .add_option(campaign_id.map(|id| {
            let forms = forms_of(session.organization, id.0);
            filled_in(session, lead_events::Column::Subject.in_subquery(forms))
        }))
        .add_option(client_id.map(|id| Column::ClientId.eq(id.0)))
        .add_option(reached.map(|stage| Column::FurthestStage.is_in(from(stage))))
        .add_option(stage.map(|stage| Column::Stage.eq(stage.as_str())))
        .add_option(since_from.map(|time| Column::StageSince.gte(time)))
        .add_option(since_before.map(|time| Column::StageSince.lt(time)))
        .add_option(converted_within_days.map(|days| converted_before(session, days)))
        .add_option(text(Column::OutcomeReason, reason))
        .add_option(goal.as_ref().map(|goal| super::goal::condition(session, goal)))
}

fn filled_in<C: ConnectionTrait>(session: &Session<C>, form: SimpleExpr) -> SimpleExpr {
    let mut leads = Query::select();
    leads
        .column(lead_events::Column::LeadId)
        .from(lead_events::Entity)
        .and_where(lead_events::Column::OrganizationId.eq(session.organization))
        .and_where(lead_events::Column::Kind.eq(LeadEventKind::FormSubmitted.as_str()))
        .and_where(form);
    Column::Id.in_subquery(leads.take())
}

fn forms_of(organization: Uuid, campaign: Uuid) -> SelectStatement {
    let mut query = Query::select();
    query
        .column(forms::Column::Id)
        .from(forms::Entity)
        .and_where(forms::Column::OrganizationId.eq(organization))
        .and_where(forms::Column::CampaignId.eq(campaign));
    query.take()
}

/// The words of this stage and those after it.
pub(super) fn from(stage: LeadStage) -> impl Iterator<Item = &'static str> {
    let later = move |other: &LeadStage| other.rank().is_some() && other.rank() >= stage.rank();
    LeadStage::ALL
        .iter()
        .copied()
        .filter(later)
        .map(LeadStage::as_str)
}

fn converted_before<C: ConnectionTrait>(session: &Session<C>, days: u32) -> SimpleExpr {
    Column::Stage
        .eq(LeadStage::Converted.as_str())
        .and(age_at_end(session).lt(i64::from(days)))
}

/// Whole days from coming in to the stage that the lead is in.
pub(super) fn age_at_end<C: ConnectionTrait>(session: &Session<C>) -> SimpleExpr {
    dialect::whole_days(
        &session.conn,
        Expr::col(Column::CreatedAt.as_column_ref()),
        Expr::col(Column::StageSince.as_column_ref()),
    )
}
