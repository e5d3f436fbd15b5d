//! Other people's servers, for tests: answers by address, and remembers who was asked.

use async_trait::async_trait;
use groundswell_domain::egress::{Fetch, FetchError, FetchRequest, Fetched};
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

#[derive(Debug, Default)]
struct Inside {
    answers: HashMap<String, (u16, String, String)>,
    redirects: HashMap<String, String>,
    asked: Vec<Asked>,
}

/// A name that is not known here does not exist; at a known one, what is not known is a 404.
#[derive(Debug, Clone, Default)]
pub struct FakeWeb(Arc<Mutex<Inside>>);

impl FakeWeb {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this is the answer at an address.
    pub fn answers(&self, url: &str, status: u16, kind: &str, body: &str) {
        let answer = (status, kind.to_owned(), body.to_owned());
        self.inside().answers.insert(url.to_owned(), answer);
    }

    pub fn page(&self, url: &str, body: &str) {
        self.answers(url, 200, "text/html", body);
    }

    /// From now on this address sends people to another one.
    pub fn redirect(&self, url: &str, to: &str) {
        self.answers(url, 302, "text/html", "");
        self.inside().redirects.insert(url.to_owned(), to.to_owned());
    }

    pub fn json(&self, url: &str, body: &serde_json::Value) {
        self.answers(url, 200, "application/json", &body.to_string());
    }

    /// Everything that was asked since the last time.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.inside().asked)
    }
}

#[async_trait]
impl Fetch for FakeWeb {
    async fn get(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let mut inside = self.inside();
        let headers = request.headers.iter();
        inside.asked.push(Asked {
            url: request.url.to_string(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
                .collect(),
            body: request
                .body
                .map(|body| String::from_utf8_lossy(&body).into_owned()),
        });
        let origin = request.url.origin().ascii_serialization();
        let is_known = inside.answers.keys().any(|url| url.starts_with(&origin));
        if !is_known {
            let host = request.url.host_str().unwrap_or_default();
            return Err(FetchError::Unresolved(host.to_owned()));
        }
        let missing = (404, "text/plain".to_owned(), String::new());
        let (status, kind, body) = inside
            .answers
            .get(request.url.as_str())
            .cloned()
            .unwrap_or(missing);
        let mut headers = vec![("content-type".to_owned(), kind)];
        if let Some(to) = inside.redirects.get(request.url.as_str()) {
            headers.push(("location".to_owned(), to.clone()));
        }
        Ok(Fetched {
            status,
            url: request.url,
            headers,
            body: body.into_bytes(),
        })
    }
}
