//! Chooses phrases and fills them in.

use super::brief::{Objective, Tone};
use super::facts::Facts;
use super::grammar::{self, capitalized, contracted};
use super::pool::pool;
use super::voice::Speech;
use crate::experiments::Dice;
use std::collections::{HashMap, HashSet};

/// A value of a slot, and whether verbs beside it are in the plural.
struct Filling {
    text: String,
    plural: bool,
}

/// Writes with the phrases of the data. A phrase is used once in a draft.
pub(super) struct Pen<'a> {
    pub facts: &'a Facts,
    speech: &'a Speech,
    dice: Dice,
    used: HashSet<&'static str>,
    slots: HashMap<&'static str, Filling>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(facts: &'a Facts, speech: &'a Speech, seed: u64) -> Self {
        let mut pen = Self {
            facts,
            speech,
            dice: Dice::seeded(seed),
            used: HashSet::new(),
            slots: HashMap::new(),
        };
        for (name, noun) in [
            ("topic", &facts.topic),
            ("audience", &facts.audience),
            ("product", &facts.product),
        ] {
            if let Some(noun) = noun {
                pen.set_noun(name, &noun.text, noun.plural);
            }
        }
        if let Some(brand) = &facts.brand {
            pen.set("brand", brand);
        }
        if let Some(keyword) = facts.plain_keywords.first() {
            pen.set("keyword", keyword);
        }
        pen.set("title", &facts.title);
        if facts.messages.len() > 2 {
            pen.set("count", &grammar::number(facts.messages.len()));
        }
        pen
    }

    /// Gives a slot a value.
    pub(super) fn set(&mut self, name: &'static str, text: &str) {
        self.set_noun(name, text, false);
    }

    fn set_noun(&mut self, name: &'static str, text: &str, plural: bool) {
        let text = text.to_owned();
        self.slots.insert(name, Filling { text, plural });
    }

    /// In another order with every call.
    pub(super) fn shuffled<T>(&mut self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut keyed: Vec<_> = items.into_iter().map(|item| (self.dice.throw(), item)).collect();
        keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        keyed.into_iter().map(|(_, item)| item).collect()
    }

    /// The phrases of a pool that can be used now, in some order, unused ones only.
    pub(super) fn eligible(&mut self, name: &str) -> Vec<&'static str> {
        let lines: Vec<_> = pool(name)
            .iter()
            .filter(|line| !self.used.contains(**line))
            .filter(|line| self.fits(line))
            .copied()
            .collect();
        let mut lines = self.shuffled(lines);
        // A phrase for this very tone, or with what the brief gives, says more than one that always fits.
        lines.sort_by_key(|line| !line.starts_with('('));
        lines
    }

    /// Whether tags and slots allow it, and the brand's voice too.
    fn fits(&self, line: &str) -> bool {
        let (tags, text) = split_tags(line);
        let mut tones = tags.iter().filter(|tag| tag.parse::<Tone>().is_ok()).peekable();
        let mut objectives = tags
            .iter()
            .filter(|tag| tag.parse::<Objective>().is_ok())
            .peekable();
        let tone = tones.peek().is_none() || tones.any(|tag| *tag == self.facts.tone.as_str());
        let objective =
            objectives.peek().is_none() || objectives.any(|tag| *tag == self.facts.objective.as_str());
        let wants = tags.iter().filter_map(|tag| tag.strip_prefix('@'));
        tone && objective
            && wants
                .chain(slots_of(text))
                .all(|slot| self.slots.contains_key(slot))
            && self.speech.banned_in(&self.fill(text)).is_none()
    }

    /// Whether the brand's voice allows a text.
    pub(super) fn allows(&self, text: &str) -> bool {
        self.speech.banned_in(text).is_none()
    }

    pub(super) fn use_up(&mut self, line: &'static str) {
        self.used.insert(line);
    }

    /// One phrase of a pool, filled in.
    pub(super) fn say(&mut self, name: &str) -> Option<String> {
        let line = self.eligible(name).into_iter().next()?;
        self.use_up(line);
        Some(self.fill(split_tags(line).1))
    }

    /// One passage of a pool, as sentences.
    pub(super) fn passage(&mut self, name: &str) -> Option<Vec<String>> {
        let line = self.eligible(name).into_iter().next()?;
        self.use_up(line);
        Some(self.sentences(split_tags(line).1))
    }

    /// Like [`Pen::say`], with words for one slot.
    pub(super) fn say_with(&mut self, name: &str, slot: &'static str, text: &str) -> Option<String> {
        self.set(slot, text);
        self.say(name)
    }

    /// The sentences of a phrase without its tags, filled in.
    pub(super) fn sentences(&self, phrase: &str) -> Vec<String> {
        let (_, text) = split_tags(phrase);
        grammar::sentences(text)
            .into_iter()
            .map(|text| self.fill(text))
            .collect()
    }

    /// Fills slots in; what is put in is not looked at again.
    pub(super) fn fill(&self, phrase: &str) -> String {
        let talks = matches!(
            self.facts.tone,
            Tone::Friendly | Tone::Playful | Tone::Warm | Tone::Bold
        );
        let phrase = if talks {
            contracted(phrase)
        } else {
            phrase.to_owned()
        };
        let phrase = self.speech.spoken(&phrase);
        let mut text = String::with_capacity(phrase.len() + 40);
        let mut rest = phrase.as_str();
        while let Some(at) = rest.find('{') {
            text.push_str(&rest[..at]);
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end);
            text.push_str(&self.value(&rest[at + 1..end]));
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        text.push_str(rest);
        if phrase.starts_with('{') {
            capitalized(&text)
        } else {
            text
        }
    }

    fn value(&self, slot: &str) -> String {
        if let Some((name, forms)) = slot.split_once(':') {
            let (plural, singular) = forms.split_once('|').unwrap_or((forms, forms));
            let many = self.slots.get(name).is_some_and(|filling| filling.plural);
            return if many { plural } else { singular }.to_owned();
        }
        let name = slot.trim_end_matches('!');
        let text = self.slots.get(name).map_or("", |filling| filling.text.as_str());
        if slot.ends_with('!') {
            capitalized(text)
        } else {
            text.to_owned()
        }
    }
}

/// Tags at the beginning of a phrase, and what follows.
pub(super) fn split_tags(line: &str) -> (Vec<&str>, &str) {
    line.strip_prefix('(')
        .and_then(|line| line.split_once(") "))
        .map_or((Vec::new(), line), |(tags, text)| {
            (tags.split(' ').collect(), text)
        })
}

/// Names of the slots of a phrase.
pub(super) fn slots_of(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|slot| {
        let slot = slot.split('}').next()?;
        Some(slot.split(':').next().unwrap_or(slot).trim_end_matches('!'))
    })
}
