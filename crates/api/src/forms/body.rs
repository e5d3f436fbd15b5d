//! Reads the body of a form post, in each of its three encodings.

use super::sent::Sent;
use crate::http::{ApiError, parse_json, read_body};
use crate::parts::read_parts;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest};
use futures_util::stream;
use groundswell_domain::Error;
use groundswell_domain::forms::Form;
use url::form_urlencoded;

/// Largest body, in bytes.
const MAX_BODY: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    Urlencoded,
    Multipart,
}

impl Encoding {
    pub fn of(request: &HttpRequest) -> Option<Self> {
        match request.content_type().to_ascii_lowercase().as_str() {
            "application/json" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Urlencoded),
            "multipart/form-data" => Some(Self::Multipart),
            _ => None,
        }
    }
}

pub(super) async fn read(form: &Form, request: &HttpRequest, payload: Payload) -> Result<Sent, ApiError> {
    let encoding = Encoding::of(request).ok_or_else(|| {
        ApiError::unsupported_media_type(
            "application/json, application/x-www-form-urlencoded or multipart/form-data",
        )
    })?;
    let body = read_body(&mut payload.into_inner(), MAX_BODY).await?;
    match encoding {
        Encoding::Json => Ok(Sent::from_json(form, parse_json(&body)?)?),
        Encoding::Urlencoded => Ok(Sent::from_pairs(
            form_urlencoded::parse(&body).map(|(name, text)| (name.into_owned(), text.into_owned())),
        )),
        Encoding::Multipart => multipart(request, body).await,
    }
}

async fn multipart(request: &HttpRequest, body: Bytes) -> Result<Sent, ApiError> {
    let body = stream::iter([Ok::<_, PayloadError>(body)]);
    let parts = read_parts(request.headers(), body, MAX_BODY).await?;
    // Browsers send an empty file for a file field that nobody used.
    if let Some(file) = parts
        .iter()
        .find(|part| part.file_name.is_some() && !part.content.is_empty())
    {
        return Err(Error::invalid(&file.name, "files are not accepted here").into());
    }
    let fields = parts.into_iter().filter(|part| part.file_name.is_none());
    Ok(Sent::from_pairs(fields.map(|part| {
        let text = part.text();
        (part.name, text)
    })))
}
