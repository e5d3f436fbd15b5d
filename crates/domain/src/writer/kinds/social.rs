//! Posts for social networks.

use super::{Desk, Work, benefit, objective_sections};
use crate::editorial::count_words;
use crate::writer::pen::Pen;

/// A post, while it is put together.
#[derive(Clone, Default)]
struct Post {
    hook: Option<String>,
    /// Messages, each with what follows it.
    said: Vec<String>,
    listed: bool,
    more: Vec<String>,
    call: Option<String>,
    tags: Vec<String>,
}

impl Post {
    fn text(&self) -> String {
        let mut blocks: Vec<String> = self.hook.iter().cloned().collect();
        if self.listed {
            let lines: Vec<_> = self.said.iter().map(|line| format!("• {line}")).collect();
            blocks.push(lines.join("\n"));
        } else {
            blocks.push(self.said.join(" "));
        }
        blocks.extend(self.more.iter().cloned());
        blocks.extend(self.call.iter().cloned());
        blocks.push(self.tags.join(" "));
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n")
    }
}

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let limit = usize::try_from(desk.brief.limit.unwrap_or(500)).unwrap_or(usize::MAX);
    let fits = |post: &Post| {
        characters(
            &post.text(),
            desk.brief.url.as_deref(),
            desk.brief.link_characters,
        ) <= limit
    };
    let mut pen = desk.pen();
    let facts = desk.facts;
    let (mut post, mut notes) = (Post::default(), Vec::new());
    let put = |post: &mut Post, change: &dyn Fn(&mut Post)| {
        let mut changed = post.clone();
        change(&mut changed);
        let fine = fits(&changed);
        if fine {
            *post = changed;
        }
        fine
    };
    let call = facts.call_line();
    if call.is_some() && !put(&mut post, &|post| post.call.clone_from(&call)) {
        notes.push(format!(
            "The call to action does not fit into {limit} characters."
        ));
    }
    post.listed = facts.messages.len() > 2 && limit >= 400;
    let mut left_out = Vec::new();
    for (number, message) in (1..).zip(&facts.messages) {
        let line = if post.listed {
            &message.fragment
        } else {
            &message.sentence
        };
        if !put(&mut post, &|post| post.said.push(line.clone())) {
            left_out.push(number.to_string());
        }
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "There was no room within {limit} characters for these messages: {}.",
            left_out.join(", ")
        ));
    }
    let hook = hook(&mut pen);
    put(&mut post, &|post| post.hook.clone_from(&hook));
    let tags = hashtags(&facts.plain_keywords, desk.brief.hashtags);
    for tag in tags {
        put(&mut post, &|post| post.tags.push(tag.clone()));
    }
    let goal = desk.target(if limit < 600 { 45 } else { 80 });
    for addition in additions(&mut pen, &post, desk.brief.words.is_some()) {
        let words = count_words(&post.text());
        if words >= goal || words + count_words(&addition.1) > goal * 109 / 100 {
            continue;
        }
        put(&mut post, &|post| match addition.0 {
            Some(at) => post.said[at] = format!("{} {}", post.said[at], addition.1),
            None => post.more.push(addition.1.clone()),
        });
    }
    Work {
        body: post.text(),
        notes,
        ..Work::default()
    }
}

/// The title, or something to stop at.
fn hook(pen: &mut Pen) -> Option<String> {
    let title = crate::writer::grammar::sentence(&pen.facts.title);
    let hook = pen.say(&format!("{}.hooks", pen.facts.objective));
    // A title that asks something is a hook by itself.
    if title.ends_with('?') {
        return Some(title);
    }
    pen.shuffled([Some(title.clone()), hook.map(|hook| format!("{title}\n{hook}"))])
        .into_iter()
        .flatten()
        .next()
}

/// What can be added, in order: for a message, or at the end.
fn additions(pen: &mut Pen, post: &Post, long: bool) -> Vec<(Option<usize>, String)> {
    let facts = pen.facts;
    let mut additions = Vec::new();
    if let Some(audience) = pen.say("social.audience") {
        additions.push((None, audience));
    }
    if !post.listed && post.said.len() == facts.messages.len() {
        for (at, message) in facts.messages.iter().enumerate().take(post.said.len()) {
            additions.extend(benefit(pen, message).map(|text| (Some(at), text)));
        }
    }
    // Longer posts only where they are asked for.
    if long {
        for (_, passages) in objective_sections(pen) {
            additions.extend(
                passages
                    .into_iter()
                    .take(1)
                    .map(|sentences| (None, sentences.join(" "))),
            );
        }
    }
    if let Some(question) = pen.say("social.more") {
        additions.insert(additions.len().min(1), (None, question));
    }
    additions
}

/// Letters and digits of keywords, each word with a capital.
fn hashtags(keywords: &[String], most: u8) -> Vec<String> {
    let tag = |keyword: &String| -> String {
        let words = keyword
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.map(crate::writer::grammar::capitalized).collect()
    };
    let tags = keywords.iter().map(tag);
    // A tag of digits alone is none.
    let tags = tags.filter(|tag| tag.chars().any(char::is_alphabetic));
    tags.map(|tag| format!("#{tag}")).take(most.into()).collect()
}

/// Characters, where an address may count as a fixed number of them.
pub(in crate::writer) fn characters(text: &str, url: Option<&str>, link_characters: Option<u32>) -> usize {
    let count = text.chars().count();
    match (url.map(str::trim).filter(|url| !url.is_empty()), link_characters) {
        (Some(url), Some(each)) => {
            let links = text.matches(url).count();
            let each = usize::try_from(each).unwrap_or(usize::MAX);
            count - links * url.chars().count() + links * each
        }
        _ => count,
    }
}
