//! Answers that are files.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use groundswell_domain::Error;

/// An answer that a browser saves as a file. When `content` fails midway the connection is cut, so that half a file does
/// not look whole.
pub(crate) fn download(
    kind: &'static str,
    name: &str,
    content: impl Stream<Item = Result<Vec<u8>, Error>> + 'static,
) -> HttpResponse {
    let pieces = content.map(|piece| match piece {
        Ok(bytes) => Ok(Bytes::from(bytes)),
        Err(error) => {
            tracing::error!(%error, "a download broke off");
            Err(actix_web::error::ErrorInternalServerError(
                "the download broke off",
            ))
        }
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(pieces)
}
