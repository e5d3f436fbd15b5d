//! Looking at campaigns.

use super::MISSING;
use crate::App;
use groundswell_domain::campaigns::{Campaign, CampaignFilter, CampaignMetrics, CampaignSort, CampaignStats};
use groundswell_domain::email::{Message, MessageFilter, MessageSort, MessageStatus};
use groundswell_domain::identity::Permission;
use groundswell_domain::{CampaignId, Error, Page, PageRequest, Scope};

pub async fn get_campaign(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    scope.require(Permission::CampaignsRead)?;
    app.store.read(scope).campaigns().get(id).await?.ok_or(MISSING)
}

pub async fn list_campaigns(
    app: &App,
    scope: &Scope,
    filter: &CampaignFilter,
    page: &PageRequest<CampaignSort>,
) -> Result<Page<Campaign>, Error> {
    scope.require(Permission::CampaignsRead)?;
    Ok(app.store.read(scope).campaigns().list(filter, page).await?)
}

pub async fn metrics(app: &App, scope: &Scope, id: CampaignId) -> Result<CampaignMetrics, Error> {
    Ok(get_campaign(app, scope, id).await?.metrics)
}

/// Everybody the campaign was for, and what became of the mail.
pub async fn recipients(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    status: Option<MessageStatus>,
    page: &PageRequest<MessageSort>,
) -> Result<Page<Message>, Error> {
    // It is a list of addresses.
    scope.require(Permission::LeadsRead)?;
    app.store.read(scope).campaigns().get(id).await?.ok_or(MISSING)?;
    let filter = MessageFilter {
        campaign_id: Some(id),
        status,
        ..MessageFilter::default()
    };
    Ok(app.store.read(scope).messages().list(&filter, page).await?)
}

pub async fn stats(app: &App, scope: &Scope) -> Result<CampaignStats, Error> {
    scope.require(Permission::CampaignsRead)?;
    Ok(app.store.read(scope).campaigns().stats().await?)
}
