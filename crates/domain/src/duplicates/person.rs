//! A lead as it is compared, and the keys by which it is found.

use super::nicknames;
use super::text;
use crate::email::{is_role, match_key};
use crate::enrichment::{company_domain, company_guess};
use crate::ids::LeadId;
use crate::leads::Lead;
use std::collections::{BTreeSet, HashMap};
use strsim::jaro_winkler;

/// From here on (Jaro-Winkler) a word of an address is the given name.
const ALIKE: f64 = 0.85;
/// Longest key, in characters.
const MOST: usize = 80;

/// What is compared of a lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub lead: LeadId,
    pub(super) given: Vec<String>,
    pub(super) family: Option<String>,
    /// Equal for addresses that are probably one mailbox.
    pub(super) mailbox: String,
    pub(super) local: String,
    pub(super) domain: String,
    /// `info@`, `sales@`: of a task, not of a person.
    pub(super) role: bool,
    pub(super) phone: Option<String>,
    /// The company's name and the one that is in the domain of the address, without legal form.
    pub(super) places: BTreeSet<String>,
}

impl Person {
    pub fn of(lead: &Lead) -> Self {
        let (mut given, family) = text::person(&lead.name);
        let mailbox = match_key(&lead.email);
        let (local, domain) = mailbox.rsplit_once('@').unwrap_or((&mailbox, ""));
        if let Some(first) = given.first_mut()
            && let Some(name) = in_address(lead.email.local(), first, family.as_deref())
        {
            *first = name;
        }
        let guess = company_domain(&lead.email).and_then(|domain| company_guess(&domain));
        let places = [lead.company.as_deref(), guess.as_deref()];
        Self {
            lead: lead.id,
            given,
            family,
            role: is_role(local),
            local: local.chars().filter(|letter| letter.is_alphanumeric()).collect(),
            domain: domain.to_owned(),
            phone: match &lead.phone_e164 {
                Some(number) => text::digits(number.as_str()),
                None => lead.phone.as_deref().and_then(text::digits),
            },
            places: places.into_iter().flatten().filter_map(text::company).collect(),
            mailbox,
        }
    }

    /// Everything that it can be found by or that is counted.
    pub fn keys(&self) -> Keys {
        let mut keys = Keys::default();
        let sound = self.family.as_deref().map(text::sound);
        let given = self.given.first().map(|name| nicknames::whole(name));
        if let Some(phone) = &self.phone {
            keys.find(phone_key(phone));
        }
        if self.role {
            // One mailbox of many people: only together with a name.
            if let Some(sound) = &sound {
                keys.find(format!("r:{}:{sound}", self.mailbox));
            }
        } else {
            keys.find(format!("e:{}", self.mailbox));
            keys.find(local_key(&self.local));
        }
        for place in &self.places {
            keys.count(place_key(place));
            let place: String = place.chars().take(12).collect();
            if let Some(sound) = &sound {
                keys.find(format!("s:{sound}:{place}"));
            }
            if let Some(given) = given {
                keys.find(format!("g:{given}:{place}"));
                // Somebody wrote the surname first.
                keys.find(format!("s:{}:{place}", text::sound(given)));
            }
        }
        if let (Some(sound), Some(given)) = (&sound, given) {
            let other = text::sound(given);
            let (first, second) = if *sound <= other {
                (sound, &other)
            } else {
                (&other, sound)
            };
            keys.find(format!("n:{first}:{second}"));
        }
        if let Some(family) = &self.family {
            keys.count(name_key(family));
        }
        if let Some(name) = self.given.first() {
            keys.count(name_key(name));
        }
        keys
    }
}

/// The given name as it is in the address, if that is the same with a slip of the pen, or an initial: people seldom mistype what
/// they log in with.
fn in_address(local: &str, given: &str, family: Option<&str>) -> Option<String> {
    let whole = local.split('+').next().unwrap_or_default();
    let words = whole.split(|letter: char| !letter.is_alphabetic());
    let initial = given.chars().count() == 1;
    words
        .map(text::fold)
        .filter(|word| word.chars().count() > 2 && word != given)
        .filter(|word| family.is_none_or(|family| !word.contains(family)))
        .find(|word| {
            if initial {
                word.starts_with(given)
            } else {
                jaro_winkler(word, given) >= ALIKE
            }
        })
}

pub(super) fn name_key(name: &str) -> String {
    short(format!("w:{name}"))
}

pub(super) fn place_key(place: &str) -> String {
    short(format!("c:{place}"))
}

pub(super) fn phone_key(phone: &str) -> String {
    let skipped = phone.len().saturating_sub(7);
    format!("p:{}", &phone[skipped..])
}

pub(super) fn local_key(local: &str) -> String {
    short(format!("l:{local}"))
}

fn short(key: String) -> String {
    if key.len() <= MOST {
        key
    } else {
        key.chars().take(MOST).collect()
    }
}

/// Keys of one lead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    /// Leads that share one of these are compared.
    pub blocks: BTreeSet<String>,
    /// How many leads have these tells how little they say.
    pub counted: BTreeSet<String>,
}

impl Keys {
    fn find(&mut self, key: String) {
        self.blocks.insert(short(key));
    }

    fn count(&mut self, key: String) {
        self.counted.insert(key);
    }

    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.blocks.union(&self.counted)
    }
}

/// How many leads have a key, and how many leads there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frequencies {
    pub leads: u64,
    pub counts: HashMap<String, u64>,
}

impl Frequencies {
    pub fn of(&self, key: &str) -> u64 {
        self.counts.get(key).copied().unwrap_or(0)
    }
}
