//! How well an account is doing: 0 to 100 points, and where they come from.
//!
//! | factor | points | full marks for |
//! |---|---|---|
//! | `campaigns` | 30 | a campaign that is scheduled or active (half for one that is paused) |
//! | `activity` | 25 | something happened to a launched campaign in the last 30 days (15: 90 days, 5: 180 days) |
//! | `delivery` | 25 | 13: at most 2 % of mails failed (6: 5 %); 12: at most 0.5 % unsubscribed (6: 1 %) |
//! | `contacts` | 10 | 6: a contact that can be reached; 4: a primary contact |
//! | `record` | 10 | the client's record was looked after in the last 90 days (5: 180 days) |
//!
//! The weights are a judgement, not a measurement: an agency loses clients for whom nothing happens, so that is more than
//! half. The rates are those at which mail providers start to complain. A client with few mails is not judged by them.

use super::client::{Client, ClientStatus};
use super::contact::Contact;
use crate::ids::ClientId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Fewer mails than this say nothing about rates.
const ENOUGH_MAILS: i64 = 50;
const HEALTHY: i32 = 70;
const WATCH: i32 = 40;

crate::text_enum::text_enum! {
    /// `healthy` from 70 points, `watch` from 40.
    HealthLevel { Healthy => "healthy", Watch => "watch", AtRisk => "at_risk" }
}

crate::text_enum::text_enum! {
    HealthFactor {
        Campaigns => "campaigns",
        Activity => "activity",
        Delivery => "delivery",
        Contacts => "contacts",
        Record => "record",
    }
}

/// What a client's campaigns say about the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CampaignFacts {
    /// Scheduled or active.
    pub running: i64,
    pub paused: i64,
    /// When something last happened to a campaign that was launched.
    pub last_activity: Option<DateTime<Utc>>,
    pub sent: i64,
    pub failed: i64,
    pub unsubscribes: i64,
}

/// Points of one factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthReason {
    pub factor: HealthFactor,
    pub points: i32,
    /// Points that the factor can give.
    pub of: i32,
    /// A sentence for people.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountHealth {
    /// 0 to 100: the sum of the reasons' points.
    pub score: i32,
    pub level: HealthLevel,
    pub reasons: Vec<HealthReason>,
}

/// A client with its health.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientDetail {
    #[serde(flatten)]
    pub client: Client,
    pub health: AccountHealth,
}

/// A client in the list of accounts' health.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientHealth {
    pub id: ClientId,
    pub name: String,
    pub status: ClientStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[serde(flatten)]
    pub health: AccountHealth,
}

/// Judges an account.
pub fn assess(client: &Client, facts: &CampaignFacts, now: DateTime<Utc>) -> AccountHealth {
    let reasons = vec![
        campaigns(facts),
        activity(facts, now),
        delivery(facts),
        contacts(&client.contacts),
        record(client, now),
    ];
    let score = reasons.iter().map(|reason| reason.points).sum();
    let level = match score {
        ..WATCH => HealthLevel::AtRisk,
        WATCH..HEALTHY => HealthLevel::Watch,
        HEALTHY.. => HealthLevel::Healthy,
    };
    AccountHealth {
        score,
        level,
        reasons,
    }
}

fn reason(factor: HealthFactor, of: i32, points: i32, message: impl Into<String>) -> HealthReason {
    HealthReason {
        factor,
        points,
        of,
        message: message.into(),
    }
}

fn campaigns(facts: &CampaignFacts) -> HealthReason {
    let (points, message) = match (facts.running, facts.paused) {
        (1.., _) => (30, format!("campaigns scheduled or active: {}", facts.running)),
        (_, 1..) => (15, format!("campaigns paused: {}, none is active", facts.paused)),
        _ => (0, "no campaign is scheduled or active".to_owned()),
    };
    reason(HealthFactor::Campaigns, 30, points, message)
}

fn activity(facts: &CampaignFacts, now: DateTime<Utc>) -> HealthReason {
    let Some(last) = facts.last_activity else {
        return reason(HealthFactor::Activity, 25, 0, "no campaign was ever launched");
    };
    let days = days_since(last, now);
    let points = match days {
        ..=30 => 25,
        31..=90 => 15,
        91..=180 => 5,
        _ => 0,
    };
    reason(
        HealthFactor::Activity,
        25,
        points,
        format!("the last campaign activity was {}", ago(days)),
    )
}

fn delivery(facts: &CampaignFacts) -> HealthReason {
    let tried = facts.sent + facts.failed;
    if tried < ENOUGH_MAILS {
        let message = format!("mails sent so far: {tried}, too few to judge rates by");
        return reason(HealthFactor::Delivery, 25, 25, message);
    }
    let failed = per_mille(facts.failed, tried);
    let left = per_mille(facts.unsubscribes, facts.sent);
    let points = step(failed, (20, 13), (50, 6)) + step(left, (5, 12), (10, 6));
    let message = format!(
        "{} % of mails failed, {} % of recipients unsubscribed",
        percent(failed),
        percent(left)
    );
    reason(HealthFactor::Delivery, 25, points, message)
}

fn contacts(contacts: &[Contact]) -> HealthReason {
    let reachable = contacts.iter().any(Contact::is_reachable);
    let primary = contacts.iter().any(|contact| contact.is_primary);
    let (points, message) = match (reachable, primary) {
        (true, true) => (10, "there is a primary contact, and somebody can be reached"),
        (true, false) => (6, "somebody can be reached, but nobody is the primary contact"),
        (false, true) => (4, "the contacts have neither mail address nor phone number"),
        (false, false) => (0, "no contact can be reached"),
    };
    reason(HealthFactor::Contacts, 10, points, message)
}

fn record(client: &Client, now: DateTime<Utc>) -> HealthReason {
    let days = days_since(client.updated_at, now);
    let points = match days {
        ..=90 => 10,
        91..=180 => 5,
        _ => 0,
    };
    let message = format!("the client's record was last changed {}", ago(days));
    reason(HealthFactor::Record, 10, points, message)
}

/// Full 24 hours.
fn days_since(time: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - time).max(TimeDelta::zero()).num_days()
}

fn ago(days: i64) -> String {
    match days {
        0 => "within a day".to_owned(),
        1 => "1 day ago".to_owned(),
        more => format!("{more} days ago"),
    }
}

/// Rounded up, so that a limit is never met by rounding.
fn per_mille(part: i64, whole: i64) -> i64 {
    let scaled = part.max(0).saturating_mul(1000);
    if scaled == 0 {
        return 0;
    }
    // Parts of nothing are all there is.
    scaled
        .saturating_add(whole - 1)
        .checked_div(whole)
        .unwrap_or(1000)
}

fn percent(per_mille: i64) -> String {
    format!("{}.{}", per_mille / 10, per_mille % 10)
}

/// The points of the first limit that is kept.
fn step(value: i64, good: (i64, i32), fair: (i64, i32)) -> i32 {
    if value <= good.0 {
        good.1
    } else if value <= fair.0 {
        fair.1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2027-06-15T12:00:00Z".parse().unwrap()
    }

    fn client() -> Client {
        Client {
            id: uuid::Uuid::from_u128(1).into(),
            name: "Acme".into(),
            industry: None,
            country: None,
            website: None,
            annual_revenue: None,
            currency: crate::money::Currency::EUR,
            employees: None,
            contacts: Vec::new(),
            notes: None,
            tags: crate::leads::Tags::default(),
            status: ClientStatus::Active,
            created_at: now(),
            updated_at: now(),
            version: 1,
        }
    }

    fn points(client: &Client, facts: &CampaignFacts) -> Vec<i32> {
        let health = assess(client, facts, now());
        assert_eq!(
            health.score,
            health.reasons.iter().map(|reason| reason.points).sum::<i32>()
        );
        health.reasons.iter().map(|reason| reason.points).collect()
    }

    #[test]
    fn the_factors_make_a_hundred_and_each_is_named_once() {
        let health = assess(&client(), &CampaignFacts::default(), now());
        assert_eq!(health.reasons.iter().map(|reason| reason.of).sum::<i32>(), 100);
        let factors: Vec<_> = health.reasons.iter().map(|reason| reason.factor).collect();
        assert_eq!(factors, HealthFactor::ALL);
        assert_eq!((health.score, health.level), (35, HealthLevel::AtRisk));
    }

    #[test]
    fn a_client_with_everything_has_all_points() {
        let mut client = client();
        client.contacts = vec![Contact {
            name: "Ada".into(),
            email: Some("ada@acme.example".parse().unwrap()),
            phone: None,
            role: None,
            is_primary: true,
        }];
        let facts = CampaignFacts {
            running: 1,
            last_activity: Some(now()),
            sent: 1000,
            failed: 20,
            unsubscribes: 5,
            ..CampaignFacts::default()
        };
        let health = assess(&client, &facts, now());
        assert_eq!((health.score, health.level), (100, HealthLevel::Healthy));
    }

    #[test]
    fn points_fall_with_time_and_rates() {
        let mut client = client();
        let mut facts = CampaignFacts {
            paused: 1,
            last_activity: Some(now() - TimeDelta::days(91)),
            sent: 1000,
            failed: 30,
            unsubscribes: 8,
            ..CampaignFacts::default()
        };
        client.updated_at = now() - TimeDelta::days(91);
        assert_eq!(points(&client, &facts), [15, 5, 12, 0, 5]);
        facts.failed = 1000;
        facts.unsubscribes = 500;
        facts.last_activity = Some(now() - TimeDelta::days(400));
        client.updated_at = now() - TimeDelta::days(400);
        assert_eq!(points(&client, &facts), [15, 0, 0, 0, 0]);
    }

    #[test]
    fn few_mails_say_nothing_and_nothing_is_divided_by_zero() {
        let few = CampaignFacts {
            sent: 1,
            failed: 48,
            ..CampaignFacts::default()
        };
        assert_eq!(points(&client(), &few)[2], 25);
        let none_arrived = CampaignFacts {
            failed: 50,
            unsubscribes: 1,
            ..CampaignFacts::default()
        };
        assert_eq!(points(&client(), &none_arrived)[2], 0);
    }
}
