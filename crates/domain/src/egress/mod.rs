//! Asking other servers, at addresses that people name: company sites, providers of data, files to import.
//!
//! Every such request goes through the one port [`Fetch`], whose adapter refuses addresses that are not public. Whoever reads
//! pages that nobody asked us to read honours [`Robots`] first.

mod fetch;
mod open;
mod robots;

pub use fetch::{Fetch, FetchError, FetchMethod, FetchRequest, Fetched};
pub use open::{Body, Open, Opened};
pub use robots::Robots;

/// By which name robots.txt files mean us (RFC 9309, section 2.2.1).
pub const PRODUCT_TOKEN: &str = "Groundswell";
