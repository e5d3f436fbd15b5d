//! A brief as the kinds of text read it: cleaned, with the right words, and with what can be guessed from it.

use super::brief::{Brief, Objective, Tone};
use super::clean::plain;
use super::grammar::{self, Noun};
use super::pool::{listed, pool, pools_of, value_of};
use super::voice::Speech;
use crate::validate::Problems;

/// One thing that must be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// As a sentence, with its final mark.
    pub sentence: String,
    /// Without a stop, for lists and headlines.
    pub fragment: String,
    /// Whether it is more than a fragment.
    pub clause: bool,
    /// The name of its theme in the data.
    pub theme: &'static str,
}

pub(super) struct Facts {
    pub title: String,
    pub topic: Option<Noun>,
    pub audience: Option<Noun>,
    pub messages: Vec<Message>,
    pub tone: Tone,
    pub objective: Objective,
    /// The keywords as nouns, the first one included.
    pub keywords: Vec<Noun>,
    /// The keywords as they were given.
    pub plain_keywords: Vec<String>,
    /// A sentence, without the address.
    pub call: Option<String>,
    pub url: Option<String>,
    pub brand: Option<String>,
    pub product: Option<Noun>,
    pub budget: Option<String>,
    pub platforms: Vec<String>,
}

impl Facts {
    /// Errors by field: what is empty after cleaning but needed, and what the brand's voice bans.
    pub(super) fn of(brief: &Brief, speech: &Speech, problems: &mut Problems) -> Self {
        let mut read = |field: &str, text: &str| {
            let text = speech.spoken(&grammar::unshouted(&plain(text)));
            if let Some(term) = speech.banned_in(&text) {
                let message = format!(
                    "has the term \"{term}\", which the brand's voice bans: say it in other words, or give a preferred term for it"
                );
                problems.add(field, message);
            }
            Some(text).filter(|text| text.chars().any(char::is_alphanumeric))
        };
        let title = read("title", &brief.title).unwrap_or_default();
        let mut optional =
            |field: &str, text: &Option<String>| text.as_deref().and_then(|text| read(field, text));
        let audience = optional("audience", &brief.audience);
        let call = optional("call_to_action", &brief.call_to_action);
        let brand = optional("brand", &brief.brand);
        let product = optional("product", &brief.product);
        let budget = optional("budget", &brief.budget);
        let mut list = |field: &str, texts: &[String]| {
            let texts = texts.iter().enumerate();
            let texts = texts.filter_map(|(at, text)| read(&format!("{field}[{at}]"), text));
            let mut kept: Vec<String> = Vec::new();
            for text in texts {
                if !kept.iter().any(|other| same(other, &text)) {
                    kept.push(text);
                }
            }
            kept
        };
        let messages = list("messages", &brief.messages);
        let plain_keywords = list("keywords", &brief.keywords);
        let platforms = list("platforms", &brief.platforms);
        problems.check(!title.is_empty(), "title", "must not be empty");

        let keywords: Vec<Noun> = plain_keywords.iter().map(|keyword| Noun::new(keyword)).collect();
        let topic = keywords.first().cloned().or_else(|| noun_of_title(&title));
        let title = grammar::fragment(&title);
        let asked = call.clone().unwrap_or_default();
        Self {
            topic,
            audience: audience.map(|audience| grammar::group(&audience)),
            messages: messages
                .iter()
                .filter(|text| call.as_deref().is_none_or(|call| !same(call, text)))
                .map(|text| message(text))
                .collect(),
            tone: brief.tone.unwrap_or_else(|| tone_of(&brief.voice.tone_words)),
            objective: brief.objective.unwrap_or_else(|| objective_of(&asked, &title)),
            keywords,
            plain_keywords,
            call: call.map(|call| grammar::sentence(&call)),
            url: brief
                .url
                .as_deref()
                .map(|url| url.trim().to_owned())
                .filter(|url| !url.is_empty()),
            brand,
            product: product.map(|product| named(&product)),
            budget,
            platforms,
            title,
        }
    }

    /// The call to action with its address, on one line.
    pub(super) fn call_line(&self) -> Option<String> {
        match (&self.call, &self.url) {
            (Some(call), Some(url)) if call.contains(url.as_str()) => Some(call.clone()),
            (Some(call), Some(url)) => {
                Some(format!("{}: {url}", call.trim_end_matches(['.', '!', '?', ' '])))
            }
            (Some(call), None) => Some(call.clone()),
            (None, Some(url)) => Some(url.clone()),
            (None, None) => None,
        }
    }
}

fn message(text: &str) -> Message {
    Message {
        sentence: grammar::sentence(text),
        fragment: grammar::fragment(text),
        clause: grammar::is_clause(text),
        theme: theme_of(text),
    }
}

/// Whether two texts say the same but for marks and capitals.
fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> String {
        let chars = text.chars().filter(|c| c.is_alphanumeric());
        chars.flat_map(char::to_lowercase).collect()
    };
    letters(a) == letters(b)
}

/// A product's name takes no article when it is written with a capital.
fn named(product: &str) -> Noun {
    if product.chars().next().is_some_and(char::is_uppercase) {
        let plural = Noun::new(&product.to_lowercase()).plural && product.contains(' ');
        return Noun {
            text: product.to_owned(),
            plural,
        };
    }
    Noun::new(product)
}

/// A title that is short and neither a question nor a sentence can stand where a noun does.
fn noun_of_title(title: &str) -> Option<Noun> {
    let words: Vec<_> = title.split_whitespace().collect();
    let first = words.first()?.to_lowercase();
    let asks = [
        "how", "why", "what", "when", "where", "who", "which", "is", "are", "do", "does", "can",
    ];
    // Verbs that titles begin with would be taken for nouns; so only what is said with a determiner is.
    let fine = (1..=6).contains(&words.len())
        && !title.contains(['?', '!', ':', ',', '.'])
        && !asks.contains(&first.as_str())
        && listed("determiners", &first)
        && !grammar::is_clause(title);
    fine.then(|| Noun::new(title))
}

fn tone_of(words: &[String]) -> Tone {
    words
        .iter()
        .filter_map(|word| value_of("tones", &word.trim().to_lowercase()))
        .find_map(|tone| tone.parse().ok())
        .unwrap_or(Tone::Professional)
}

/// The words of a text in small letters, without marks around them.
fn tokens(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// How many words of a list a text has. An asterisk stands for any ending; signs count wherever they are.
fn hits(text: &str, words: &[String], list: &[&str]) -> usize {
    list.iter()
        .filter(|entry| {
            if entry.contains(' ') || !entry.chars().any(char::is_alphanumeric) {
                return text.contains(*entry);
            }
            match entry.strip_suffix('*') {
                Some(stem) => words.iter().any(|word| word.starts_with(stem)),
                None => words.iter().any(|word| word == *entry),
            }
        })
        .count()
}

fn best(text: &str, suffix: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let words = tokens(&text);
    let mut found: Option<(usize, &'static str)> = None;
    for name in pools_of(suffix) {
        let count = hits(&text, &words, pool(&format!("{name}.{suffix}")));
        if count > found.map_or(0, |(most, _)| most) {
            found = Some((count, name));
        }
    }
    found.map(|(_, name)| name)
}

/// What a message is about.
fn theme_of(text: &str) -> &'static str {
    best(text, "words").unwrap_or("general")
}

fn objective_of(call: &str, title: &str) -> Objective {
    let found = best(call, "cues").or_else(|| best(title, "cues"));
    found
        .and_then(|name| name.parse().ok())
        .unwrap_or(Objective::Sell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_should_do_is_guessed_from_the_call() {
        for (call, expected) in [
            ("Book your check-up", Objective::Book),
            ("Visit us at stand B12", Objective::Attend),
            ("Donate today", Objective::Support),
            ("Apply by mail", Objective::Apply),
            ("Download the guide", Objective::Learn),
            ("Order online", Objective::Sell),
            ("", Objective::Sell),
        ] {
            assert_eq!(objective_of(call, ""), expected, "{call}");
        }
    }

    #[test]
    fn messages_have_themes() {
        for (text, theme) in [
            ("Import any CSV file", "open"),
            ("Open on Saturdays", "place"),
            ("No set-up fee", "price"),
            ("95% of donations reach the villages", "cause"),
            ("Ready in five minutes", "time"),
            ("Blue", "general"),
        ] {
            assert_eq!(theme_of(text), theme, "{text}");
        }
    }
}
