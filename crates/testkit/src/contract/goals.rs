//! Leads that goals of campaigns and sequences are about.

use super::Contract;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::campaigns::{CampaignGoal, GoalEvent, GoalStart, GoalTest};
use groundswell_domain::email::classify::Method;
use groundswell_domain::email::{
    EmailEvent, EmailEventKind, EventTrace, MessageKind, NewMessage, Settled, Settlement,
};
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, LeadStage, Tags};
use groundswell_domain::money::{Currency, Money};
use groundswell_domain::pipeline::{GoalOf, GoalPart, GoalRule, GoalSet, LeadSet, SetSort};
use groundswell_domain::{CampaignId, LeaseToken, MessageId, PageRequest, Scope, Sort};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Seven leads, of whom all but the last got the mail of a campaign at `sent`.
struct World {
    scope: Scope,
    campaign: CampaignId,
    leads: Vec<Lead>,
    mails: Vec<MessageId>,
    sent: DateTime<Utc>,
}

impl World {
    async fn new(contract: &Contract) -> Self {
        let scope = contract.organization().await;
        let campaign = contract.make.campaign();
        let unit = contract.begin(&scope).await;
        unit.campaigns().insert(&campaign).await.unwrap();
        let mut leads = Vec::new();
        for index in 0..7_i64 {
            let mut lead = contract.make.lead(&format!("goal{index}@example.com"));
            lead.tags = Tags::parse((index % 2 == 0).then_some("even")).unwrap();
            lead.value = (index != 3).then_some(Money {
                minor: 100 * index,
                currency: if index == 1 {
                    "USD".parse().unwrap()
                } else {
                    Currency::EUR
                },
            });
            unit.leads().insert(&lead).await.unwrap();
            leads.push(lead);
        }
        let message = |lead: &Lead| NewMessage {
            id: contract.make.id(),
            kind: MessageKind::Campaign,
            campaign_id: Some(campaign.id),
            lead_id: Some(lead.id),
            to: lead.email.clone(),
            content: None,
            suppressed: None,
            topic_id: None,
        };
        let rows: Vec<NewMessage> = leads.iter().take(6).map(message).collect();
        let sent = contract.make.now();
        let mails = unit.messages().insert_many(&rows, sent).await.unwrap();
        let (lease, until): (LeaseToken, _) = (contract.make.id(), sent + TimeDelta::minutes(1));
        let claimed = unit
            .messages()
            .claim_campaign(campaign.id, 100, lease, sent, until)
            .await
            .unwrap();
        assert_eq!(claimed.len(), 6);
        let ours = unit
            .messages()
            .begin_sending(&mails, lease, sent, until)
            .await
            .unwrap();
        let end = |id| Settlement {
            id,
            lease,
            end: Settled::Sent { reply: "250".into() },
        };
        let ends: Vec<Settlement> = ours.into_iter().map(end).collect();
        unit.messages().settle(&ends, sent).await.unwrap();
        unit.commit().await.unwrap();
        Self {
            scope,
            campaign: campaign.id,
            leads,
            mails,
            sent,
        }
    }

    fn happened(&self, contract: &Contract, lead: usize, kind: LeadEventKind, after: TimeDelta) -> LeadEvent {
        LeadEvent {
            id: contract.make.id(),
            lead_id: self.leads[lead].id,
            kind,
            subject: None,
            occurred_at: self.sent + after,
            data: serde_json::Map::new(),
        }
    }

    async fn click(&self, contract: &Contract, mail: usize, human: bool, after: TimeDelta) {
        let event = EmailEvent {
            id: contract.make.id(),
            message_id: self.mails[mail],
            kind: EmailEventKind::Click,
            url: Some("https://shop.example/".into()),
            human,
            user_agent: None,
            trace: EventTrace {
                method: Some(Method::Get),
                ..EventTrace::default()
            },
            created_at: self.sent + after,
        };
        let repos = contract.read(&self.scope);
        repos.messages().record_event(&event).await.unwrap().unwrap();
    }

    fn set(&self, part: GoalPart, when: GoalTest, days: u32, after: GoalStart) -> LeadSet {
        let rule = GoalRule::Campaign(CampaignGoal {
            when,
            within_days: days,
            after,
        });
        LeadSet {
            goal: Some(GoalSet {
                of: GoalOf::Campaign(self.campaign),
                part,
                rule: Some(rule),
            }),
            ..LeadSet::default()
        }
    }

    /// Their places, by the list; the number and the values must agree.
    async fn found(&self, contract: &Contract, set: &LeadSet) -> Vec<usize> {
        let repos = contract.read(&self.scope);
        let page = PageRequest::new(Some(200), None, Sort::descending(SetSort::CreatedAt), true).unwrap();
        let page = repos.pipeline().list(set, &page).await.unwrap();
        let place = |lead: &Lead| self.leads.iter().position(|other| other.id == lead.id).unwrap();
        let mut places: Vec<usize> = page.items.iter().map(place).collect();
        places.sort_unstable();
        let valued = repos.pipeline().valued(set).await.unwrap();
        assert_eq!(
            Some(valued.leads),
            page.total.map(|total| i64::try_from(total).unwrap())
        );
        let mut value: BTreeMap<Currency, i64> = BTreeMap::new();
        for money in places.iter().filter_map(|place| self.leads[*place].value) {
            *value.entry(money.currency).or_default() += money.minor;
        }
        assert_eq!(valued.value, value);
        places
    }
}

pub async fn goals(contract: &Contract) {
    of_campaigns(contract).await;
    nobodys(contract).await;
}

async fn of_campaigns(contract: &Contract) {
    let world = World::new(contract).await;
    let (days, second) = (TimeDelta::days, TimeDelta::seconds(1));
    let form = Uuid::from_u128(7);
    let named = |lead, name: &str, after| {
        let mut event = world.happened(contract, lead, LeadEventKind::Custom, after);
        event.data = json!({ "name": name }).as_object().cloned().unwrap();
        event
    };
    let moved = |lead, to: LeadStage, after| {
        let mut event = world.happened(contract, lead, LeadEventKind::StageChanged, after);
        event.data = json!({ "from": "new", "to": to }).as_object().cloned().unwrap();
        event
    };
    let submitted = LeadEvent {
        subject: Some(form),
        ..world.happened(contract, 0, LeadEventKind::FormSubmitted, days(1))
    };
    let events = [
        named(0, "trial", -second),
        named(1, "trial", TimeDelta::zero()),
        named(2, "trial", days(7) - second),
        named(2, "trial", days(6)),
        named(3, "trial", days(7)),
        named(4, "other", days(1)),
        named(6, "trial", days(1)),
        submitted,
        moved(0, LeadStage::Qualified, days(1)),
        moved(1, LeadStage::Converted, days(2)),
        moved(2, LeadStage::Engaged, days(2)),
        moved(3, LeadStage::Disqualified, days(2)),
        moved(4, LeadStage::Opportunity, days(8)),
    ];
    let unit = contract.begin(&world.scope).await;
    unit.lead_events().add(&events).await.unwrap();
    unit.commit().await.unwrap();
    world.click(contract, 1, true, days(1)).await;
    world.click(contract, 1, true, days(3)).await;
    world.click(contract, 2, false, days(1)).await;
    world.click(contract, 3, true, days(2)).await;

    let event = |kind, name: Option<&str>| {
        GoalTest::Event(GoalEvent {
            kind,
            subject: None,
            name: name.map(str::to_owned),
        })
    };
    let trial = || event(LeadEventKind::Custom, Some("trial"));
    let about = |subject| {
        GoalTest::Event(GoalEvent {
            kind: LeadEventKind::FormSubmitted,
            subject: Some(subject),
            name: None,
        })
    };
    for (when, within, after, expected) in [
        (trial(), 7, GoalStart::Sent, &[1, 2][..]),
        (trial(), 8, GoalStart::Sent, &[1, 2, 3]),
        (trial(), 1, GoalStart::Sent, &[1]),
        (event(LeadEventKind::Custom, None), 7, GoalStart::Sent, &[1, 2, 4]),
        // From a person's first click on: the trial of the first came before it.
        (trial(), 30, GoalStart::Clicked, &[3]),
        (about(form), 7, GoalStart::Sent, &[0]),
        (about(Uuid::from_u128(8)), 7, GoalStart::Sent, &[]),
        (GoalTest::Stage(LeadStage::Qualified), 7, GoalStart::Sent, &[0, 1]),
        (
            GoalTest::Stage(LeadStage::Qualified),
            30,
            GoalStart::Sent,
            &[0, 1, 4],
        ),
        (GoalTest::Stage(LeadStage::Disqualified), 7, GoalStart::Sent, &[3]),
        (GoalTest::Tag("even".into()), 7, GoalStart::Sent, &[0, 2, 4]),
        (GoalTest::Tag("even".into()), 7, GoalStart::Clicked, &[]),
    ] {
        let set = world.set(GoalPart::Converted, when.clone(), within, after);
        let found = world.found(contract, &set).await;
        assert_eq!(found, expected, "{when:?} within {within} days after {after}");
        let asked = world
            .found(contract, &world.set(GoalPart::Asked, when, within, after))
            .await;
        let all: &[usize] = if after == GoalStart::Sent {
            &[0, 1, 2, 3, 4, 5]
        } else {
            &[1, 3]
        };
        assert_eq!(asked, all);
    }
}

async fn nobodys(contract: &Contract) {
    let world = World::new(contract).await;
    let mut set = world.set(GoalPart::Asked, GoalTest::Tag("even".into()), 7, GoalStart::Sent);
    let other = contract.organization().await;
    let theirs = contract.read(&other).pipeline().valued(&set).await.unwrap();
    assert_eq!(theirs.leads, 0, "another organization's");
    if let Some(goal) = &mut set.goal {
        goal.rule = None;
    }
    assert_eq!(
        world.found(contract, &set).await,
        [0_usize; 0],
        "what the goal says is not known"
    );
    let of = GoalOf::Sequence(contract.make.id(), 1);
    for part in [GoalPart::Asked, GoalPart::Converted] {
        let rule = Some(GoalRule::Sequence("x".into()));
        let goal = Some(GoalSet { of, part, rule });
        let set = LeadSet {
            goal,
            ..LeadSet::default()
        };
        assert_eq!(world.found(contract, &set).await, [0_usize; 0]);
    }
}
