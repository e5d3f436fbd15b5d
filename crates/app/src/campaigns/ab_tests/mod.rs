//! A/B/n tests of campaigns: describing them, looking at them, and the job that decides.

mod commands;
mod manage;
mod run;
mod versions;

pub use commands::{AbReport, DecideAbTest, ShownFigures};
pub use manage::{create_ab_test, decide_ab_test, list_ab_tests};
pub use run::run_ab_test;
pub(super) use versions::{mail_of, versions};
