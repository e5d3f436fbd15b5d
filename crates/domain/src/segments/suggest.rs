//! "Did you mean": the known word that is nearest to one that is not.

/// At most two changes, and fewer than half the letters.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 2.min(word.chars().count().saturating_sub(1) / 2);
    known
        .into_iter()
        // `scor` is nearer to `score.total` by its first part.
        .map(|candidate| {
            let first = candidate.split('.').next().unwrap_or(candidate);
            (distance(word, candidate).min(distance(word, first)), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance: letters that are added, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["score.total", "stage", "status", "company"];
        assert_eq!(nearest("scor", known), Some("score.total"));
        assert_eq!(nearest("stege", known), Some("stage"));
        assert_eq!(nearest("compnay", known), Some("company"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest("x", known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
