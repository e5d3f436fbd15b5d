//! What platforms count.

use super::emoji::each_piece;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

crate::text_enum::text_enum! {
    /// What a limit is counted in.
    Unit {
        /// X's weighted length (twitter-text, configuration 3): 1 for Latin and most other alphabets, 2 for the rest and for each emoji,
        /// after composing (NFC).
        Weighted => "weighted",
        /// What a reader sees as one character: extended grapheme clusters.
        Graphemes => "graphemes",
        /// Unicode code points.
        CodePoints => "code_points",
        /// Code units of UTF-16, as JavaScript and Java count: an emoji has two or more.
        Utf16 => "utf16",
        /// Bytes of UTF-8.
        Bytes => "bytes",
        /// Code points, but for an emoji its bytes of UTF-8.
        EmojiBytes => "emoji_bytes",
        /// 1, and 2 for signs of double width as in Chinese, Japanese and Korean.
        Width => "width",
        /// Things, not text: hashtags, mentions, links.
        Items => "items",
    }
}

impl Unit {
    /// How much a piece of text counts. Pieces can be added up as long as none begins inside of a grapheme.
    pub(super) fn count(self, text: &str) -> usize {
        match self {
            Self::Weighted => weighted(text),
            Self::Graphemes => text.graphemes(true).count(),
            Self::CodePoints => text.chars().count(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Bytes => text.len(),
            Self::EmojiBytes => {
                let mut sum = 0;
                each_piece(text, |piece, emoji| sum += if emoji { piece.len() } else { 1 });
                sum
            }
            Self::Width => text.chars().map(|sign| sign.width().unwrap_or(0).max(1)).sum(),
            Self::Items => 1,
        }
    }
}

/// Characters that weigh half: <https://github.com/twitter/twitter-text/blob/30e2430/config/v3.json>.
fn is_light(sign: char) -> bool {
    matches!(u32::from(sign), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247)
}

fn weighted(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let composed = (!is_nfc(text)).then(|| text.nfc().collect::<String>());
    let mut sum = 0;
    each_piece(composed.as_deref().unwrap_or(text), |piece, emoji| {
        let light = !emoji && piece.chars().all(is_light);
        sum += if light { 1 } else { 2 };
    });
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_counts_its_own_way() {
        let text = "e\u{301}字👨‍👩‍👧‍👦";
        for (unit, count) in [
            (Unit::Weighted, 1 + 2 + 2),
            (Unit::Graphemes, 3),
            (Unit::CodePoints, 2 + 1 + 7),
            (Unit::Utf16, 2 + 1 + 11),
            (Unit::Bytes, 3 + 3 + 25),
            (Unit::EmojiBytes, 2 + 1 + 25),
        ] {
            assert_eq!(unit.count(text), count, "{unit}");
        }
        assert_eq!(Unit::Width.count("ab字"), 4);
    }
}
