//! What the places where texts are published allow, and what they make of a text.
//!
//! The rules are data (`data/platforms/rules.json`), each with its source and when it was last compared with it; to change one,
//! change it there. One [`count`] serves whoever writes, checks or publishes a text, so that all three agree.
//!
//! * [`all`] lists the rules; [`count`] measures a text by those of a platform, [`count_with`] by others, such as those of a server of
//!   Mastodon ([`Rules::of_instance`]).
//! * [`split`] makes a thread of a text that is too long.
//! * [`highlight`] shows in a preview what is wrong.
//! * [`linkedin`], [`bluesky`] and [`x`] have what only these know: escapes, identifiers, links.

mod atoms;
pub mod bluesky;
mod count;
mod emoji;
mod entity;
mod highlight;
pub mod linkedin;
mod plain;
mod rules;
mod split;
mod text;
mod unit;
pub mod x;

pub use count::{Count, Piece, Severity, Violation, ViolationCode, count_with};
pub use entity::EntityKind;
pub use highlight::highlight;
pub use rules::{Limit, LimitOn, Platform, Rules, Syntax, all};
pub use split::{Part, split};
pub use text::Span;
pub use unit::Unit;

#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod tests;

/// The rules of one platform.
pub fn rules(platform: Platform) -> Rules {
    rules::of(platform).cloned().unwrap_or_else(|| Rules {
        platform,
        name: platform.to_string(),
        syntax: Syntax::Plain,
        link_units: None,
        threads: false,
        single_line: false,
        required: false,
        forbidden: String::new(),
        no_emoji: false,
        limits: Vec::new(),
    })
}

/// What a platform would make of a text: how long it is there, what is a link, what is wrong, and how it could be a thread.
pub fn count(platform: Platform, text: &str) -> Count {
    match rules::of(platform) {
        Some(rules) => count_with(rules, text),
        None => count_with(&rules(platform), text),
    }
}
