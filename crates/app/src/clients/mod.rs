//! Clients: managing them, and how their accounts are doing.

mod commands;
mod links;
mod manage;
mod read;

pub use commands::{ClientPatch, ClientSearch, NewClient};
pub(crate) use links::{check_client, check_links};
pub use manage::{create_client, delete_client, replace_client, update_client};
pub use read::{get_client, list_campaigns, list_clients, list_health, stats};

use groundswell_domain::Error;

const MISSING: Error = Error::NotFound { what: "client" };
