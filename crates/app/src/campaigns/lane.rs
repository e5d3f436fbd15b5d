//! What one lane of a campaign does with the rows it gets: claims them within the caps, leaves out whom must not be written to now,
//! fills in the merge fields, and hands the mails over in groups.

use super::plan::Planner;
use super::send::current;
use crate::App;
use crate::email::{
    Batch, FREQUENCY_CAP, Frequency, LeftOut, Room, TrackedLinks, hand_over, lease_end, merge_fields, settle,
};
use crate::forms::lead_token;
use crate::jobs::Stop;
use crate::sequences;
use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::{Campaign, CampaignStatus, OverCap, SendCampaign};
use groundswell_domain::email::{
    ClaimedMessage, CompiledTemplate, MergeFields, OutgoingMail, Settled, Settlement, TemplateSource,
};
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::{Error, LeadId, LeaseToken, MessageId, Scope, UnitOfWork};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Groups in one claim: each costs two commits, a claim costs one more.
const GROUPS: u32 = 5;

/// Rows under one lease.
pub(super) struct Claim {
    pub lease: LeaseToken,
    /// Whose day and minute they are counted in.
    at: DateTime<Utc>,
    pub rows: Vec<ClaimedMessage>,
}

/// What a lane gets when it asks for rows.
pub(super) enum Claimed {
    /// Those that are due; none when none is.
    Rows(Claim),
    /// The caps are reached until then.
    Full { until: DateTime<Utc> },
}

/// How far a lane got with what it had claimed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// As far as the window was open.
    All,
    /// Every server has as much to do as it may until then.
    Busy(DateTime<Utc>),
    /// The campaign was paused or cancelled, this process is draining, or no mail may leave.
    Stopped,
}

/// What is to become of a claimed row.
enum Fate {
    Send(Box<OutgoingMail>),
    End(Settled),
    Later(DateTime<Utc>),
}

pub(super) struct Lane<'a> {
    app: &'a App,
    scope: &'a Scope,
    campaign: &'a Campaign,
    organization: &'a Organization,
    planner: Planner<'a>,
    template: Arc<dyn CompiledTemplate>,
    /// Of an A/B test, by version.
    versions: Vec<Arc<dyn CompiledTemplate>>,
    /// What templates may say of the organization.
    organization_fields: Value,
}

impl<'a> Lane<'a> {
    pub async fn new(
        app: &'a App,
        scope: &'a Scope,
        campaign: &'a Campaign,
        organization: &'a Organization,
    ) -> Result<Self, Error> {
        let mail = campaign
            .frozen
            .as_ref()
            .ok_or_else(|| Error::internal("an active campaign has no mail"))?;
        let compile = |mail: &TemplateSource| app.templates.compile(mail).map_err(Error::Invalid);
        let test = app.store.read(scope).campaigns().ab_test(campaign.id).await?;
        let frozen = test.iter().flat_map(|test| &test.frozen);
        Ok(Self {
            app,
            scope,
            campaign,
            organization,
            planner: Planner::new(campaign, organization),
            template: compile(mail)?,
            versions: frozen.map(compile).collect::<Result<_, _>>()?,
            organization_fields: json!({ "name": organization.name }),
        })
    }

    /// The first instant in which mails may leave to anybody.
    pub fn opens(&self) -> DateTime<Utc> {
        self.planner.opens_for_anybody(self.app.now())
    }

    /// Rows that are due. Under caps they are counted in the same transaction: all lanes together stay below them.
    pub async fn claim(&self) -> Result<Claimed, Error> {
        let lease = self.app.id();
        let mut limit = self.app.settings.send_group.max(1) * GROUPS;
        let (now, zone, delivery) = (self.app.now(), self.planner.zone(), &self.campaign.delivery);
        let unit = self.app.store.begin(self.scope).await?;
        let mut pace = None;
        if delivery.is_paced() {
            let counted = unit.campaigns().pace(self.campaign.id).await?.at(now, zone);
            match counted.room(delivery) {
                Some(0) => {
                    let until = counted.next(delivery, now, zone);
                    return Ok(Claimed::Full { until });
                }
                room => limit = room.map_or(limit, |room| room.min(limit)),
            }
            pace = Some(counted);
        }
        let claimed = unit
            .messages()
            .claim_campaign(self.campaign.id, limit, lease, now, lease_end(self.app, now))
            .await?;
        if let Some(pace) = pace.filter(|_| !claimed.is_empty()) {
            let pace = pace.take(u32::try_from(claimed.len()).unwrap_or(limit));
            unit.campaigns().set_pace(self.campaign.id, &pace).await?;
        }
        unit.commit().await?;
        Ok(Claimed::Rows(Claim {
            lease,
            at: now,
            rows: claimed,
        }))
    }

    /// Rows that were claimed and are not handed over make room for others.
    async fn give_back(&self, unit: &dyn UnitOfWork, claim: &Claim, rows: u64) -> Result<(), Error> {
        if rows == 0 || !self.campaign.delivery.is_paced() {
            return Ok(());
        }
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let pace = unit.campaigns().pace(self.campaign.id).await?;
        let pace = pace.give_back(rows, claim.at, self.planner.zone());
        unit.campaigns().set_pace(self.campaign.id, &pace).await?;
        Ok(())
    }

    /// Hands what was claimed over, in groups. What is not handed over is given back.
    pub async fn send(&self, job: &SendCampaign, claim: &Claim, stop: &Stop) -> Result<Sent, Error> {
        let (lease, mails) = (claim.lease, self.prepare(claim).await?);
        for group in mails.chunks(self.app.settings.send_group.max(1) as usize) {
            let running = current(self.app, self.scope, job.campaign_id)
                .await?
                .is_some_and(|campaign| campaign.status == CampaignStatus::Active && campaign.run == job.run);
            if !running || stop.is_set() || self.app.is_halted() {
                self.release(claim).await?;
                return Ok(Sent::Stopped);
            }
            // The rest is due when the window opens again.
            if self.opens() > self.app.now() {
                self.release(claim).await?;
                return Ok(Sent::All);
            }
            let batch = Batch {
                lease,
                client: self.campaign.client_id,
                mails: group.to_vec(),
            };
            let handed = hand_over(self.app, self.scope, batch).await?;
            self.tell_sequences(claim, group).await;
            if handed.back > 0 && self.campaign.delivery.is_paced() {
                let unit = self.app.store.begin(self.scope).await?;
                self.give_back(unit.as_ref(), claim, handed.back).await?;
                unit.commit().await?;
            }
            if let Some(until) = handed.busy {
                self.release(claim).await?;
                return Ok(Sent::Busy(until));
            }
        }
        Ok(Sent::All)
    }

    /// Sequences may let in who got the mail.
    async fn tell_sequences(&self, claim: &Claim, group: &[(OutgoingMail, i32)]) {
        let sent: HashSet<MessageId> = group.iter().map(|(mail, _)| mail.id).collect();
        let rows = claim.rows.iter().filter(|row| sent.contains(&row.id));
        let leads: Vec<LeadId> = rows.filter_map(|row| row.lead_id).collect();
        let (app, scope, campaign) = (self.app, self.scope, self.campaign.id);
        if let Err(error) = sequences::after_sent(app, scope, campaign, &leads).await {
            // They look each hour, too.
            tracing::warn!(%error, %campaign, "sequences could not be told of mails that were sent");
        }
    }

    async fn release(&self, claim: &Claim) -> Result<(), Error> {
        let unit = self.app.store.begin(self.scope).await?;
        let released = unit.messages().release(claim.lease, self.app.now()).await?;
        self.give_back(unit.as_ref(), claim, released).await?;
        Ok(unit.commit().await?)
    }

    /// Fills in the merge fields. People who must not be written to any more, and mails that can't be made, are settled; who is to
    /// get the mail at another time is put back.
    async fn prepare(&self, claim: &Claim) -> Result<Vec<(OutgoingMail, i32)>, Error> {
        let (lease, claimed) = (claim.lease, claim.rows.as_slice());
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
        let topics = self.campaign.topic_id.as_slice();
        let left_out = LeftOut::find(self.app, repos.as_ref(), self.scope, &keys, &ids, topics).await?;
        let mailing = self.organization.mailing;
        let frequency = Frequency::find(self.app, repos.as_ref(), mailing, &ids, lease).await?;

        let (mut mails, mut ends, mut later) = (Vec::new(), Vec::new(), Vec::new());
        for (message, key) in claimed.iter().zip(&keys) {
            let lead = message.lead_id.and_then(|id| leads.get(&id));
            let fate = match (left_out.reason(key, message.lead_id, message.topic_id), lead) {
                (Some(reason), _) => Fate::End(Settled::Suppressed { reason }),
                (None, None) => Fate::End(Settled::Suppressed {
                    reason: "lead deleted".into(),
                }),
                (None, Some(lead)) => self.fate(message, lead, &frequency),
            };
            match fate {
                Fate::Send(mail) => mails.push((*mail, message.attempts)),
                Fate::Later(at) => later.push((message.id, at)),
                Fate::End(end) => ends.push(Settlement {
                    id: message.id,
                    lease,
                    end,
                }),
            }
        }
        self.put_back(claim, &later, ends.len()).await?;
        settle(self.app, self.scope, &ends).await?;
        Ok(mails)
    }

    /// What becomes of the mail to a lead that may be written to.
    fn fate(&self, message: &ClaimedMessage, lead: &Lead, frequency: &Frequency) -> Fate {
        let now = self.app.now();
        let opens = self.planner.opens_for(lead, now);
        if opens > now {
            return Fate::Later(opens);
        }
        match (
            frequency.leaving(lead.id, message.id, now),
            self.campaign.delivery.over_cap,
        ) {
            (Room::Free, _) => {}
            (Room::Unclear(until), _) | (Room::Full(until), OverCap::Postpone) => {
                return Fate::Later(self.planner.opens_for(lead, until));
            }
            (Room::Full(_), OverCap::Suppress) => {
                let reason = FREQUENCY_CAP.to_owned();
                return Fate::End(Settled::Suppressed { reason });
            }
        }
        match self.mail(message, lead) {
            Ok(mail) => Fate::Send(Box::new(mail)),
            Err(reason) => Fate::End(Settled::Failed { reason }),
        }
    }

    async fn put_back(
        &self,
        claim: &Claim,
        later: &[(MessageId, DateTime<Utc>)],
        ended: usize,
    ) -> Result<(), Error> {
        if later.is_empty() && ended == 0 {
            return Ok(());
        }
        let unit = self.app.store.begin(self.scope).await?;
        let now = self.app.now();
        let postponed = unit.messages().postpone(later, claim.lease, now).await?;
        self.give_back(unit.as_ref(), claim, postponed + ended as u64)
            .await?;
        unit.commit().await?;
        Ok(())
    }

    fn mail(&self, message: &ClaimedMessage, lead: &Lead) -> Result<OutgoingMail, String> {
        let links =
            TrackedLinks::new(self.app, self.organization, message.id).tagged(self.campaign.tags.as_ref());
        let mut about = merge_fields(lead);
        about["form_token"] = lead_token(self.app, self.scope.organization, lead.id).into();
        let fields = MergeFields {
            lead: about,
            organization: self.organization_fields.clone(),
            variables: serde_json::Map::new(),
            unsubscribe_url: Some(links.unsubscribe_url()),
        };
        let version = message.variant.and_then(|variant| usize::try_from(variant).ok());
        let template = version
            .and_then(|version| self.versions.get(version))
            .unwrap_or(&self.template);
        Ok(OutgoingMail {
            organization: self.scope.organization,
            id: message.id,
            to: message.to.clone(),
            to_name: lead.name.clone(),
            mail: template.render(&fields, Some(&links))?,
            unsubscribe_url: fields.unsubscribe_url,
            auto_submitted: None,
        })
    }
}
