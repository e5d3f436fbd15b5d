//! The page behind the link at the end of a mail: each topic can be kept or left, or everything (docs/decisions/0046).
//!
//! The link says which mail it is, and the mail says to whom it went and what it was about. Nothing changes by looking.

use super::commands::{TopicChoice, UnsubscribeInfo};
use super::links::{self, Followed};
use super::suppressed::suppressed;
use super::tracking::{self, BAD_LINK};
use super::verdicts::{Deltas, count_all, judge_alone};
use crate::leads::event as lead_event;
use crate::{App, scoring};
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::{
    EmailAddress, EmailEvent, EmailEventKind, EventTrace, Message, Topic, TopicLeave, classify::Method,
};
use groundswell_domain::leads::{Lead, LeadEventKind};
use groundswell_domain::{ClientId, Error, Origin, Repos, RequestId, Scope, TopicId, UnitOfWork};
use serde_json::json;
use std::collections::HashSet;

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// No more mail.
    Everything,
    /// What a mail program says for its reader (RFC 8058): no more of this. That is the topic of the mail, or everything if it had none.
    OneClick,
    /// Of the topics that were `shown` these are `kept`, and the others left.
    Topics {
        shown: HashSet<TopicId>,
        kept: HashSet<TopicId>,
    },
}

/// The mail that a link is of, and who got it.
struct Reader {
    message: Message,
    lead: Option<Lead>,
    /// The topics that can be chosen, with that of the mail.
    topics: Vec<Topic>,
    /// Addresses that the choice is for: that of the mail, and the one that its lead has now.
    addresses: Vec<EmailAddress>,
}

impl Reader {
    async fn find<R: Repos + ?Sized>(repos: &R, followed: &Followed) -> Result<Self, Error> {
        let message = repos.messages().get(followed.message).await?.ok_or(BAD_LINK)?;
        let lead = match message.lead_id {
            // Of two mails of one campaign to leads that were merged since, one is no lead's any more.
            None if !message.to.is_erased() => {
                let key = message.to.key();
                repos
                    .merges()
                    .aliases(std::slice::from_ref(&key))
                    .await?
                    .remove(&key)
            }
            known => known,
        };
        let lead = match lead {
            Some(lead) => repos.leads().get(lead).await?,
            None => None,
        };
        let campaign = match message.campaign_id {
            Some(campaign) => repos.campaigns().get(campaign).await?,
            None => None,
        };
        let clients = [
            lead.as_ref().and_then(|lead| lead.client_id),
            campaign.and_then(|campaign| campaign.client_id),
        ];
        let clients: Vec<ClientId> = clients.into_iter().flatten().collect();
        let mut topics = repos.topics().offered(&clients).await?;
        if let Some(id) = message.topic_id
            && topics.iter().all(|topic| topic.id != id)
        {
            // Archived since, or another client's.
            topics.extend(repos.topics().get(id).await?);
        }
        let mut addresses = vec![message.to.clone()];
        if let Some(lead) = lead.as_ref().filter(|lead| lead.email.key() != message.to.key()) {
            addresses.push(lead.email.clone());
        }
        Ok(Self {
            message,
            lead,
            topics,
            addresses,
        })
    }

    /// What the mail was about, if that is still known.
    fn about(&self) -> Option<&Topic> {
        let id = self.message.topic_id?;
        self.topics.iter().find(|topic| topic.id == id)
    }
}

/// Whose link it is and what can be chosen. Changes nothing.
pub async fn unsubscribe_info(app: &App, token: &str) -> Result<UnsubscribeInfo, Error> {
    let followed = links::read_unsubscribe(app, token).ok_or(BAD_LINK)?;
    let scope = tracking::scope(&followed, app.request_id());
    let repos = app.store.read(&scope);
    let reader = Reader::find(repos.as_ref(), &followed).await?;
    let organization = repos.identity().organization().await?.ok_or(BAD_LINK)?;
    let to = &reader.message.to;
    let keys = [to.key()];
    let erased = to.is_erased();
    let done = erased || !suppressed(app, repos.as_ref(), &scope, &keys).await?.is_empty();
    let left = repos.topics().left_by(&keys).await?;
    let left: HashSet<TopicId> = left.into_iter().map(|leave| leave.topic_id).collect();
    let about = reader.about().map(|topic| topic.id);
    Ok(UnsubscribeInfo {
        email: if erased {
            "Your address".to_owned()
        } else {
            to.to_string()
        },
        organization: organization.name,
        done,
        topics: reader
            .topics
            .into_iter()
            .map(|topic| TopicChoice {
                kept: !left.contains(&topic.id),
                about: about == Some(topic.id),
                id: topic.id,
                name: topic.name,
                description: topic.description,
            })
            .collect(),
    })
}

/// Does what was chosen, and answers how it is afterwards. Doing it twice is fine.
pub async fn unsubscribe(
    app: &App,
    token: &str,
    choice: Choice,
    origin: Origin,
    request: RequestId,
) -> Result<UnsubscribeInfo, Error> {
    let followed = links::read_unsubscribe(app, token).ok_or(BAD_LINK)?;
    let mut scope = tracking::scope(&followed, request);
    scope.origin = Some(origin);
    let reader = Reader::find(app.store.read(&scope).as_ref(), &followed).await?;
    match (choice, reader.about().map(|topic| topic.id)) {
        (Choice::Everything, _) | (Choice::OneClick, None) => {
            tracking::leave(app, &scope, &followed).await?;
        }
        (Choice::OneClick, Some(topic)) => {
            let shown = HashSet::from([topic]);
            choose(app, &scope, &reader, &shown, &HashSet::new()).await?;
        }
        (Choice::Topics { shown, kept }, _) => choose(app, &scope, &reader, &shown, &kept).await?,
    }
    unsubscribe_info(app, token).await
}

/// Leaves and joins in one transaction. Topics that could not be chosen are left as they are.
async fn choose(
    app: &App,
    scope: &Scope,
    reader: &Reader,
    shown: &HashSet<TopicId>,
    kept: &HashSet<TopicId>,
) -> Result<(), Error> {
    if reader.message.to.is_erased() {
        return Ok(());
    }
    let unit = app.store.begin(scope).await?;
    let (mut happened, mut deltas) = (Vec::new(), Deltas::default());
    for topic in reader.topics.iter().filter(|topic| shown.contains(&topic.id)) {
        let keeps = kept.contains(&topic.id);
        let mut changed = false;
        for email in &reader.addresses {
            changed |= if keeps {
                unit.topics().join(topic.id, &email.key()).await?
            } else {
                let leave = TopicLeave {
                    id: app.id(),
                    topic_id: topic.id,
                    email: email.clone(),
                    message_id: Some(reader.message.id),
                    created_at: app.now(),
                };
                unit.topics().leave(&leave).await?
            };
        }
        if !changed {
            continue;
        }
        if !keeps && reader.message.topic_id == Some(topic.id) {
            mark(app, scope, unit.as_ref(), &reader.message, &mut deltas).await?;
        }
        if let Some(lead) = &reader.lead {
            let kind = if keeps {
                LeadEventKind::TopicJoined
            } else {
                LeadEventKind::TopicLeft
            };
            let data = json!({
                "topic": topic.name,
                "message_id": reader.message.id,
                "campaign_id": reader.message.campaign_id,
            });
            let mut event = lead_event(app, lead.id, kind, data);
            event.subject = Some(topic.id.0);
            happened.push(event);
        }
    }
    if !happened.is_empty() {
        scoring::happened(app, scope, unit.as_ref(), &happened).await?;
    }
    count_all(unit.as_ref(), deltas).await?;
    unit.commit().await?;
    Ok(())
}

/// The mail made its reader leave what it is about: it is counted as unsubscribed from, once.
async fn mark(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    message: &Message,
    deltas: &mut Deltas,
) -> Result<(), Error> {
    let agent = scope
        .origin
        .as_ref()
        .and_then(|origin| origin.user_agent.as_ref());
    let mut event = EmailEvent {
        id: app.id(),
        message_id: message.id,
        kind: EmailEventKind::Unsubscribe,
        url: None,
        human: true,
        user_agent: agent.map(|text| text.chars().filter(|c| !c.is_control()).take(300).collect()),
        trace: EventTrace {
            method: Some(Method::Post),
            ..EventTrace::default()
        },
        created_at: app.now(),
    };
    judge_alone(&mut event);
    let effect = unit.messages().record_event(&event).await?;
    if let Some((campaign, true)) = effect.and_then(|effect| Some((effect.campaign_id?, effect.first))) {
        let one = MetricsDelta {
            unsubscribes: 1,
            ..MetricsDelta::default()
        };
        *deltas.entry(campaign).or_default() += one;
    }
    Ok(())
}
