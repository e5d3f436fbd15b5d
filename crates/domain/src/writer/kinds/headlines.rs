//! Headlines to choose from.

use super::{Desk, Work};
use crate::editorial::score_headline;
use crate::writer::draft::ScoredHeadline;
use crate::writer::pen::{slots_of, split_tags};

/// A message that is longer than this makes no headline, in characters.
const MESSAGE_CHARACTERS: usize = 60;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let count = usize::try_from(desk.brief.count.unwrap_or(10)).unwrap_or(10);
    let mut pen = desk.pen();
    pen.set("message", "");
    let mut texts = vec![desk.facts.title.clone()];
    let messages: Vec<_> = desk
        .facts
        .messages
        .iter()
        .map(|message| message.fragment.clone())
        .collect();
    let short: Vec<_> = messages
        .into_iter()
        .filter(|text| text.chars().count() <= MESSAGE_CHARACTERS)
        .collect();
    let short = pen.shuffled(short);
    let mut next_message = short.iter().cycle();
    let mut candidates = Vec::new();
    for line in pen.eligible("patterns") {
        let (_, pattern) = split_tags(line);
        if slots_of(pattern).any(|slot| slot == "message") {
            let Some(message) = next_message.next() else {
                continue;
            };
            pen.set("message", message);
        }
        candidates.push(pen.fill(pattern));
    }
    // Some of all, so that another seed shows others; the best of these.
    let mut candidates = pen.shuffled(candidates);
    candidates.truncate(count * 2);
    candidates.extend(short.iter().take(2).cloned());
    texts.extend(candidates);
    let mut scored: Vec<ScoredHeadline> = Vec::new();
    for text in texts {
        let known = scored
            .iter()
            .any(|other| other.text.to_lowercase() == text.to_lowercase());
        if !known && !text.is_empty() {
            let score = score_headline(&text, desk.facts.plain_keywords.first().map(String::as_str));
            scored.push(ScoredHeadline { text, score });
        }
    }
    // The title and two messages are shown whatever their score, the others by it.
    let shown =
        |text: &String| *text == desk.facts.title || short.iter().take(2).any(|message| message == text);
    scored.sort_by_key(|headline| (!shown(&headline.text), std::cmp::Reverse(headline.score.score)));
    scored.truncate(count);
    scored.sort_by_key(|headline| std::cmp::Reverse(headline.score.score));
    let notes = if scored.len() < count {
        vec![format!(
            "The brief gives enough for {} headlines and no more.",
            scored.len()
        )]
    } else {
        Vec::new()
    };
    let lines: Vec<_> = scored.iter().map(|headline| headline.text.clone()).collect();
    Work {
        body: lines.join("\n"),
        headlines: scored,
        notes,
        ..Work::default()
    }
}
