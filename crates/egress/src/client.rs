//! One request, hop by hop.

use crate::failure::meaning;
use crate::resolver::{CheckedResolver, Lookup, SystemLookup};
use crate::rules::Rules;
use crate::slots::Slots;
use async_trait::async_trait;
use groundswell_domain::egress::{Body, Fetch, FetchError, FetchMethod, FetchRequest, Fetched, Open, Opened};
use ipnet::IpNet;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_secs(5);
/// Connections are kept for the next page of the same site, and no longer.
const IDLE: Duration = Duration::from_secs(10);

/// What the operator decided.
#[derive(Debug, Clone, Default)]
pub struct EgressSettings {
    /// Networks that may be reached although they are not public.
    pub allow: Vec<IpNet>,
    pub ports: Vec<u16>,
    /// Through which everything goes. Names are then resolved by the proxy, which has to refuse what is private.
    pub proxy: Option<Url>,
    /// How we introduce ourselves.
    pub user_agent: String,
}

/// Asks other servers; see the crate's documentation.
pub struct EgressClient {
    client: Client,
    rules: Arc<Rules>,
    slots: Slots,
}

impl EgressClient {
    /// The error is a sentence about the settings.
    pub fn new(settings: EgressSettings) -> Result<Self, String> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// With another way to resolve names: for tests.
    pub fn with_lookup(settings: EgressSettings, lookup: Arc<dyn Lookup>) -> Result<Self, String> {
        let rules = Arc::new(Rules {
            allow: settings.allow,
            ports: settings.ports,
        });
        let proxy_host = settings.proxy.as_ref().and_then(Url::host_str);
        let resolver = CheckedResolver {
            lookup,
            rules: rules.clone(),
            proxy: proxy_host.map(str::to_owned),
        };
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            // Those of the environment would resolve names for us.
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .dns_resolver(Arc::new(resolver))
            .user_agent(settings.user_agent);
        if let Some(proxy) = settings.proxy {
            let proxy = reqwest::Proxy::all(proxy.as_str());
            builder = builder.proxy(proxy.map_err(|error| format!("the proxy can't be used: {error}"))?);
        }
        let client = builder
            .build()
            .map_err(|error| format!("the client for other servers can't be made: {error}"))?;
        Ok(Self {
            client,
            rules,
            slots: Slots::default(),
        })
    }

    async fn follow(&self, mut request: FetchRequest) -> Result<Fetched, FetchError> {
        for _ in 0..=FetchRequest::MOST_REDIRECTS {
            self.rules.check(&request.url)?;
            let _slot = self.slots.take(request.url.host_str().unwrap_or_default()).await;
            let response = self.send(&request).await?;
            let target = if request.follow && request.method == FetchMethod::Get {
                head(&response).redirect()?
            } else {
                None
            };
            match target {
                None => return read(&request, response).await,
                Some(url) => {
                    // Keys are for the server that they were meant for.
                    if url.origin() != request.url.origin() {
                        request.headers.clear();
                    }
                    request.url = url;
                }
            }
        }
        Err(FetchError::TooManyRedirects(FetchRequest::MOST_REDIRECTS))
    }

    async fn send(&self, request: &FetchRequest) -> Result<Response, FetchError> {
        let mut builder = match request.method {
            FetchMethod::Get => self.client.get(request.url.clone()),
            FetchMethod::Post => self.client.post(request.url.clone()),
        };
        builder = builder.headers(headers(request)?);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        builder.send().await.map_err(meaning)
    }
}

#[async_trait]
impl Fetch for EgressClient {
    async fn get(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let limit = request.timeout;
        tokio::time::timeout(limit, self.follow(request))
            .await
            .unwrap_or(Err(FetchError::Timeout(limit)))
    }
}

/// Without a slot: who reads an answer for minutes would keep everybody else from the host.
#[async_trait]
impl Open for EgressClient {
    async fn open(&self, request: FetchRequest) -> Result<Opened, FetchError> {
        self.rules.check(&request.url)?;
        let limit = request.timeout;
        let response = tokio::time::timeout(limit, self.send(&request))
            .await
            .unwrap_or(Err(FetchError::Timeout(limit)))?;
        Ok(Opened {
            head: head(&response),
            body: Box::new(Arriving {
                response,
                room: request.max_bytes,
                most: request.max_bytes,
            }),
        })
    }
}

/// A body on its way.
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

fn headers(request: &FetchRequest) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let refused = || FetchError::Refused(format!("the header {name} can't be sent: it is not valid"));
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| refused())?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

/// The answer without its body.
fn head(response: &Response) -> Fetched {
    let headers = response.headers().iter().filter_map(|(name, value)| {
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    Fetched {
        status: response.status().as_u16(),
        url: response.url().clone(),
        headers: headers.collect(),
        body: Vec::new(),
    }
}

/// The body counts as it comes out of decompression: a small answer can mean a large one.
async fn read(request: &FetchRequest, mut response: Response) -> Result<Fetched, FetchError> {
    let mut fetched = head(&response);
    while let Some(chunk) = response.chunk().await.map_err(meaning)? {
        let room = request.max_bytes - fetched.body.len();
        if chunk.len() <= room {
            fetched.body.extend_from_slice(&chunk);
        } else if request.truncate {
            fetched.body.extend_from_slice(&chunk[..room]);
            break;
        } else {
            return Err(FetchError::TooLarge(request.max_bytes));
        }
    }
    Ok(fetched)
}
