//! The tables of `data/bounce`.

use super::BounceReason;
use std::sync::LazyLock;

/// Pieces of text that follow each other, with anything between them.
#[derive(Debug)]
pub(super) struct Phrase(Vec<&'static str>);

impl Phrase {
    fn of(text: &'static str) -> Self {
        Self(text.split(" … ").collect())
    }

    /// `text` is in lower case, with single spaces.
    pub fn is_in(&self, text: &str) -> bool {
        let mut rest = text;
        self.0.iter().all(|piece| match rest.find(piece) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

/// Of the lines of a table, its columns.
pub(super) fn rows<const COLUMNS: usize>(
    table: &'static str,
) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    table.lines().filter_map(|line| {
        let mut cells = line.splitn(COLUMNS, '\t');
        let row = std::array::from_fn(|_| cells.next().unwrap_or_default());
        (!line.is_empty()).then_some(row)
    })
}

/// A phrase and what it means; a line whose reason is not known is left out, which a test forbids.
pub(super) type Meaning = (BounceReason, Phrase);

fn meaning([reason, phrase]: [&'static str; 2]) -> Option<Meaning> {
    Some((reason.parse().ok()?, Phrase::of(phrase)))
}

static FOR: LazyLock<Vec<Meaning>> = LazyLock::new(|| {
    rows(include_str!("../../../data/bounce/phrases.tsv"))
        .filter_map(meaning)
        .collect()
});
static AGAINST: LazyLock<Vec<Meaning>> = LazyLock::new(|| {
    rows(include_str!("../../../data/bounce/phrases.tsv"))
        .filter_map(|[reason, phrase]| meaning([reason.strip_prefix('!')?, phrase]))
        .collect()
});
static SERVERS: LazyLock<Vec<Meaning>> = LazyLock::new(|| {
    rows(include_str!("../../../data/bounce/servers.tsv"))
        .filter_map(meaning)
        .collect()
});

/// Whether a text has a phrase of this reason, and none against it.
pub(super) fn speaks_of(reason: BounceReason, text: &str) -> bool {
    let has = |table: &[Meaning]| {
        table
            .iter()
            .any(|(own, phrase)| *own == reason && phrase.is_in(text))
    };
    !has(&AGAINST) && has(&FOR)
}

/// What a sentence of one kind of mail server means. `Expired` is what is left when nothing more exact was said, and is asked for by itself.
pub(super) fn of_server(text: &str, expired: bool) -> Option<BounceReason> {
    SERVERS
        .iter()
        .filter(|(reason, _)| (*reason == BounceReason::Expired) == expired)
        .find(|(_, phrase)| phrase.is_in(text))
        .map(|(reason, _)| *reason)
}

/// What a program says that puts mail into mailboxes; that it speaks at all is an error of it.
pub(super) fn of_agent(text: &str) -> Option<BounceReason> {
    let table = || rows::<3>(include_str!("../../../data/bounce/agents.tsv"));
    let [agent, ..] = table().find(|[_, reason, phrase]| reason.is_empty() && text.contains(phrase))?;
    table()
        .find(|[own, reason, phrase]| *own == agent && !reason.is_empty() && text.contains(phrase))
        .and_then(|[_, reason, _]| reason.parse().ok())
        .or(Some(BounceReason::Mailer))
}

/// What a status code says by itself (RFC 3463).
pub(super) fn of_status(status: &str) -> Option<BounceReason> {
    rows::<2>(include_str!("../../../data/bounce/status.tsv"))
        .find(|[code, _]| *code == status)
        .and_then(|[_, reason]| reason.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_can_be_read() {
        let known = |reason: &str| reason.parse::<BounceReason>().is_ok();
        for [reason, phrase] in rows(include_str!("../../../data/bounce/phrases.tsv")) {
            assert!(
                known(reason.trim_start_matches('!')) && !phrase.is_empty(),
                "{reason} {phrase}"
            );
            assert_eq!(phrase, phrase.to_lowercase());
        }
        for [reason, phrase] in rows(include_str!("../../../data/bounce/servers.tsv")) {
            assert!(known(reason) && !phrase.is_empty(), "{reason} {phrase}");
            assert_eq!(phrase, phrase.to_lowercase());
        }
        for [_, reason, phrase] in rows(include_str!("../../../data/bounce/agents.tsv")) {
            assert!(
                (reason.is_empty() || known(reason)) && !phrase.is_empty(),
                "{reason} {phrase}"
            );
        }
        for [status, reason] in rows(include_str!("../../../data/bounce/status.tsv")) {
            assert!(
                known(reason) && status.split('.').count() == 3,
                "{status} {reason}"
            );
        }
        for [_, _, reason, phrase] in rows(include_str!("../../../data/bounce/providers.tsv")) {
            assert!(known(reason) && !phrase.is_empty(), "{reason} {phrase}");
            assert_eq!(phrase, phrase.to_lowercase());
        }
        assert!(FOR.len() > 600 && AGAINST.len() == 3 && SERVERS.len() > 100);
    }

    #[test]
    fn pieces_must_come_in_order() {
        let phrase = Phrase::of("user … unknown");
        assert!(phrase.is_in("the user ada is unknown"));
        assert!(!phrase.is_in("unknown user"));
    }
}
