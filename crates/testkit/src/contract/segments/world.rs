//! Leads with everything that conditions can ask about, drawn from few values, so that conditions are often met.

use super::dice::Dice;
use crate::contract::Contract;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::consents::{Consent, ConsentDecision};
use groundswell_domain::email::{
    Deliverable, EmailEvent, EmailEventKind, EventTrace, MessageKind, NewMessage, Settled, Settlement,
    Suppression, SuppressionReason, Verdict,
};
use groundswell_domain::leads::{
    Axis, Lead, LeadEvent, LeadEventKind, LeadFilter, LeadStage, ScoreEntry, Tags,
};
use groundswell_domain::segments::{Facts, SentMail};
use groundswell_domain::{CampaignId, ClientId, FormId, LeadId, LeaseToken, MessageId, Scope, UnitOfWork};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub(super) const TEXTS: [&str; 12] = [
    "",
    "Grace O'Neil",
    "grace",
    "100% _x\\",
    "ÄRZTE & Söhne",
    "ΟΔΟΣ",
    "İstanbul",
    "a\tb",
    "$1 ? \"quoted\"",
    "Google",
    "google",
    "\u{1F680} Ltd",
];
pub(super) const KEYS: [&str; 5] = ["plan", "größe m²", "a\"b", "x.y", "$"];
pub(super) const TAGS: [&str; 5] = ["vip", "fair", "o'neil", "100%", "straße"];
pub(super) const PURPOSES: [&str; 2] = ["marketing", "third-parties"];
pub(super) const KINDS: [LeadEventKind; 5] = [
    LeadEventKind::EmailOpened,
    LeadEventKind::EmailClicked,
    LeadEventKind::FormSubmitted,
    LeadEventKind::NoteAdded,
    LeadEventKind::Unsubscribed,
];

fn values() -> Vec<Value> {
    vec![
        json!("Pro"),
        json!("pro 5%"),
        json!(""),
        json!("5"),
        json!("5.0"),
        json!("-3"),
        json!("0012.50"),
        json!("1e3"),
        json!(".5"),
        json!("5."),
        json!("-"),
        json!("--5"),
        json!("1.2.3"),
        json!("1234567890123456"),
        json!("line\nbreak"),
        json!(5),
        json!(5.5),
        json!(-3),
        json!(0.1),
        json!(true),
        json!(false),
        json!("true"),
        json!(null),
        json!([]),
        json!(["Pro", "Team"]),
        json!([5, ["Pro"]]),
        json!({ "Pro": 5 }),
    ]
}

/// One lead and all that is known of it.
pub(super) struct Person {
    pub lead: Lead,
    pub events: Vec<LeadEvent>,
    pub sent: Vec<SentMail>,
    pub consents: Vec<Consent>,
    pub suppressed: bool,
}

impl Person {
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            lead: &self.lead,
            events: &self.events,
            sent: &self.sent,
            consents: &self.consents,
            suppressed: self.suppressed,
        }
    }
}

pub(super) struct World {
    pub scope: Scope,
    pub now: DateTime<Utc>,
    pub people: Vec<Person>,
    pub clients: Vec<ClientId>,
    pub forms: Vec<FormId>,
    pub campaigns: Vec<CampaignId>,
}

const PEOPLE: usize = 40;

/// A time in the last two months, often at the edge of a day or of a span.
fn some_time(dice: &mut Dice, now: DateTime<Utc>) -> DateTime<Utc> {
    let days = TimeDelta::days(i64::try_from(dice.below(60)).unwrap());
    let odd = TimeDelta::microseconds([0, 0, 1, -1, 3_600_000_000][dice.below(5)]);
    now - days - odd
}

fn lead(contract: &Contract, dice: &mut Dice, number: usize, clients: &[ClientId]) -> Lead {
    let now = contract.make.now();
    let domain = dice.one(&["example.com", "Example.COM", "navy.example", "xample.com"]);
    let mut lead = contract.make.lead(&format!(
        "{}{number}@{domain}",
        dice.one(&["Grace.", "ann_", "o'neil"])
    ));
    let text = |dice: &mut Dice| dice.one(&TEXTS).to_owned();
    let maybe = |dice: &mut Dice| (!dice.once_in(3)).then(|| dice.one(&TEXTS).to_owned());
    lead.name = text(dice);
    lead.phone = maybe(dice);
    lead.company = maybe(dice);
    lead.title = maybe(dice);
    lead.source = dice.one(&["form", "Import", "fair"]).to_owned();
    lead.utm.source = maybe(dice);
    lead.utm.medium = maybe(dice);
    lead.utm.campaign = maybe(dice);
    lead.stage = dice.one(LeadStage::ALL);
    lead.status = lead.stage.status();
    lead.stage_since = some_time(dice, now);
    lead.furthest_stage = dice.one(LeadStage::ALL);
    lead.outcome_reason = maybe(dice);
    lead.verification.deliverable = dice.one(Deliverable::ALL);
    lead.verification.mx = dice.one(Verdict::ALL);
    lead.verification.disposable = dice.one(Verdict::ALL);
    lead.created_at = some_time(dice, now);
    lead.updated_at = some_time(dice, now);
    if !dice.once_in(4) {
        lead.tags = Tags::parse(dice.some(&TAGS, 3)).unwrap();
    }
    lead.client_id = (!dice.once_in(2)).then(|| dice.one(clients));
    for key in KEYS {
        if !dice.once_in(3) {
            lead.custom_fields.insert(key.to_owned(), dice.one(&values()));
        }
    }
    lead
}

impl World {
    pub async fn new(contract: &Contract, dice: &mut Dice) -> Self {
        let scope = contract.organization().await;
        let clients = vec![contract.client(&scope).await.id, contract.client(&scope).await.id];
        let campaigns: Vec<CampaignId> = vec![contract.make.id(), contract.make.id()];
        let forms: Vec<FormId> = vec![contract.make.id(), contract.make.id()];
        let leads: Vec<Lead> = (0..PEOPLE)
            .map(|number| lead(contract, dice, number, &clients))
            .collect();
        let unit = contract.begin(&scope).await;
        for lead in &leads {
            unit.leads().insert(lead).await.unwrap();
            let entry = |axis, points: usize| ScoreEntry {
                id: contract.make.id(),
                lead_id: lead.id,
                model_id: uuid::Uuid::nil().into(),
                revision: 1,
                primary: true,
                rule: format!("{axis}"),
                axis,
                points: i32::try_from(points).unwrap() - 2,
                event: "x".to_owned(),
                created_at: contract.make.now(),
            };
            let points = [
                entry(Axis::Fit, dice.below(6)),
                entry(Axis::Engagement, dice.below(6)),
            ];
            unit.leads().add_score(&points).await.unwrap();
        }
        unit.commit().await.unwrap();
        let mails = sent_mails(contract, &scope, dice, &leads, &campaigns).await;
        let now = contract.make.now();
        let unit = contract.begin(&scope).await;
        let mut people = HashMap::new();
        for lead in &leads {
            let sent = mails.get(&lead.id).cloned().unwrap_or_default();
            let events = events(contract, dice, (lead.id, now), &sent, &forms);
            unit.lead_events().add(&events).await.unwrap();
            for event in &events {
                mark(contract, unit.as_ref(), event).await;
            }
            let mut consents = Vec::new();
            for _ in 0..dice.below(4) {
                let decision = dice.one(ConsentDecision::ALL);
                let mut line = contract.make.consent(lead.id, decision);
                line.purpose = dice.one(&PURPOSES).parse().unwrap();
                // Often at the same time: the id decides.
                line.created_at = now - TimeDelta::days(i64::try_from(dice.below(2)).unwrap());
                unit.consents().add(&line).await.unwrap();
                consents.push(line);
            }
            let suppressed = dice.once_in(3);
            if suppressed {
                let suppression = Suppression {
                    id: contract.make.id(),
                    email: Some(lead.email.as_str().to_uppercase().parse().unwrap()),
                    email_hash: None,
                    reason: SuppressionReason::Manual,
                    note: None,
                    created_at: now,
                };
                unit.suppressions().insert(&suppression).await.unwrap();
            }
            people.insert(lead.id, (events, sent, consents, suppressed));
        }
        unit.commit().await.unwrap();
        // As the store has them, scores included.
        let kept = contract
            .read(&scope)
            .leads()
            .after(&LeadFilter::default(), None, 1000)
            .await
            .unwrap();
        assert_eq!(kept.len(), PEOPLE);
        let people = kept
            .into_iter()
            .map(|lead| {
                let (events, sent, consents, suppressed) = people.remove(&lead.id).unwrap();
                Person {
                    lead,
                    events,
                    sent,
                    consents,
                    suppressed,
                }
            })
            .collect();
        Self {
            scope,
            now,
            people,
            clients,
            forms,
            campaigns,
        }
    }
}

/// Mails of two campaigns and none, some of which went out, at different times.
async fn sent_mails(
    contract: &Contract,
    scope: &Scope,
    dice: &mut Dice,
    leads: &[Lead],
    campaigns: &[CampaignId],
) -> HashMap<LeadId, Vec<SentMail>> {
    let mut all = HashMap::<LeadId, Vec<SentMail>>::new();
    for campaign in campaigns {
        contract.make.clock.advance(TimeDelta::days(3));
        let now = contract.make.now();
        let chosen: Vec<&Lead> = leads.iter().filter(|_| !dice.once_in(3)).collect();
        let rows: Vec<NewMessage> = chosen
            .iter()
            .map(|lead| NewMessage {
                id: contract.make.id(),
                kind: MessageKind::Campaign,
                campaign_id: Some(*campaign),
                lead_id: Some(lead.id),
                to: lead.email.clone(),
                content: None,
                suppressed: None,
                topic_id: None,
            })
            .collect();
        let lease: LeaseToken = contract.make.id();
        let until = now + TimeDelta::seconds(60);
        let unit = contract.begin(scope).await;
        unit.messages().insert_many(&rows, now).await.unwrap();
        let most = u32::try_from(rows.len()).unwrap();
        unit.messages()
            .claim_campaign(*campaign, most, lease, now, until)
            .await
            .unwrap();
        // The rest stays on its way, and was never sent.
        let going: Vec<&NewMessage> = rows.iter().filter(|_| !dice.once_in(4)).collect();
        let ids: Vec<MessageId> = going.iter().map(|row| row.id).collect();
        unit.messages()
            .begin_sending(&ids, lease, now, until)
            .await
            .unwrap();
        let ends: Vec<Settlement> = ids
            .iter()
            .map(|id| Settlement {
                id: *id,
                lease,
                end: Settled::Sent {
                    reply: "250 Ok".to_owned(),
                },
            })
            .collect();
        unit.messages().settle(&ends, now).await.unwrap();
        unit.commit().await.unwrap();
        for row in going {
            all.entry(row.lead_id.unwrap()).or_default().push(SentMail {
                id: row.id,
                campaign: Some(*campaign),
                at: now,
            });
        }
    }
    all
}

fn events(
    contract: &Contract,
    dice: &mut Dice,
    (lead_id, now): (LeadId, DateTime<Utc>),
    sent: &[SentMail],
    forms: &[FormId],
) -> Vec<LeadEvent> {
    // The first of its kind about a mail is an event, the others are not.
    let mut firsts = HashSet::new();
    (0..dice.below(8))
        .filter_map(|_| {
            let kind = dice.one(&KINDS);
            let subject: Option<Uuid> = match kind {
                LeadEventKind::FormSubmitted => Some(dice.one(forms).0),
                LeadEventKind::NoteAdded => None,
                _ if sent.is_empty() || dice.once_in(4) => Some(contract.make.id()),
                _ => Some(dice.one(sent).id.0),
            };
            let event = LeadEvent {
                id: contract.make.id(),
                lead_id,
                kind,
                subject,
                occurred_at: some_time(dice, now),
                data: serde_json::Map::new(),
            };
            (mail_event(kind).is_none() || firsts.insert((kind.as_str(), subject))).then_some(event)
        })
        .collect()
}

fn mail_event(kind: LeadEventKind) -> Option<EmailEventKind> {
    match kind {
        LeadEventKind::EmailOpened => Some(EmailEventKind::Open),
        LeadEventKind::EmailClicked => Some(EmailEventKind::Click),
        LeadEventKind::Unsubscribed => Some(EmailEventKind::Unsubscribe),
        _ => None,
    }
}

/// Tells the ledger of mails what happened to one; nothing when it is about another thing.
async fn mark(contract: &Contract, unit: &dyn UnitOfWork, event: &LeadEvent) {
    let (Some(kind), Some(message)) = (mail_event(event.kind), event.subject) else {
        return;
    };
    let event = EmailEvent {
        id: contract.make.id(),
        message_id: message.into(),
        kind,
        url: None,
        human: true,
        user_agent: None,
        trace: EventTrace::default(),
        created_at: event.occurred_at,
    };
    unit.messages().record_event(&event).await.unwrap();
}
