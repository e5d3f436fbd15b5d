//! What an editor would mark in a text.

use super::voice::Voice;
use super::words::count_words;
use super::{structure, wording};
use serde::{Deserialize, Serialize};
use std::ops::Range;

crate::text_enum::text_enum! {
    /// How bad it is.
    EditorialSeverity {
        /// Must not be published like this.
        Error => "error",
        /// Should be mended.
        Warning => "warning",
        /// Could be better.
        Hint => "hint",
    }
}

crate::text_enum::text_enum! {
    /// What is looked at. The words are stable.
    EditorialRule {
        /// A term that the brand's voice bans.
        BannedTerm => "banned_term",
        /// A term for which the brand has another one.
        PreferredTerm => "preferred_term",
        /// A claim that needs a source.
        UnsourcedClaim => "unsourced_claim",
        InclusiveWording => "inclusive_wording",
        LongSentence => "long_sentence",
        ReadingLevel => "reading_level",
        TooLong => "too_long",
        TooShort => "too_short",
        MissingCallToAction => "missing_call_to_action",
        RepeatedWord => "repeated_word",
        RepeatedSentence => "repeated_sentence",
        /// Something that was to be filled in.
        Placeholder => "placeholder",
        Shouting => "shouting",
        Exclamation => "exclamation",
    }
}

impl EditorialRule {
    pub fn severity(self) -> EditorialSeverity {
        match self {
            Self::BannedTerm | Self::Placeholder | Self::TooLong => EditorialSeverity::Error,
            Self::PreferredTerm
            | Self::UnsourcedClaim
            | Self::InclusiveWording
            | Self::TooShort
            | Self::MissingCallToAction
            | Self::RepeatedWord
            | Self::RepeatedSentence
            | Self::Shouting => EditorialSeverity::Warning,
            Self::LongSentence | Self::ReadingLevel | Self::Exclamation => EditorialSeverity::Hint,
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditorialFinding {
    pub rule: EditorialRule,
    pub severity: EditorialSeverity,
    /// What is wrong and why, and what to do.
    pub message: String,
    /// Where it begins: the number of Unicode characters (scalar values) before it. 0 for the whole text.
    pub start: usize,
    /// Where it ends, in the same unit; the character there is not part of it.
    pub end: usize,
    /// What stands there.
    pub found: String,
    /// What to put in its place, when that needs no thinking; an empty text means to take it out.
    pub fix: Option<String>,
}

/// What a text should be like. What is absent is not looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Expectations {
    pub voice: Voice,
    /// The very words that the reader should be called on with; an empty text asks for any call to action.
    pub call_to_action: Option<String>,
    pub min_words: Option<usize>,
    pub max_words: Option<usize>,
    pub max_characters: Option<usize>,
    /// The highest grade of the Automated Readability Index; 9 is plain, 14 is for academics.
    pub max_grade: Option<f64>,
}

/// All findings, in the order of the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditorialReport {
    pub errors: usize,
    pub warnings: usize,
    pub hints: usize,
    pub findings: Vec<EditorialFinding>,
    pub words: usize,
    /// Unicode characters (scalar values).
    pub characters: usize,
    /// By the Automated Readability Index (Senter and Smith, "Automated readability index", AMRL-TR-66-220, 1967); absent for
    /// fewer than 30 words, which it cannot judge. It is made for English.
    pub grade: Option<f64>,
}

/// Marks by bytes, which are turned into characters at the end.
pub(super) struct Marks<'a> {
    pub text: &'a str,
    found: Vec<(Range<usize>, EditorialFinding)>,
}

impl Marks<'_> {
    pub(super) fn mark(
        &mut self,
        rule: EditorialRule,
        range: Range<usize>,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        let finding = EditorialFinding {
            rule,
            severity: rule.severity(),
            message: message.into(),
            start: 0,
            end: 0,
            found: self.text[range.clone()].to_owned(),
            fix,
        };
        self.found.push((range, finding));
    }

    /// Something about the text as a whole.
    pub(super) fn mark_all(&mut self, rule: EditorialRule, message: impl Into<String>) {
        self.mark(rule, 0..0, message, None);
    }

    /// In the order of the text, with places in characters.
    fn finish(self) -> Vec<EditorialFinding> {
        let mut found = self.found;
        found.sort_by_key(|(range, finding)| (range.start, range.end, finding.rule));
        let (mut bytes, mut characters) = (0, 0);
        found
            .into_iter()
            .map(|(range, mut finding)| {
                characters += self.text[bytes..range.start].chars().count();
                bytes = range.start;
                finding.start = characters;
                finding.end = characters + self.text[range].chars().count();
                finding
            })
            .collect()
    }
}

/// Looks a text over: plain text or Markdown, by a human or a machine.
pub fn lint_text(text: &str, expected: &Expectations) -> EditorialReport {
    let mut marks = Marks {
        text,
        found: Vec::new(),
    };
    wording::terms(&mut marks, &expected.voice);
    wording::claims(&mut marks);
    wording::inclusive(&mut marks);
    wording::placeholders(&mut marks);
    wording::loudness(&mut marks);
    let grade = structure::sentences(&mut marks, expected.max_grade);
    structure::repetitions(&mut marks);
    structure::length(&mut marks, expected);
    structure::call_to_action(&mut marks, expected.call_to_action.as_deref());
    let findings = marks.finish();
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    EditorialReport {
        errors: count(EditorialSeverity::Error),
        warnings: count(EditorialSeverity::Warning),
        hints: count(EditorialSeverity::Hint),
        words: count_words(text),
        characters: text.chars().count(),
        grade,
        findings,
    }
}

/// Text with all fixes in it; where two overlap, the first one counts.
pub fn fixed(text: &str, findings: &[EditorialFinding]) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (mut result, mut at) = (String::with_capacity(text.len()), 0);
    for finding in findings {
        let Some(fix) = finding.fix.as_ref().filter(|_| finding.start >= at) else {
            continue;
        };
        result.extend(characters.get(at..finding.start).unwrap_or_default());
        result.push_str(fix);
        at = finding.end;
    }
    result.extend(characters.get(at..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::super::voice::PreferredTerm;
    use super::*;

    fn rules(text: &str, expected: &Expectations) -> Vec<(EditorialRule, String)> {
        let report = lint_text(text, expected);
        report
            .findings
            .into_iter()
            .map(|finding| (finding.rule, finding.found))
            .collect()
    }

    #[test]
    fn places_are_in_characters_and_fixes_fit_there() {
        let expected = Expectations {
            voice: Voice {
                banned: vec!["cheap".into()],
                preferred: vec![PreferredTerm {
                    instead_of: "client".into(),
                    term: "guest".into(),
                }],
                ..Voice::default()
            },
            ..Expectations::default()
        };
        let text = "Über 😀 our Clients: the the cheap way for mankind.";
        let report = lint_text(text, &expected);
        let characters: Vec<char> = text.chars().collect();
        for finding in &report.findings {
            let there: String = characters[finding.start..finding.end].iter().collect();
            assert_eq!(there, finding.found);
        }
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|finding| (finding.rule, finding.found.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (EditorialRule::PreferredTerm, "Clients"),
                (EditorialRule::RepeatedWord, " the"),
                (EditorialRule::BannedTerm, "cheap"),
                (EditorialRule::InclusiveWording, "mankind"),
            ]
        );
        assert_eq!(
            fixed(text, &report.findings),
            "Über 😀 our Guests: the cheap way for humankind."
        );
        assert_eq!((report.errors, report.warnings, report.hints), (1, 3, 0));
    }

    #[test]
    fn claims_placeholders_and_shouting_are_marked() {
        for (text, rule, found) in [
            (
                "We are the market leader here.",
                EditorialRule::UnsourcedClaim,
                "market leader",
            ),
            (
                "Studies show that it works.",
                EditorialRule::UnsourcedClaim,
                "Studies show",
            ),
            (
                "It is 30% faster than before.",
                EditorialRule::UnsourcedClaim,
                "30% faster",
            ),
            ("Dear [Name], hello.", EditorialRule::Placeholder, "[Name]"),
            (
                "Hello {{ first_name }}.",
                EditorialRule::Placeholder,
                "{{ first_name }}",
            ),
            ("Lorem ipsum here.", EditorialRule::Placeholder, "Lorem ipsum"),
            (
                "This is REALLY GREAT NEWS today.",
                EditorialRule::Shouting,
                "REALLY GREAT NEWS",
            ),
            ("So good!!", EditorialRule::Exclamation, "!!"),
        ] {
            assert_eq!(
                rules(text, &Expectations::default()),
                [(rule, found.to_owned())],
                "{text}"
            );
        }
        // A link and a task of Markdown are no placeholders.
        assert_eq!(
            rules(
                "See [the guide](https://a.example) - [x] done, in the EU.",
                &Expectations::default()
            ),
            []
        );
    }

    #[test]
    fn length_and_call_to_action_are_expected() {
        let expected = Expectations {
            call_to_action: Some("Book a demo".into()),
            min_words: Some(10),
            max_characters: Some(12),
            ..Expectations::default()
        };
        let found: Vec<_> = rules("Come along and see.", &expected)
            .into_iter()
            .map(|(rule, _)| rule)
            .collect();
        assert_eq!(
            found,
            [
                EditorialRule::TooShort,
                EditorialRule::MissingCallToAction,
                EditorialRule::TooLong
            ]
        );
        let any = Expectations {
            call_to_action: Some(String::new()),
            ..Expectations::default()
        };
        assert_eq!(rules("We are here. Book your place today.", &any), []);
        assert_eq!(rules("We are here.", &any).len(), 1);
    }

    #[test]
    fn long_and_repeated_sentences_are_marked() {
        let long = format!("This {} ends.", "word goes on and ".repeat(10));
        let report = lint_text(&long, &Expectations::default());
        assert_eq!(report.findings[0].rule, EditorialRule::LongSentence);
        let again = "We like good questions a lot. It rains. We like good questions a lot.";
        let report = lint_text(again, &Expectations::default());
        assert_eq!(
            (report.findings[0].rule, report.findings[0].start),
            (EditorialRule::RepeatedSentence, 40)
        );
        assert_eq!(
            fixed(again, &report.findings),
            "We like good questions a lot. It rains. "
        );
    }

    #[test]
    fn reading_level_is_that_of_the_formula() {
        // 40 words of 5 letters in 4 sentences: 4.71 * 5 + 0.5 * 10 - 21.43 = 7.12.
        let text = format!(
            "{}.",
            ["Plain words where every third thing seems quite short today"; 4].join(". ")
        );
        let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
        let report = lint_text(
            &text,
            &Expectations {
                max_grade: Some(5.0),
                ..Expectations::default()
            },
        );
        let expected = 4.71 * f64::from(u32::try_from(letters).unwrap()) / 40.0 + 0.5 * 10.0 - 21.43;
        assert!((report.grade.unwrap() - expected).abs() < 1e-9);
        assert!(
            report
                .findings
                .iter()
                .any(|finding| finding.rule == EditorialRule::ReadingLevel)
        );
    }

    #[test]
    fn a_large_and_hostile_text_is_looked_over() {
        let text = "<script>{{{[[ \u{202e}\u{0} a a a ! ".repeat(4000);
        assert!(!lint_text(&text, &Expectations::default()).findings.is_empty());
    }
}
