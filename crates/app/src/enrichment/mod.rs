//! Finding out more about leads: by a job that asks one source after the other, for one lead or for all that are new.

mod ask;
mod commands;
mod providers;
mod read;
mod record;
mod run;
mod settings;
mod start;
mod visit;
mod watch;

pub use commands::{
    EnrichmentStarted, FilledField, LeadEnrichment, NewProvider, ProviderPatch, SettingsPatch, SourceCheck,
    ValueView,
};
pub use providers::{
    create_provider, delete_provider, get_provider, list_providers, replace_provider, update_provider,
};
pub use read::get_enrichment;
pub use run::enrich_lead;
pub use settings::{get_settings, update_settings};
pub use start::start_enrichment;
pub use watch::enrich_new_leads;
