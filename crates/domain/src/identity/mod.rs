//! Organizations, the people in them, how they prove who they are, and what they may do.

mod api_key;
mod ip_range;
mod issuer;
mod link;
mod matrix;
mod one_time;
mod organization;
mod permission;
mod ports;
mod role;
pub mod session;
mod user;

pub use api_key::{ApiKey, ApiKeyCredentials, MAX_IP_RANGES};
pub use ip_range::IpRange;
pub use issuer::{ForeignIdentity, IssuerError, TrustedIssuers};
pub use link::{IdentityLink, Linked};
pub use matrix::permission_matrix;
pub use one_time::{OneTimeToken, Purpose};
pub use organization::{Organization, OrganizationFilter, OrganizationSort, public_url};
pub use permission::{Permission, Permissions};
pub use ports::*;
pub use role::Role;
pub use session::{Refresh, Session};
pub use user::{User, UserFilter, UserSort, UserStatus};
