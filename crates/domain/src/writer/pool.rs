//! Phrases and word lists, from the data files.
//!
//! A file is made of `[pool]` lines and, below each, one entry a line; `#` starts a comment. A phrase may begin with tags in
//! parentheses that say when it may be used: tones, objectives, or `@slot` for something that the brief must give. Slots in braces
//! are filled in: `{topic}`, `{topic!}` with a capital, `{audience:need|needs}` by number (plural first). To add a phrase, add a line.

use std::collections::HashMap;
use std::sync::LazyLock;

const FILES: [&str; 5] = [
    include_str!("../../data/writer/en/themes.txt"),
    include_str!("../../data/writer/en/objectives.txt"),
    include_str!("../../data/writer/en/kinds.txt"),
    include_str!("../../data/writer/en/headlines.txt"),
    include_str!("../../data/writer/en/grammar.txt"),
];

/// Names of pools in the order of the files, with their entries.
struct Pools {
    names: Vec<&'static str>,
    entries: HashMap<&'static str, Vec<&'static str>>,
}

static POOLS: LazyLock<Pools> = LazyLock::new(|| {
    let mut pools = Pools {
        names: Vec::new(),
        entries: HashMap::new(),
    };
    let mut name = "";
    for line in FILES.iter().flat_map(|file| file.lines()).map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name = header;
            pools.names.push(name);
        } else {
            pools.entries.entry(name).or_default().push(line);
        }
    }
    pools
});

/// The entries of a pool; none when there is no such pool.
pub(super) fn pool(name: &str) -> &'static [&'static str] {
    POOLS.entries.get(name).map_or(&[], Vec::as_slice)
}

/// Names of pools that end with `.suffix`, without it, in the order of the files.
pub(super) fn pools_of(suffix: &str) -> impl Iterator<Item = &'static str> {
    let names = POOLS.names.iter();
    names.filter_map(move |name| name.strip_suffix(suffix)?.strip_suffix('.'))
}

/// Whether a word is in a list of words.
pub(super) fn listed(name: &str, word: &str) -> bool {
    pool(name).contains(&word)
}

/// What a pool of `key = value` lines says for a key.
pub(super) fn value_of(name: &str, key: &str) -> Option<&'static str> {
    pool(name).iter().find_map(|line| {
        let (found, value) = line.split_once(" = ")?;
        (found == key).then_some(value)
    })
}

#[cfg(test)]
pub(super) fn all_pools() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    POOLS.names.iter().map(|name| (*name, pool(name)))
}
