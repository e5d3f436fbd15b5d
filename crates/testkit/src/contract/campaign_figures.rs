//! What campaigns would do and did: exclusions, timelines, and A/B tests.

use super::Contract;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::campaigns::{
    AbCounts, AbStatus, AbTest, Campaign, CampaignStatus, Delivery, MetricsDelta, PastRun, TimelineHour,
    VariantFigures, judge,
};
use groundswell_domain::consents::ConsentDecision::{Granted, Pending, Withdrawn};
use groundswell_domain::email::{
    EmailAddress, EmailEvent, EmailEventKind, EventTrace, HELD, Mailing, MessageKind, NewMessage,
    PlannedMessage, Released, Settled, Settlement, Suppression, SuppressionReason, Topic, TopicLeave,
};
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::{CampaignId, LeadId, MessageId, Scope, TopicId};

pub(super) async fn campaign_figures(contract: &Contract) {
    exclusions(contract).await;
    who_left_a_topic(contract).await;
    past_runs(contract).await;
    timelines(contract).await;
    tests_are_kept(contract).await;
    waiting_for_a_decision(contract).await;
}

fn row(contract: &Contract, campaign: CampaignId, lead: LeadId) -> PlannedMessage {
    let id: MessageId = contract.make.id();
    PlannedMessage {
        message: NewMessage {
            id,
            kind: MessageKind::Campaign,
            campaign_id: Some(campaign),
            lead_id: Some(lead),
            to: format!("figures{}@example.com", id.0.simple()).parse().unwrap(),
            content: None,
            suppressed: None,
            topic_id: None,
        },
        at: contract.make.now(),
        variant: None,
    }
}

async fn plan(contract: &Contract, scope: &Scope, rows: &[PlannedMessage]) {
    let unit = contract.begin(scope).await;
    unit.messages().plan(rows, contract.make.now()).await.unwrap();
    unit.commit().await.unwrap();
}

/// Sends what is due of a campaign.
async fn send(contract: &Contract, scope: &Scope, campaign: CampaignId) -> Vec<MessageId> {
    let (now, lease) = (contract.make.now(), contract.make.id());
    let unit = contract.begin(scope).await;
    let until = now + TimeDelta::seconds(60);
    let claimed = unit
        .messages()
        .claim_campaign(campaign, 100, lease, now, until)
        .await
        .unwrap();
    let ids: Vec<_> = claimed.iter().map(|message| message.id).collect();
    unit.messages()
        .begin_sending(&ids, lease, now, until)
        .await
        .unwrap();
    let end = || Settled::Sent {
        reply: "250".to_owned(),
    };
    let ends: Vec<_> = ids
        .iter()
        .map(|id| Settlement {
            id: *id,
            lease,
            end: end(),
        })
        .collect();
    unit.messages().settle(&ends, now).await.unwrap();
    unit.commit().await.unwrap();
    ids
}

async fn happens(contract: &Contract, scope: &Scope, message: MessageId, kind: EmailEventKind, human: bool) {
    let event = EmailEvent {
        id: contract.make.id(),
        message_id: message,
        kind,
        url: None,
        user_agent: None,
        human,
        trace: EventTrace::default(),
        created_at: contract.make.now(),
    };
    let unit = contract.begin(scope).await;
    unit.messages().record_event(&event).await.unwrap();
    unit.commit().await.unwrap();
}

/// A topic of this id, which an address left.
async fn leave(contract: &Contract, scope: &Scope, topic: TopicId, email: EmailAddress) {
    let repos = contract.read(scope);
    if repos.topics().get(topic).await.unwrap().is_none() {
        let made = Topic {
            id: topic,
            name: "News".to_owned(),
            description: None,
            client_id: None,
            archived: false,
            created_at: contract.make.now(),
            updated_at: contract.make.now(),
            version: 1,
        };
        repos.topics().insert(&made).await.unwrap();
    }
    let leave = TopicLeave {
        id: contract.make.id(),
        topic_id: topic,
        email,
        message_id: None,
        created_at: contract.make.now(),
    };
    assert!(repos.topics().leave(&leave).await.unwrap());
}

/// Only mails about it leave them out, and that they are suppressed is said first.
async fn who_left_a_topic(contract: &Contract) {
    let scope = contract.organization().await;
    let (left, repos) = (contract.make.id(), contract.read(&scope));
    for name in ["stays", "left", "gone"] {
        let lead = contract.make.lead(&format!("{name}@Example.com"));
        repos.leads().insert(&lead).await.unwrap();
        if name != "stays" {
            leave(contract, &scope, left, lead.email.clone()).await;
        }
        if name == "gone" {
            let suppression = Suppression {
                id: contract.make.id(),
                email: Some(lead.email.clone()),
                email_hash: None,
                reason: SuppressionReason::Manual,
                note: None,
                created_at: contract.make.now(),
            };
            repos.suppressions().insert(&suppression).await.unwrap();
        }
    }
    let suppressed = (Some("suppressed: manual".to_owned()), 1);
    let topic_left = (Some("topic left".to_owned()), 1);
    for (topic, expected) in [
        (Some(left), vec![(None, 1), suppressed.clone(), topic_left]),
        (Some(contract.make.id()), vec![(None, 2), suppressed.clone()]),
        (None, vec![(None, 2), suppressed]),
    ] {
        let (everybody, mailing) = (LeadFilter::default(), Mailing::default());
        let campaigns = repos.campaigns();
        let found = campaigns.exclusions(&everybody, &mailing, topic, contract.make.now());
        let mut found = found.await.unwrap();
        found.sort();
        assert_eq!(found, expected, "{topic:?}");
    }
}

async fn exclusions(contract: &Contract) {
    let scope = contract.organization().await;
    let mut leads = Vec::new();
    let unit = contract.begin(&scope).await;
    for number in 0..8 {
        let lead = contract.make.lead(&format!("Excluded{number}@Example.com"));
        unit.leads().insert(&lead).await.unwrap();
        leads.push(lead);
    }
    for (lead, reason) in [(0, SuppressionReason::HardBounce), (1, SuppressionReason::Manual)] {
        let suppression = Suppression {
            id: contract.make.id(),
            email: Some(leads[lead].email.clone()),
            email_hash: None,
            reason,
            note: None,
            created_at: contract.make.now(),
        };
        unit.suppressions().insert(&suppression).await.unwrap();
    }
    for (lead, decision) in [
        // Also suppressed: that is said first.
        (1, Withdrawn),
        (2, Granted),
        (2, Withdrawn),
        (3, Withdrawn),
        (3, Granted),
        (4, Pending),
        // A question after an answer changes nothing.
        (5, Granted),
        (5, Pending),
    ] {
        contract.make.clock.advance(TimeDelta::seconds(1));
        let consent = contract.make.consent(leads[lead].id, decision);
        unit.consents().add(&consent).await.unwrap();
    }
    unit.commit().await.unwrap();
    let campaign = contract.make.id();
    plan(contract, &scope, &[row(contract, campaign, leads[6].id)]).await;
    send(contract, &scope, campaign).await;

    let asked = async |scope: &Scope, filter: LeadFilter, mailing: Mailing, now: DateTime<Utc>| {
        let repos = contract.read(scope);
        let mut found = repos
            .campaigns()
            .exclusions(&filter, &mailing, None, now)
            .await
            .unwrap();
        found.sort();
        found
    };
    let because = |reason: &str, leads| (Some(reason.to_owned()), leads);
    let now = contract.make.now();
    let mut expected = vec![
        (None, 4),
        because("consent withdrawn", 1),
        because("suppressed: hard_bounce", 1),
        because("suppressed: manual", 1),
        because("unconfirmed", 1),
    ];
    let everybody = LeadFilter::default;
    assert_eq!(
        asked(&scope, everybody(), Mailing::default(), now).await,
        expected
    );
    let capped = Mailing {
        per_lead_day: Some(1),
        ..Mailing::default()
    };
    expected[0].1 = 3;
    expected.insert(2, because("frequency cap", 1));
    assert_eq!(asked(&scope, everybody(), capped, now).await, expected);
    let tomorrow = now + TimeDelta::days(1);
    assert!(
        !asked(&scope, everybody(), capped, tomorrow)
            .await
            .contains(&expected[2])
    );
    let weekly = Mailing {
        per_lead_week: Some(1),
        ..Mailing::default()
    };
    assert!(
        asked(&scope, everybody(), weekly, tomorrow)
            .await
            .contains(&expected[2])
    );
    let some = LeadFilter {
        lead_ids: Some(vec![leads[0].id, leads[7].id]),
        ..LeadFilter::default()
    };
    let expected = [(None, 1), because("suppressed: hard_bounce", 1)];
    assert_eq!(asked(&scope, some, Mailing::default(), now).await, expected);
    let foreign = contract.organization().await;
    assert_eq!(asked(&foreign, everybody(), capped, now).await, []);
}

async fn past_runs(contract: &Contract) {
    let scope = contract.organization().await;
    let start = contract.make.now();
    let end = start + TimeDelta::hours(2);
    let ran = |sent: i64, status, delivery: Delivery| {
        let campaign = Campaign {
            status,
            delivery,
            launched_at: Some(start),
            updated_at: end,
            ..contract.make.campaign()
        };
        (campaign, sent)
    };
    let capped = Delivery {
        daily_cap: Some(1),
        ..Delivery::default()
    };
    let done = CampaignStatus::Completed;
    let unit = contract.begin(&scope).await;
    for (campaign, sent) in [
        ran(500, done, Delivery::default()),
        ran(99, done, Delivery::default()),
        ran(700, done, capped),
        ran(900, CampaignStatus::Active, Delivery::default()),
    ] {
        unit.campaigns().insert(&campaign).await.unwrap();
        let delta = MetricsDelta {
            sent,
            ..MetricsDelta::default()
        };
        unit.campaigns().add_metrics(campaign.id, &delta).await.unwrap();
    }
    unit.commit().await.unwrap();
    let runs = contract.read(&scope).campaigns().past_runs(100).await.unwrap();
    let expected = PastRun {
        sent: 500,
        launched_at: start,
        completed_at: end,
    };
    assert_eq!(runs, [expected]);
}

async fn timelines(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign: CampaignId = contract.make.id();
    let hour: DateTime<Utc> = "2027-03-01T10:00:00Z".parse().unwrap();
    contract.make.clock.set(hour.max(contract.make.now()));
    let start = contract.make.now();
    let rows: Vec<_> = (0..3)
        .map(|_| row(contract, campaign, contract.make.id()))
        .collect();
    plan(contract, &scope, &rows).await;
    let sent = send(contract, &scope, campaign).await;
    contract.make.clock.advance(TimeDelta::hours(2));
    happens(contract, &scope, sent[0], EmailEventKind::Open, true).await;
    happens(contract, &scope, sent[0], EmailEventKind::Open, true).await;
    happens(contract, &scope, sent[1], EmailEventKind::Click, true).await;
    happens(contract, &scope, sent[2], EmailEventKind::Open, false).await;
    happens(contract, &scope, sent[2], EmailEventKind::Unsubscribe, true).await;
    let floor = |at: DateTime<Utc>| {
        DateTime::from_timestamp(at.timestamp() - at.timestamp().rem_euclid(3_600), 0).unwrap()
    };
    let first = TimelineHour {
        at: floor(start),
        sent: 3,
        opens: 0,
        clicks: 0,
        unsubscribes: 0,
    };
    let second = TimelineHour {
        at: floor(start) + TimeDelta::hours(2),
        sent: 0,
        opens: 1,
        clicks: 1,
        unsubscribes: 1,
    };
    let told = async |scope: &Scope, from, until| {
        contract
            .read(scope)
            .campaigns()
            .timeline(campaign, from, until)
            .await
            .unwrap()
    };
    let end = floor(start) + TimeDelta::hours(3);
    assert_eq!(told(&scope, first.at, end).await, [first, second]);
    assert_eq!(told(&scope, first.at, second.at).await, [first], "until then");
    assert_eq!(told(&scope, second.at, end).await, [second]);
    let foreign = contract.organization().await;
    assert_eq!(told(&foreign, first.at, end).await, []);
}

fn test(contract: &Contract, campaign: CampaignId) -> AbTest {
    let design = r#"{"variants":[{"name":"A"},{"name":"B","subject":"Ü"}],"metric":"clicks","mode":"bandit","share":0.25}"#;
    AbTest {
        id: contract.make.id(),
        campaign_id: campaign,
        design: serde_json::from_str(design).unwrap(),
        status: AbStatus::Draft,
        winner: None,
        outcome: None,
        looks: 0,
        decided_at: None,
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
        frozen: Vec::new(),
    }
}

async fn tests_are_kept(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let campaign = contract.make.campaign();
    let unit = contract.begin(&scope).await;
    unit.campaigns().insert(&campaign).await.unwrap();
    assert_eq!(unit.campaigns().ab_test(campaign.id).await.unwrap(), None);
    unit.campaigns()
        .put_ab_test(&test(contract, campaign.id))
        .await
        .unwrap();
    let mut kept = test(contract, campaign.id);
    unit.campaigns().put_ab_test(&kept).await.unwrap();
    unit.commit().await.unwrap();
    let get = async |scope: &Scope| {
        contract
            .read(scope)
            .campaigns()
            .ab_test(campaign.id)
            .await
            .unwrap()
    };
    assert_eq!(get(&scope).await, Some(kept.clone()), "in place of the first one");
    assert_eq!(get(&other).await, None);

    kept.frozen = vec![serde_json::from_str(r#"{"subject":"S","html":"<p>H</p>"}"#).unwrap()];
    let figures = AbCounts::default().of(&kept.design);
    let (_, outcome) = judge(&kept.design, &figures, None, contract.make.now());
    kept.outcome = Some(outcome);
    (kept.status, kept.winner) = (AbStatus::Decided, Some(1));
    kept.decided_at = Some(contract.make.now());
    let update = async |scope: &Scope, expected| {
        let unit = contract.begin(scope).await;
        let written = unit.campaigns().update_ab_test(&kept, expected).await.unwrap();
        unit.commit().await.unwrap();
        written
    };
    assert!(!update(&scope, 1).await, "it was not looked at yet");
    assert!(!update(&other, 0).await);
    assert!(update(&scope, 0).await);
    assert!(!update(&scope, 0).await, "somebody looked at it meanwhile");
    kept.looks = 1;
    assert_eq!(get(&scope).await, Some(kept));
    let unit = contract.begin(&scope).await;
    unit.campaigns().delete(campaign.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(get(&scope).await, None, "it goes with its campaign");
}

async fn waiting_for_a_decision(contract: &Contract) {
    let scope = contract.organization().await;
    let campaign: CampaignId = contract.make.id();
    let mut rows = Vec::new();
    for number in 0..7 {
        let mut row = row(contract, campaign, contract.make.id());
        match number {
            0 | 1 => row.variant = Some(1),
            2 => row.variant = Some(0),
            _ => row.at = HELD,
        }
        rows.push(row);
    }
    rows[6].message.suppressed = Some("unsubscribed".to_owned());
    plan(contract, &scope, &rows).await;
    let counts = async || {
        contract
            .read(&scope)
            .campaigns()
            .ab_counts(campaign)
            .await
            .unwrap()
    };
    let figures = |variant, assigned, sent, opens, clicks| VariantFigures {
        variant,
        assigned,
        sent,
        opens,
        clicks,
        unsubscribes: 0,
    };
    let before = AbCounts {
        figures: vec![figures(0, 1, 0, 0, 0), figures(1, 2, 0, 0, 0)],
        began: None,
        unsettled: 3,
        waiting: 3,
    };
    assert_eq!(counts().await, before);
    contract.make.clock.advance(TimeDelta::seconds(1));
    let began = contract.make.now();
    let sent = send(contract, &scope, campaign).await;
    assert_eq!(sent.len(), 3, "those who wait are not claimed");
    happens(contract, &scope, rows[0].message.id, EmailEventKind::Open, true).await;
    happens(contract, &scope, rows[0].message.id, EmailEventKind::Click, true).await;
    happens(contract, &scope, rows[1].message.id, EmailEventKind::Open, false).await;
    let after = AbCounts {
        figures: vec![figures(0, 1, 1, 0, 0), figures(1, 2, 2, 1, 1)],
        began: Some(began),
        unsettled: 0,
        waiting: 3,
    };
    assert_eq!(counts().await, after);
    letting_go(contract, &scope, campaign, &rows).await;
}

async fn letting_go(contract: &Contract, scope: &Scope, campaign: CampaignId, rows: &[PlannedMessage]) {
    let held = async |limit| {
        contract
            .read(scope)
            .messages()
            .held(campaign, limit)
            .await
            .unwrap()
    };
    let id = |row: &PlannedMessage| (row.message.id, row.message.lead_id);
    assert_eq!(held(2).await, [id(&rows[3]), id(&rows[4])]);
    let later = contract.make.now() + TimeDelta::hours(1);
    let released = |row: &PlannedMessage, variant, at| Released {
        id: row.message.id,
        variant,
        at,
    };
    let release = async |rows: &[Released]| {
        let unit = contract.begin(scope).await;
        let done = unit
            .messages()
            .release_held(rows, contract.make.now())
            .await
            .unwrap();
        unit.commit().await.unwrap();
        done
    };
    let both = [
        released(&rows[3], 1, contract.make.now()),
        released(&rows[4], 0, later),
        // It was sent already.
        released(&rows[0], 0, later),
    ];
    assert_eq!(release(&both).await, 2);
    assert_eq!(release(&both).await, 0, "only once");
    assert_eq!(held(10).await, [id(&rows[5])]);
    assert_eq!(send(contract, scope, campaign).await, [rows[3].message.id]);
    let kept = contract
        .read(scope)
        .messages()
        .get(rows[4].message.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((kept.variant, kept.next_attempt_at), (Some(0), later));
    let foreign = contract.organization().await;
    let foreign = contract.read(&foreign);
    assert_eq!(foreign.messages().held(campaign, 10).await.unwrap(), []);
    assert_eq!(
        foreign.campaigns().ab_counts(campaign).await.unwrap(),
        AbCounts::default()
    );
}
