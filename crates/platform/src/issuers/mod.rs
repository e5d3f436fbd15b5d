//! Tokens of others: JWTs of Supabase, Firebase and any OpenID Connect issuer that the operator trusts.
//!
//! One file per question: whom do we trust (`config`), is the envelope right (`jws`), with which keys
//! (`key_set`, `remote`), and does the token speak of somebody, to us, now (`claims`). All signature work is
//! jsonwebtoken's. A new kind of issuer is a constructor in `config`, and a [`Profile`] when its tokens need
//! checks of their own.
//!
//! Our own access tokens go another way (`tokens`): they have an issuer that can't be configured here, and
//! keys that leave the process for nobody.

mod claims;
mod config;
mod jws;
mod key_set;
mod remote;
#[cfg(test)]
mod tests;

pub use config::{
    EmailProof, IssuerConfig, IssuerConfigError, IssuerKeys, Profile, SignatureAlgorithm,
    check as check_issuers,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::{ForeignIdentity, IssuerError, TrustedIssuers};
use groundswell_domain::platform::Clock;
use jsonwebtoken::{Algorithm, DecodingKey};
use remote::RemoteKeys;
use secrecy::ExposeSecret;
use std::fmt;
use std::sync::Arc;

/// The issuers of the configuration. With none, it names no token as its own.
pub struct TrustedJwts(Vec<Issuer>);

struct Issuer {
    config: IssuerConfig,
    keys: Keys,
}

enum Keys {
    Secret(DecodingKey),
    Remote(Arc<RemoteKeys>),
}

impl TrustedJwts {
    /// Asks nobody for keys yet. `clock` decides how old fetched keys are; whether a token is still valid is
    /// decided by the `now` that comes with it.
    pub fn new(configs: Vec<IssuerConfig>, clock: &Arc<dyn Clock>) -> Result<Self, IssuerConfigError> {
        config::check(&configs)?;
        if configs.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let client = remote::client().map_err(IssuerConfigError::Client)?;
        let issuers = configs.into_iter().map(|config| Issuer {
            keys: match &config.keys {
                IssuerKeys::Secret(secret) => {
                    Keys::Secret(DecodingKey::from_secret(secret.expose_secret().as_bytes()))
                }
                IssuerKeys::Remote { jwks_url, algorithms } => Keys::Remote(Arc::new(RemoteKeys::new(
                    config.name.clone(),
                    jwks_url.clone(),
                    algorithms.clone(),
                    client.clone(),
                    clock.clone(),
                ))),
            },
            config,
        });
        Ok(Self(issuers.collect()))
    }

    fn issuer_of(&self, token: &str) -> Option<&Issuer> {
        if self.0.is_empty() {
            return None;
        }
        let named = jws::peek_issuer(token)?;
        self.0.iter().find(|issuer| issuer.config.issuer == named)
    }
}

impl fmt::Debug for TrustedJwts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|issuer| &issuer.config.name))
            .finish()
    }
}

#[async_trait]
impl TrustedIssuers for TrustedJwts {
    fn names(&self, token: &str) -> bool {
        self.issuer_of(token).is_some()
    }

    async fn read(&self, token: &str, now: DateTime<Utc>) -> Result<ForeignIdentity, IssuerError> {
        let header = jws::read_header(token).map_err(refused)?;
        let issuer = self
            .issuer_of(token)
            .ok_or_else(|| refused("the token is from an issuer that is not trusted here"))?;
        let (key, algorithm) = issuer.key(&header).await?;
        let claims = jws::verify(token, &key, algorithm).map_err(refused)?;
        claims::check(&claims, &issuer.config, now).map_err(refused)
    }

    async fn check(&self) -> Vec<(String, Result<String, String>)> {
        let mut all = Vec::new();
        for issuer in &self.0 {
            let state = match &issuer.keys {
                Keys::Secret(_) => Ok("HS256 with the secret of the configuration".to_owned()),
                Keys::Remote(remote) => remote.check().await,
            };
            all.push((issuer.config.name.clone(), state));
        }
        all
    }
}

impl Issuer {
    /// The key for a token with this header, and the one algorithm that the key is for. An algorithm that the
    /// issuer is not configured for is refused before anybody is asked for a key.
    async fn key(&self, header: &jws::Header) -> Result<(DecodingKey, Algorithm), IssuerError> {
        let other = || refused("the token is signed with an algorithm that its issuer does not use here");
        match &self.keys {
            Keys::Secret(key) if header.algorithm == "HS256" => Ok((key.clone(), Algorithm::HS256)),
            Keys::Secret(_) => Err(other()),
            Keys::Remote(remote) => {
                let algorithm = remote.algorithm(&header.algorithm).ok_or_else(other)?;
                let key = remote.find(header.kid.as_deref(), algorithm).await?;
                Ok((key, algorithm.into()))
            }
        }
    }
}

fn refused(sentence: &str) -> IssuerError {
    IssuerError::Refused(sentence.into())
}
