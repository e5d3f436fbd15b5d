//! What identity needs from the outside.

use super::{
    ApiKey, ApiKeyCredentials, IdentityLink, Linked, OneTimeToken, Organization, OrganizationFilter,
    OrganizationSort, Purpose, Role, Session, User, UserFilter, UserSort,
};
use crate::error::{Error, StoreError};
use crate::ids::{ApiKeyId, ClientId, IdentityLinkId, OneTimeTokenId, OrganizationId, SessionId, UserId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Hashes passwords, off the async threads and never more at once than there are cores.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A PHC string (argon2id, m=19,456 KiB, t=2, p=1).
    async fn hash(&self, password: &SecretString) -> Result<String, Error>;
    /// Compares in constant time. With `None` as the hash it does the same work and answers false, so that an
    /// unknown account takes as long as a wrong password.
    async fn verify(&self, password: &SecretString, hash: Option<&str>) -> Result<bool, Error>;
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    pub organization: OrganizationId,
    pub user: UserId,
    pub session: SessionId,
    pub role: Role,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// An API key that was just made: the only moment at which its text exists.
#[derive(Debug)]
pub struct IssuedApiKey {
    /// `gsk_` + 8 characters of prefix + `_` + 43 characters (256 random bits).
    pub text: SecretString,
    pub prefix: String,
    pub secret_hash: Vec<u8>,
}

/// Makes and checks every kind of token; each kind has a key of its own.
pub trait Tokens: Send + Sync {
    fn access(&self, claims: &AccessClaims) -> Result<String, Error>;
    /// The claims of a token that is ours, unaltered and not expired at `now`; else a sentence that says why not.
    fn read_access(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, String>;
    /// The refresh token of one generation: the same text every time.
    fn refresh(&self, session: &Session, generation: i32) -> String;
    /// Which session and generation a refresh token names. Not yet proof of anything.
    fn peek_refresh(&self, token: &str) -> Option<(SessionId, i32)>;
    /// Whether the token was made by us for this session and generation (constant time).
    fn is_refresh_of(&self, token: &str, session: &Session, generation: i32) -> bool;
    /// The text of a link's secret: the same every time.
    fn one_time(&self, purpose: Purpose, id: OneTimeTokenId) -> SecretString;
    /// Which link a secret of this purpose stands for, if it was made by us (constant time).
    fn read_one_time(&self, purpose: Purpose, text: &str) -> Option<OneTimeTokenId>;
    fn issue_api_key(&self) -> IssuedApiKey;
    /// The prefix and the hash of a shown API key, if it looks like one.
    fn read_api_key(&self, text: &str) -> Option<(String, Vec<u8>)>;
}

#[async_trait]
pub trait IdentityRepo: Send + Sync {
    /// The organization of the scope.
    async fn organization(&self) -> Result<Option<Organization>, StoreError>;
    async fn insert_organization(&self, organization: &Organization) -> Result<(), StoreError>;
    /// A taken mail address (anywhere in the installation) is [`StoreError::Duplicate`].
    /// An empty hash fits no password.
    async fn insert_user(&self, user: &User, password_hash: &str) -> Result<(), StoreError>;
    /// Writes the settings if the row is still at `expected` version. False when it is not.
    async fn update_organization(
        &self,
        organization: &Organization,
        expected: i32,
    ) -> Result<bool, StoreError>;
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;
    async fn users(
        &self,
        filter: &UserFilter,
        page: &PageRequest<UserSort>,
    ) -> Result<Page<User>, StoreError>;
    /// Writes everything but password, preferences, address and creation if the row is still at `expected` version. False
    /// when it is not.
    async fn update_user(&self, user: &User, expected: i32) -> Result<bool, StoreError>;
    /// With sessions, keys and links. False when there was none.
    async fn delete_user(&self, id: UserId) -> Result<bool, StoreError>;
    /// How many people sign in for this client.
    async fn people_of_client(&self, client: ClientId) -> Result<i64, StoreError>;
    /// Locks the organization's administrators until the transaction ends, and counts those who can get in.
    async fn lock_admins(&self) -> Result<i64, StoreError>;
    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError>;
    async fn set_password(&self, id: UserId, hash: &str) -> Result<(), StoreError>;
    /// Somebody just signed in.
    async fn touch_user(&self, id: UserId, now: DateTime<Utc>) -> Result<(), StoreError>;
    /// A free JSON object, empty at first.
    async fn preferences(&self, id: UserId) -> Result<Option<Map<String, Value>>, StoreError>;
    async fn set_preferences(&self, id: UserId, preferences: &Map<String, Value>) -> Result<(), StoreError>;

    async fn insert_one_time(&self, token: &OneTimeToken) -> Result<(), StoreError>;
    async fn one_time(&self, id: OneTimeTokenId) -> Result<Option<OneTimeToken>, StoreError>;
    /// Uses it up. False when somebody was faster, or it does not exist.
    async fn use_one_time(&self, id: OneTimeTokenId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Ends all links of one purpose that a person has not used.
    async fn end_one_time(
        &self,
        user: UserId,
        purpose: Purpose,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    async fn insert_session(&self, session: &Session) -> Result<(), StoreError>;
    /// Moves the session from `generation` to the next one. False when another request was faster.
    async fn rotate_session(
        &self,
        id: SessionId,
        generation: i32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// False when it was revoked already or does not exist.
    async fn revoke_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Those that were neither ended nor left alone for too long, newest first, at most 200.
    async fn sessions(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Session>, StoreError>;
    /// Ends all sessions of a person but one; answers which.
    async fn revoke_sessions(
        &self,
        user: UserId,
        but: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// A client that does not exist is [`StoreError::MissingReference`].
    async fn insert_api_key(&self, key: &ApiKeyCredentials) -> Result<(), StoreError>;
    /// None when the user has no such key.
    async fn api_key(&self, user: UserId, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError>;
    /// Newest first; all that belong to `user`, at most 200.
    async fn api_keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError>;
    /// False when the user has no such key.
    async fn delete_api_key(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError>;
    /// All that belong to `user`; answers how many.
    async fn delete_api_keys(&self, user: UserId) -> Result<u64, StoreError>;
    /// Notes what replaces the key and when it therefore ends. False when the user has no such key, or something replaces
    /// it already.
    async fn replace_api_key(
        &self,
        user: UserId,
        id: ApiKeyId,
        by: ApiKeyId,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Writes at most once a minute.
    async fn touch_api_key(
        &self,
        id: ApiKeyId,
        now: DateTime<Utc>,
        ip: Option<IpAddr>,
    ) -> Result<(), StoreError>;

    /// An issuer and subject that are linked (anywhere in the installation) are [`StoreError::Duplicate`], a user who does
    /// not exist is [`StoreError::MissingReference`].
    async fn insert_identity_link(&self, link: &IdentityLink) -> Result<(), StoreError>;
    /// Whether the person has come by a trusted issuer before.
    async fn has_identity_link(&self, user: UserId) -> Result<bool, StoreError>;
    /// Somebody came by this link.
    async fn touch_identity_link(&self, id: IdentityLinkId, now: DateTime<Utc>) -> Result<(), StoreError>;
}

/// What a login needs to know.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

/// What a session gives its owner at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub user: UserId,
    pub role: Role,
    pub client: Option<ClientId>,
}

/// All organizations, for those who operate the installation.
#[async_trait]
pub trait OrganizationDirectory: Send + Sync {
    async fn organizations(
        &self,
        filter: &OrganizationFilter,
        page: &PageRequest<OrganizationSort>,
    ) -> Result<Page<Organization>, StoreError>;
}

/// Look-ups that come before the organization is known.
#[async_trait]
pub trait IdentityDirectory: Send + Sync {
    /// By the normalized address ([`crate::email::EmailAddress::key`]).
    async fn credentials(&self, email_key: &str) -> Result<Option<Credentials>, StoreError>;
    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// What the session's owner may do, if it is alive at `now` and they are not locked out.
    async fn standing(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Standing>, StoreError>;
    /// A link by its id, with its organization.
    async fn one_time(
        &self,
        id: OneTimeTokenId,
    ) -> Result<Option<(OrganizationId, OneTimeToken)>, StoreError>;
    /// A key with what its owner may do, unless the owner is locked out or the key's client is inactive.
    async fn api_key(
        &self,
        prefix: &str,
    ) -> Result<Option<(OrganizationId, Standing, ApiKeyCredentials)>, StoreError>;
    /// Whom a trusted issuer means by a subject, whether or not they may get in.
    async fn linked(&self, issuer: &str, subject: &str) -> Result<Option<Linked>, StoreError>;
}
