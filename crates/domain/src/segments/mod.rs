//! Segments: leads that a person describes in a small language, and can use wherever leads are chosen.
//!
//! An expression is read by [`Condition::parse`] (`lexer`, `parser`), printed in its one canonical form by its `Display`
//! (`print`), and means what [`Condition::holds`] (`evaluate`) says. Stores answer it in their own language; the contract
//! suite compares them with `holds` on random leads and conditions. docs/segments.md describes the language for people.
//!
//! A new field is a word in `field`, and an arm wherever the compiler then asks for one.

mod condition;
mod evaluate;
mod field;
mod jobs;
mod lexer;
mod parser;
mod ports;
mod print;
mod reader;
mod rule;
mod segment;
mod suggest;
#[cfg(test)]
mod tests;
mod values;
mod when;

pub use condition::{
    Compare, Condition, ConsentState, CustomTest, EventTest, Literal, References, Subject, TextTest,
};
pub use evaluate::{Facts, SentMail, as_float};
pub use field::{AddressField, NumberField, TextField, TimeField};
pub use jobs::FreezeSegment;
pub use lexer::Fault;
pub use ports::SegmentRepo;
pub use rule::{Audience, Chosen, Rule};
pub use segment::{Segment, SegmentKind, SegmentSort};
pub use when::{Instant, Moment, Range, Span, Unit, When};

/// Longest expression, in characters.
pub const MAX_EXPRESSION: usize = 5_000;
/// Most conditions in one expression.
pub const MAX_CONDITIONS: usize = 100;
/// How deep parentheses and `not` can be nested.
pub const MAX_DEPTH: usize = 20;
/// Most values in one list.
pub const MAX_VALUES: usize = 100;
/// Longest text in quotes, in characters.
pub const MAX_TEXT: usize = 300;
/// The version of the language that expressions are kept in: raised when an old expression would mean something else.
pub const LANGUAGE: i16 = 1;
