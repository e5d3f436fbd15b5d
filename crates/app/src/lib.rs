//! Use-cases: free functions over the ports of the domain.
//!
//! HTTP handlers, jobs, agents and the command line all call the same functions, so permission checks live here.
//! A use-case opens its own transaction, puts the jobs it causes into it, and never awaits a mail server, an LLM
//! or any other outside world while one is open.

mod app;
pub mod audit;
mod blocking;
pub mod brand;
pub mod campaigns;
pub mod clients;
pub mod consents;
pub mod duplicates;
mod effect;
pub mod email;
pub mod enrichment;
pub mod forms;
pub mod health;
pub mod identity;
pub mod jobs;
pub mod leads;
pub mod llm;
mod organization;
pub mod pipeline;
pub mod privacy;
pub mod projects;
pub mod qualification;
pub mod robots;
pub mod schedules;
pub mod scoring;
pub mod secrets;
pub mod segments;
pub mod sequences;
pub mod timing;
mod version;

pub use app::{App, Ports, Settings};
pub use effect::replay;
