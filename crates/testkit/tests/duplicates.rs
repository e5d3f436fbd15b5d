//! Finding duplicates among leads of whom it is known who is who.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is the message")]
#![allow(clippy::cast_precision_loss, reason = "counts of a test")]

use groundswell_domain::LeadId;
use groundswell_domain::duplicates::{Candidates, Frequencies, Person};
use groundswell_domain::leads::Lead;
use groundswell_testkit::people::People;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// As a scan does it, with maps in place of the table of keys.
fn found(leads: &[Lead]) -> BTreeSet<(LeadId, LeadId)> {
    let people: Vec<Person> = leads.iter().map(Person::of).collect();
    let mut index = BTreeMap::<String, Vec<LeadId>>::new();
    for person in &people {
        for key in person.keys().all() {
            index.entry(key.clone()).or_default().push(person.lead);
        }
    }
    let known = Frequencies {
        leads: leads.len() as u64,
        counts: index
            .iter()
            .map(|(key, leads)| (key.clone(), leads.len() as u64))
            .collect(),
    };
    let (keys, _) = Candidates::keys(&people, &known);
    let sharing: Vec<(String, LeadId)> = keys
        .into_iter()
        .flat_map(|key| {
            index[&key]
                .iter()
                .map(|lead| (key.clone(), *lead))
                .collect::<Vec<_>>()
        })
        .collect();
    let candidates = Candidates::of(&people, &sharing, true);
    let by_id: HashMap<LeadId, Person> = people.into_iter().map(|person| (person.lead, person)).collect();
    candidates
        .judged(&by_id, &known)
        .map(|(one, other, _)| (one, other))
        .collect()
}

#[test]
fn duplicates_are_found_and_nothing_else_is() {
    let mut figures = Vec::new();
    for (seed, count) in [(1, 10_000), (2, 10_000), (4, 30_000), (5, 5_000)] {
        let (leads, truth) = People::new(seed).draw(count);
        let found = found(&leads);
        let right = found.intersection(&truth).count() as f64;
        let (precision, recall) = (right / found.len() as f64, right / truth.len() as f64);
        if std::env::var("SHOW_DUPLICATES").is_ok() {
            let name = |id: &LeadId| {
                let lead = leads.iter().find(|lead| lead.id == *id).unwrap();
                format!(
                    "{} <{}> {:?} {:?}",
                    lead.name, lead.email, lead.company, lead.phone
                )
            };
            for (one, other) in found.difference(&truth).take(15) {
                println!("WRONG {} | {}", name(one), name(other));
            }
            for (one, other) in truth.difference(&found).take(25) {
                println!("MISSED {} | {}", name(one), name(other));
            }
        }
        println!(
            "{count} leads, {} pairs: precision {precision:.4}, recall {recall:.4}",
            truth.len()
        );
        figures.push((count, precision, recall));
    }
    for (count, precision, recall) in figures {
        assert!(precision >= 0.99, "precision {precision} of {count}");
        assert!(recall >= 0.95, "recall {recall} of {count}");
    }
}
