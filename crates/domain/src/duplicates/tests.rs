//! Keys, and what two leads are together.

use super::*;
use crate::email::{EmailAddress, Verification};
use crate::ids::LeadId;
use crate::leads::{Lead, LeadStage, LeadStatus, Score, Tags, Utm};
use chrono::{DateTime, TimeDelta};
use serde_json::json;

pub(super) fn lead(id: LeadId, name: &str, email: EmailAddress) -> Lead {
    Lead {
        id,
        name: name.to_owned(),
        verification: Verification::of(&email),
        email,
        phone: None,
        phone_e164: None,
        company: None,
        title: None,
        source: "manual".to_owned(),
        status: LeadStatus::New,
        stage: LeadStage::New,
        stage_since: DateTime::UNIX_EPOCH,
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::default(),
        custom_fields: serde_json::Map::new(),
        score: Score::default(),
        utm: Utm::default(),
        client_id: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn numbered(number: u128, name: &str, email: &str) -> Lead {
    lead(uuid::Uuid::from_u128(number).into(), name, email.parse().unwrap())
}

#[test]
fn spellings_of_one_person_share_a_key() {
    let one = Person::of(&Lead {
        company: Some("Acme Tools GmbH".to_owned()),
        ..numbered(1, "Robert Meier", "r.meier@mail.example")
    });
    for other in [
        numbered(2, "Meyer, Bob", "bob@acme-tools.com"),
        numbered(2, "", "r.meier+news@mail.example"),
        numbered(2, "Bob Maier", "rm@web.example"),
    ] {
        let keys = Person::of(&other).keys();
        assert!(
            !one.keys().blocks.is_disjoint(&keys.blocks),
            "{:?} {keys:?}",
            one.keys()
        );
    }
    let stranger = Person::of(&numbered(2, "Grace Hopper", "grace@navy.example")).keys();
    assert!(one.keys().blocks.is_disjoint(&stranger.blocks));
}

#[test]
fn the_lead_that_stays_wins_unless_it_is_said_or_has_nothing() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
    let this = Lead {
        company: Some("ACME".to_owned()),
        tags: Tags::parse(["a"]).unwrap(),
        custom_fields: json!({ "size": 1, "city": null }).as_object().unwrap().clone(),
        ..numbered(1, "Ada", "ada@one.example")
    };
    let other = Lead {
        phone: Some("123".to_owned()),
        company: Some("Other".to_owned()),
        stage: LeadStage::Qualified,
        status: LeadStatus::Qualified,
        furthest_stage: LeadStage::Opportunity,
        tags: Tags::parse(["b"]).unwrap(),
        custom_fields: json!({ "size": 2, "city": "X", "more": true })
            .as_object()
            .unwrap()
            .clone(),
        ..numbered(2, "Ada Lovelace", "ada@two.example")
    };
    let merged = combine(&this, &other, &MergeFields::default(), now);
    assert_eq!(
        (
            merged.id,
            merged.name.as_str(),
            merged.company.as_deref(),
            merged.phone.as_deref()
        ),
        (this.id, "Ada", Some("ACME"), Some("123"))
    );
    assert_eq!(
        (merged.stage, merged.furthest_stage),
        (LeadStage::Qualified, LeadStage::Opportunity)
    );
    assert_eq!(merged.tags.as_slice(), ["a", "b"]);
    assert_eq!(
        json!(merged.custom_fields),
        json!({ "size": 1, "city": "X", "more": true })
    );
    assert_eq!((merged.version, merged.updated_at), (2, now));

    let fields: MergeFields = serde_json::from_value(
        json!({ "name": "other", "email": "other", "phone": "this", "stage": "this", "custom_fields": { "size": "other" } }),
    )
    .unwrap();
    let merged = combine(&this, &other, &fields, now);
    assert_eq!(
        (
            merged.name.as_str(),
            merged.email.as_str(),
            merged.phone,
            merged.stage
        ),
        ("Ada Lovelace", "ada@two.example", None, LeadStage::New)
    );
    assert_eq!(merged.custom_fields["size"], 2);
}
