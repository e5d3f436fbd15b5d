//! Asks a provider.

use crate::{App, secrets};
use groundswell_domain::egress::{FetchMethod, FetchRequest, Fetched};
use groundswell_domain::enrichment::{
    CheckOutcome, EnrichmentProvider, Finding, ProviderMethod, Variables, read_answer, render_body,
    render_url,
};
use groundswell_domain::leads::Lead;
use groundswell_domain::{Error, Scope};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Largest answer, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// How asking ended.
pub(super) struct Asked {
    pub outcome: CheckOutcome,
    pub findings: Vec<Finding>,
    pub message: Option<String>,
    /// The same question may be answered a little later.
    pub again: bool,
}

impl Asked {
    fn failed(message: impl Into<String>, again: bool) -> Self {
        Self {
            outcome: CheckOutcome::Failed,
            findings: Vec::new(),
            message: Some(message.into()),
            again,
        }
    }
}

/// The request, but for the secret; `None` when the provider asks for something that is not known of the lead.
pub(super) fn question(provider: &EnrichmentProvider, variables: &Variables) -> Option<FetchRequest> {
    let body = match &provider.body {
        Some(template) => Some(render_body(template, variables)?.to_string().into_bytes()),
        None => None,
    };
    let mut headers: Vec<(String, SecretString)> = provider
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    let has = |headers: &[(String, SecretString)], wanted: &str| {
        headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    if !has(&headers, "accept") {
        headers.push(("accept".into(), "application/json".into()));
    }
    if body.is_some() && !has(&headers, "content-type") {
        headers.push(("content-type".into(), "application/json".into()));
    }
    Some(FetchRequest {
        method: match provider.method {
            ProviderMethod::Get => FetchMethod::Get,
            ProviderMethod::Post => FetchMethod::Post,
        },
        headers,
        body,
        max_bytes: MOST_BYTES,
        ..FetchRequest::get(render_url(&provider.url, variables)?)
    })
}

/// What the provider says. Its mistakes are no errors: they must not keep the others from being asked.
pub(super) async fn ask(
    app: &App,
    scope: &Scope,
    provider: &EnrichmentProvider,
    lead: &Lead,
    mut request: FetchRequest,
) -> Result<Asked, Error> {
    if let Some(secret) = &provider.secret {
        let Some(value) = secrets::resolve(app, scope, &secret.service, lead.client_id).await? else {
            return Ok(Asked::failed(
                format!("there is no secret for the service {}", secret.service),
                false,
            ));
        };
        let value = SecretString::from(format!("{}{}", secret.prefix, value.expose_secret()));
        request.headers.push((secret.header.clone(), value));
    }
    Ok(match app.egress.get(request).await {
        Ok(answer) => understood(provider, &answer),
        Err(error) => Asked::failed(error.to_string(), error.is_transient()),
    })
}

fn understood(provider: &EnrichmentProvider, answer: &Fetched) -> Asked {
    match answer.status {
        200..=299 => {}
        404 | 410 => {
            return Asked {
                outcome: CheckOutcome::Nothing,
                findings: Vec::new(),
                message: None,
                again: false,
            };
        }
        status => {
            let again = status == 429 || (500..=599).contains(&status);
            return Asked::failed(format!("the provider answers {status}"), again);
        }
    }
    // Nothing at all is an answer, too.
    let body: Value = match answer.body.as_slice() {
        [] => Value::Null,
        body => match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(_) => return Asked::failed("the provider's answer is no JSON", false),
        },
    };
    let findings = read_answer(&provider.mapping, &body, provider.confidence);
    Asked {
        outcome: if findings.is_empty() {
            CheckOutcome::Nothing
        } else {
            CheckOutcome::Found
        },
        findings,
        message: None,
        again: false,
    }
}
