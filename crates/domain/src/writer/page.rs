//! Text in sections, and how it grows to the length that was asked for.

use crate::editorial::count_words;

/// What stands in a section.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// Sentences.
    Paragraph(Vec<String>),
    /// Items of a list.
    List(Vec<String>),
    /// A line of its own.
    Line(String),
}

impl Part {
    fn words(&self) -> usize {
        match self {
            Self::Paragraph(texts) | Self::List(texts) => texts.iter().map(|text| count_words(text)).sum(),
            Self::Line(text) => count_words(text),
        }
    }

    fn is_empty(&self) -> bool {
        self.words() == 0
    }
}

/// A section is shown when something stands in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    pub heading: Option<String>,
    pub parts: Vec<Part>,
}

impl Section {
    fn is_empty(&self) -> bool {
        self.parts.iter().all(Part::is_empty)
    }

    fn words(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        let heading = self.heading.as_deref().map_or(0, count_words);
        heading + self.parts.iter().map(Part::words).sum::<usize>()
    }
}

/// A passage that may be added, sentence by sentence, to a paragraph.
#[derive(Debug, Clone)]
struct Offer {
    section: usize,
    part: usize,
    sentences: Vec<String>,
    /// How many of them are on the page.
    taken: usize,
    /// The offer that must be on the page entirely before this one.
    after: Option<usize>,
    /// When its first sentences are wanted, and when its further ones; small numbers first.
    rank: (u32, u32),
}

/// Text that grows.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub sections: Vec<Section>,
    offers: Vec<Offer>,
}

impl Page {
    /// Adds a section and returns its number.
    pub(super) fn section(&mut self, heading: Option<String>) -> usize {
        self.sections.push(Section {
            heading,
            parts: Vec::new(),
        });
        self.sections.len() - 1
    }

    /// Adds a part to a section and returns its number in it.
    pub(super) fn part(&mut self, section: usize, part: Part) -> usize {
        let parts = &mut self.sections[section].parts;
        parts.push(part);
        parts.len() - 1
    }

    /// Offers sentences for the end of a paragraph: `rank` says when the first two are wanted and when the others.
    pub(super) fn offer(&mut self, section: usize, part: usize, sentences: Vec<String>, rank: (u32, u32)) {
        self.offers.push(Offer {
            section,
            part,
            sentences,
            taken: 0,
            after: None,
            rank,
        });
    }

    /// Offers sentences as a paragraph of its own.
    pub(super) fn offer_paragraph(&mut self, section: usize, sentences: Vec<String>, rank: (u32, u32)) {
        let part = self.part(section, Part::Paragraph(Vec::new()));
        self.offer(section, part, sentences, rank);
    }

    /// Offers paragraphs of which each goes on from the one before.
    pub(super) fn offer_chain(&mut self, section: usize, passages: Vec<Vec<String>>, rank: (u32, u32)) {
        let mut after = None;
        for passage in passages {
            self.offer_paragraph(section, passage, rank);
            let number = self.offers.len() - 1;
            self.offers[number].after = after;
            after = Some(number);
        }
    }

    pub(super) fn words(&self) -> usize {
        self.sections.iter().map(Section::words).sum()
    }

    /// Takes offers until the page has `target` words, give or take four in a hundred if the offers allow it, and never more
    /// than ten in a hundred too many.
    pub(super) fn grow(&mut self, target: usize) {
        let (low, high, most) = (target * 96 / 100, target * 104 / 100, target * 109 / 100);
        let mut steps: Vec<(u32, usize, usize)> = Vec::new();
        for (number, offer) in self.offers.iter().enumerate() {
            steps.push((offer.rank.0, number, 2));
            steps.push((offer.rank.1, number, usize::MAX));
        }
        steps.sort_by_key(|(rank, ..)| *rank);
        for limit in [high, most] {
            for (_, number, upto) in &steps {
                while self.words() < low && self.offers[*number].taken < *upto {
                    if !self.take(*number, limit) {
                        break;
                    }
                }
            }
        }
    }

    /// Puts the next sentence of an offer on the page, unless that would make it longer than `limit`. A new paragraph begins
    /// with two sentences, if there are two.
    fn take(&mut self, number: usize, limit: usize) -> bool {
        let offer = &self.offers[number];
        let waits = offer.after.is_some_and(|before| {
            let before = &self.offers[before];
            before.taken < before.sentences.len()
        });
        if waits {
            return false;
        }
        let section = &self.sections[offer.section];
        let fresh = section.parts[offer.part].is_empty();
        let count = if fresh { 2 } else { 1 };
        let next: Vec<String> = offer
            .sentences
            .iter()
            .skip(offer.taken)
            .take(count)
            .cloned()
            .collect();
        if next.is_empty() {
            return false;
        }
        let heading = if section.is_empty() {
            section.heading.as_deref().map_or(0, count_words)
        } else {
            0
        };
        let length = heading + next.iter().map(|text| count_words(text)).sum::<usize>();
        if self.words() + length > limit {
            return false;
        }
        let (at, part, added) = (offer.section, offer.part, next.len());
        if let Part::Paragraph(sentences) = &mut self.sections[at].parts[part] {
            sentences.extend(next);
        }
        self.offers[number].taken += added;
        true
    }

    /// With `## ` before headings and `- ` before items.
    pub(super) fn markdown(&self) -> String {
        self.text("## ")
    }

    /// With headings on lines of their own.
    pub(super) fn plain(&self) -> String {
        self.text("")
    }

    fn text(&self, heading_mark: &str) -> String {
        let mut blocks = Vec::new();
        for section in self.sections.iter().filter(|section| !section.is_empty()) {
            if let Some(heading) = &section.heading {
                blocks.push(format!("{heading_mark}{heading}"));
            }
            for part in section.parts.iter().filter(|part| !part.is_empty()) {
                blocks.push(match part {
                    Part::Paragraph(sentences) => sentences.join(" "),
                    Part::List(items) => {
                        let items: Vec<_> = items.iter().map(|item| format!("- {item}")).collect();
                        items.join("\n")
                    }
                    Part::Line(line) => line.clone(),
                });
            }
        }
        blocks.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_grows_to_what_was_asked() {
        let mut page = Page::default();
        let section = page.section(None);
        page.part(section, Part::Line("One two three.".into()));
        for rank in 0..20 {
            let sentences = vec!["Four words are here.".into(), "Five more words are here.".into()];
            page.offer_paragraph(section, sentences, (rank, rank));
        }
        page.grow(100);
        assert!((96..=104).contains(&page.words()), "{}", page.words());
        // Nothing to offer any more: it stays short.
        page.grow(1000);
        assert_eq!(page.words(), 3 + 20 * 9);
    }

    #[test]
    fn an_empty_section_is_not_shown() {
        let mut page = Page::default();
        let shown = page.section(Some("Shown".into()));
        page.part(shown, Part::List(vec!["a".into(), "b".into()]));
        let hidden = page.section(Some("Hidden".into()));
        page.part(hidden, Part::Paragraph(Vec::new()));
        assert_eq!(
            (page.markdown().as_str(), page.words()),
            ("## Shown\n\n- a\n- b", 3)
        );
    }
}
