//! Accounts: who someone is, and how they prove it.

mod account;
mod api_keys;
mod authenticate;
mod commands;
mod sign_in;

pub use account::{Me, me, register, register_with_role};
pub use api_keys::{create_api_key, delete_api_key, list_api_keys};
pub use authenticate::authenticate;
pub use commands::{CreatedApiKey, Device, Login, NewAccount, NewApiKey, RefreshToken, SignedIn};
pub use sign_in::{ACCESS_MINUTES, login, logout, refresh};
