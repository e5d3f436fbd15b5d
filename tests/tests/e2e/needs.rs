//! What every operation asks of its caller: the one table that a new route needs a line in.

use groundswell_domain::identity::Permission as P;
use groundswell_tests::Operation;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Needs {
    Public,
    SignedIn,
    May(P),
}

use Needs::{May, Public, SignedIn};

/// What each operation asks of its caller.
pub const TABLE: &[(&str, Needs)] = &[
    ("register", Public),
    ("login", Public),
    ("refresh_tokens", Public),
    ("logout", Public),
    ("issue_token", Public),
    ("get_me", SignedIn),
    ("verify_token", SignedIn),
    ("list_sessions", SignedIn),
    ("end_other_sessions", SignedIn),
    ("end_session", SignedIn),
    ("change_password", SignedIn),
    ("forgot_password", Public),
    ("reset_password", Public),
    ("accept_invitation", Public),
    ("verify_email", Public),
    ("request_email_verification", SignedIn),
    ("show_account_link", Public),
    ("use_account_link", Public),
    ("list_users", May(P::UsersManage)),
    ("create_user", May(P::UsersManage)),
    ("invite_user", May(P::UsersManage)),
    ("get_user", May(P::UsersManage)),
    ("update_user", May(P::UsersManage)),
    ("delete_user", May(P::UsersManage)),
    ("get_organization", SignedIn),
    ("update_organization", May(P::OrganizationManage)),
    ("get_preferences", SignedIn),
    ("replace_preferences", SignedIn),
    ("create_api_key", May(P::ApiKeysManage)),
    ("list_api_keys", May(P::ApiKeysManage)),
    ("delete_api_key", May(P::ApiKeysManage)),
    ("create_form", May(P::FormsWrite)),
    ("list_forms", May(P::FormsRead)),
    ("get_form", May(P::FormsRead)),
    ("replace_form", May(P::FormsWrite)),
    ("update_form", May(P::FormsWrite)),
    ("delete_form", May(P::FormsWrite)),
    ("list_submissions", May(P::LeadsRead)),
    ("capture_lead", Public),
    ("show_form", Public),
    ("create_lead", May(P::LeadsWrite)),
    ("list_leads", May(P::LeadsRead)),
    ("search_leads", May(P::LeadsRead)),
    ("get_lead_overview", May(P::LeadsRead)),
    ("export_leads", May(P::LeadsExport)),
    ("import_leads", May(P::LeadsWrite)),
    ("get_import", May(P::LeadsRead)),
    ("get_import_errors", May(P::LeadsRead)),
    ("get_lead", May(P::LeadsRead)),
    ("replace_lead", May(P::LeadsWrite)),
    ("update_lead", May(P::LeadsWrite)),
    ("delete_lead", May(P::LeadsWrite)),
    ("list_score_entries", May(P::LeadsRead)),
    ("create_campaign", May(P::CampaignsWrite)),
    ("create_campaigns", May(P::CampaignsWrite)),
    ("list_campaigns", May(P::CampaignsRead)),
    ("get_campaign", May(P::CampaignsRead)),
    ("replace_campaign", May(P::CampaignsWrite)),
    ("update_campaign", May(P::CampaignsWrite)),
    ("delete_campaign", May(P::CampaignsWrite)),
    ("launch_campaign", May(P::CampaignsLaunch)),
    ("start_campaign", May(P::CampaignsLaunch)),
    ("schedule_campaign", May(P::CampaignsLaunch)),
    ("pause_campaign", May(P::CampaignsLaunch)),
    ("resume_campaign", May(P::CampaignsLaunch)),
    ("complete_campaign", May(P::CampaignsLaunch)),
    ("cancel_campaign", May(P::CampaignsLaunch)),
    ("get_campaign_metrics", May(P::CampaignsRead)),
    ("list_campaign_recipients", May(P::CampaignsRead)),
    ("get_campaign_stats", May(P::CampaignsRead)),
    ("send_email", May(P::EmailSend)),
    ("list_messages", May(P::EmailRead)),
    ("get_message", May(P::EmailRead)),
    ("create_template", May(P::TemplatesWrite)),
    ("list_templates", May(P::EmailRead)),
    ("get_template", May(P::EmailRead)),
    ("replace_template", May(P::TemplatesWrite)),
    ("update_template", May(P::TemplatesWrite)),
    ("delete_template", May(P::TemplatesWrite)),
    ("create_suppression", May(P::SuppressionsWrite)),
    ("list_suppressions", May(P::EmailRead)),
    ("get_suppression", May(P::EmailRead)),
    ("delete_suppression", May(P::SuppressionsWrite)),
    ("record_open", Public),
    ("record_click", Public),
    ("show_unsubscribe", Public),
    ("unsubscribe", Public),
    ("list_jobs", May(P::JobsRead)),
    ("get_job", May(P::JobsRead)),
    ("cancel_job", May(P::JobsManage)),
    ("retry_job", May(P::JobsManage)),
    ("get_health", Public),
    ("get_health_status", Public),
];

pub fn needs(operation: &Operation) -> Needs {
    let line = TABLE.iter().find(|(id, _)| *id == operation.id);
    line.unwrap_or_else(|| {
        panic!(
            "{} {} ({}) has no line in the table of what operations need: add one",
            operation.method, operation.path, operation.id
        )
    })
    .1
}
