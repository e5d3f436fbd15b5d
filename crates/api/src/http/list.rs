//! Lists: `{"success": true, "data": [...], "error": null, "next_cursor": ..., "total": ...}`.

use super::error::ApiError;
use actix_web::body::BoxBody;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::paging::SortField;
use groundswell_domain::{Cursor, Error, Page, PageRequest, Sort};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug)]
pub struct Listing<T>(pub Page<T>);

impl<T: Serialize> Listing<T> {
    pub(super) fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = br#"{"success":true,"data":"#.to_vec();
        serde_json::to_writer(&mut body, &self.0.items)?;
        body.extend_from_slice(br#","error":null,"next_cursor":"#);
        let cursor = self.0.next.as_ref().map(write_cursor).transpose()?;
        serde_json::to_writer(&mut body, &cursor)?;
        if let Some(total) = self.0.total {
            body.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        body.push(b'}');
        Ok(body)
    }
}

impl<T: Serialize> Responder for Listing<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match self.body() {
            Ok(body) => HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "application/json"))
                .body(body),
            Err(error) => ApiError::from(Error::internal(error)).error_response(),
        }
    }
}

/// The shape of a list, for the `OpenAPI` document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `Listing` writes")]
pub struct ListEnvelope<T: ToSchema> {
    #[schema(example = true)]
    success: bool,
    data: Vec<T>,
    /// Always null.
    error: Option<String>,
    /// Give it as `cursor` to get the next page; null on the last one.
    next_cursor: Option<String>,
    /// Rows in the whole list, with `with_total=true`.
    #[schema(required = false)]
    total: Option<u64>,
}

/// A page as the query string asks for it.
pub fn page_request<F: SortField>(
    limit: Option<u32>,
    cursor: Option<&str>,
    sort: Option<&str>,
    with_total: Option<bool>,
    default: Sort<F>,
) -> Result<PageRequest<F>, ApiError> {
    let sort = sort.map_or(Ok(default), Sort::parse)?;
    let cursor = cursor
        .filter(|text| !text.is_empty())
        .map(read_cursor)
        .transpose()?;
    Ok(PageRequest::new(
        limit,
        cursor,
        sort,
        with_total.unwrap_or(false),
    )?)
}

fn write_cursor(cursor: &Cursor) -> Result<String, serde_json::Error> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor)?))
}

/// Whether it belongs to the order that is asked for is [`PageRequest`]'s question.
fn read_cursor(text: &str) -> Result<Cursor, Error> {
    URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| {
            Error::invalid(
                "cursor",
                "is not one of ours: use the `next_cursor` of the page before",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::jobs::JobSort;
    use groundswell_domain::paging::CursorValue;

    #[test]
    fn a_cursor_comes_back_and_belongs_to_its_order() {
        let value =
            CursorValue::Time(chrono::DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap());
        let cursor = Cursor {
            sort: "-created_at".into(),
            value,
            id: uuid::Uuid::from_u128(7),
        };
        let text = write_cursor(&cursor).unwrap();
        let default = Sort::descending(JobSort::CreatedAt);
        let page = page_request(None, Some(&text), None, None, default).unwrap();
        assert_eq!(page.cursor, Some(cursor));
        assert!(page_request(None, Some(&text), Some("created_at"), None, default).is_err());
        let changed = URL_SAFE_NO_PAD
            .encode(r#"{"s":"-created_at","v":{"n":5},"i":"00000000-0000-0000-0000-000000000007"}"#);
        for wrong in ["nonsense", "%", &text[1..], &text[..text.len() - 2], &changed] {
            assert!(
                page_request(None, Some(wrong), None, None, default).is_err(),
                "{wrong}"
            );
        }
        assert!(page_request(Some(0), None, None, None, default).is_err());
        assert!(page_request(Some(201), None, None, None, default).is_err());
    }
}
