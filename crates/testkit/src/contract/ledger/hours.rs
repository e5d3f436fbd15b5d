//! In which hours mails are opened and clicked.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::timing::HourCount;

pub(super) async fn when_people_respond(contract: &Contract) {
    let scope = contract.organization().await;
    let mut lead = contract.make.lead("hours@example.com");
    lead.client_id = None;
    let campaign = contract.make.campaign();
    let theirs = NewMessage {
        lead_id: Some(lead.id),
        ..to_lead(contract, campaign.id)
    };
    let again = NewMessage {
        lead_id: Some(lead.id),
        ..single(contract)
    };
    let others = to_lead(contract, campaign.id);
    let hour: DateTime<Utc> = "2026-11-18T09:00:00Z".parse().unwrap();
    let unit = contract.begin(&scope).await;
    unit.leads().insert(&lead).await.unwrap();
    unit.campaigns().insert(&campaign).await.unwrap();
    let rows = [theirs.clone(), again.clone(), others.clone()];
    unit.messages().insert_many(&rows, hour).await.unwrap();
    let events = [
        // One mail, several times in an hour: once.
        (&theirs, EmailEventKind::Open, 0, true),
        (&theirs, EmailEventKind::Open, 1, true),
        (&theirs, EmailEventKind::Click, 3_599, true),
        (&again, EmailEventKind::Open, 1_800, true),
        (&again, EmailEventKind::Open, 3_600, true),
        // Not a person, and not a response.
        (&theirs, EmailEventKind::Click, 7_200, false),
        (&theirs, EmailEventKind::Unsubscribe, 7_200, true),
        (&others, EmailEventKind::Click, 10_800, true),
    ];
    for (message, kind, seconds, human) in events {
        let event = EmailEvent {
            id: contract.make.id(),
            message_id: message.id,
            kind,
            url: None,
            user_agent: None,
            human,
            trace: EventTrace::default(),
            created_at: hour + TimeDelta::seconds(seconds),
        };
        unit.messages().record_event(&event).await.unwrap();
    }
    unit.commit().await.unwrap();

    let count = |hours, events| HourCount {
        hour: hour + TimeDelta::hours(hours),
        events,
    };
    let repos = contract.read(&scope);
    let of = async |lead, since| repos.messages().response_hours(lead, since).await.unwrap();
    assert_eq!(of(Some(lead.id), hour).await, [count(0, 2), count(1, 1)]);
    assert_eq!(of(None, hour).await, [count(0, 2), count(1, 1), count(3, 1)]);
    let later = hour + TimeDelta::seconds(3_599);
    assert_eq!(
        of(Some(lead.id), later).await,
        [count(0, 1), count(1, 1)],
        "since then"
    );
    assert_eq!(of(None, hour + TimeDelta::days(1)).await, []);
    let other = others.lead_id.unwrap();
    let of_many =
        async |leads: &[LeadId], since| repos.messages().response_hours_of(leads, since).await.unwrap();
    assert_eq!(
        of_many(&[lead.id, other, contract.make.id()], hour).await,
        [
            (lead.id, vec![count(0, 2), count(1, 1)]),
            (other, vec![count(3, 1)])
        ]
        .into()
    );
    assert_eq!(
        of_many(&[lead.id], later).await[&lead.id],
        [count(0, 1), count(1, 1)]
    );
    assert!(of_many(&[], hour).await.is_empty());
    let foreign = contract.organization().await;
    let foreign = contract.read(&foreign);
    assert_eq!(
        foreign
            .messages()
            .response_hours(Some(lead.id), hour)
            .await
            .unwrap(),
        []
    );
    let theirs = foreign.messages().response_hours_of(&[lead.id], hour).await;
    assert!(theirs.unwrap().is_empty());
    assert_eq!(foreign.messages().response_hours(None, hour).await.unwrap(), []);
}
