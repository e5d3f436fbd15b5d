//! The same as [`Fetch`](super::Fetch), for answers that are read while they arrive.

use super::{FetchError, FetchRequest, Fetched};
use async_trait::async_trait;

/// Asks a server and answers as soon as it begins to. Redirects are answers, never followed; [`FetchRequest::timeout`] is for the time
/// until the answer begins, [`FetchRequest::max_bytes`] for all of the body, and a longer one is always an error.
#[async_trait]
pub trait Open: Send + Sync {
    async fn open(&self, request: FetchRequest) -> Result<Opened, FetchError>;
}

/// An answer that has begun.
pub struct Opened {
    /// Without a body.
    pub head: Fetched,
    pub body: Box<dyn Body>,
}

/// What is still to come.
#[async_trait]
pub trait Body: Send {
    /// The next bytes, however many there are; `None` at a proper end. A connection that breaks is an error.
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, FetchError>;
}
