//! Accounts: who someone is, and how they prove it.

mod account;
mod api_keys;
mod authenticate;
mod commands;
mod foreign;
mod installation;
mod links;
mod organization;
mod passwords;
mod people;
mod sessions;
mod sign_in;
mod verify_email;

pub use account::{Me, me, register, register_with_role};
pub use api_keys::{create_api_key, delete_api_key, get_api_key, list_api_keys, rotate_api_key};
pub use authenticate::authenticate;
pub use commands::*;
pub use foreign::{IssuerPolicy, Newcomers};
pub use installation::{add_administrator, create_organization, list_organizations, visit_organization};
pub(crate) use links::link_mail;
pub use links::{LinkInfo, look_at_link};
pub use organization::{get_organization, get_preferences, set_preferences, update_organization};
pub use passwords::{accept_invitation, change_password, choose_password, forgot_password, reset_password};
pub use people::{create_user, delete_user, get_user, invite_user, list_users, update_user};
pub use sessions::{SessionView, end_other_sessions, end_session, list_sessions};
pub use sign_in::{ACCESS_MINUTES, login, logout, note_failed_login, refresh};
pub use verify_email::{request_verification, verify_email};
