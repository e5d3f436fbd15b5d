//! Rows as they lie in the tables: one file per table, named after it. Words are plain strings and are parsed when a
//! row becomes a domain type; ids and times have their own column types.

pub(crate) mod api_keys;
pub(crate) mod audit_log;
pub(crate) mod campaign_metrics;
pub(crate) mod campaigns;
pub(crate) mod clients;
pub(crate) mod consents;
pub(crate) mod data_export_chunks;
pub(crate) mod data_exports;
pub(crate) mod data_keys;
pub(crate) mod email_contents;
pub(crate) mod email_events;
pub(crate) mod email_messages;
pub(crate) mod email_templates;
pub(crate) mod erasures;
pub(crate) mod forms;
pub(crate) mod idempotency_keys;
pub(crate) mod identity_links;
pub(crate) mod jobs;
pub(crate) mod lead_events;
pub(crate) mod lead_import_contents;
pub(crate) mod lead_import_errors;
pub(crate) mod lead_imports;
pub(crate) mod leads;
pub(crate) mod one_time_tokens;
pub(crate) mod organizations;
pub(crate) mod outbox_mails;
pub(crate) mod projects;
pub(crate) mod quarantined_submissions;
pub(crate) mod score_entries;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod submissions;
pub(crate) mod suppressions;
pub(crate) mod users;
