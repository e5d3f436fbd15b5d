//! Campaigns by mail: the audience goes into the ledger of mails, and lanes send it.

use super::super::ab_tests::{mail_of, versions};
use crate::App;
use crate::email::count;
use async_trait::async_trait;
use groundswell_domain::campaigns::{
    AbMode, AbStatus, AbTest, Campaign, Channel, MetricsDelta, RunAbTest, SendCampaign, SnapshotAudience,
    UtmNames,
};
use groundswell_domain::email::TemplateSource;
use groundswell_domain::jobs::{JobPayload, NewJob};
use groundswell_domain::{CampaignId, Error, Repos, UnitOfWork};
use serde::Serialize;

pub(super) struct EmailChannel {
    app: App,
}

impl EmailChannel {
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }

    /// The mail that goes out, or why there is none; with those of the versions of an A/B test.
    async fn mails(
        &self,
        repos: &dyn Repos,
        campaign: &Campaign,
    ) -> Result<(TemplateSource, Option<AbTest>), Error> {
        let mail = mail_of(&self.app, repos, campaign).await?.ok_or_else(|| {
            Error::conflict(
                "campaign_without_content",
                "the campaign has no mail: set content to {template_id} or {subject, html}",
            )
        })?;
        self.app.templates.compile(&mail).map_err(Error::Invalid)?;
        let mut test = repos.campaigns().ab_test(campaign.id).await?;
        if let Some(test) = &mut test {
            test.frozen = versions(&self.app, repos, &test.design, &mail).await?;
        }
        Ok((mail, test))
    }
}

#[async_trait]
impl Channel for EmailChannel {
    fn name(&self) -> &'static str {
        "email"
    }

    async fn check(&self, repos: &dyn Repos, campaign: &Campaign) -> Result<(), Error> {
        self.mails(repos, campaign).await.map(drop)
    }

    async fn freeze(&self, unit: &dyn UnitOfWork, campaign: &mut Campaign) -> Result<(), Error> {
        let (mail, test) = self.mails(unit, campaign).await?;
        campaign.frozen = Some(mail);
        if let Some(mut test) = test {
            (test.status, test.updated_at) = (AbStatus::Running, self.app.now());
            unit.campaigns().update_ab_test(&test, test.looks).await?;
        }
        let organization = unit.identity().organization().await?;
        let client = match campaign.client_id {
            Some(id) => unit.clients().get(id).await?,
            None => None,
        };
        let project = match campaign.project_id {
            Some(id) => unit.projects().get(id).await?,
            None => None,
        };
        campaign.tags = campaign.utm.tags(UtmNames {
            organization: organization
                .as_ref()
                .map_or("", |organization| &organization.name),
            client: client.as_ref().map(|client| client.name.as_str()),
            project: project.as_ref().map(|project| project.name.as_str()),
            campaign: &campaign.name,
        });
        Ok(())
    }

    async fn begin(&self, unit: &dyn UnitOfWork, campaign: &Campaign) -> Result<(), Error> {
        let test = unit.campaigns().ab_test(campaign.id).await?;
        if test.is_some_and(|test| test.design.mode != AbMode::Split) {
            let job = RunAbTest {
                campaign_id: campaign.id,
                run: campaign.run,
            };
            enqueue(&self.app, unit, &job).await?;
        }
        if campaign.snapshot_done {
            return enqueue_lanes(&self.app, unit, campaign.id, campaign.run).await;
        }
        let job = SnapshotAudience {
            campaign_id: campaign.id,
            run: campaign.run,
        };
        enqueue(&self.app, unit, &job).await
    }

    async fn cancel(&self, unit: &dyn UnitOfWork, campaign: &Campaign) -> Result<(), Error> {
        let now = self.app.now();
        let cancelled = unit.messages().cancel_queued(campaign.id, now).await?;
        // Workers may hold some rows; this job cleans up after them.
        let job = SendCampaign {
            campaign_id: campaign.id,
            run: campaign.run,
            lane: 0,
        };
        enqueue(&self.app, unit, &job).await?;
        let delta = MetricsDelta {
            cancelled: i64::try_from(cancelled).unwrap_or(i64::MAX),
            ..MetricsDelta::default()
        };
        count(unit, campaign.id, &delta).await
    }
}

async fn enqueue<P: JobPayload + Serialize>(app: &App, unit: &dyn UnitOfWork, job: &P) -> Result<(), Error> {
    let now = app.now();
    unit.jobs().enqueue(&NewJob::new(app.id(), job, now), now).await?;
    Ok(())
}

/// The jobs that send a campaign side by side.
pub(in crate::campaigns) async fn enqueue_lanes(
    app: &App,
    unit: &dyn UnitOfWork,
    campaign_id: CampaignId,
    run: i32,
) -> Result<(), Error> {
    for lane in 0..app.settings.send_lanes.max(1) {
        let job = SendCampaign {
            campaign_id,
            run,
            lane,
        };
        enqueue(app, unit, &job).await?;
    }
    Ok(())
}
