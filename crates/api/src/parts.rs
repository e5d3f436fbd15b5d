//! Reads `multipart/form-data` into memory, within a limit.

use crate::http::ApiError;
use actix_multipart::{Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use futures_util::{Stream, TryStreamExt};

/// Most fields and files in one body.
pub(crate) const MAX_PARTS: usize = 1000;

/// One field or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub name: String,
    /// Only files have one.
    pub file_name: Option<String>,
    pub content: Vec<u8>,
}

impl Part {
    /// As text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// Every part of a body, at most `limit` bytes of content.
pub(crate) async fn read_parts(
    headers: &HeaderMap,
    body: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
    limit: usize,
) -> Result<Vec<Part>, ApiError> {
    let mut multipart = Multipart::new(headers, body);
    let mut parts = Vec::new();
    let mut room = limit;
    while let Some(mut field) = multipart
        .try_next()
        .await
        .map_err(|error| refused(error, limit))?
    {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field
            .content_disposition()
            .and_then(|header| header.get_filename())
            .map(str::to_owned);
        let mut content = Vec::new();
        while let Some(piece) = field.try_next().await.map_err(|error| refused(error, limit))? {
            room = room
                .checked_sub(piece.len())
                .ok_or_else(|| ApiError::too_large(limit))?;
            content.extend_from_slice(&piece);
        }
        parts.push(Part {
            name,
            file_name,
            content,
        });
        if parts.len() > MAX_PARTS {
            return Err(ApiError::too_large(limit));
        }
    }
    Ok(parts)
}

pub(crate) fn refused(error: MultipartError, limit: usize) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => ApiError::too_large(limit),
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => ApiError::unsupported_media_type("multipart/form-data"),
        other => ApiError::malformed(format!("the body is not valid multipart/form-data: {other}")),
    }
}
