//! What the HTTP client's errors mean.

use crate::resolver::Passed;
use groundswell_domain::egress::FetchError;
use std::error::Error;

/// The client says what went wrong in a chain of errors; the address is left out of all of them.
pub(crate) fn meaning(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut said = Vec::new();
    let mut source: Option<&dyn Error> = Some(&error);
    while let Some(error) = source {
        if let Some(passed) = error.downcast_ref::<Passed>() {
            return passed.0.clone();
        }
        said.push(error.to_string());
        source = error.source();
    }
    // The outer ones only say that a request failed.
    let deepest = said.pop().unwrap_or_default();
    let is_tls = ["certificate", "tls", "handshake"]
        .iter()
        .any(|word| deepest.to_lowercase().contains(word) || said.iter().any(|text| text.contains(word)));
    if error.is_connect() && is_tls {
        FetchError::Tls(deepest)
    } else if error.is_connect() || error.is_timeout() {
        FetchError::Unreachable(deepest)
    } else {
        FetchError::Unreadable(deepest)
    }
}
