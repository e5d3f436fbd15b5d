//! The schema, as a chain of migrations that run on PostgreSQL and SQLite alike.
//!
//! Append-only: what has been released is never edited. A change that old processes could not live with is split: first
//! expand (add, fill), and contract (drop) in a later release. There is no way down; restore a backup instead.
//!
//! To add one: a module `mNNNN_what.rs`, and a line in [`Migrator::migrations`]. Tables of an organization start with
//! [`table::of_organization`].

mod m0001_identity;
mod m0002_jobs;
mod m0003_leads;
mod m0004_forms;
mod m0005_email;
mod m0006_campaigns;
mod m0007_hot_paths;
mod m0008_people;
mod m0009_clients;
mod m0010_audit;
mod m0011_secrets;
mod m0012_keys_and_issuers;
mod m0013_privacy;
mod m0014_client_people;
mod m0015_consents;
mod m0016_lead_events;
mod m0017_imports;
mod m0018_enrichment;
mod m0019_form_visits;
mod m0020_contacts;
mod m0021_intake;
mod m0022_scoring;
mod m0023_segments;
mod m0024_duplicates;
mod m0025_pipeline;
mod m0026_predictions;
mod m0027_qualification;
mod m0028_lead_scores;
mod m0029_merged_counts;
mod m0030_one_look_less;
mod m0031_address_checks;
mod m0032_schedules;
mod m0033_jobs;
mod m0034_templates;
mod m0036_sequences;
mod m0038_sending;
mod m0040_email_events;
mod m0041_deliverability;
mod m0043_campaign_plans;
mod m0044_returned_mails;
mod m0045_topics;
mod m0046_goals;
mod m0047_email_visits;
mod primary_keys;
mod table;

use sea_orm_migration::prelude::*;

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_identity::Migration),
            Box::new(m0002_jobs::Migration),
            Box::new(m0003_leads::Migration),
            Box::new(m0004_forms::Migration),
            Box::new(m0005_email::Migration),
            Box::new(m0006_campaigns::Migration),
            Box::new(m0007_hot_paths::Migration),
            Box::new(m0008_people::Migration),
            Box::new(m0009_clients::Migration),
            Box::new(m0010_audit::Migration),
            Box::new(m0011_secrets::Migration),
            Box::new(m0012_keys_and_issuers::Migration),
            Box::new(m0013_privacy::Migration),
            Box::new(m0014_client_people::Migration),
            Box::new(m0015_consents::Migration),
            Box::new(m0016_lead_events::Migration),
            Box::new(m0017_imports::Migration),
            Box::new(m0018_enrichment::Migration),
            Box::new(m0019_form_visits::Migration),
            Box::new(m0020_contacts::Migration),
            Box::new(m0021_intake::Migration),
            Box::new(m0022_scoring::Migration),
            Box::new(m0023_segments::Migration),
            Box::new(m0024_duplicates::Migration),
            Box::new(m0025_pipeline::Migration),
            Box::new(m0026_predictions::Migration),
            Box::new(m0027_qualification::Migration),
            Box::new(m0028_lead_scores::Migration),
            Box::new(m0029_merged_counts::Migration),
            Box::new(m0030_one_look_less::Migration),
            Box::new(m0031_address_checks::Migration),
            Box::new(m0032_schedules::Migration),
            Box::new(m0033_jobs::Migration),
            Box::new(m0034_templates::Migration),
            Box::new(m0036_sequences::Migration),
            Box::new(m0038_sending::Migration),
            Box::new(m0040_email_events::Migration),
            Box::new(m0041_deliverability::Migration),
            Box::new(m0043_campaign_plans::Migration),
            Box::new(m0044_returned_mails::Migration),
            Box::new(m0045_topics::Migration),
            Box::new(m0046_goals::Migration),
            Box::new(m0047_email_visits::Migration),
        ]
    }
}
