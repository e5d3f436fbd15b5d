//! `HEAD` is `GET` without the body (RFC 9110, section 9.3.2), at every address.
//!
//! The request goes on as a `GET`. Handlers that keep something when they are asked can tell the difference by [`is_head`]:
//! scanners of mail look at links this way.

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::stream;

struct Head;

pub(super) fn as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(Head);
    }
}

/// Whether nobody will see the body of the answer.
pub(crate) fn is_head(request: &HttpRequest) -> bool {
    request.extensions().contains::<Head>()
}

/// A body that is made while it is sent is not made at all. One that is there stays: the server tells its length, and leaves
/// it out itself.
pub(super) fn without_stream(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if !is_head(response.request()) || response.response().body().size() != BodySize::Stream {
        return response;
    }
    response.map_body(|_, _| BoxBody::new(BodyStream::new(stream::empty::<Result<Bytes, std::io::Error>>())))
}
