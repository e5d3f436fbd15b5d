//! What two leads have in common, field by field.

use super::nicknames;
use super::person::Person;
use std::cmp::Reverse;
use strsim::{jaro_winkler, osa_distance};

/// Jaro-Winkler (Winkler 1990) from which two surnames are one with a slip of the pen.
const CLOSE: f64 = 0.92;
/// And from which they may be.
const SIMILAR: f64 = 0.85;

crate::text_enum::text_enum! {
    /// What was compared.
    EvidenceField {
        GivenName => "given_name",
        FamilyName => "family_name",
        Email => "email",
        Phone => "phone",
        /// The company's name, or the one in the domain of the address.
        Company => "company",
    }
}

crate::text_enum::text_enum! {
    /// How well it agrees.
    EvidenceLevel {
        Exact => "exact",
        /// A short form of the other name, as Bob of Robert.
        Nickname => "nickname",
        /// A slip of the pen apart.
        Close => "close",
        Similar => "similar",
        /// One of the two is the first letter of the other.
        Initial => "initial",
        /// The part before the @, at another domain.
        SameLocalPart => "same_local_part",
        /// The domain is mistyped.
        DomainTypo => "domain_typo",
        Different => "different",
    }
}

/// One field of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Agreement {
    pub field: EvidenceField,
    pub level: EvidenceLevel,
    /// What both have, or each of them, as they are counted.
    pub values: (String, String),
}

/// The comparison vector; a field that one of the two does not have is left out.
pub(super) struct Comparison {
    pub fields: Vec<Agreement>,
    /// Given name and surname are the other way round in one of the two.
    pub turned: bool,
}

pub(super) fn compare(one: &Person, other: &Person) -> Comparison {
    let (mut fields, turned) = names(one, other);
    fields.push(email(one, other));
    if let (Some(a), Some(b)) = (&one.phone, &other.phone) {
        let level = if a.ends_with(b.as_str()) || b.ends_with(a.as_str()) {
            EvidenceLevel::Exact
        } else {
            EvidenceLevel::Different
        };
        fields.push(agreement(EvidenceField::Phone, level, a, b));
    }
    fields.extend(company(one, other));
    Comparison { fields, turned }
}

fn agreement(field: EvidenceField, level: EvidenceLevel, one: &str, other: &str) -> Agreement {
    Agreement {
        field,
        level,
        values: (one.to_owned(), other.to_owned()),
    }
}

/// How far apart two names are: the smaller, the better.
fn rank(level: EvidenceLevel) -> u8 {
    match level {
        EvidenceLevel::Exact => 0,
        EvidenceLevel::Nickname => 1,
        EvidenceLevel::Close => 2,
        EvidenceLevel::Initial => 3,
        EvidenceLevel::Similar => 4,
        _ => 9,
    }
}

fn names(one: &Person, other: &Person) -> (Vec<Agreement>, bool) {
    use EvidenceField::{FamilyName, GivenName};
    let (Some(a), Some(b)) = (&one.family, &other.family) else {
        return (Vec::new(), false);
    };
    let mut straight = vec![agreement(FamilyName, surname(a, b), a, b)];
    let (Some(first), Some(second)) = (one.given.first(), other.given.first()) else {
        // A single word may be either name.
        let single = [(a, other.given.first()), (b, one.given.first())];
        for (family, given) in single {
            if let Some(given) = given
                && rank(word(family, given)) < rank(straight[0].level)
            {
                return (
                    vec![agreement(GivenName, word(family, given), given, family)],
                    false,
                );
            }
        }
        return (straight, false);
    };
    let given = |a: &[String], b: &[String]| {
        let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
        let best = pairs.max_by_key(|(a, b)| Reverse(rank(word(a, b))));
        best.map(|(a, b)| agreement(GivenName, word(a, b), a, b))
    };
    straight.extend(given(&one.given, &other.given));
    let turned = vec![
        agreement(FamilyName, surname(a, second), a, second),
        agreement(GivenName, word(first, b), first, b),
    ];
    let sum = |fields: &[Agreement]| {
        fields
            .iter()
            .map(|field| u16::from(rank(field.level)))
            .sum::<u16>()
    };
    if sum(&turned) < sum(&straight) && turned.iter().all(|field| field.level != EvidenceLevel::Different) {
        return (turned, true);
    }
    (straight, false)
}

fn word(one: &str, other: &str) -> EvidenceLevel {
    if one == other {
        return EvidenceLevel::Exact;
    }
    if one.replace('-', "") == other.replace('-', "") {
        return EvidenceLevel::Exact;
    }
    if one.chars().count() == 1 || other.chars().count() == 1 {
        let same = one.chars().next() == other.chars().next();
        return if same {
            EvidenceLevel::Initial
        } else {
            EvidenceLevel::Different
        };
    }
    if nicknames::whole(one) == nicknames::whole(other) {
        return EvidenceLevel::Nickname;
    }
    // Müller-Schmidt was Müller before, Hans-Peter is Hans to his friends.
    let parts = |long: &str, short: &str| long.contains('-') && long.split('-').any(|part| part == short);
    if parts(one, other) || parts(other, one) {
        return EvidenceLevel::Close;
    }
    if is_other_form(one, other) || is_other_form(other, one) {
        return EvidenceLevel::Different;
    }
    if one.chars().count().min(other.chars().count()) > 3 && osa_distance(one, other) == 1 {
        EvidenceLevel::Close
    } else if jaro_winkler(one, other) >= SIMILAR {
        EvidenceLevel::Similar
    } else {
        EvidenceLevel::Different
    }
}

/// Surnames are longer, and there are more of them: what is as like as that is one, also with two slips.
fn surname(one: &str, other: &str) -> EvidenceLevel {
    match word(one, other) {
        EvidenceLevel::Similar if jaro_winkler(one, other) >= CLOSE => EvidenceLevel::Close,
        level => level,
    }
}

/// Daniel and Daniela, Jan and Jana, Christian and Christina are alike, and two people.
fn is_other_form(short: &str, long: &str) -> bool {
    const ENDS: &[&str] = &["a", "e", "i", "in", "ina", "ine", "ia", "ette", "elle", "ella"];
    let Some(end) = long.strip_prefix(short) else {
        return matches!((short.strip_suffix("ian"), long.strip_suffix("ina")), (Some(a), Some(b)) if a.starts_with(b) || b.starts_with(a));
    };
    short.chars().count() >= 3 && ENDS.contains(&end)
}

fn email(one: &Person, other: &Person) -> Agreement {
    let level = if one.mailbox == other.mailbox {
        EvidenceLevel::Exact
    } else if one.local == other.local {
        if osa_distance(&one.domain, &other.domain) == 1 {
            EvidenceLevel::DomainTypo
        } else {
            EvidenceLevel::SameLocalPart
        }
    } else if one.domain == other.domain
        && !one.role
        && !other.role
        && osa_distance(&one.local, &other.local) == 1
    {
        EvidenceLevel::Close
    } else {
        EvidenceLevel::Different
    };
    agreement(EvidenceField::Email, level, &one.local, &other.local)
}

fn company(one: &Person, other: &Person) -> Option<Agreement> {
    let field = EvidenceField::Company;
    if let Some(place) = one.places.intersection(&other.places).next() {
        return Some(agreement(field, EvidenceLevel::Exact, place, place));
    }
    let pairs = one
        .places
        .iter()
        .flat_map(|a| other.places.iter().map(move |b| (a, b)));
    let mut best = None;
    for (a, b) in pairs {
        if jaro_winkler(a, b) >= CLOSE {
            return Some(agreement(field, EvidenceLevel::Close, a, b));
        }
        best = best.or(Some(agreement(field, EvidenceLevel::Different, a, b)));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_as_people_write_them() {
        for (one, other, level) in [
            ("ada", "ada", EvidenceLevel::Exact),
            ("hanspeter", "hans-peter", EvidenceLevel::Exact),
            ("bob", "robert", EvidenceLevel::Nickname),
            ("a", "ada", EvidenceLevel::Initial),
            ("b", "ada", EvidenceLevel::Different),
            ("muller", "muller-schmidt", EvidenceLevel::Close),
            ("lovelace", "lovelcae", EvidenceLevel::Close),
            ("daniel", "daniela", EvidenceLevel::Different),
            ("christian", "christina", EvidenceLevel::Different),
            ("ada", "grace", EvidenceLevel::Different),
        ] {
            assert_eq!(word(one, other), level, "{one} {other}");
            assert_eq!(word(other, one), level, "{other} {one}");
        }
    }
}
