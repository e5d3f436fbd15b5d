//! Asking a source, and what may come of it.

use crate::{App, secrets};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::egress::{FetchRequest, Fetched};
use groundswell_domain::leads::{AuthKind, LeadSource};
use groundswell_domain::{Error, Scope};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use url::Url;

/// Largest answer, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Why a sync did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may well work later.
    Later(String),
    /// Somebody must change something.
    Final(String),
    /// Ours.
    Ours(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(_) | Error::Conflict { .. } => Self::Final(error.to_string()),
            other => Self::Ours(other),
        }
    }
}

/// Asks with the source's own credentials.
pub(super) struct Asker<'a> {
    app: &'a App,
    origin: url::Origin,
    headers: Vec<(String, SecretString)>,
}

impl<'a> Asker<'a> {
    pub async fn new(app: &'a App, scope: &Scope, source: &LeadSource, url: &Url) -> Result<Self, Trouble> {
        let auth = &source.rules.auth;
        let mut headers = Vec::new();
        if let Some(service) = &auth.secret {
            let found = secrets::resolve(app, scope, service, None).await?;
            let secret = found.ok_or_else(|| {
                Trouble::Final(format!(
                    "the organization keeps no secret for the service {service}"
                ))
            })?;
            headers.extend(header(auth.kind, auth, &secret));
        }
        Ok(Self {
            app,
            origin: url.origin(),
            headers,
        })
    }

    /// The answer, if it is a good one, or says that nothing has changed.
    pub async fn get(&self, url: Url, conditions: Vec<(String, SecretString)>) -> Result<Fetched, Trouble> {
        // A page may name any address as the next one, and these headers are for nobody else.
        if url.origin() != self.origin {
            return Err(Trouble::Final(
                "the next page is at another server: it is not asked".into(),
            ));
        }
        let mut request = FetchRequest::get(url);
        request.headers = self.headers.iter().cloned().chain(conditions).collect();
        request.max_bytes = LARGEST;
        request.timeout = TIMEOUT;
        let answer = self.app.egress.get(request).await.map_err(|error| {
            if error.is_transient() {
                Trouble::Later(error.to_string())
            } else {
                Trouble::Final(error.to_string())
            }
        })?;
        match answer.status {
            304 => Ok(answer),
            429 | 500.. => Err(Trouble::Later(format!("the server answered {}", answer.status))),
            _ if answer.is_success() => Ok(answer),
            401 | 403 => Err(Trouble::Final(format!(
                "the server answered {}: it does not take the secret",
                answer.status
            ))),
            other => Err(Trouble::Final(format!("the server answered {other}"))),
        }
    }
}

fn header(
    kind: AuthKind,
    auth: &groundswell_domain::leads::SourceAuth,
    secret: &SecretString,
) -> Option<(String, SecretString)> {
    let secret = secret.expose_secret();
    match kind {
        AuthKind::None => None,
        AuthKind::Bearer => Some(("authorization".into(), format!("Bearer {secret}").into())),
        AuthKind::Basic => {
            let name = auth.username.as_deref().unwrap_or_default();
            let both = STANDARD.encode(format!("{name}:{secret}"));
            Some(("authorization".into(), format!("Basic {both}").into()))
        }
        AuthKind::Header => {
            let name = auth.header.as_deref()?;
            Some((name.to_ascii_lowercase(), secret.into()))
        }
    }
}
