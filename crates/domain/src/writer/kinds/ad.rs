//! The texts of an ad, each within its limit.

use super::{Desk, Work};
use crate::writer::draft::AdTexts;
use crate::writer::grammar::{capitalized, fragment};
use crate::writer::pen::Pen;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let (limits, mut pen) = (desk.brief.ad, desk.pen());
    let mut headlines = Texts::new(limits.headlines.into(), limits.headline_characters.into());
    let mut descriptions = Texts::new(limits.descriptions.into(), limits.description_characters.into());
    head(desk, &mut pen, &mut headlines);
    let called = headlines.kept.iter().any(|text| {
        desk.facts
            .call
            .as_deref()
            .is_some_and(|call| fragment(call) == *text)
    });
    let missing = describe(desk, &mut pen, &headlines, &mut descriptions);

    let mut notes = Vec::new();
    if !missing.is_empty() {
        notes.push(format!(
            "These messages are longer than the {} characters of a description, or there were too few descriptions for them: {}.",
            limits.description_characters,
            missing.join(", ")
        ));
    }
    if let Some(call) = &desk.facts.call {
        let said = called || descriptions.kept.iter().any(|text| text.contains(call.as_str()));
        if !said {
            notes.push("The call to action is too long for this ad.".to_owned());
        }
    }
    for (texts, what) in [(&headlines, "headlines"), (&descriptions, "descriptions")] {
        if texts.kept.len() < texts.most {
            notes.push(format!(
                "The brief gives enough for {} {what} and no more.",
                texts.kept.len()
            ));
        }
    }
    let body = format!(
        "{}\n\n{}",
        headlines.kept.join("\n"),
        descriptions.kept.join("\n")
    );
    Work {
        body,
        ad: Some(AdTexts {
            headlines: headlines.kept,
            descriptions: descriptions.kept,
        }),
        notes,
        ..Work::default()
    }
}

/// Different texts, each short enough.
struct Texts {
    most: usize,
    characters: usize,
    kept: Vec<String>,
}

impl Texts {
    fn new(most: usize, characters: usize) -> Self {
        Self {
            most,
            characters,
            kept: Vec::new(),
        }
    }

    /// False when it is too long, there are enough, or it is there.
    fn add(&mut self, text: &str) -> bool {
        let small = |text: &str| text.trim_end_matches(['.', '!']).to_lowercase();
        let known = self.kept.iter().any(|kept| small(kept) == small(text));
        let fine = !known && self.kept.len() < self.most && text.chars().count() <= self.characters;
        if fine {
            self.kept.push(text.to_owned());
        }
        fine && !text.is_empty()
    }
}

fn head(desk: &Desk, pen: &mut Pen, headlines: &mut Texts) {
    let facts = desk.facts;
    headlines.add(&facts.title);
    if let Some(call) = &facts.call {
        headlines.add(&fragment(call));
    }
    for name in facts
        .product
        .iter()
        .map(|product| &product.text)
        .chain(&facts.brand)
    {
        headlines.add(&capitalized(name));
    }
    if let Some(keyword) = facts.plain_keywords.first() {
        headlines.add(&capitalized(keyword));
    }
    for message in &facts.messages {
        headlines.add(&message.fragment);
    }
    while headlines.kept.len() < headlines.most {
        let Some(text) = pen.say("ad.headlines") else {
            return;
        };
        headlines.add(&text);
    }
}

/// Returns the numbers of messages that found no place, neither here nor among the headlines.
fn describe(desk: &Desk, pen: &mut Pen, headlines: &Texts, descriptions: &mut Texts) -> Vec<String> {
    let facts = desk.facts;
    let mut call = facts.call.clone();
    let mut missing = Vec::new();
    for (number, message) in (1..).zip(&facts.messages) {
        let headline = headlines.kept.contains(&message.fragment);
        let with_call = call.as_ref().map(|call| format!("{} {call}", message.sentence));
        if with_call.is_some_and(|text| descriptions.add(&text)) {
            call = None;
        } else if headline {
            // A headline says it already; here it gets company.
            if let Some(text) = pen.say("ad.descriptions") {
                descriptions.add(&format!("{} {text}", message.sentence));
            }
        } else if !descriptions.add(&message.sentence) {
            missing.push(number.to_string());
        }
    }
    if let Some(call) = call {
        let filled = pen.say("ad.descriptions").map(|text| format!("{text} {call}"));
        let _ = filled.is_some_and(|text| descriptions.add(&text)) || descriptions.add(&call);
    }
    if let Some(audience) = &facts.audience {
        descriptions.add(&format!("For {}.", audience.text));
    }
    while descriptions.kept.len() < descriptions.most {
        let Some(text) = pen.say("ad.descriptions") else {
            break;
        };
        descriptions.add(&text);
    }
    missing
}
