//! The HTTP API: extract, call one use-case, answer. It knows the application and nothing below it.
//!
//! Each bounded context has a folder with its routes, its part of the `OpenAPI` document (`Docs`) and its wiring
//! (`configure`). What they share is in [`http`].

mod audit;
mod brand;
mod campaigns;
mod clients;
mod consents;
mod document;
mod email;
mod enrichment;
mod forms;
mod health;
pub mod http;
mod identity;
mod jobs;
mod leads;
mod pages;
mod parts;
mod pipeline;
mod privacy;
mod projects;
mod schedules;
mod secrets;
mod segments;
mod sequences;
mod server;

pub use document::openapi;
pub use http::{ApiState, HttpSettings, LimitSettings, Limiters, Network, RouteClass};
pub use server::bind;
