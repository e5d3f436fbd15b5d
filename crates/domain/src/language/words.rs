//! Words and sentences, as textstat @dadf3d2 sees them: its scores can only be compared with others' if the counts are the same.
//!
//! * Words are what whitespace separates. Marks inside are dropped, so `well-balanced` is one word, `wellbalanced`. An apostrophe
//!   stays before `t`, `s`, `d`, `ve`, `ll` and `re`, where it is a contraction. A curved one counts as a straight one, which is the
//!   one difference to textstat.
//! * A sentence begins with a letter or digit and ends with full stops, exclamation or question marks, also those of other scripts.
//!   One of two words or fewer counts for nothing: it is an abbreviation or a heading. A text that has words has one sentence at least.

/// A letter, digit or underscore.
pub(super) fn is_of_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

pub(super) fn ends_sentence(sign: char) -> bool {
    matches!(
        sign,
        '.' | '!' | '?' | '。' | '．' | '！' | '？' | '｡' | '؟' | '۔' | '।' | '॥' | '։' | '።' | '။'
    )
}

fn is_apostrophe(sign: char) -> bool {
    matches!(sign, '\'' | '\u{2019}')
}

/// Whether an apostrophe is part of a contraction, by what follows it.
fn contracts(after: &str) -> bool {
    after.starts_with(['t', 's', 'd']) || ["ve", "ll", "re"].iter().any(|end| after.starts_with(end))
}

/// Puts the word into `word`, in lower case; empty when there is none between the marks. Returns its length without apostrophes, in
/// characters as they were written.
fn clean(token: &str, word: &mut String) -> usize {
    word.clear();
    let mut letters = 0;
    for (at, sign) in token.char_indices() {
        if is_of_word(sign) {
            letters += 1;
            if sign.is_ascii() {
                word.push(sign.to_ascii_lowercase());
            } else {
                word.extend(sign.to_lowercase());
            }
        } else if is_apostrophe(sign) && contracts(&token[at + sign.len_utf8()..]) {
            word.push('\'');
        }
    }
    letters
}

/// Calls with each word, in lower case, and its length without apostrophes.
pub(super) fn each_word(text: &str, mut found: impl FnMut(&str, usize)) {
    let mut word = String::new();
    for token in text.split_whitespace() {
        let letters = clean(token, &mut word);
        if !word.is_empty() {
            found(&word, letters);
        }
    }
}

/// The parts of a text that may be sentences.
pub(super) fn each_sentence<'a>(text: &'a str, mut found: impl FnMut(&'a str)) {
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        let sentence = &rest[start..];
        let body = sentence.find(ends_sentence).unwrap_or(sentence.len());
        let end = sentence[body..]
            .find(|sign| !ends_sentence(sign))
            .map_or(sentence.len(), |marks| body + marks);
        found(&sentence[..end]);
        rest = &sentence[end..];
    }
}

/// Sentences of more than two words; at least one, if the text is not empty.
pub(super) fn sentences(text: &str) -> usize {
    if text.is_empty() {
        return 0;
    }
    let mut count = 0;
    each_sentence(text, |sentence| {
        let mut words = 0;
        each_word(sentence, |_, _| words += 1);
        count += usize::from(words > 2);
    });
    count.max(1)
}

/// Sentences of a text without spaces between its words.
pub(super) fn sentences_without_spaces(text: &str) -> usize {
    let mut count = 0;
    each_sentence(text, |_| count += 1);
    count
}

/// A letter of a script that puts no spaces between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer.
pub(super) fn is_unspaced(sign: char) -> bool {
    matches!(sign,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_word(text, |word, _| all.push(word.to_owned()));
        all
    }

    #[test]
    fn marks_are_dropped_and_contractions_stay() {
        assert_eq!(
            words("'Don't!' — the well-balanced (Joneses') said… it’ll do_it"),
            [
                "don't",
                "the",
                "wellbalanced",
                "joneses",
                "said",
                "it'll",
                "do_it"
            ]
        );
        assert_eq!(words(" - ' \" "), Vec::<String>::new());
    }

    #[test]
    fn short_sentences_count_for_nothing() {
        assert_eq!(sentences(""), 0);
        assert_eq!(sentences("Buy now. Save big."), 1);
        assert_eq!(
            sentences("We built this for you. Try it out today!! It is free, isn't it?"),
            3
        );
        assert_eq!(sentences_without_spaces("我们制造工具。欢迎光临！"), 2);
    }
}
