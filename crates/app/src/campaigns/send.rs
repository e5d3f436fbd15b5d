//! One lane of a campaign: claims what is due, fills in the merge fields, hands it over, and continues itself.

use crate::email::{
    Batch, LeftOut, TrackedLinks, complete_if_settled, count, hand_over, lease_end, merge_fields, settle,
    sweep,
};
use crate::forms::lead_token;
use crate::jobs::{Progress, Stop};
use crate::{App, identity};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::campaigns::{Campaign, CampaignStatus, MetricsDelta, SendCampaign};
use groundswell_domain::email::{
    ClaimedMessage, CompiledTemplate, MergeFields, OutgoingMail, Settled, Settlement,
};
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::{CampaignId, ClientId, Error, LeadId, LeaseToken, Scope};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Groups in one claim: each costs two commits, a claim costs one more.
const GROUPS: u32 = 5;
/// A lane gives its place to other work after this long.
const TURN: TimeDelta = TimeDelta::seconds(20);

/// The job.
pub async fn send_campaign(
    app: &App,
    scope: &Scope,
    job: &SendCampaign,
    stop: &Stop,
) -> Result<Progress, Error> {
    sweep(app, scope, Some(job.campaign_id)).await?;
    let Some(campaign) = current(app, scope, job.campaign_id).await? else {
        return Ok(Progress::Done);
    };
    match campaign.status {
        CampaignStatus::Active if campaign.run == job.run => {}
        CampaignStatus::Cancelled => return tidy(app, scope, job.campaign_id).await,
        _ => return Ok(Progress::Done),
    }
    let Some(mail) = &campaign.frozen else {
        return Err(Error::internal("an active campaign has no mail"));
    };
    let template = app.templates.compile(mail).map_err(Error::Invalid)?;
    let organization = identity::get_organization(app, scope).await?;
    let organization_fields = json!({ "name": organization.name });
    let lane = Lane {
        app,
        scope,
        template: template.as_ref(),
        organization,
        organization_fields,
    };

    let started = app.now();
    loop {
        let lease = app.id();
        let claimed = lane.claim(job.campaign_id, lease).await?;
        if claimed.is_empty() {
            let next = app.store.read(scope).messages().next_due(job.campaign_id).await?;
            if let Some(at) = next {
                return Ok(Progress::ContinueAt(at.max(app.now() + TimeDelta::seconds(1))));
            }
            complete_if_settled(app, scope, job.campaign_id).await?;
            return Ok(Progress::Done);
        }
        let sent = lane.send(job, campaign.client_id, lease, &claimed, stop).await?;
        if let Sent::Busy(at) = sent {
            return Ok(Progress::ContinueAt(at));
        }
        if stop.is_set() || app.is_halted() || app.now() - started > TURN {
            return Ok(Progress::ContinueAt(app.now()));
        }
        if sent == Sent::Stopped {
            return match current(app, scope, job.campaign_id).await? {
                Some(campaign) if campaign.status == CampaignStatus::Cancelled => {
                    tidy(app, scope, campaign.id).await
                }
                _ => Ok(Progress::Done),
            };
        }
    }
}

async fn current(app: &App, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>, Error> {
    Ok(app.store.read(scope).campaigns().get(id).await?)
}

/// After a cancellation: rows that workers gave back or died with are cancelled too.
async fn tidy(app: &App, scope: &Scope, id: CampaignId) -> Result<Progress, Error> {
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let cancelled = i64::try_from(unit.messages().cancel_queued(id, now).await?).unwrap_or(i64::MAX);
    count(
        unit.as_ref(),
        id,
        &MetricsDelta {
            cancelled,
            ..MetricsDelta::default()
        },
    )
    .await?;
    let next = unit.messages().next_due(id).await?;
    unit.commit().await?;
    Ok(next.map_or(Progress::Done, |at| {
        Progress::ContinueAt(at.max(now + TimeDelta::seconds(1)))
    }))
}

/// How far a lane got with what it had claimed.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    All,
    /// Every server has as much to do as it may until then: the rest was given back.
    Busy(DateTime<Utc>),
    /// The campaign was paused or cancelled, or this process is draining: the rest was given back.
    Stopped,
}

struct Lane<'a> {
    app: &'a App,
    scope: &'a Scope,
    template: &'a dyn CompiledTemplate,
    organization: Organization,
    /// What templates may say of it.
    organization_fields: Value,
}

impl Lane<'_> {
    async fn claim(&self, campaign: CampaignId, lease: LeaseToken) -> Result<Vec<ClaimedMessage>, Error> {
        let limit = self.app.settings.send_group.max(1) * GROUPS;
        let now = self.app.now();
        let unit = self.app.store.begin(self.scope).await?;
        let claimed = unit
            .messages()
            .claim_campaign(campaign, limit, lease, now, lease_end(self.app, now))
            .await?;
        unit.commit().await?;
        Ok(claimed)
    }

    async fn send(
        &self,
        job: &SendCampaign,
        client: Option<ClientId>,
        lease: LeaseToken,
        claimed: &[ClaimedMessage],
        stop: &Stop,
    ) -> Result<Sent, Error> {
        let mails = self.prepare(lease, claimed).await?;
        for group in mails.chunks(self.app.settings.send_group.max(1) as usize) {
            let running = current(self.app, self.scope, job.campaign_id)
                .await?
                .is_some_and(|campaign| campaign.status == CampaignStatus::Active && campaign.run == job.run);
            if !running || stop.is_set() || self.app.is_halted() {
                self.give_back(lease).await?;
                return Ok(Sent::Stopped);
            }
            let batch = Batch {
                lease,
                client,
                mails: group.to_vec(),
            };
            if let Some(at) = hand_over(self.app, self.scope, batch).await? {
                self.give_back(lease).await?;
                return Ok(Sent::Busy(at));
            }
        }
        Ok(Sent::All)
    }

    async fn give_back(&self, lease: LeaseToken) -> Result<(), Error> {
        let unit = self.app.store.begin(self.scope).await?;
        unit.messages().release(lease, self.app.now()).await?;
        Ok(unit.commit().await?)
    }

    /// Fills in the merge fields. People who must not be written to any more, and mails that can't be made, are settled.
    async fn prepare(
        &self,
        lease: LeaseToken,
        claimed: &[ClaimedMessage],
    ) -> Result<Vec<(OutgoingMail, i32)>, Error> {
        let repos = self.app.store.read(self.scope);
        let ids: Vec<LeadId> = claimed.iter().filter_map(|message| message.lead_id).collect();
        let most = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let filter = LeadFilter {
            lead_ids: Some(ids.clone()),
            ..LeadFilter::default()
        };
        let leads: HashMap<LeadId, Lead> = repos
            .leads()
            .after(&filter, None, most)
            .await?
            .into_iter()
            .map(|lead| (lead.id, lead))
            .collect();
        let keys: Vec<String> = claimed.iter().map(|message| message.to.key()).collect();
        let left_out = LeftOut::find(self.app, repos.as_ref(), self.scope, &keys, &ids).await?;

        let mut mails = Vec::new();
        let mut ends = Vec::new();
        for (message, key) in claimed.iter().zip(&keys) {
            let lead = message.lead_id.and_then(|id| leads.get(&id));
            let reason = match (left_out.reason(key, message.lead_id), lead) {
                (Some(reason), _) => Some(Settled::Suppressed { reason }),
                (None, None) => Some(Settled::Suppressed {
                    reason: "lead deleted".into(),
                }),
                (None, Some(lead)) => match self.mail(message, lead) {
                    Ok(mail) => {
                        mails.push((mail, message.attempts));
                        None
                    }
                    Err(reason) => Some(Settled::Failed { reason }),
                },
            };
            ends.extend(reason.map(|end| Settlement {
                id: message.id,
                lease,
                end,
            }));
        }
        settle(self.app, self.scope, &ends).await?;
        Ok(mails)
    }

    fn mail(&self, message: &ClaimedMessage, lead: &Lead) -> Result<OutgoingMail, String> {
        let links = TrackedLinks::new(self.app, &self.organization, message.id);
        let mut about = merge_fields(lead);
        about["form_token"] = lead_token(self.app, self.scope.organization, lead.id).into();
        let fields = MergeFields {
            lead: about,
            organization: self.organization_fields.clone(),
            variables: serde_json::Map::new(),
            unsubscribe_url: Some(links.unsubscribe_url()),
        };
        Ok(OutgoingMail {
            organization: self.scope.organization,
            id: message.id,
            to: message.to.clone(),
            to_name: lead.name.clone(),
            mail: self.template.render(&fields, Some(&links))?,
            unsubscribe_url: fields.unsubscribe_url,
            auto_submitted: None,
        })
    }
}
