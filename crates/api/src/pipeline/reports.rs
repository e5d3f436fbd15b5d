//! The reports. Each number says where the leads that it counts are listed.

use super::query::{ConversionQuery, SetListQuery, SetQuery};
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, ListEnvelope, Listing, Query};
use actix_web::web::Data;
use groundswell_app::pipeline;
use groundswell_domain::leads::Lead;
use groundswell_domain::pipeline::{
    CohortTable, Conversion, Dimension, Funnel, OutcomeReport, TimeToConvert, Velocity,
};

/// How far leads get, from new to converted.
#[utoipa::path(get, path = "/api/leads/analytics/funnel", operation_id = "get_lead_funnel", tag = "leads", params(SetQuery),
    responses((status = 200, body = Envelope<Funnel>)), security(("bearer" = [])))]
pub(super) async fn get_lead_funnel(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SetQuery>,
) -> Result<Answer<Funnel>, ApiError> {
    Ok(Answer::ok(
        pipeline::funnel(&state.app, &auth.scope, &query.set()).await?,
    ))
}

/// What came of the leads of each source, form or campaign; the hundred with the most leads.
#[utoipa::path(get, path = "/api/leads/analytics/conversion", operation_id = "list_lead_conversion", tag = "leads", params(ConversionQuery),
    responses((status = 200, body = Envelope<Vec<Conversion>>)), security(("bearer" = [])))]
pub(super) async fn list_lead_conversion(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ConversionQuery>,
) -> Result<Answer<Vec<Conversion>>, ApiError> {
    let by = query.by.unwrap_or(Dimension::Source);
    Ok(Answer::ok(
        pipeline::conversion(&state.app, &auth.scope, &query.set(), by).await?,
    ))
}

/// How long leads take to convert: the Kaplan-Meier estimate, in which open leads count as long as they are known.
#[utoipa::path(get, path = "/api/leads/analytics/time-to-convert", operation_id = "list_time_to_convert", tag = "leads", params(ConversionQuery),
    responses((status = 200, body = Envelope<Vec<TimeToConvert>>)), security(("bearer" = [])))]
pub(super) async fn list_time_to_convert(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ConversionQuery>,
) -> Result<Answer<Vec<TimeToConvert>>, ApiError> {
    Ok(Answer::ok(
        pipeline::time_to_convert(&state.app, &auth.scope, &query.set(), query.by).await?,
    ))
}

/// What became of the leads of each month.
#[utoipa::path(get, path = "/api/leads/analytics/cohorts", operation_id = "get_lead_cohorts", tag = "leads", params(SetQuery),
    responses((status = 200, body = Envelope<CohortTable>)), security(("bearer" = [])))]
pub(super) async fn get_lead_cohorts(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SetQuery>,
) -> Result<Answer<CohortTable>, ApiError> {
    Ok(Answer::ok(
        pipeline::cohorts(&state.app, &auth.scope, &query.set()).await?,
    ))
}

/// Why deals were won and lost.
#[utoipa::path(get, path = "/api/leads/analytics/outcomes", operation_id = "get_lead_outcomes", tag = "leads", params(SetQuery),
    responses((status = 200, body = Envelope<OutcomeReport>)), security(("bearer" = [])))]
pub(super) async fn get_lead_outcomes(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SetQuery>,
) -> Result<Answer<OutcomeReport>, ApiError> {
    Ok(Answer::ok(
        pipeline::outcomes(&state.app, &auth.scope, &query.set()).await?,
    ))
}

/// How fast leads move from stage to stage, and what the pipeline earns a day.
#[utoipa::path(get, path = "/api/leads/analytics/velocity", operation_id = "get_lead_velocity", tag = "leads", params(SetQuery),
    responses((status = 200, body = Envelope<Velocity>)), security(("bearer" = [])))]
pub(super) async fn get_lead_velocity(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SetQuery>,
) -> Result<Answer<Velocity>, ApiError> {
    Ok(Answer::ok(
        pipeline::velocity(&state.app, &auth.scope, &query.set()).await?,
    ))
}

/// The leads behind a number of a report.
#[utoipa::path(get, path = "/api/leads/analytics/leads", operation_id = "list_counted_leads", tag = "leads", params(SetListQuery),
    responses((status = 200, body = ListEnvelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn list_counted_leads(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SetListQuery>,
) -> Result<Listing<Lead>, ApiError> {
    Ok(Listing(
        pipeline::list(&state.app, &auth.scope, &query.set()?, &query.page()?).await?,
    ))
}
