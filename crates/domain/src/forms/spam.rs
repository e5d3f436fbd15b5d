//! How much a submission looks like spam, and why: a sum of signals, each with its points, that a person can question.
//!
//! Pure and cheap, since every capture asks it. No signal but the trap is enough by itself: honest people write links,
//! hurry, and browse with strange programs.

mod signals;

use super::field::{FieldType, FormField};
use super::intake::SpamSettings;
use crate::email::{AddressFlag, EmailAddress, flags};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

crate::text_enum::text_enum! {
    /// Something that spam has more often than other submissions.
    SpamSignal {
        /// The field that people don't see was filled in.
        HiddenField => "hidden_field",
        /// Sent sooner than anybody types.
        TooFast => "too_fast",
        LinkInName => "link_in_name",
        ManyLinks => "many_links",
        /// Links in the markup of forums or of pages.
        Markup => "markup",
        /// Letters of two alphabets in one word, which look alike.
        MixedScripts => "mixed_scripts",
        /// A word that nobody can pronounce.
        Gibberish => "gibberish",
        Phrase => "phrase",
        /// Others sent the same text within the hour.
        Repeated => "repeated",
        DisposableAddress => "disposable_address",
        NoUserAgent => "no_user_agent",
        /// A program that fetches pages, no browser.
        Tool => "tool",
    }
}

/// One signal that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpamReason {
    pub signal: SpamSignal,
    /// What it adds to the score.
    pub points: u8,
    /// The answer that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What a submission looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// 0 (fine) to 100.
    pub score: u8,
    /// What the score is the sum of, as far as 100.
    pub reasons: Vec<SpamReason>,
    /// What the address tells about who reads it.
    pub flags: Vec<AddressFlag>,
    /// It was held back for this; somebody may have released it since.
    pub quarantined: bool,
}

/// What a verdict is made of.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub fields: &'a [FormField],
    pub answers: &'a Map<String, Value>,
    pub email: &'a EmailAddress,
    pub user_agent: Option<&'a str>,
    /// The field that people don't see was filled in.
    pub trapped: bool,
    /// From showing the form to sending it, where that is known for sure.
    pub took: Option<Duration>,
    /// How many other addresses sent the same text just now.
    pub repeated: u32,
}

impl<'a> Evidence<'a> {
    /// The answers that people write themselves, with whether they are short lines.
    fn texts(&self) -> impl Iterator<Item = (&'a str, &'a str, bool)> {
        let (answers, fields) = (self.answers, self.fields);
        answers.iter().filter_map(move |(name, value)| {
            let text = value.as_str()?;
            let kind = fields
                .iter()
                .find(|field| field.name == *name)
                .map(|field| field.kind);
            let line = match kind {
                Some(FieldType::Text) => true,
                Some(FieldType::Textarea) => false,
                Some(_) => return None,
                None if name == "email" || name.contains('.') => return None,
                None => text.chars().count() <= 100 && !text.contains('\n'),
            };
            Some((name.as_str(), text, line))
        })
    }

    /// The longest text, if it is one that two people hardly write by chance.
    pub fn long_text(&self) -> Option<&'a str> {
        const LONG: usize = 60;
        let texts = self.texts().map(|(_, text, _)| text.trim());
        texts
            .max_by_key(|text| text.len())
            .filter(|text| text.len() >= LONG)
    }
}

/// Sums up what is found.
pub fn judge(evidence: &Evidence<'_>, settings: SpamSettings) -> Verdict {
    let flags = flags(evidence.email);
    let mut reasons = Vec::new();
    let mut add = |signal, points, field: Option<&str>| {
        reasons.push(SpamReason {
            signal,
            points,
            field: field.map(str::to_owned),
        });
    };
    if evidence.trapped {
        add(SpamSignal::HiddenField, 100, None);
    }
    if evidence.took.is_some_and(|took| took < Duration::from_secs(2)) {
        add(SpamSignal::TooFast, 40, None);
    }
    signals::of_texts(evidence.texts(), &mut add);
    if evidence.repeated >= 2 {
        add(SpamSignal::Repeated, 40, None);
    }
    if flags.contains(&AddressFlag::Disposable) {
        add(SpamSignal::DisposableAddress, 15, Some("email"));
    }
    match evidence.user_agent.map(str::trim).filter(|text| !text.is_empty()) {
        None => add(SpamSignal::NoUserAgent, 10, None),
        Some(program) if signals::is_tool(program) => add(SpamSignal::Tool, 5, None),
        Some(_) => {}
    }
    let score = reasons
        .iter()
        .fold(0u8, |sum, reason| sum.saturating_add(reason.points))
        .min(100);
    Verdict {
        score,
        reasons,
        flags,
        quarantined: !settings.off && score >= settings.quarantine_at,
    }
}

#[cfg(test)]
mod tests;
