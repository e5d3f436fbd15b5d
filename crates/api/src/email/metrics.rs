//! What came of mails, as figures and as pictures.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, Query};
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use groundswell_app::email::{self, MetricsQuery};
use groundswell_domain::CampaignId;
use groundswell_domain::email::metrics::{Chart, EmailMetrics, chart};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MetricsParams {
    pub campaign_id: Option<CampaignId>,
    /// Mails that were queued from then on; 30 days ago when absent, 366 of a campaign.
    pub from: Option<DateTime<Utc>>,
    /// And before then; now when absent.
    pub to: Option<DateTime<Utc>>,
    /// Of recipients' addresses.
    pub domain: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChartParams {
    /// What to draw; `funnel` when absent.
    pub chart: Option<Chart>,
    pub campaign_id: Option<CampaignId>,
    /// Mails that were queued from then on; 30 days ago when absent, 366 of a campaign.
    pub from: Option<DateTime<Utc>>,
    /// And before then; now when absent.
    pub to: Option<DateTime<Utc>>,
    /// Of recipients' addresses.
    pub domain: Option<String>,
}

/// What came of mails: people's figures with the raw ones beside them, by verdict, link, recipient domain, device and hour.
#[utoipa::path(get, path = "/api/email/metrics", operation_id = "get_email_metrics", tag = "email", params(MetricsParams),
    responses((status = 200, body = Envelope<EmailMetrics>)), security(("bearer" = [])))]
pub(super) async fn get_email_metrics(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<MetricsParams>,
) -> Result<Answer<EmailMetrics>, ApiError> {
    let asked = MetricsQuery {
        campaign_id: query.campaign_id,
        from: query.from,
        to: query.to,
        domain: query.domain.clone(),
    };
    Ok(Answer::ok(email::metrics(&state.app, &auth.scope, asked).await?))
}

/// The same as a picture.
#[utoipa::path(get, path = "/api/email/metrics.svg", operation_id = "draw_email_metrics", tag = "email", params(ChartParams),
    responses((status = 200, content_type = "image/svg+xml", body = String)), security(("bearer" = [])))]
pub(super) async fn draw_email_metrics(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ChartParams>,
) -> Result<HttpResponse, ApiError> {
    let asked = MetricsQuery {
        campaign_id: query.campaign_id,
        from: query.from,
        to: query.to,
        domain: query.domain.clone(),
    };
    let metrics = email::metrics(&state.app, &auth.scope, asked).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        .body(chart(&metrics, query.chart.unwrap_or(Chart::Funnel))))
}
