//! What a form does with a submission besides keeping it: settings of its own mails, and of its quarantine.

use crate::email::MAX_HTML;
use crate::ids::TemplateId;
use crate::validate::Problems;
use serde::{Deserialize, Serialize};

/// Longest subject before its fields are filled in, in characters.
const MAX_SUBJECT: usize = 500;

/// The mail with the link of a double opt-in. What is absent is said in our words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmationMail {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Has `{{ confirm_url }}` in it; `lead`, `organization`, `form` and the list `consents` (texts) can be used, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

impl ConfirmationMail {
    pub fn check(&self, problems: &mut Problems) {
        if let Some(subject) = &self.subject {
            problems.line("settings.confirmation.subject", subject, MAX_SUBJECT, false);
        }
        if let Some(html) = &self.html {
            problems.text("settings.confirmation.html", html, MAX_HTML);
            problems.check(
                html.contains("confirm_url"),
                "settings.confirmation.html",
                "must have {{ confirm_url }} in it: without the link nobody can confirm",
            );
        }
    }
}

/// A mail to whoever sent the form. Either a template, or subject and HTML.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AutoReply {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    /// In place of the template's, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// `lead`, `organization`, `form` and `answers` (by name of the field) can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Made from the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl AutoReply {
    pub fn check(&self, problems: &mut Problems) {
        let own = self.html.is_some() || self.text.is_some();
        if self.template_id.is_some() {
            problems.check(
                !own,
                "settings.auto_reply.html",
                "leave it out when there is a template_id",
            );
        } else {
            for (part, text) in [("subject", &self.subject), ("html", &self.html)] {
                problems.check(
                    text.as_deref().is_some_and(|text| !text.trim().is_empty()),
                    &format!("settings.auto_reply.{part}"),
                    "is required without a template_id",
                );
            }
        }
        if let Some(subject) = &self.subject {
            problems.line("settings.auto_reply.subject", subject, MAX_SUBJECT, true);
        }
        for (part, text) in [("html", &self.html), ("text", &self.text)] {
            if let Some(text) = text {
                problems.text(&format!("settings.auto_reply.{part}"), text, MAX_HTML);
            }
        }
    }
}

/// From which score on a submission is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpamSettings {
    /// 1 to 100.
    #[serde(default = "usual")]
    #[cfg_attr(feature = "openapi", schema(default = 60, minimum = 1, maximum = 100))]
    pub quarantine_at: u8,
    /// Holds nothing back. The score is kept with each submission nevertheless.
    #[serde(default)]
    pub off: bool,
}

fn usual() -> u8 {
    60
}

impl Default for SpamSettings {
    fn default() -> Self {
        Self {
            quarantine_at: usual(),
            off: false,
        }
    }
}

impl SpamSettings {
    pub fn check(self, problems: &mut Problems) {
        problems.check(
            (1..=100).contains(&self.quarantine_at),
            "settings.spam.quarantine_at",
            "must be between 1 and 100",
        );
    }
}
