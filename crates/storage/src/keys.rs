//! Lists of keys in a statement.

/// Repeats the last key until their number is a power of two. In `IN (...)` that changes nothing, and the statement has
/// one of few texts: the driver keeps prepared statements by text, and a text per length would push the others out.
pub(crate) fn padded<T: Clone>(keys: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut keys: Vec<T> = keys.into_iter().collect();
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::padded;

    #[test]
    fn nothing_is_added_but_the_last_key() {
        assert_eq!(padded([1, 2, 3]), [1, 2, 3, 3]);
        assert_eq!(padded([1, 2]), [1, 2]);
        assert_eq!(padded(Vec::<i32>::new()), Vec::<i32>::new());
    }
}
