//! End to end over HTTP, on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "in tests a panic is the message, and a story is told in one piece"
)]

/// Makes a test for each database out of one async function over a [`groundswell_tests::Backend`].
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(groundswell_tests::Backend::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(groundswell_tests::Backend::Postgres).await;
            }
        }
    )+};
}

mod account_deletion;
mod api_keys;
mod audiences;
mod audit;
mod authorization;
mod bad_addresses;
mod bounces;
mod browser;
mod campaign_forecasts;
mod campaign_lifecycle;
mod campaign_plans;
mod campaign_runs;
mod campaign_tests;
mod campaigns;
mod canaries;
mod capture;
mod clients;
mod command_line;
mod consents;
mod contacts;
mod conventions;
mod data_export;
mod demo_and_import;
mod duplicates;
mod email_metrics;
mod enrichment;
mod erasures;
mod escaping;
mod exports;
mod first_light;
mod form_browser;
mod form_visits;
mod forms;
mod goals;
mod idempotency;
mod identity;
mod import_files;
mod import_kinds;
mod import_property;
mod import_undo;
mod imports_again;
mod installation;
mod intake;
mod intake_browser;
mod issuer_attacks;
mod issuers;
mod jobs;
mod journal;
mod key_limits;
mod key_rotation;
mod lead_files;
mod lead_filters;
mod lead_sources;
mod leads;
mod life_cycle;
mod lists;
mod logins;
mod logs;
mod mail;
mod mail_injection;
mod mail_trouble;
mod mailbox;
mod merges;
mod naughty;
mod needs;
mod people;
mod pipeline;
mod predictions;
mod processes;
mod protection;
mod qualification;
mod rate_limits;
mod readme;
mod retention;
mod returned_mails;
mod robustness;
mod route_limits;
mod routes;
mod samples;
mod schedules;
mod scoring;
mod secrets;
mod segments;
mod sending;
mod sending_halt;
mod sequence_edges;
mod sequence_steps;
mod sequences;
mod shared_limits;
mod surface;
mod templates;
mod time_limits;
mod tokens;
mod topics;
mod verdicts;
mod visitors;
mod webhooks;
mod webhooks_of_amazon;
