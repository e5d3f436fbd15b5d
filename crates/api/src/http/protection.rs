//! Headers by which browsers protect people: on every answer, so that no route can forget them.
//!
//! Pages bring the policy that fits what they load (`pages::page`); everything else gets the strictest one.

use super::context::Asked;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// For answers that are no pages: whoever makes a browser show one gets nothing to run, and nothing to frame.
const CLOSED: &str = "default-src 'none'; frame-ancestors 'none'";

/// What Swagger UI loads: its own files, styles that its scripts set, and pictures that are part of them.
const DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A year. Other hosts of the domain are not ours to decide about, so `includeSubDomains` is left to the proxy.
const HTTPS_ONLY: &str = "max-age=31536000";

const NOTHING_OF_THE_DEVICE: &str =
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";

/// Adds what an answer does not say itself.
pub(super) fn protect(asked: &Asked, headers: &mut HeaderMap) {
    let docs = asked.path.starts_with("/docs");
    let https = asked.settings.as_ref().is_some_and(|settings| settings.https);
    add(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(headers, REFERRER_POLICY, "strict-origin-when-cross-origin");
    add(headers, CONTENT_SECURITY_POLICY, if docs { DOCS } else { CLOSED });
    add(headers, OPENER_POLICY, "same-origin");
    add(headers, PERMISSIONS_POLICY, NOTHING_OF_THE_DEVICE);
    if says(headers, &CONTENT_SECURITY_POLICY, "frame-ancestors 'none'") {
        // The same for browsers that don't know the policy.
        add(headers, X_FRAME_OPTIONS, "DENY");
    }
    if https {
        add(headers, STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    if asked.personal && says(headers, &CONTENT_TYPE, "application/json") {
        add(headers, CACHE_CONTROL, "no-store");
    }
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn says(headers: &HeaderMap, name: &HeaderName, part: &str) -> bool {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains(part))
}
