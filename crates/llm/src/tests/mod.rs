//! Adapters against a real server that plays exchanges, in pieces of every size.

mod answers;
mod errors;
mod live;
mod requests;
mod server;
mod streams;

use crate::{DirectClient, Line, provider};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::egress::{FetchError, FetchRequest, Open, Opened};
use groundswell_domain::llm::{ChatRequest, Endpoint, LlmProvider, Message, NamedBy, Role, Target, Vendor};
use groundswell_domain::platform::Clock;
use server::Server;
use std::path::PathBuf;
use std::sync::Arc;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }
}

/// Where nothing may go.
struct Closed;

#[async_trait]
impl Open for Closed {
    async fn open(&self, _: FetchRequest) -> Result<Opened, FetchError> {
        Err(FetchError::Refused("127.0.0.1 is not a public address".into()))
    }
}

fn adapter(vendor: Vendor) -> Arc<dyn LlmProvider> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let line = Line::new(
        Arc::new(DirectClient::new().unwrap()),
        Arc::new(Closed),
        Arc::new(Fixed),
    );
    provider(vendor, &line).unwrap()
}

fn target(vendor: Vendor, server: &Server) -> Target {
    let path = match vendor {
        Vendor::Anthropic => "",
        Vendor::Gemini => "/v1beta",
        _ => "/v1",
    };
    let model = match vendor {
        Vendor::Anthropic => "claude-sonnet-4-5",
        Vendor::Gemini => "gemini-2.5-flash",
        Vendor::Mistral => "mistral-large-latest",
        _ => "gpt-5-mini",
    };
    Target {
        endpoint: Endpoint {
            base_url: format!("{}{path}", server.url).parse().unwrap(),
            named_by: NamedBy::Operator,
        },
        model: model.into(),
        key: Some("sk-very-secret-0123".to_owned().into()),
        native_schema: true,
        temperature: true,
    }
}

fn hello() -> ChatRequest {
    ChatRequest::of(vec![Message::text(Role::User, "Say hello")])
}

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
