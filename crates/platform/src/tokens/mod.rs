//! The kinds of token that people and programs show, each with a key of its own.

mod access;
mod api_key;
mod one_time;
mod refresh;

use crate::keys::MasterKey;
use access::AccessTokens;
pub(crate) use access::ISSUER;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::{AccessClaims, IssuedApiKey, Purpose, Session, Tokens};
use groundswell_domain::platform::Entropy;
use groundswell_domain::{Error, OneTimeTokenId, SessionId};
use one_time::OneTimeTokens;
use refresh::RefreshTokens;
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;

/// Tokens that are checked by their signature: access and refresh tokens are stored nowhere, API keys as a hash.
pub struct SignedTokens {
    access: AccessTokens,
    refresh: RefreshTokens,
    one_time: OneTimeTokens,
    entropy: Arc<dyn Entropy>,
}

impl SignedTokens {
    pub fn new(master: &MasterKey, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            access: AccessTokens::new(&master.derive("tokens/access")),
            refresh: RefreshTokens::new(master.derive("tokens/refresh")),
            one_time: OneTimeTokens::new(master),
            entropy,
        }
    }
}

impl fmt::Debug for SignedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedTokens(secret)")
    }
}

impl Tokens for SignedTokens {
    fn access(&self, claims: &AccessClaims) -> Result<String, Error> {
        self.access.issue(claims)
    }

    fn read_access(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, String> {
        self.access.read(token, now)
    }

    fn refresh(&self, session: &Session, generation: i32) -> String {
        self.refresh.issue(session, generation)
    }

    fn peek_refresh(&self, token: &str) -> Option<(SessionId, i32)> {
        RefreshTokens::peek(token)
    }

    fn is_refresh_of(&self, token: &str, session: &Session, generation: i32) -> bool {
        self.refresh.is_of(token, session, generation)
    }

    fn one_time(&self, purpose: Purpose, id: OneTimeTokenId) -> SecretString {
        self.one_time.text(purpose, id)
    }

    fn read_one_time(&self, purpose: Purpose, text: &str) -> Option<OneTimeTokenId> {
        self.one_time.read(purpose, text)
    }

    fn issue_api_key(&self) -> IssuedApiKey {
        api_key::issue(self.entropy.as_ref())
    }

    fn read_api_key(&self, text: &str) -> Option<(String, Vec<u8>)> {
        api_key::read(text)
    }
}
