//! `GET /api/leads/export`: everything a filter means, streamed, so that memory stays the same for any number of leads.

use super::query::{ExportFormat, ExportQuery};
use crate::http::{ApiError, ApiState, Auth, Query, download};
use actix_web::HttpResponse;
use actix_web::web::Data;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use groundswell_app::leads;
use groundswell_domain::Error;
use groundswell_domain::leads::Lead;

/// Export leads as CSV, or as one JSON array without an envelope.
#[utoipa::path(get, path = "/api/leads/export", operation_id = "export_leads", tag = "leads", params(ExportQuery),
    responses((status = 200, content((String = "text/csv"), (Vec<Lead> = "application/json")))), security(("bearer" = [])))]
pub(super) async fn export_leads(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, ApiError> {
    let format = query.format;
    let leads = leads::export(&state.app, &auth.scope, query.0.filter()).await?;
    Ok(match format {
        ExportFormat::Csv => download("text/csv; charset=utf-8", "leads.csv", csv(leads)),
        ExportFormat::Json => download("application/json", "leads.json", json(leads)),
    })
}

fn csv(leads: impl Stream<Item = Result<Vec<Lead>, Error>>) -> impl Stream<Item = Result<Vec<u8>, Error>> {
    let header = stream::once(async { leads::csv_header() });
    header.chain(leads.and_then(|leads| async move { leads::csv_rows(&leads) }))
}

fn json(leads: impl Stream<Item = Result<Vec<Lead>, Error>>) -> impl Stream<Item = Result<Vec<u8>, Error>> {
    let pieces = leads
        .enumerate()
        .map(|(piece, leads)| json_rows(&leads?, piece == 0));
    let edge = |text: &'static str| stream::once(async move { Ok(text.as_bytes().to_vec()) });
    edge("[").chain(pieces).chain(edge("\n]\n"))
}

fn json_rows(leads: &[Lead], first: bool) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(leads.len() * 512);
    for (index, lead) in leads.iter().enumerate() {
        out.extend_from_slice(if first && index == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut out, lead).map_err(Error::internal)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::email::Verification;
    use groundswell_domain::leads::{LeadStage, LeadStatus, Score, Tags, Utm};

    fn lead(number: u128) -> Lead {
        Lead {
            id: uuid::Uuid::from_u128(number).into(),
            name: "Ada".into(),
            email: "ada@example.com".parse().unwrap(),
            verification: Verification::of(&"ada@example.com".parse().unwrap()),
            phone: None,
            phone_e164: None,
            company: None,
            title: None,
            source: "form".into(),
            status: LeadStatus::New,
            stage: LeadStage::New,
            stage_since: chrono::DateTime::UNIX_EPOCH,
            furthest_stage: LeadStage::New,
            outcome_reason: None,
            value: None,
            tags: Tags::default(),
            custom_fields: serde_json::Map::new(),
            score: Score::default(),
            utm: Utm::default(),
            client_id: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    async fn whole(pieces: Vec<Vec<Lead>>) -> serde_json::Value {
        let pieces = stream::iter(pieces.into_iter().map(Ok));
        let bytes: Vec<Vec<u8>> = json(pieces).try_collect().await.unwrap();
        serde_json::from_slice(&bytes.concat()).unwrap()
    }

    #[actix_web::test]
    async fn pieces_make_one_json_array() {
        let all = whole(vec![vec![lead(1), lead(2)], vec![lead(3)]]).await;
        assert_eq!(all.as_array().unwrap().len(), 3);
        assert_eq!(whole(vec![]).await, serde_json::json!([]));
    }

    #[actix_web::test]
    async fn csv_has_one_header() {
        let pieces = stream::iter([Ok(vec![lead(1)]), Ok(vec![lead(2)])]);
        let bytes: Vec<Vec<u8>> = csv(pieces).try_collect().await.unwrap();
        let text = String::from_utf8(bytes.concat()).unwrap();
        assert_eq!(
            (text.lines().count(), text.matches("score_total").count()),
            (3, 1)
        );
    }
}
