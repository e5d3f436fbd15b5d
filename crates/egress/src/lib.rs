//! Adapter: the one client for every address that a person can name.
//!
//! What makes it safe is where it looks: names are resolved by [`resolver`], which gives the connection only addresses that may be
//! reached, so that a name that means another machine a moment later (DNS rebinding) leads nowhere. Hosts that are addresses already pass
//! no resolver and are checked before each hop, redirects included.

mod address;
mod client;
mod failure;
mod resolver;
mod rules;
mod slots;

pub use client::{EgressClient, EgressSettings};
pub use resolver::{Lookup, SystemLookup};
