//! What callers send, and what they get.

use chrono::{DateTime, Utc};
use groundswell_domain::email::Mailing;
use groundswell_domain::identity::{ApiKey, Organization, Permission, Role, User};
use groundswell_domain::locale::{Locale, TimeZone};
use groundswell_domain::money::{Currency, MoneyInput};
use groundswell_domain::region::Region;
use groundswell_domain::{Actor, ClientId, OrganizationId, Origin, Patch, RequestId, Scope};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A new organization with its first person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccount {
    #[cfg_attr(feature = "openapi", schema(example = "ada@example.com"))]
    pub email: String,
    /// 8 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 8, max_length = 200))]
    pub password: SecretString,
    pub name: String,
    pub organization_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    pub email: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password"))]
    pub password: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshToken {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub refresh_token: SecretString,
}

/// The machine someone signs in from, as far as it tells, and the request in which they do.
#[derive(Debug, Clone)]
pub struct Device {
    pub origin: Origin,
    pub request: RequestId,
}

impl Device {
    /// What is done on it, by someone who has just proved who they are or who has not.
    pub(super) fn scope(&self, organization: OrganizationId, actor: Actor) -> Scope {
        let mut scope = Scope::system(organization, self.request);
        scope.actor = actor;
        scope.origin = Some(self.origin.clone());
        scope
    }
}

/// The tokens of a session. Shown once, never stored.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    pub access_token: String,
    pub refresh_token: String,
    #[cfg_attr(feature = "openapi", schema(example = "bearer"))]
    pub token_type: &'static str,
    /// Life of the access token, in seconds.
    pub expires_in: i64,
    pub user: User,
    pub organization: Organization,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    pub name: String,
    /// What the key may do; never more than its owner may.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["leads:read", "leads:write"])))]
    pub scopes: Vec<Permission>,
    /// At most a year ahead; without it the key does not expire.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Limits the key to the things of one client.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Addresses and networks that it can be used from, at most 50; without any, from everywhere.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = json!(["203.0.113.0/24", "2001:db8::1"])))]
    pub ip_ranges: Vec<String>,
    /// What it may cost in a month: `{"amount": 50, "currency": "EUR"}`, or a bare number in the organization's currency.
    /// Kept and shown, and not enforced yet.
    #[serde(default)]
    pub budget: Option<MoneyInput>,
}

/// How a key is replaced.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rotation {
    /// For how many hours both keys work: 0 to 720, 24 when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 720, example = 24))]
    pub overlap_hours: Option<i64>,
    /// The name of the new key; that of the old one when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// A new key: the only answer that has its text.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    #[serde(flatten)]
    pub key: ApiKey,
    /// Keep it: it is not shown again.
    pub api_key: String,
}

/// Somebody new, with a password that the administrator chose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewUser {
    #[cfg_attr(feature = "openapi", schema(example = "ben@example.com"))]
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Whose things a person of the role `client` sees; needed for that role, and for no other.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// 8 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 8, max_length = 200))]
    pub password: SecretString,
}

/// Somebody new, who is mailed a link to choose a password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    #[cfg_attr(feature = "openapi", schema(example = "ben@example.com"))]
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Whose things a person of the role `client` sees; needed for that role, and for no other.
    #[serde(default)]
    pub client_id: Option<ClientId>,
}

/// Changes of a person's account; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub role: Option<Role>,
    /// Goes with the role `client`, and away with any other role.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// `true` locks the person out and ends their sessions; `false` lets them in again.
    #[serde(default)]
    pub disabled: Option<bool>,
}

/// An organization of somebody else's, made by whoever operates the installation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOrganization {
    pub name: String,
    /// Is invited by mail.
    pub administrator: NewAdministrator,
}

/// Somebody who will run an organization.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAdministrator {
    #[cfg_attr(feature = "openapi", schema(example = "ben@example.com"))]
    pub email: String,
    pub name: String,
}

/// Changes of the organization; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganizationPatch {
    #[serde(default)]
    pub name: Option<String>,
    /// ISO 4217; amounts that are there keep theirs.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "EUR"))]
    pub currency: Option<Currency>,
    /// By its name in the IANA database.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "Europe/Berlin"))]
    pub time_zone: Option<TimeZone>,
    /// BCP 47.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "de-DE"))]
    pub locale: Option<Locale>,
    /// The country of telephone numbers that name none, ISO 3166-1; null: that of the locale. Numbers that are there stay.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "DE"))]
    pub region: Patch<Region>,
    /// Where the links of your mails lead, for example `https://news.example.com`; null: the installation's own address.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "https://news.example.com"))]
    pub public_url: Patch<String>,
    /// Who its mails come from: an address at a verified sending domain; null: the installation's own address.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<groundswell_domain::email::MailFrom>))]
    pub from: Patch<groundswell_domain::email::MailFrom>,
    /// How long things are kept; null keeps everything again.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<RetentionPatch>))]
    pub retention: Patch<RetentionPatch>,
    /// How much marketing mail one lead gets, and what mail costs: all of it at once; null is neither limited nor known.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Mailing>))]
    pub mailing: Patch<Mailing>,
}

/// Days by kind, 1 to 36,500: what is absent stays, null keeps for ever.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionPatch {
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i32>))]
    pub leads_inactive_days: Patch<i32>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i32>))]
    pub submissions_days: Patch<i32>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i32>))]
    pub messages_days: Patch<i32>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i32>))]
    pub events_days: Patch<i32>,
    /// Null is what the operator set for everybody.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i32>))]
    pub audit_days: Patch<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password"))]
    pub current_password: SecretString,
    /// 8 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 8, max_length = 200))]
    pub new_password: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForgotPassword {
    pub email: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetPassword {
    /// The last part of the link in the mail.
    pub token: String,
    /// 8 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 8, max_length = 200))]
    pub password: SecretString,
}

/// What somebody says who was invited.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accept {
    /// The last part of the link in the mail.
    pub token: String,
    /// 8 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 8, max_length = 200))]
    pub password: SecretString,
    /// As the person wants to be called.
    #[serde(default)]
    pub name: Option<String>,
}
