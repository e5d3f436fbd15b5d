//! The words and emoticons of a text.

pub(super) struct Tokens<'a> {
    /// As they were written.
    pub words: Vec<&'a str>,
    /// In lower case.
    pub lower: Vec<String>,
    /// Whether some words, but not all, are in capitals: only then they stand out.
    pub capitals_stand_out: bool,
}

/// What Python's `split` separates at.
pub(super) fn is_space(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '\u{1c}'..='\u{1f}')
}

/// All letters that have a case are capitals, and there is one.
pub(super) fn is_upper(word: &str) -> bool {
    let mut some = false;
    for sign in word.chars() {
        if sign.is_lowercase() {
            return false;
        }
        some |= sign.is_uppercase();
    }
    some
}

/// Without the marks around it, unless little is left: then it is an emoticon.
fn strip(token: &str) -> &str {
    let stripped = token.trim_matches(|sign: char| sign.is_ascii_punctuation());
    if stripped.chars().nth(2).is_some() {
        stripped
    } else {
        token
    }
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let words: Vec<_> = text
            .split(is_space)
            .filter(|token| !token.is_empty())
            .map(strip)
            .collect();
        let capitals = words.iter().filter(|word| is_upper(word)).count();
        Self {
            lower: words.iter().map(|word| word.to_lowercase()).collect(),
            capitals_stand_out: 0 < capitals && capitals < words.len(),
            words,
        }
    }
}
