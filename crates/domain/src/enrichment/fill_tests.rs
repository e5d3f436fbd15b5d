//! A person's data always wins.

use super::*;
use crate::email::Verification;
use crate::leads::{LeadStage, LeadStatus, Score, Tags, Utm};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

fn lead(company: Option<&str>) -> Lead {
    let now = DateTime::UNIX_EPOCH;
    Lead {
        id: uuid::Uuid::nil().into(),
        name: String::new(),
        verification: Verification::of(&"ada@acme.de".parse().unwrap()),
        email: "ada@acme.de".parse().unwrap(),
        phone: None,
        phone_e164: None,
        company: company.map(str::to_owned),
        title: None,
        source: "test".into(),
        status: LeadStatus::New,
        stage: LeadStage::New,
        stage_since: now,
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::default(),
        custom_fields: serde_json::Map::new(),
        score: Score::default(),
        utm: Utm::default(),
        client_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn said(field: EnrichmentField, value: Value, percent: u8) -> EnrichmentValue {
    EnrichmentValue {
        lead_id: uuid::Uuid::nil().into(),
        field,
        value,
        source: EnrichmentSource::Site,
        confidence: Confidence::percent(percent),
        fetched_at: DateTime::UNIX_EPOCH,
        expires_at: DateTime::UNIX_EPOCH + TimeDelta::days(30),
    }
}

fn company(text: &str, percent: u8) -> [EnrichmentValue; 1] {
    [said(EnrichmentField::Company, json!(text), percent)]
}

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

#[test]
fn what_is_empty_is_filled_and_renewed() {
    let (mut lead, mut known) = (lead(None), Enrichment::default());
    assert!(known.fill(&mut lead, &company("Acme", 80), NOW));
    assert_eq!(lead.company.as_deref(), Some("Acme"));
    assert!(
        !known.fill(&mut lead, &company("Acme", 80), NOW),
        "again changes nothing"
    );
    assert!(known.fill(&mut lead, &company("Acme GmbH", 90), NOW));
    assert_eq!(lead.company.as_deref(), Some("Acme GmbH"));
    assert!(!known.fill(&mut lead, &[], NOW), "what was filled stays");
    assert_eq!(lead.company.as_deref(), Some("Acme GmbH"));
}

#[test]
fn what_a_person_wrote_or_took_away_is_theirs_for_good() {
    let (mut written, mut known) = (lead(Some("ACME")), Enrichment::default());
    assert!(!known.fill(&mut written, &company("Acme", 99), NOW));
    assert_eq!(written.company.as_deref(), Some("ACME"));
    for edit in [Some("ACME Inc."), None] {
        let (mut lead, mut known) = (lead(None), Enrichment::default());
        known.fill(&mut lead, &company("Acme", 80), NOW);
        lead.company = edit.map(str::to_owned);
        assert!(!known.fill(&mut lead, &company("Acme GmbH", 99), NOW));
        assert_eq!(lead.company.as_deref(), edit);
        assert!(known.fills[&EnrichmentField::Company].human);
        // Even when they put back what we had found.
        lead.company = Some("Acme".into());
        assert!(!known.fill(&mut lead, &company("Acme GmbH", 99), NOW));
    }
}

#[test]
fn a_number_that_is_kept_as_text_changes_nothing_the_second_time() {
    let (mut lead, mut known) = (lead(None), Enrichment::default());
    let phone = [said(EnrichmentField::Phone, json!(493_012_345), 90)];
    assert!(known.fill(&mut lead, &phone, NOW));
    assert_eq!(lead.phone.as_deref(), Some("493012345"));
    assert!(!known.fill(&mut lead, &phone, NOW + TimeDelta::days(1)));
    assert_eq!(known.fills[&EnrichmentField::Phone].filled_at, NOW);
    // A blank is no value, and takes nothing away.
    assert!(!known.fill(&mut lead, &[said(EnrichmentField::Phone, json!(" "), 90)], NOW));
    assert_eq!(lead.phone.as_deref(), Some("493012345"));
}

#[test]
fn guesses_and_what_does_not_fit_are_not_taken() {
    let (mut lead, mut known) = (lead(None), Enrichment::default());
    let values = [
        said(EnrichmentField::Company, json!("Guess"), FILL_FROM - 1),
        said(EnrichmentField::Title, json!(["a", "list"]), 90),
        said(EnrichmentField::Name, json!("x".repeat(400)), 90),
        said(EnrichmentField::Country, json!("DE"), 90),
    ];
    assert!(!known.fill(&mut lead, &values, NOW));
    assert!(known.fills.is_empty() && lead.custom_fields.is_empty());
    let custom = said(EnrichmentField::Custom("crm".into()), json!(7), 90);
    assert!(known.fill(&mut lead, &[custom], NOW));
    assert_eq!(lead.custom_fields["crm"], json!(7));
}

proptest! {
    /// Whatever happens in whichever order, a value that a person gave is never changed by anybody else.
    #[test]
    fn nothing_overwrites_a_person(steps in proptest::collection::vec((any::<bool>(), "[ab]{0,1}", 0u8..=100), 1..12)) {
        let (mut lead, mut known) = (lead(None), Enrichment::default());
        let mut theirs: Option<Option<String>> = None;
        for (by_person, text, percent) in steps {
            if by_person {
                let new = Some(text).filter(|text| !text.is_empty());
                if new != lead.company {
                    theirs = Some(new.clone());
                }
                lead.company = new;
            } else {
                known.fill(&mut lead, &company(&format!("found {text}"), percent), NOW);
            }
            if let Some(theirs) = &theirs && !(theirs.is_none() && known.fills.get(&EnrichmentField::Company).is_none_or(|fill| !fill.human)) {
                prop_assert_eq!(&lead.company, theirs);
            }
        }
    }
}
