//! Where leads are pulled from.

use super::{ImportCounts, OnExisting, Tags};
use crate::error::StoreError;
use crate::ids::{ImportId, SourceId};
use crate::jobs::{JobPayload, Queue};
use crate::paging::{Page, PageRequest};
use crate::secrets::Service;
use crate::validate::Problems;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

crate::text_enum::text_enum! {
    /// What is at the address.
    SourceKind {
        /// A CSV file or a spreadsheet.
        CsvUrl => "csv_url",
        /// An API that answers with JSON.
        JsonUrl => "json_url",
        /// Another Groundswell.
        Groundswell => "groundswell",
    }
}

crate::text_enum::text_enum! {
    /// How to show who asks.
    AuthKind {
        None => "none",
        /// `Authorization: Bearer` and the secret.
        Bearer => "bearer",
        /// `Authorization: Basic`, the secret being the password.
        Basic => "basic",
        /// A header that has the secret for its value.
        Header => "header",
    }
}

crate::text_enum::text_enum! {
    /// How a sync ended.
    SyncStatus { Succeeded => "succeeded", Failed => "failed" }
}

/// What the names of secrets begin with that sources may use: whoever chooses the address must not be able to have any other
/// key of the organization sent there.
pub const SECRET_PREFIX: &str = "lead-source-";

/// Headers that are the connection's own.
const RESERVED: [&str; 8] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceAuth {
    pub kind: AuthKind,
    /// The service under which the organization keeps the secret: it begins with `lead-source-`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub secret: Option<Service>,
    /// With `header`: its name.
    #[serde(default)]
    pub header: Option<String>,
    /// With `basic`.
    #[serde(default)]
    pub username: Option<String>,
}

impl Default for SourceAuth {
    fn default() -> Self {
        Self {
            kind: AuthKind::None,
            secret: None,
            header: None,
            username: None,
        }
    }
}

/// How a source is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceRules {
    pub auth: SourceAuth,
    /// Of a `json_url`: a JSON pointer (RFC 6901) to the array of records; the whole answer when absent.
    pub pointer: Option<String>,
    /// Of a `json_url`: a JSON pointer to the address of the next page, which must be of the same server.
    pub next_pointer: Option<String>,
    /// Of a `json_url`: the parameter that is given the time of the last successful sync, less five minutes, so that only what
    /// changed since is answered.
    pub since_parameter: Option<String>,
    /// Column or key → lead field, as in an import. A key that begins with `/` is a JSON pointer into the record.
    pub mapping: BTreeMap<String, String>,
    /// Put on every lead.
    pub tags: Tags,
    pub on_existing: OnExisting,
}

/// What the last sync of a source came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceRun {
    pub status: SyncStatus,
    /// The server said that nothing has changed, or sent nothing.
    pub unmodified: bool,
    /// The import with the lines that failed; it can be undone.
    pub import_id: Option<ImportId>,
    /// Of a `json_url`: up to 20 keys of records that became no columns. There are more than 300, or they came too late: when
    /// there were 32 MiB of lines already.
    #[serde(default)]
    pub ignored_keys: Vec<String>,
    #[serde(flatten)]
    pub counts: ImportCounts,
    pub error: Option<String>,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
}

/// What is remembered from one sync to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceState {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Everything that changed before this moment is here already.
    pub since: Option<DateTime<Utc>>,
    /// The import of a sync that has not ended.
    #[serde(default)]
    pub import: Option<ImportId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadSource {
    pub id: SourceId,
    pub name: String,
    pub kind: SourceKind,
    /// Of a `groundswell`: where it is, without a path of the API.
    pub url: String,
    #[serde(flatten)]
    pub rules: SourceRules,
    #[serde(skip)]
    pub state: SourceState,
    /// Null until the first sync.
    pub last_run: Option<SourceRun>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl LeadSource {
    /// Trims its texts, and names everything that is wrong.
    pub fn check(&mut self, problems: &mut Problems) {
        self.name = problems.line("name", &self.name, 200, false);
        self.url = problems.line("url", &self.url, 2000, false);
        if let Err(why) = check_address(&self.url) {
            problems.add("url", why);
        }
        self.rules.check(problems);
    }
}

fn check_address(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| format!("is no address: {error}"))?;
    if url.scheme() != "https" || url.host().is_none() {
        return Err("must begin with https://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must have no name and password in it: put them into `auth`".into());
    }
    if url.fragment().is_some() {
        return Err("must have no fragment (#)".into());
    }
    Ok(())
}

impl SourceRules {
    fn check(&mut self, problems: &mut Problems) {
        self.auth.check(problems);
        for (field, pointer) in [("pointer", &self.pointer), ("next_pointer", &self.next_pointer)] {
            let pointer = pointer.as_deref().unwrap_or_default();
            problems.line(field, pointer, 500, true);
            let fine = pointer.is_empty() || pointer.starts_with('/');
            problems.check(fine, field, "must begin with a slash, as JSON pointers do");
        }
        if let Some(name) = &self.since_parameter {
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
            let fine = !name.is_empty() && name.len() <= 64 && name.chars().all(fine);
            problems.check(
                fine,
                "since_parameter",
                "must have 1 to 64 of a-z, 0-9, _, -, . and brackets",
            );
        }
        problems.check(
            self.mapping.len() <= 500,
            "mapping",
            "must have at most 500 columns",
        );
        for (column, field) in &self.mapping {
            let fine = column.chars().count() <= 500 && field.chars().count() <= 200;
            problems.check(fine, "mapping", "must have names of at most 500 characters");
            let fine = !column.contains('\0') && !field.contains('\0');
            problems.check(fine, "mapping", "must not contain NUL characters");
        }
    }
}

impl SourceAuth {
    fn check(&self, problems: &mut Problems) {
        let needs = self.kind != AuthKind::None;
        let named = self.secret.as_ref().map(Service::as_str);
        problems.check(
            named.is_some() == needs,
            "auth.secret",
            if needs {
                "is required"
            } else {
                "is for auth of some kind"
            },
        );
        problems.check(
            named.is_none_or(|name| name.starts_with(SECRET_PREFIX)),
            "auth.secret",
            format!("must begin with {SECRET_PREFIX}"),
        );
        problems.check(
            self.header.is_some() == (self.kind == AuthKind::Header),
            "auth.header",
            "goes with the kind `header`, and only with it",
        );
        problems.check(
            self.username.is_some() == (self.kind == AuthKind::Basic),
            "auth.username",
            "goes with the kind `basic`, and only with it",
        );
        if let Some(name) = &self.header {
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let fine = !name.is_empty() && name.len() <= 64 && name.chars().all(fine);
            problems.check(fine, "auth.header", "must have 1 to 64 of a-z, 0-9, - and _");
            let reserved = RESERVED.contains(&name.to_ascii_lowercase().as_str());
            problems.check(!reserved, "auth.header", "is a header of the connection");
        }
        if let Some(name) = &self.username {
            problems.line("auth.username", name, 200, true);
            problems.check(!name.contains(':'), "auth.username", "must not contain a colon");
        }
    }
}

crate::sort_fields! {
    /// How sources can be ordered.
    SourceSort { CreatedAt => "created_at": Time, Name => "name": Text }
}

#[async_trait]
pub trait SourceRepo: Send + Sync {
    async fn insert(&self, source: &LeadSource) -> Result<(), StoreError>;
    async fn get(&self, id: SourceId) -> Result<Option<LeadSource>, StoreError>;
    async fn list(&self, page: &PageRequest<SourceSort>) -> Result<Page<LeadSource>, StoreError>;
    /// Which of these there are, of this kind if one is given; of all, up to `limit`, when none is named.
    async fn ids(
        &self,
        named: &[SourceId],
        kind: Option<SourceKind>,
        limit: u32,
    ) -> Result<Vec<SourceId>, StoreError>;
    /// Writes everything but creation and last run if the row is still at `expected` version (the new one is `expected + 1`).
    /// False when it is not.
    async fn update(&self, source: &LeadSource, expected: i32) -> Result<bool, StoreError>;
    /// Notes how a sync ended, and what it remembers, unless the source was changed since (then it begins anew). The version
    /// stays.
    async fn ran(&self, source: &LeadSource, run: &SourceRun) -> Result<(), StoreError>;
    /// Keeps what the source remembers, unless it was changed since. The version stays.
    async fn remember(&self, source: &LeadSource) -> Result<(), StoreError>;
    /// False when it did not exist.
    async fn delete(&self, id: SourceId) -> Result<bool, StoreError>;
}

/// Pulls what is new from a source.
#[derive(Debug, Serialize, Deserialize)]
pub struct SyncSource {
    pub source_id: SourceId,
}

impl JobPayload for SyncSource {
    const KIND: &'static str = "leads.sync";
    const QUEUE: Queue = Queue::Imports;
    const MAX_ATTEMPTS: i32 = 5;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(url: &str, auth: SourceAuth) -> Vec<String> {
        let at = DateTime::UNIX_EPOCH;
        let mut source = LeadSource {
            id: uuid::Uuid::nil().into(),
            name: "CRM".into(),
            kind: SourceKind::JsonUrl,
            url: url.into(),
            rules: SourceRules {
                auth,
                pointer: Some("/data".into()),
                next_pointer: None,
                since_parameter: None,
                mapping: BTreeMap::new(),
                tags: Tags::default(),
                on_existing: OnExisting::Overwrite,
            },
            state: SourceState::default(),
            last_run: None,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        let mut problems = Problems::new();
        source.check(&mut problems);
        let problems: Vec<crate::FieldError> = problems.into();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn addresses_and_keys_are_safe() {
        let none = SourceAuth::default;
        assert!(wrong("https://crm.example/leads?a=b", none()).is_empty());
        for url in [
            "http://crm.example",
            "https://u:p@crm.example",
            "file:///etc/passwd",
            "crm",
            "https://a/#b",
        ] {
            assert_eq!(wrong(url, none()), ["url"], "{url}");
        }
        let auth = |kind, secret: &str, header: Option<&str>| SourceAuth {
            kind,
            secret: Some(secret.parse().unwrap()),
            header: header.map(str::to_owned),
            username: None,
        };
        let url = "https://crm.example";
        assert!(wrong(url, auth(AuthKind::Bearer, "lead-source-crm", None)).is_empty());
        assert_eq!(
            wrong(url, auth(AuthKind::Bearer, "openai", None)),
            ["auth.secret"]
        );
        assert!(wrong(url, auth(AuthKind::Header, "lead-source-crm", Some("X-Key"))).is_empty());
        assert_eq!(
            wrong(url, auth(AuthKind::Header, "lead-source-crm", Some("Host"))),
            ["auth.header"]
        );
        assert_eq!(
            wrong(url, auth(AuthKind::None, "lead-source-crm", None)),
            ["auth.secret"]
        );
    }
}
