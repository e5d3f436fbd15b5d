//! Blog posts and search content.

use super::{Desk, Work, bold, close, items, objective_sections, on_message, sections_of};
use crate::editorial::count_words;
use crate::writer::brief::DraftKind;
use crate::writer::draft::SearchResult;
use crate::writer::grammar::{capitalized, enumerated};
use crate::writer::page::{Page, Part};
use crate::writer::pen::Pen;
use unicode_normalization::UnicodeNormalization;

/// Google cuts titles and descriptions by width; these are about what it shows on a desktop.
const TITLE_CHARACTERS: usize = 60;
const DESCRIPTION_CHARACTERS: usize = 155;
/// Words that a section with a message needs to be worth its heading.
const WORDS_PER_SECTION: usize = 55;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let search = desk.brief.kind == DraftKind::SeoContent;
    let target = desk.target(if search { 800 } else { 600 });
    let messages = desk.facts.messages.len();
    let roomy = target >= 110 + messages * WORDS_PER_SECTION;
    let (page, notes) = desk.fitted(target, 3, |pen, way| {
        let way = if roomy { way } else { way.max(1) };
        build(pen, way, search && target >= 400)
    });
    Work {
        body: page.markdown(),
        search: search.then(|| search_result(desk)),
        notes,
        ..Work::default()
    }
}

/// Way 0 gives each message a section, way 1 lists them, and way 2 leaves out all that can be left out.
fn build(pen: &mut Pen, way: u32, questions: bool) -> Page {
    let mut page = Page::default();
    introduce(pen, &mut page, way, questions);
    if way == 0 {
        for message in &pen.facts.messages {
            tell(pen, &mut page, message);
        }
    } else if !pen.facts.messages.is_empty() {
        let section = page.section(None);
        if let Some(lead) = pen.say("article.list_leads") {
            page.part(section, Part::Line(lead));
        }
        page.part(section, Part::List(items(&pen.facts.messages)));
    }
    let own = objective_sections(pen).into_iter().zip([40, 40, 60, 60, 60]);
    let common = sections_of(pen, "any.sections").into_iter().zip(70..);
    for ((heading, passages), rank) in own.chain(common) {
        let section = page.section(Some(heading));
        page.offer_chain(section, passages, (rank, rank));
    }
    if questions {
        answer(pen, &mut page);
    }
    let heading = if way == 0 {
        pen.say("article.closing_headings")
    } else {
        None
    };
    let section = page.section(heading);
    let closings = format!("{}.closings", pen.facts.objective);
    close(pen, &mut page, section, (way < 2).then_some(closings.as_str()));
    page
}

fn introduce(pen: &mut Pen, page: &mut Page, way: u32, search: bool) {
    let section = page.section(None);
    let openings = format!("{}.openings", pen.facts.objective);
    let opening = if way < 2 { pen.passage(&openings) } else { None };
    if let Some(mut opening) = opening {
        let rest = opening.split_off(opening.len().min(2));
        let part = page.part(section, Part::Paragraph(opening));
        page.offer(section, part, rest, (20, 20));
    }
    let others: Vec<String> = pen
        .facts
        .keywords
        .iter()
        .skip(1)
        .map(|noun| noun.text.clone())
        .collect();
    let mut about: Vec<String> = pen.say("article.topic").into_iter().collect();
    if way < 2 {
        about.extend(pen.say("article.audience"));
    }
    if !others.is_empty() {
        about.extend(pen.say_with("article.keywords", "keywords", &enumerated(&others)));
    }
    let section = if search && way == 0 {
        let heading = pen.say("article.glance_headings");
        page.section(heading)
    } else {
        section
    };
    page.part(section, Part::Paragraph(about));
}

/// A section on one message.
fn tell(pen: &mut Pen, page: &mut Page, message: &crate::writer::facts::Message) {
    let heading = pen
        .say(&format!("{}.headings", message.theme))
        .or_else(|| pen.say("general.headings"));
    let section = page.section(heading);
    let part = page.part(section, Part::Paragraph(vec![bold(message)]));
    if let Some(passage) = on_message(pen, message) {
        page.offer(section, part, passage, (10, 30));
    }
    if let Some(passage) = pen.passage(&format!("{}.passages", message.theme)) {
        page.offer_paragraph(section, passage, (50, 50));
    }
}

fn answer(pen: &mut Pen, page: &mut Page) {
    let pool = format!("{}.questions", pen.facts.objective);
    let lines: Vec<_> = pen.eligible(&pool).into_iter().take(2).collect();
    let heading = pen.say("article.faq_heading");
    let section = page.section(heading);
    for line in lines {
        let Some((question, reply)) = line.split_once(" :: ") else {
            continue;
        };
        page.part(section, Part::Line(format!("### {}", pen.fill(question))));
        let reply = pen.sentences(reply);
        page.part(section, Part::Paragraph(reply));
    }
}

fn search_result(desk: &Desk) -> SearchResult {
    let facts = desk.facts;
    let keyword = facts.plain_keywords.first();
    let has_keyword =
        |text: &str| keyword.is_none_or(|word| text.to_lowercase().contains(&word.to_lowercase()));
    let fits = |text: &String| text.chars().count() <= TITLE_CHARACTERS;
    let with_keyword = keyword.map(|word| format!("{}: {}", capitalized(word), facts.title));
    let with_brand = facts
        .brand
        .as_ref()
        .map(|brand| format!("{} | {brand}", facts.title));
    let titles = if has_keyword(&facts.title) {
        vec![with_brand, Some(facts.title.clone())]
    } else {
        vec![with_keyword, keyword.map(|word| capitalized(word))]
    };
    let title = titles.into_iter().flatten().find(fits);
    let title = title.unwrap_or_else(|| shortened(&facts.title, TITLE_CHARACTERS));

    let mut sentences: Vec<String> = Vec::new();
    let named = facts
        .messages
        .iter()
        .any(|message| has_keyword(&message.sentence));
    sentences.extend(
        keyword
            .filter(|_| !named)
            .map(|word| format!("{}.", capitalized(word))),
    );
    sentences.extend(facts.messages.iter().map(|message| message.sentence.clone()));
    sentences.extend(facts.call.clone());
    let mut description = String::new();
    // The call to action is worth more than the last message.
    let call = facts.call.as_ref().map_or(0, |call| call.chars().count() + 1);
    let last = sentences.len().saturating_sub(usize::from(call > 0));
    for (at, sentence) in sentences.iter().enumerate() {
        let reserved = if at < last { call } else { 0 };
        let length = description.chars().count() + 1 + sentence.chars().count();
        if length + reserved <= DESCRIPTION_CHARACTERS {
            if !description.is_empty() {
                description.push(' ');
            }
            description.push_str(sentence);
        }
    }
    if description.is_empty() {
        description = shortened(&facts.title, DESCRIPTION_CHARACTERS);
    }
    SearchResult {
        title,
        description,
        slug: slug(
            keyword
                .filter(|word| count_words(word) > 1)
                .unwrap_or(&facts.title),
        ),
    }
}

/// Up to a number of characters, cut between words.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut short = String::new();
    for word in text.split(' ') {
        if short.chars().count() + word.chars().count() + 2 > characters {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    if short.is_empty() {
        short = text.chars().take(characters.saturating_sub(1)).collect();
    }
    format!("{}…", short.trim_end_matches([',', ';', ':', '-', '–']))
}

/// Small letters of ASCII, digits and hyphens, at most 60.
fn slug(text: &str) -> String {
    let plain = text
        .nfkd()
        .filter(char::is_ascii)
        .collect::<String>()
        .to_lowercase();
    let words: Vec<_> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut slug = String::new();
    for word in words {
        if slug.len() + word.len() + 1 > 60 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}
