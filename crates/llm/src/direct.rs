//! The way to addresses that the operator named.

use async_trait::async_trait;
use groundswell_domain::egress::{Body, FetchError, FetchMethod, FetchRequest, Fetched, Open, Opened};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect};
use secrecy::ExposeSecret;
use std::error::Error;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);

/// Connects wherever it is told. Redirects are not followed: a key would go along.
pub struct DirectClient(Client);

impl DirectClient {
    /// The error is a sentence about this machine.
    pub fn new() -> Result<Self, String> {
        Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("groundswell/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(|error| format!("the client for language models can't be made: {error}"))
    }
}

#[async_trait]
impl Open for DirectClient {
    async fn open(&self, request: FetchRequest) -> Result<Opened, FetchError> {
        let mut builder = match request.method {
            FetchMethod::Get => self.0.get(request.url.clone()),
            FetchMethod::Post => self.0.post(request.url.clone()),
        };
        for (name, value) in &request.headers {
            let refused = || FetchError::Refused(format!("the header {name} can't be sent: it is not valid"));
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
            let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| refused())?;
            value.set_sensitive(true);
            builder = builder.header(header, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let response = builder.send().await.map_err(meaning)?;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            let value = std::str::from_utf8(value.as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let head = Fetched {
            status: response.status().as_u16(),
            url: response.url().clone(),
            headers: headers.collect(),
            body: Vec::new(),
        };
        Ok(Opened {
            head,
            body: Box::new(Arriving {
                response,
                room: request.max_bytes,
                most: request.max_bytes,
            }),
        })
    }
}

struct Arriving {
    response: Response,
    room: usize,
    most: usize,
}

#[async_trait]
impl Body for Arriving {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let Some(chunk) = self.response.chunk().await.map_err(meaning)? else {
            return Ok(None);
        };
        self.room = self
            .room
            .checked_sub(chunk.len())
            .ok_or(FetchError::TooLarge(self.most))?;
        Ok(Some(chunk.to_vec()))
    }
}

/// The innermost reason, without the address.
fn meaning(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut reason: &dyn Error = &error;
    while let Some(deeper) = reason.source() {
        reason = deeper;
    }
    let reason = reason.to_string();
    if error.is_connect() || error.is_timeout() || error.is_request() {
        FetchError::Unreachable(reason)
    } else {
        FetchError::Unreadable(reason)
    }
}
