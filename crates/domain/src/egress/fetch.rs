//! One request to somebody else's server, and what can come of it.

use async_trait::async_trait;
use secrecy::SecretString;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Asks a server at an address that somebody named.
///
/// An implementation connects to public addresses only (or to what the operator allowed), follows up to five redirects and checks
/// each of them again, and sends the caller's headers to nobody but the origin that they were meant for.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Any status is an answer: `Err` is for requests that were not answered, or not within their bounds.
    async fn get(&self, request: FetchRequest) -> Result<Fetched, FetchError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FetchMethod {
    #[default]
    Get,
    /// Its redirects are not followed but answered with.
    Post,
}

#[derive(Clone)]
pub struct FetchRequest {
    pub method: FetchMethod,
    pub url: Url,
    /// Names and values; values may be keys of services.
    pub headers: Vec<(String, SecretString)>,
    pub body: Option<Vec<u8>>,
    /// Most bytes of the answer's body, counted after decompression.
    pub max_bytes: usize,
    /// Whether a longer body is cut there, instead of being an error.
    pub truncate: bool,
    /// For everything together, redirects included.
    pub timeout: Duration,
    /// Whether redirects are followed. If not, they are the answer: see [`Fetched::redirect`].
    pub follow: bool,
}

impl FetchRequest {
    /// Redirects that are followed at most.
    pub const MOST_REDIRECTS: usize = 5;

    /// A GET of at most one MiB in at most 15 seconds.
    pub fn get(url: Url) -> Self {
        Self {
            method: FetchMethod::Get,
            url,
            headers: Vec::new(),
            body: None,
            max_bytes: 1024 * 1024,
            truncate: false,
            timeout: Duration::from_secs(15),
            follow: true,
        }
    }
}

impl fmt::Debug for FetchRequest {
    /// Without headers, body and query: they may name people, or hold keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest")
            .field("method", &self.method)
            .field("origin", &self.url.origin().ascii_serialization())
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub status: u16,
    /// Where the answer came from, after redirects.
    pub url: Url,
    /// Names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Fetched {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Where the answer sends whoever asked, if it does: an address, or an error that says why it is none to go to.
    pub fn redirect(&self) -> Result<Option<Url>, FetchError> {
        let redirects = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        let Some(location) = self.header("location").filter(|_| redirects) else {
            return Ok(None);
        };
        let url = self
            .url
            .join(location)
            .map_err(|_| FetchError::Unreadable("the server redirects to what is no address".into()))?;
        if self.url.scheme() == "https" && url.scheme() == "http" {
            return Err(FetchError::Refused(
                "the server redirects from https to http, where everybody can listen".into(),
            ));
        }
        Ok(Some(url))
    }
}

/// Why there is no answer. No variant holds a path or a query of the address: they may name people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// We do not send such a request: a sentence that says why.
    #[error("{0}")]
    Refused(String),
    #[error("there is no server by the name {0}")]
    Unresolved(String),
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    #[error("the encrypted connection failed: {0}")]
    Tls(String),
    #[error("the server took longer than {} seconds", .0.as_secs())]
    Timeout(Duration),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the server redirects more than {0} times")]
    TooManyRedirects(usize),
    #[error("the answer can't be read: {0}")]
    Unreadable(String),
}

impl FetchError {
    /// Whether the same request may well be answered a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Timeout(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_to_addresses_and_not_to_open_ears() {
        let fetched = |status, location: &str| Fetched {
            status,
            url: Url::parse("https://a.example/x/").unwrap(),
            headers: vec![("location".to_owned(), location.to_owned())],
            body: Vec::new(),
        };
        let to = |status, location: &str| {
            fetched(status, location)
                .redirect()
                .map(|url| url.map(String::from))
        };
        assert_eq!(to(200, "/y"), Ok(None));
        assert_eq!(to(302, "/y"), Ok(Some("https://a.example/y".to_owned())));
        assert!(to(301, "http://a.example/").is_err() && to(308, "https://").is_err());
    }

    #[test]
    fn a_request_tells_nothing_that_is_secret() {
        let mut request =
            FetchRequest::get(Url::parse("https://u:pw@api.example/find?email=ada@x.example").unwrap());
        request.headers.push(("x-key".into(), "hush".into()));
        request.body = Some(b"hush".to_vec());
        let said = format!("{request:?}");
        assert!(said.contains("https://api.example"), "{said}");
        assert!(
            !["hush", "ada", "pw"].iter().any(|word| said.contains(word)),
            "{said}"
        );
    }
}
