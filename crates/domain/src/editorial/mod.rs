//! Looks texts over as an editor would, whoever wrote them: words, claims, length, clarity, and how headlines work.
//!
//! All of it is deterministic. What is looked for is data with reasons (`data/editorial`); a new word is a new line there.

mod headline;
mod lint;
mod rules;
mod structure;
mod terms;
mod voice;
mod wording;
mod words;

pub use headline::{HeadlineReason, HeadlineScore, score_headline};
pub use lint::{
    EditorialFinding, EditorialReport, EditorialRule, EditorialSeverity, Expectations, fixed, lint_text,
};
pub use terms::{Term, in_case_of};
pub use voice::{PreferredTerm, Voice};
pub use words::count_words;
