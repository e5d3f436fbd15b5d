//! How probable it is that two leads are one person: Fellegi and Sunter, "A Theory for Record Linkage" (1969).
//!
//! Each field gives log2(m/u) bits: m is how often it agrees so far for one person, u for two people. u of names, companies
//! and numbers comes from the organization's own leads (Winkler's term frequencies): that both are called Müller says less
//! than that both are called Quellmann. m does not differ much between lists, and learning it from the few pairs of a small
//! one would be worse than these figures.
//!
//! Fields are not independent, which the formula takes for granted. What is known to go together is put right here:
//! colleagues share a number, families a surname, and `ada.lovelace@` is how anybody of that name writes their address.

use super::compare::{Agreement, Comparison, EvidenceField, EvidenceLevel, compare};
use super::evidence::{DuplicateEvidence, words};
use super::person::{Frequencies, Person, local_key, name_key, phone_key, place_key};

/// From here on a pair is proposed.
pub const PROPOSE: f64 = 0.9;
/// How many second records a lead has, before anything is known of it.
const EXPECTED: f64 = 0.1;
/// People elsewhere: in a short list, a name that is there twice is not frequent for that.
const BACKGROUND: f64 = 1_000.0;
/// A field with every doubt in it: more than a little above what the largest lists give.
const MOST_BITS: f64 = 20.0;
/// What a number says of two people at one company.
const SWITCHBOARD: f64 = 2.0;
/// What a surname says of two people with other given names: they may be kin.
const KIN: f64 = 4.0;
/// What a name in an address says of two people of that name.
const NAMED_ADDRESS: f64 = 0.5;

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// 0 to 1.
    pub probability: f64,
    pub evidence: Vec<DuplicateEvidence>,
}

pub fn judge(one: &Person, other: &Person, known: &Frequencies) -> Judgement {
    let comparison = compare(one, other);
    let mut bits = prior(known);
    let mut evidence = Vec::with_capacity(comparison.fields.len());
    for agreement in &comparison.fields {
        let weight = weight(agreement, &comparison, known, one.role || other.role);
        if weight == 0.0 {
            continue;
        }
        bits += weight;
        let shared = (agreement.level == EvidenceLevel::Exact).then(|| known.of(&key(agreement)));
        evidence.push(DuplicateEvidence {
            field: agreement.field,
            level: agreement.level,
            weight: (weight * 100.0).round() / 100.0,
            text: words(agreement, comparison.turned, shared),
        });
    }
    Judgement {
        probability: 1.0 / (1.0 + (-bits).exp2()),
        evidence,
    }
}

/// log2 of the odds of any two leads.
fn prior(known: &Frequencies) -> f64 {
    (EXPECTED / real(known.leads.max(2) - 1)).log2()
}

fn key(agreement: &Agreement) -> String {
    let value = &agreement.values.0;
    match agreement.field {
        EvidenceField::GivenName | EvidenceField::FamilyName => name_key(value),
        EvidenceField::Company => place_key(value),
        EvidenceField::Phone => phone_key(value),
        EvidenceField::Email => local_key(value),
    }
}

fn weight(agreement: &Agreement, all: &Comparison, known: &Frequencies, role: bool) -> f64 {
    use EvidenceField::{Company, Email, FamilyName, GivenName, Phone};
    let of = |m: f64, u: f64| (m / u).log2().min(MOST_BITS);
    // The two of them have it, so that one of them is who the other is compared with.
    let rare = |m: f64| {
        let others = real(known.of(&key(agreement)).saturating_sub(1).max(1));
        of(m, others / (real(known.leads) + BACKGROUND)).max(0.0)
    };
    let usual = is_usual(agreement, known);
    let hyphen = agreement.values.0.contains('-') || agreement.values.1.contains('-');
    let kin = if is_somebody_else(all, known) {
        KIN
    } else {
        MOST_BITS
    };
    match (agreement.field, agreement.level) {
        (GivenName, EvidenceLevel::Exact) => rare(0.70),
        (GivenName, EvidenceLevel::Nickname) => of(0.08, 0.005),
        (GivenName, EvidenceLevel::Close) if !usual => of(0.07, 0.004),
        (GivenName, EvidenceLevel::Similar) if !usual => of(0.01, 0.02),
        // Of those of whom an initial is known.
        (GivenName, EvidenceLevel::Initial) => of(0.90, 0.14),
        (GivenName, _) => of(0.002, 0.96),
        (FamilyName, EvidenceLevel::Exact) => rare(0.88).min(kin),
        (FamilyName, EvidenceLevel::Close) if !usual || hyphen => of(0.06, 0.0008).min(kin),
        (FamilyName, EvidenceLevel::Close) => of(0.01, 0.001),
        (FamilyName, EvidenceLevel::Similar) if !usual => of(0.02, 0.004),
        (FamilyName, EvidenceLevel::Initial) => of(0.01, 0.06),
        (FamilyName, _) => of(0.03, 0.98),
        (Email, EvidenceLevel::Exact) if role => of(0.3, 0.04),
        (Email, EvidenceLevel::Exact) => of(0.35, 0.2 / (real(known.leads) + BACKGROUND)),
        (Email, EvidenceLevel::DomainTypo) if !role => of(0.06, 0.00001),
        (Email, EvidenceLevel::SameLocalPart) if role => 0.0,
        (Email, EvidenceLevel::SameLocalPart) if is_named(&agreement.values.0, all) => NAMED_ADDRESS,
        (Email, EvidenceLevel::SameLocalPart) => rare(0.30),
        (Email, EvidenceLevel::Close) => of(0.08, 0.02),
        // An address is one lead: who is there twice has two of them.
        (Email, _) => of(0.75, 0.96),
        (Phone, EvidenceLevel::Exact) if is_one_place(all) || is_somebody_else(all, known) => {
            rare(0.60).min(SWITCHBOARD)
        }
        (Phone, EvidenceLevel::Exact) => rare(0.60),
        (Phone, _) => of(0.35, 0.999),
        (Company, EvidenceLevel::Exact) => rare(0.50),
        (Company, EvidenceLevel::Close) => of(0.10, 0.002),
        (Company, _) => of(0.18, 0.96),
    }
}

/// What several people each are called is no slip of the pen.
fn is_usual(agreement: &Agreement, known: &Frequencies) -> bool {
    let names = [&agreement.values.0, &agreement.values.1];
    let some = (known.leads / 4_000).max(2);
    names.iter().all(|name| known.of(&name_key(name)) > some)
}

/// The given names are those of two people.
fn is_somebody_else(all: &Comparison, known: &Frequencies) -> bool {
    all.fields.iter().any(|field| {
        field.field == EvidenceField::GivenName
            && match field.level {
                EvidenceLevel::Different => true,
                EvidenceLevel::Close | EvidenceLevel::Similar => is_usual(field, known),
                _ => false,
            }
    })
}

fn is_one_place(all: &Comparison) -> bool {
    all.fields
        .iter()
        .any(|field| field.field == EvidenceField::Company && field.level != EvidenceLevel::Different)
}

/// The part before the @ is made of a name that both have.
fn is_named(local: &str, all: &Comparison) -> bool {
    let local = super::text::fold(local);
    all.fields.iter().any(|field| {
        let names = [&field.values.0, &field.values.1];
        matches!(field.field, EvidenceField::FamilyName | EvidenceField::GivenName)
            && field.level != EvidenceLevel::Different
            && names
                .iter()
                .any(|name| name.chars().count() > 2 && local.contains(name.as_str()))
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of leads are far below 2^53, up to which this is exact"
)]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::EmailAddress;
    use crate::ids::LeadId;
    use std::collections::HashMap;

    fn person(name: &str, email: &str, phone: Option<&str>, company: Option<&str>) -> Person {
        let lead = super::super::tests::lead(
            LeadId(uuid::Uuid::nil()),
            name,
            EmailAddress::from_trusted(email.to_owned()),
        );
        let lead = crate::leads::Lead {
            phone: phone.map(str::to_owned),
            company: company.map(str::to_owned),
            ..lead
        };
        Person::of(&lead)
    }

    fn known(counts: &[(&str, u64)]) -> Frequencies {
        Frequencies {
            leads: 10_000,
            counts: counts
                .iter()
                .map(|(key, count)| ((*key).to_owned(), *count))
                .collect::<HashMap<_, _>>(),
        }
    }

    #[test]
    fn a_rare_name_says_more_than_a_frequent_one() {
        let one = person("Anna Müller", "anna@a-one.example", None, None);
        let other = person("Anna Müller", "am@b-two.example", None, None);
        let rare = judge(&one, &other, &known(&[("w:muller", 2), ("w:anna", 2)]));
        let frequent = judge(&one, &other, &known(&[("w:muller", 200), ("w:anna", 300)]));
        assert!(
            rare.probability > 10.0 * frequent.probability,
            "{rare:?} {frequent:?}"
        );
        assert!(frequent.probability < 0.01);
    }

    #[test]
    fn colleagues_and_families_are_not_one_person() {
        let one = person(
            "Anna Müller",
            "anna@mueller.example",
            Some("+49 30 1234567"),
            Some("Müller Bau GmbH"),
        );
        let other = person(
            "Peter Müller",
            "peter@mueller.example",
            Some("+49 30 1234567"),
            Some("Müller Bau GmbH"),
        );
        let counts = known(&[
            ("w:muller", 2),
            ("w:anna", 90),
            ("w:peter", 90),
            ("c:mullerbau", 2),
            ("p:1234567", 2),
        ]);
        assert!(
            judge(&one, &other, &counts).probability < 0.1,
            "{:?}",
            judge(&one, &other, &counts)
        );
    }

    #[test]
    fn evidence_adds_up_and_is_the_same_both_ways() {
        let one = person(
            "Robert Quellmann",
            "bob@acme.example",
            Some("030 7654321"),
            Some("ACME Ltd"),
        );
        let other = person(
            "Quellman, Bob",
            "bquellmann@gmail.com",
            Some("+49 30 7654321"),
            None,
        );
        let counts = known(&[("w:quellmann", 1), ("w:quellman", 1), ("p:7654321", 2)]);
        let there = judge(&one, &other, &counts);
        assert!(there.probability > PROPOSE, "{there:?}");
        assert!((there.probability - judge(&other, &one, &counts).probability).abs() < 1e-9);
    }
}
