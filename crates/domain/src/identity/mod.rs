//! Organizations, the people in them, how they prove who they are, and what they may do.

mod api_key;
mod issuer;
mod matrix;
mod one_time;
mod organization;
mod permission;
mod ports;
mod role;
pub mod session;
mod user;

pub use api_key::{ApiKey, ApiKeyCredentials};
pub use issuer::{ForeignIdentity, IssuerError, TrustedIssuers};
pub use matrix::permission_matrix;
pub use one_time::{OneTimeToken, Purpose};
pub use organization::Organization;
pub use permission::{Permission, Permissions};
pub use ports::*;
pub use role::Role;
pub use session::{Refresh, Session};
pub use user::{User, UserFilter, UserSort, UserStatus};
