//! How texts are counted.

/// Words as an editor counts them: what stands between blanks and has a letter or a digit in it.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}
