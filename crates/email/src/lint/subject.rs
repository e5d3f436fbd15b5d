//! The subject: what a mail is opened for.

use super::place::Places;
use groundswell_domain::email::{Finding, LintRule};

/// Characters that most inboxes on a desk show.
const SHOWN: usize = 70;
/// Letters from which capitals are a tone of voice.
const FEW: usize = 8;

pub(super) fn check(written: &str, subject: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let places = Places::new(written);
    let mut add = |rule, message: String, needle: &str| {
        findings.push(Finding::new(rule, "subject", message).at(places.nth(needle, 0)));
    };
    if subject.trim().is_empty() {
        let message = "for some leads there is no subject: give its fields a default";
        add(LintRule::MissingSubject, message.to_owned(), "");
    }
    let length = subject.chars().count();
    if length > SHOWN {
        let message = format!("the subject has {length} characters, of which inboxes show {SHOWN} at most");
        add(LintRule::LongSubject, message, "");
    }
    let letters = subject.chars().filter(|c| c.is_alphabetic());
    let (all, capital) = letters.fold((0, 0), |(all, capital), c| {
        (all + 1, capital + usize::from(c.is_uppercase()))
    });
    if all >= FEW && capital * 10 > all * 7 {
        add(
            LintRule::LoudSubject,
            "the subject shouts: write it in small letters".to_owned(),
            "",
        );
    }
    if let Some(marks) = ["!!", "??", "?!", "$$"]
        .iter()
        .find(|marks| subject.contains(**marks))
    {
        let message = format!("`{marks}` in a subject is the mark of spam: one sign is enough");
        add(LintRule::LoudSubject, message, marks);
    }
    let lower = subject.trim_start().to_lowercase();
    if ["re:", "fw:", "fwd:", "aw:", "wg:"]
        .iter()
        .any(|start| lower.starts_with(start))
    {
        let message = "the subject pretends to be an answer: readers and filters resent that";
        add(LintRule::SpamWording, message.to_owned(), "");
    }
    findings
}
