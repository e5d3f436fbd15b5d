//! Emoji of the standard (Unicode's RGI set) in a text.

/// In code points. A family of four with skin tones is no longer.
const LONGEST: usize = 12;

/// Cuts a piece of text into emoji and single characters, and calls with each and whether it is an emoji.
///
/// Sequences that are no emoji of the standard come in the emoji that they are shown as.
pub(super) fn each_piece<'a>(text: &'a str, mut found: impl FnMut(&'a str, bool)) {
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let emoji = if may_begin(rest, sign) {
            longest(rest)
        } else {
            None
        };
        let length = emoji.unwrap_or(sign.len_utf8());
        found(&rest[..length], emoji.is_some());
        rest = &rest[length..];
    }
}

/// Whether it is worth a look.
fn may_begin(text: &str, sign: char) -> bool {
    match sign {
        '0'..='9' | '#' | '*' => text[1..].starts_with(['\u{fe0f}', '\u{20e3}']),
        // These two are letters unless they are asked to be pictures.
        '©' | '®' => text[sign.len_utf8()..].starts_with('\u{fe0f}'),
        _ => sign >= '\u{203c}',
    }
}

/// The length in bytes of the longest emoji that the text begins with.
fn longest(text: &str) -> Option<usize> {
    let ends: Vec<usize> = text
        .char_indices()
        .take(LONGEST)
        .map(|(at, sign)| at + sign.len_utf8())
        .collect();
    ends.into_iter().rev().find(|end| is_emoji(&text[..*end]))
}

fn is_emoji(text: &str) -> bool {
    if emojis::get(text).is_some() {
        return true;
    }
    // A keycap without the selector, which may be left out.
    let mut signs = text.chars();
    matches!(
        (signs.next(), signs.next(), signs.next()),
        (Some('0'..='9' | '#' | '*'), Some('\u{20e3}'), None)
    ) || text
        .strip_suffix('\u{fe0f}')
        .is_some_and(|plain| !plain.is_empty() && emojis::get(plain).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emoji(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        each_piece(text, |piece, is_emoji| {
            if is_emoji {
                all.push(piece);
            }
        });
        all
    }

    #[test]
    fn sequences_of_the_standard_are_one() {
        for one in [
            "👨‍👩‍👧‍👦",
            "🙋🏽",
            "👨‍🎤",
            "1⃣",
            "1️⃣",
            "☺",
            "☺️",
            "🇩🇪",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "❤️‍🔥",
            "🧕🏾",
            "©️",
        ] {
            assert_eq!(emoji(one), [one]);
            assert_eq!(emoji(&format!("a{one}1")), [one]);
        }
    }

    #[test]
    fn letters_and_digits_are_none_and_other_chains_are_many() {
        for none in ["abc 123 #*", "©®", "字ü", ""] {
            assert!(emoji(none).is_empty(), "{none}");
        }
        assert_eq!(emoji("🐱‍🐱‍🐱"), ["🐱", "🐱", "🐱"]);
    }
}
