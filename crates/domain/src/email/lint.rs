//! What is wrong, or unwise, about a mail before it goes to many.

use crate::error::Position;
use serde::Serialize;

/// Gmail shows that many bytes of a mail's HTML and hides the rest, with the unsubscribe link, behind "View entire message".
pub const CLIPPED_AT: usize = 102 * 1024;

crate::text_enum::text_enum! {
    /// How bad it is.
    Severity {
        /// In the way of publishing, unless somebody insists.
        Error => "error",
        Warning => "warning",
    }
}

crate::text_enum::text_enum! {
    /// What is looked at. The words are stable.
    LintRule {
        /// The template can't be compiled: a mistake, or a field that there is not.
        Invalid => "invalid",
        /// It can't be filled in for some lead.
        NotRendered => "not_rendered",
        MissingUnsubscribe => "missing_unsubscribe",
        EmptyLink => "empty_link",
        RelativeLink => "relative_link",
        UnsafeLink => "unsafe_link",
        BrokenLink => "broken_link",
        PlaceholderLink => "placeholder_link",
        InsecureLink => "insecure_link",
        /// Nothing answers at the address, or with an error: only when links are asked.
        DeadLink => "dead_link",
        ImageWithoutAlt => "image_without_alt",
        ImageSource => "image_source",
        InsecureImage => "insecure_image",
        TooLarge => "too_large",
        SpamWording => "spam_wording",
        LowContrast => "low_contrast",
        MissingSubject => "missing_subject",
        LongSubject => "long_subject",
        LoudSubject => "loud_subject",
        MissingPreheader => "missing_preheader",
        MissingText => "missing_text",
        MissingLanguage => "missing_language",
        MissingDarkMode => "missing_dark_mode",
    }
}

impl LintRule {
    pub fn severity(self) -> Severity {
        match self {
            Self::Invalid
            | Self::NotRendered
            | Self::MissingUnsubscribe
            | Self::EmptyLink
            | Self::RelativeLink
            | Self::UnsafeLink
            | Self::BrokenLink
            | Self::PlaceholderLink
            | Self::DeadLink
            | Self::ImageSource
            | Self::TooLarge
            | Self::MissingSubject => Severity::Error,
            Self::InsecureLink
            | Self::ImageWithoutAlt
            | Self::InsecureImage
            | Self::SpamWording
            | Self::LowContrast
            | Self::LongSubject
            | Self::LoudSubject
            | Self::MissingPreheader
            | Self::MissingText
            | Self::MissingLanguage
            | Self::MissingDarkMode => Severity::Warning,
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    pub rule: LintRule,
    pub severity: Severity,
    /// `subject`, `html` or `text`.
    pub part: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// Where in the part as it was written, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl Finding {
    pub fn new(rule: LintRule, part: &str, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            part: part.to_owned(),
            message: message.into(),
            position: None,
        }
    }

    #[must_use]
    pub fn at(self, position: Option<Position>) -> Self {
        Self { position, ..self }
    }
}

/// Everything that was found, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LintReport {
    pub errors: usize,
    pub warnings: usize,
    pub findings: Vec<Finding>,
    /// Bytes of the HTML as it is sent, with tracked links; 0 when it can't be made.
    pub html_bytes: usize,
    /// Web addresses that the mail leads to and that are the same for everybody, each once.
    pub links: Vec<String>,
}

impl LintReport {
    pub fn new(mut findings: Vec<Finding>, html_bytes: usize, links: Vec<String>) -> Self {
        findings.sort_by_key(|finding| {
            (
                finding.severity,
                finding.position.map(|place| (place.line, place.column)),
            )
        });
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count();
        Self {
            errors,
            warnings: findings.len() - errors,
            findings,
            html_bytes,
            links,
        }
    }

    /// With what was found later.
    #[must_use]
    pub fn and(self, more: Vec<Finding>) -> Self {
        let findings = self.findings.into_iter().chain(more).collect();
        Self::new(findings, self.html_bytes, self.links)
    }
}
