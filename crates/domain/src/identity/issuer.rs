//! People who proved to somebody else who they are: what a token of a trusted issuer says, and the port that
//! reads one.
//!
//! Reading is not linking: which of our users this is, and whether there may be a new one, is decided by a
//! use-case.

use crate::email::EmailAddress;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// What a verified token says about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignIdentity {
    /// The `iss` of the token, exactly as configured.
    pub issuer: String,
    /// The person's id at the issuer, 1 to 255 characters. Unique and never given to another person there;
    /// together with `issuer` it is the only thing to keep a link by. Mail addresses change hands.
    pub subject: String,
    /// None when the token has none, or one that we would not send mail to.
    pub email: Option<EmailAddress>,
    /// Whether the issuer vouches that the person reads mail at `email`. Never true without an `email`. An
    /// account may be linked by address only when this is true: anyone can claim an address.
    pub email_verified: bool,
    /// For display only, 1 to 200 characters: people choose it themselves.
    pub name: Option<String>,
    /// The `exp` of the token, without leeway: nothing that is given for this token may live longer without
    /// asking again.
    pub expires_at: DateTime<Utc>,
}

/// Why a foreign token was not accepted, in a sentence that may be shown: it repeats nothing of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// The token is worth nothing here, and will not get better.
    #[error("{0}")]
    Refused(String),
    /// The token may be good, but the keys of its issuer can't be had now.
    #[error("{0}")]
    Unavailable(String),
}

/// Checks the tokens of those whose word we take for who somebody is.
#[async_trait]
pub trait TrustedIssuers: Send + Sync {
    /// Whether the token names one of ours as its issuer. Only a look at an unverified text: it tells which
    /// reader a token is for (this one or [`super::Tokens`]), and nothing about the person.
    fn names(&self, token: &str) -> bool;
    /// What the token says, if it is unaltered, meant for us and valid at `now`. May ask the issuer for its
    /// keys.
    async fn read(&self, token: &str, now: DateTime<Utc>) -> Result<ForeignIdentity, IssuerError>;
    /// By the names of the issuers, in the order of the configuration: what their tokens are checked with, or why that can't
    /// be had now.
    async fn check(&self) -> Vec<(String, Result<String, String>)>;
}
