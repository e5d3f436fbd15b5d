//! Sets of characters.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

pub(in super::super) fn is_space(sign: char) -> bool {
    matches!(sign,
        '\u{9}'..='\u{d}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200a}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Marks of writing direction.
pub(super) fn is_directional(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}')
}

/// What may not be in a post at all.
pub(in super::super) fn is_invalid(sign: char) -> bool {
    matches!(sign, '\u{fffe}' | '\u{feff}' | '\u{ffff}')
}

pub(super) fn is_punctuation(sign: char) -> bool {
    matches!(
        sign,
        '!' | '\''
            | '#'
            | '%'
            | '&'
            | '('
            | ')'
            | '*'
            | '+'
            | ','
            | '\\'
            | '-'
            | '.'
            | '/'
            | ':'
            | ';'
            | '<'
            | '='
            | '>'
            | '?'
            | '@'
            | '['
            | ']'
            | '^'
            | '_'
            | '{'
            | '|'
            | '}'
            | '~'
            | '$'
    )
}

pub(in super::super) fn is_latin_accent(sign: char) -> bool {
    matches!(sign,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{253}' | '\u{254}' | '\u{256}' | '\u{257}'
        | '\u{259}' | '\u{25b}' | '\u{263}' | '\u{268}' | '\u{26f}' | '\u{272}' | '\u{289}' | '\u{28b}' | '\u{2bb}'
        | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}')
}

pub(super) fn is_cyrillic(sign: char) -> bool {
    matches!(sign, '\u{400}'..='\u{4ff}')
}

/// A letter or a mark.
pub(super) fn is_tag_letter(sign: char) -> bool {
    if sign.is_ascii() {
        return sign.is_ascii_alphabetic();
    }
    matches!(
        sign.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark
    )
}

/// What a hashtag is made of.
pub(super) fn is_tag_sign(sign: char) -> bool {
    if sign.is_ascii() {
        return sign.is_ascii_alphanumeric() || sign == '_';
    }
    is_tag_letter(sign)
        || sign.general_category() == unicode_properties::GeneralCategory::DecimalNumber
        || matches!(
            sign,
            '\u{200c}'
                | '\u{200d}'
                | '\u{a67e}'
                | '\u{5be}'
                | '\u{5f3}'
                | '\u{5f4}'
                | '\u{ff5e}'
                | '\u{301c}'
                | '\u{309b}'
                | '\u{309c}'
                | '\u{30a0}'
                | '\u{30fb}'
                | '\u{3003}'
                | '\u{f0b}'
                | '\u{f0c}'
                | '\u{b7}'
        )
}

/// Whether a tag or name that ends here is part of a link.
pub(super) fn scheme_follows(rest: &[char]) -> bool {
    rest.starts_with(&[':', '/', '/'])
}
