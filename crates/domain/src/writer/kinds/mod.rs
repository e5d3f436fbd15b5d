//! One file for each kind of text (blog posts and search content share theirs).

pub(super) mod ad;
pub(super) mod article;
pub(super) mod content_plan;
pub(super) mod email;
pub(super) mod headlines;
pub(super) mod marketing_plan;
pub(super) mod product;
pub(super) mod proposal;
pub(super) mod social;

use super::brief::Brief;
use super::draft::{AdTexts, PlanEntry, ScoredHeadline, SearchResult};
use super::facts::{Facts, Message};
use super::page::{Page, Part};
use super::pen::Pen;
use super::voice::Speech;

/// What the kinds make; the rest of a draft is the same for all.
#[derive(Default)]
pub(super) struct Work {
    pub preheader: Option<String>,
    pub body: String,
    pub search: Option<SearchResult>,
    pub headlines: Vec<ScoredHeadline>,
    pub ad: Option<AdTexts>,
    pub plan: Vec<PlanEntry>,
    pub notes: Vec<String>,
}

/// What a kind writes from.
pub(super) struct Desk<'a> {
    pub brief: &'a Brief,
    pub facts: &'a Facts,
    pub speech: &'a Speech,
    pub seed: u64,
}

impl<'a> Desk<'a> {
    pub(super) fn pen(&self) -> Pen<'a> {
        Pen::new(self.facts, self.speech, self.seed)
    }

    /// The length that was asked for, or what is usual.
    fn target(&self, usual: u32) -> usize {
        usize::try_from(self.brief.words.unwrap_or(usual)).unwrap_or(usize::MAX)
    }

    /// The first of some ways to lay a text out (0 is the fullest) that is not too long before it grows, grown to its length.
    fn fitted(&self, target: usize, ways: u32, build: impl Fn(&mut Pen, u32) -> Page) -> (Page, Vec<String>) {
        let mut page = Page::default();
        for way in 0..ways {
            page = build(&mut self.pen(), way);
            if page.words() <= target * 104 / 100 {
                break;
            }
        }
        page.grow(target);
        let (words, mut notes) = (page.words(), Vec::new());
        if words > target * 110 / 100 {
            notes.push(format!(
                "What the brief wants to be said takes {words} words, more than the {target} that were asked for: ask for more words or give fewer messages."
            ));
        } else if words * 100 < target * 90 {
            notes.push(format!(
                "The draft has {words} words and not the {target} that were asked for: more would be padding or made up. Give more messages, or write on from here."
            ));
        }
        (page, notes)
    }
}

/// Objectives' sections: a heading and its passages, in some order.
fn objective_sections(pen: &mut Pen) -> Vec<(String, Vec<Vec<String>>)> {
    let pool = format!("{}.sections", pen.facts.objective);
    sections_of(pen, &pool)
}

fn sections_of(pen: &mut Pen, pool: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let mut sections = Vec::new();
    for line in pen.eligible(pool) {
        pen.use_up(line);
        let Some((heading, passages)) = line.split_once(" :: ") else {
            continue;
        };
        let passages = passages
            .split(" | ")
            .map(|passage| pen.sentences(passage))
            .collect();
        sections.push((pen.fill(heading), passages));
    }
    sections
}

/// A passage on a message: one of its theme, or a general one.
fn on_message(pen: &mut Pen, message: &Message) -> Option<Vec<String>> {
    pen.passage(&format!("{}.passages", message.theme))
        .or_else(|| pen.passage("general.passages"))
}

/// A sentence on what is in a message for the reader.
fn benefit(pen: &mut Pen, message: &Message) -> Option<String> {
    pen.say(&format!("{}.benefits", message.theme))
}

/// The messages as items of a list, all with stops or all without.
fn items(messages: &[Message]) -> Vec<String> {
    let stops = messages
        .iter()
        .any(|message| message.sentence.ends_with(['.', '!', '?']) && message.clause);
    let item = |message: &Message| {
        if stops {
            message.sentence.clone()
        } else {
            message.fragment.clone()
        }
    };
    messages.iter().map(item).collect()
}

/// Messages in bold, each with what is in it for the reader.
fn items_with_benefits(pen: &mut Pen) -> Vec<String> {
    let facts = pen.facts;
    let item = |message: &Message| {
        let lead = bold(message);
        benefit(pen, message).map_or(lead.clone(), |benefit| format!("{lead} {benefit}"))
    };
    facts.messages.iter().map(item).collect()
}

/// As the first words of a paragraph, set off from what follows.
fn bold(message: &Message) -> String {
    format!("**{}**", message.sentence)
}

/// The last words: a closing sentence and the call to action on a line of its own.
fn close(pen: &mut Pen, page: &mut Page, section: usize, closing_pool: Option<&str>) {
    if let Some(closing) = closing_pool.and_then(|name| pen.say(name)) {
        page.part(section, Part::Paragraph(vec![closing]));
    }
    if let Some(call) = pen.facts.call_line() {
        page.part(section, Part::Line(call));
    }
}
