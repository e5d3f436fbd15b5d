//! What a template was at each save. A version never changes; publishing marks it, and says which one is sent.

use super::template::{TemplateFormat, TemplateSource};
use crate::ids::{TemplateId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Newest versions that were never published and are kept; older ones go with the next save.
pub const KEPT_DRAFTS: i32 = 100;

crate::text_enum::text_enum! {
    /// Where a template stands.
    TemplateStatus {
        /// Nothing of it was ever published: it can't be sent.
        Draft => "draft",
        /// What was saved last is what is sent.
        Live => "live",
        /// An older version is sent than what was saved last.
        Changed => "changed",
    }
}

crate::text_enum::text_enum! {
    /// What a save is meant to be.
    SaveAs {
        /// A draft: what is sent stays as it is.
        Draft => "draft",
        /// What is sent from now on, if the checks find no error.
        Live => "live",
    }
}

impl TemplateStatus {
    pub fn of(latest: i32, live: Option<i32>) -> Self {
        match live {
            None => Self::Draft,
            Some(live) if live == latest => Self::Live,
            Some(_) => Self::Changed,
        }
    }
}

/// The texts of one save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateVersion {
    pub template_id: TemplateId,
    /// 1, 2, 3 ... in the order of saves.
    pub number: i32,
    pub format: TemplateFormat,
    pub subject: String,
    pub html: String,
    pub text: Option<String>,
    pub variables: Vec<String>,
    pub created_at: DateTime<Utc>,
    /// Absent when it was made by the program.
    pub created_by: Option<UserId>,
    /// When it was published first; absent for a draft.
    pub published_at: Option<DateTime<Utc>>,
    pub published_by: Option<UserId>,
}

impl TemplateVersion {
    pub fn source(&self) -> TemplateSource {
        TemplateSource {
            format: self.format,
            ..TemplateSource::html(&self.subject, &self.html)
                .with_text(self.text.clone())
                .with_variables(self.variables.clone())
        }
    }
}

/// A version in a list: without its texts, which may be large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionInfo {
    pub number: i32,
    pub format: TemplateFormat,
    pub subject: String,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<UserId>,
    pub published_at: Option<DateTime<Utc>>,
    pub published_by: Option<UserId>,
    /// It is the one that is sent.
    pub live: bool,
}

crate::sort_fields! {
    /// How versions can be ordered: by when they were made, which is the order of their numbers.
    VersionSort { Number => "created_at": Number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_says_whether_what_was_saved_is_what_is_sent() {
        assert_eq!(TemplateStatus::of(1, None), TemplateStatus::Draft);
        assert_eq!(TemplateStatus::of(3, Some(3)), TemplateStatus::Live);
        assert_eq!(TemplateStatus::of(3, Some(1)), TemplateStatus::Changed);
    }
}
