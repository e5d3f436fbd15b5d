//! What is looked for in texts, and in the name of the program that sent them.

use super::SpamSignal;
use crate::user_agent::Agent;

/// What sells the same things everywhere. In lower case.
const PHRASES: [&str; 36] = [
    "backlinks",
    "bitcoin investment",
    "boost your ranking",
    "buy followers",
    "casino bonus",
    "cheap viagra",
    "cialis",
    "crypto investment",
    "domain authority",
    "earn money online",
    "first page of google",
    "guest post on your",
    "increase your traffic",
    "investment opportunity with",
    "make money fast",
    "million dollars",
    "online casino",
    "payday loan",
    "rank your website",
    "seo services",
    "sildenafil",
    "viagra",
    "kredit ohne schufa",
    "online-casino",
    "schnell geld verdienen",
    "suchmaschinen ganz oben",
    "gagner de l'argent",
    "prêt entre particulier",
    "dinero rápido",
    "préstamo rápido",
    "guadagnare online",
    "заработок в интернете",
    "казино",
    "продвижение сайт",
    "代开发票",
    "加微信",
];

/// Names of people: nobody has a link for one.
const NAMES: [&str; 7] = [
    "name",
    "first_name",
    "last_name",
    "firstname",
    "lastname",
    "full_name",
    "title",
];

const TOOLS: [&str; 18] = [
    "axios/",
    "aiohttp",
    "bot/",
    "bot;",
    "crawler",
    "curl/",
    "go-http-client",
    "headlesschrome",
    "java/",
    "libwww-perl",
    "node-fetch",
    "okhttp",
    "phantomjs",
    "python-requests",
    "python-urllib",
    "scrapy",
    "spider",
    "wget/",
];

pub(super) fn is_tool(user_agent: &str) -> bool {
    let name = user_agent.to_ascii_lowercase();
    TOOLS.iter().any(|tool| name.contains(tool)) || Agent::of(user_agent) == Agent::Bot
}

/// Each signal at most once, with the first answer that has it; of phrases three count.
pub(super) fn of_texts<'a>(
    texts: impl Iterator<Item = (&'a str, &'a str, bool)>,
    add: &mut impl FnMut(SpamSignal, u8, Option<&str>),
) {
    let (mut links, mut most) = (0, None);
    let mut phrases = 0;
    let mut once = Vec::new();
    let mut first = |signal, points, field: &str, add: &mut dyn FnMut(SpamSignal, u8, Option<&str>)| {
        if !once.contains(&signal) {
            once.push(signal);
            add(signal, points, Some(field));
        }
    };
    for (field, text, line) in texts {
        let lower = text.to_lowercase();
        let here = count_links(&lower);
        links += here;
        if here > 0 {
            most = Some(field);
            if line && NAMES.contains(&field) {
                first(SpamSignal::LinkInName, 45, field, add);
            }
        }
        if ["[url", "[link=", "<a href", "</a>"]
            .iter()
            .any(|tag| lower.contains(tag))
        {
            first(SpamSignal::Markup, 40, field, add);
        }
        if text.split(|c: char| !c.is_alphabetic()).any(is_mixed) {
            first(SpamSignal::MixedScripts, 30, field, add);
        }
        if line && text.split(|c: char| !c.is_alphabetic()).any(is_gibberish) {
            first(SpamSignal::Gibberish, 25, field, add);
        }
        for phrase in PHRASES {
            if phrases < 3 && lower.contains(phrase) {
                phrases += 1;
                add(SpamSignal::Phrase, 20, Some(field));
            }
        }
    }
    match links {
        0..=3 => {}
        4..=6 => add(SpamSignal::ManyLinks, 25, most),
        _ => add(SpamSignal::ManyLinks, 40, most),
    }
}

/// `text` is in lower case.
fn count_links(text: &str) -> usize {
    let count = |part| text.matches(part).count();
    count("http://") + count("https://") + count("www.").saturating_sub(count("://www."))
}

/// Latin letters with Cyrillic or Greek ones: `раypal`. One foreign letter is enough, a sign of mathematics is not a word.
fn is_mixed(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    let other = word
        .chars()
        .any(|c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}'));
    latin && other && word.chars().count() >= 3
}

/// Hardly a vowel in a long word, or capitals all over it. Abbreviations and German compounds pass.
fn is_gibberish(word: &str) -> bool {
    if word.len() < 8 || !word.is_ascii() {
        return false;
    }
    let is_vowel = |byte: u8| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let vowels = word.bytes().filter(|byte| is_vowel(*byte)).count();
    let (mut run, mut longest) = (0, 0);
    for byte in word.bytes() {
        run = if is_vowel(byte) { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    let jumps = word
        .as_bytes()
        .windows(2)
        .filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
        .count();
    let shouted = word.bytes().all(|byte| byte.is_ascii_uppercase());
    (!shouted && longest >= 6 && vowels * 100 <= word.len() * 15) || jumps >= 4
}
