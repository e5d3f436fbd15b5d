//! Leads of whom it is known which of them are one person: for figures on finding duplicates.
//!
//! Drawn by a generator of its own, so that a seed gives the same leads for ever. People have names of very different
//! frequency. A second record of a person has what second records have: slips of the pen, short forms, names the other way round, another
//! address, what is missing. It keeps something besides the name: nobody could tell two people of one frequent name
//! apart. What must not be taken for one person comes with it: families with one number, twins, colleagues of one surname, namesakes.

mod words;

use crate::Builders;
use groundswell_domain::LeadId;
use groundswell_domain::leads::Lead;
use groundswell_domain::phone::E164;
use std::collections::BTreeSet;
use words::{BUSINESS, ENDS, FAMILY, FORMS, GIVEN, MAILERS, SHORT, STARTS};

#[derive(Debug, Clone)]
struct Human {
    given: String,
    family: String,
    company: Option<String>,
    domain: Option<String>,
    phone: Option<String>,
}

/// Draws people and their records.
#[derive(Debug)]
pub struct People {
    state: u64,
    builders: Builders,
    taken: BTreeSet<String>,
    leads: Vec<Lead>,
    truth: BTreeSet<(LeadId, LeadId)>,
}

impl People {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            builders: Builders::default(),
            taken: BTreeSet::new(),
            leads: Vec::new(),
            truth: BTreeSet::new(),
        }
    }

    /// About so many leads, in random order of their making, and which pairs are one person (the lesser id first).
    pub fn draw(mut self, leads: usize) -> (Vec<Lead>, BTreeSet<(LeadId, LeadId)>) {
        while self.leads.len() < leads {
            match self.below(100) {
                0..=9 => self.family(),
                10..=12 => self.twins(),
                13..=15 => self.namesakes(),
                _ => {
                    let human = self.human();
                    self.records(&human);
                }
            }
        }
        (self.leads, self.truth)
    }

    /// `SplitMix64` (Steele, Lea and Flood 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one(&mut self, words: &[&str]) -> String {
        // The first ones of a list are far more frequent.
        let at = self.below(words.len()).min(self.below(words.len()));
        words[at].to_owned()
    }

    fn surname(&mut self) -> String {
        if self.chance(45) {
            return self.one(FAMILY);
        }
        format!(
            "{}{}",
            STARTS[self.below(STARTS.len())],
            ENDS[self.below(ENDS.len())]
        )
    }

    fn company(&mut self) -> (String, String) {
        let name = format!(
            "{}{}",
            STARTS[self.below(STARTS.len())],
            ENDS[self.below(ENDS.len())]
        );
        let business = BUSINESS[self.below(BUSINESS.len())];
        let domain = format!("{}-{}.com", plain(&name), plain(business));
        (format!("{name} {business}"), domain)
    }

    fn phone(&mut self) -> String {
        format!("+4930{:08}", self.next() % 90_000_000 + 10_000_000)
    }

    fn human(&mut self) -> Human {
        let (company, domain) = if self.chance(70) {
            let (company, domain) = self.company();
            (Some(company), Some(domain))
        } else {
            (None, None)
        };
        Human {
            given: self.one(GIVEN),
            family: self.surname(),
            company,
            domain,
            phone: self.chance(75).then(|| self.phone()),
        }
    }

    /// Two to four people of one surname, number, and often company.
    fn family(&mut self) {
        let first = self.human();
        let mut names = BTreeSet::new();
        for _ in 0..2 + self.below(3) {
            let given = self.one(GIVEN);
            if names.insert(given.clone()) {
                let human = Human {
                    given,
                    ..first.clone()
                };
                self.records(&human);
            }
        }
    }

    fn twins(&mut self) {
        const TWINS: &[(&str, &str)] = &[
            ("Daniel", "Daniela"),
            ("Jan", "Jana"),
            ("Christian", "Christina"),
            ("Lena", "Lina"),
            ("Julia", "Julian"),
            ("Andreas", "Andrea"),
        ];
        let first = self.human();
        let (one, other) = TWINS[self.below(TWINS.len())];
        for given in [one, other] {
            let given = given.to_owned();
            self.records(&Human {
                given,
                ..first.clone()
            });
        }
    }

    /// Two people of one name, who have nothing else in common.
    fn namesakes(&mut self) {
        let first = self.human();
        let other = Human {
            given: first.given.clone(),
            family: first.family.clone(),
            ..self.human()
        };
        self.records(&first);
        self.records(&other);
    }

    fn records(&mut self, human: &Human) {
        let Some(first) = self.record(human) else { return };
        let id = first.id;
        let mut ids = vec![id];
        self.leads.push(first);
        let more = match self.below(100) {
            0..=11 => 1,
            12 => 2,
            _ => 0,
        };
        for _ in 0..more {
            if let Some(second) = self.second(human) {
                for id in &ids {
                    self.truth.insert(((*id).min(second.id), (*id).max(second.id)));
                }
                ids.push(second.id);
                self.leads.push(second);
            }
        }
    }

    fn record(&mut self, human: &Human) -> Option<Lead> {
        let address = self.address(human)?;
        let mut lead = self.builders.lead(&address);
        lead.name = format!("{} {}", human.given, human.family);
        let at_work = human
            .domain
            .as_ref()
            .is_some_and(|domain| address.ends_with(domain));
        lead.company = match &human.company {
            Some(company) if !at_work || self.chance(70) => {
                let form = FORMS[self.below(FORMS.len())];
                Some(format!("{company} {form}").trim().to_owned())
            }
            _ => None,
        };
        set_phone(&mut lead, human.phone.clone());
        Some(lead)
    }

    /// The same person once more.
    fn second(&mut self, human: &Human) -> Option<Lead> {
        let mut lead = self.record(human)?;
        let mut given = human.given.clone();
        let mut family = human.family.clone();
        match self.below(10) {
            0 | 1 => given = self.slip(&given),
            2 | 3 => family = self.slip(&family),
            4 => {
                if let Some((_, short)) = SHORT.iter().find(|(name, _)| *name == given) {
                    given = (*short).to_owned();
                }
            }
            5 => {
                given = plain_name(&given);
                family = plain_name(&family);
            }
            _ => {}
        }
        lead.name = match self.below(12) {
            0 => format!("{family}, {given}"),
            1 => format!("{family} {given}"),
            2 => format!("{}. {family}", given.chars().next().unwrap()),
            3 => format!("Dr. {given} {family}").to_uppercase(),
            _ => format!("{given} {family}"),
        };
        // One of the two may be missing, or have changed; not both.
        if human.company.is_some() && human.phone.is_some() {
            match self.below(4) {
                0 => set_phone(&mut lead, None),
                1 => {
                    let phone = self.phone();
                    set_phone(&mut lead, Some(phone));
                }
                2 => lead.company = None,
                _ => {}
            }
        } else if human.company.is_none() && human.phone.is_none() {
            // All that is left is the address: the same name at another provider, or a tag.
            return self.other_mailbox(lead);
        }
        Some(lead)
    }

    /// An address that is nobody else's: a word of the person's own at another provider.
    fn other_mailbox(&mut self, mut lead: Lead) -> Option<Lead> {
        let first = self.leads.last()?;
        let (local, domain) = first.email.as_str().rsplit_once('@')?;
        let (local, domain) = (local.to_owned(), domain.to_owned());
        let address = if self.chance(50) {
            format!("{local}+news@{domain}")
        } else {
            format!(
                "{local}@{}",
                domain
                    .replacen('a', "aa", 1)
                    .replacen("gmx", "gxm", 1)
                    .replacen("web", "wbe", 1)
                    .replacen("out", "uot", 1)
                    .replacen("t-", "tt-", 1)
            )
        };
        if !self.taken.insert(address.to_lowercase()) {
            return None;
        }
        lead.email = address.parse().ok()?;
        Some(lead)
    }

    fn address(&mut self, human: &Human) -> Option<String> {
        let (given, family) = (plain(&human.given), plain(&human.family));
        let domain = match &human.domain {
            Some(domain) if self.chance(70) => domain.clone(),
            _ => MAILERS[self.below(MAILERS.len())].to_owned(),
        };
        for _ in 0..8 {
            let local = match self.below(6) {
                0 | 1 => format!("{given}.{family}"),
                2 => format!("{}.{family}", &given[..1]),
                3 => format!("{given}{}", 10 + self.below(90)),
                4 => format!("{family}{}", 100 + self.below(900)),
                _ => format!("{}{family}{}", &given[..1], 10 + self.below(90)),
            };
            let address = format!("{local}@{domain}");
            if self.taken.insert(address.clone()) {
                return Some(address);
            }
        }
        None
    }

    /// Two letters the other way round, one twice, one missing, or another one.
    fn slip(&mut self, name: &str) -> String {
        let mut letters: Vec<char> = name.chars().collect();
        if letters.len() < 4 {
            return name.to_owned();
        }
        let at = 1 + self.below(letters.len() - 2);
        match self.below(4) {
            0 => letters.swap(at, at + 1),
            1 => letters.insert(at, letters[at]),
            2 => drop(letters.remove(at)),
            _ => letters[at] = char::from(b'a' + u8::try_from(self.below(26)).unwrap()),
        }
        letters.into_iter().collect()
    }
}

fn set_phone(lead: &mut Lead, phone: Option<String>) {
    lead.phone_e164 = phone.clone().map(E164::from_trusted);
    lead.phone = phone;
}

fn plain_name(name: &str) -> String {
    name.replace('ü', "ue")
        .replace('ö', "oe")
        .replace('ä', "ae")
        .replace('ß', "ss")
}

fn plain(name: &str) -> String {
    plain_name(&name.to_lowercase())
        .chars()
        .map(|letter| match letter {
            'é' | 'ë' => 'e',
            'ç' | 'ć' => 'c',
            'ł' => 'l',
            'ø' => 'o',
            'å' => 'a',
            'ş' | 'ś' => 's',
            'ı' => 'i',
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}
