//! Whether others sent the same text just now: what is written to many forms was written for none of them.
//!
//! Each process knows what it took itself, for an hour. That is enough: floods arrive at all of them.

use crate::App;
use groundswell_domain::OrganizationId;
use groundswell_domain::email::EmailAddress;
use moka::ops::compute::Op;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Who sent a text: the last one, and how many there were before them. One who comes back later counts again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Senders {
    last: u64,
    others: u32,
}

/// How many other addresses sent this text within the hour.
pub(super) async fn repeated(
    app: &App,
    organization: OrganizationId,
    text: Option<&str>,
    email: &EmailAddress,
) -> u32 {
    let Some(text) = text else { return 0 };
    let (key, last) = (hash(&(organization, text)), hash(&email.key()));
    let entry = app.texts.entry(key);
    let counted = entry.and_compute_with(|known| {
        let senders = match known.map(moka::Entry::into_value) {
            None => Senders { last, others: 0 },
            Some(known) if known.last == last => known,
            Some(known) => Senders {
                last,
                others: known.others.saturating_add(1),
            },
        };
        std::future::ready(Op::Put(senders))
    });
    counted.await.into_entry().map_or(0, |entry| entry.value().others)
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
