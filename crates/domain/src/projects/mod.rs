//! Projects: what belongs together among the campaigns, content and files of a client.

mod ports;
mod project;

pub use ports::*;
pub use project::{Project, ProjectSort, ProjectStatus};
