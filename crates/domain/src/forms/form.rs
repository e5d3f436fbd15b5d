//! A form that an organization puts on its pages.

use super::challenge::{CHALLENGE_BITS, DEFAULT_BITS};
use super::field::{FieldType, FormField};
use super::intake::{AutoReply, ConfirmationMail, SpamSettings};
use super::look::{self, Look};
use super::progressive::Progressive;
use crate::consents::FormConsent;
use crate::email::EmailAddress;
use crate::ids::{CampaignId, FormId, OrganizationId};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Most fields a form can have.
pub const MAX_FIELDS: usize = 100;
/// Names that mean something in a submission beside the form's own fields.
pub const RESERVED_NAMES: [&str; 10] = [
    CAPTCHA,
    SESSION,
    KNOWN,
    SHOWN,
    "custom_fields",
    "referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    super::submission::HONEYPOT,
];

/// Name under which the solution of a captcha is sent.
pub const CAPTCHA: &str = "gs_captcha";
/// Name under which a page sends the session of what was kept of it before.
pub const SESSION: &str = "gs_session";
/// Name under which a page says whose it is.
pub const KNOWN: &str = "gs_known";

/// Name under which a page says when it was made.
pub const SHOWN: &str = "gs_shown";

/// What happens with a form and after a submission.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormSettings {
    /// Where an HTML post is sent afterwards (http or https); without it a thank-you page is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uri"))]
    pub redirect_url: Option<url::Url>,
    /// The text of the thank-you page and the `message` of a JSON answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thank_you: Option<String>,
    /// Consents of the form count when the link in a mail to the address was followed, and not before. Of those that are
    /// required to send the form only the one to `marketing` waits.
    #[serde(default)]
    pub double_opt_in: bool,
    /// The mail of the double opt-in in other words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ConfirmationMail>,
    /// A mail to whoever sent the form; after the confirmation, where one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_reply: Option<AutoReply>,
    /// What looks like spam is held back from a score of 60 on, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spam: Option<SpamSettings>,
    /// Who gets a mail about each submission; at most 10.
    #[serde(default)]
    pub notify: Vec<EmailAddress>,
    /// What visitors are asked to agree to: a box each, below the fields; at most 10.
    #[serde(default)]
    pub consents: Vec<FormConsent>,
    /// The visitor's browser must solve a small puzzle before the form is taken. Needs JavaScript.
    #[serde(default, skip_serializing_if = "is_no")]
    pub captcha: bool,
    /// How hard it is: 12 to 20 zero bits, twice the work for each; 17 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 12, maximum = 20))]
    pub captcha_bits: Option<u8>,
    /// Keeps what is typed before it is sent, for thirty days, as soon as there is a mail address; the page says so.
    #[serde(default, skip_serializing_if = "is_no")]
    pub save_partial: bool,
    /// The sentence that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_notice: Option<String>,
    /// Asks some of the fields a few at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progressive: Option<Progressive>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_no(value: &bool) -> bool {
    !*value
}

impl FormSettings {
    /// Zero bits that its captcha asks for.
    pub fn captcha_bits(&self) -> u8 {
        self.captcha_bits.unwrap_or(DEFAULT_BITS)
    }

    /// What is said to visitors whose answers are kept before they send them.
    pub fn partial_notice(&self) -> Option<&str> {
        const NOTICE: &str = "What you type is saved as you go, so that we can help you if you don't finish. We delete it after 30 days.";
        self.save_partial
            .then(|| self.partial_notice.as_deref().unwrap_or(NOTICE))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    pub id: FormId,
    #[serde(skip)]
    pub organization_id: OrganizationId,
    pub name: String,
    /// The campaign its leads are attributed to.
    pub campaign_id: Option<CampaignId>,
    pub fields: Vec<FormField>,
    /// Used by our pages: `accent_color`, `background_color` with `text_color` (`#rrggbb`), `font` (`system`, `sans`,
    /// `serif`, `rounded`, `monospace`), `radius` (0 to 32 pixels), `layout` (`stacked`, `inline`), `logo_url` (https),
    /// `button_label` and `intro`; the rest is kept for pages of your own.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub styling: serde_json::Map<String, serde_json::Value>,
    pub settings: FormSettings,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Form {
    /// Everything that makes a form unusable, by field.
    pub fn check(&self, problems: &mut Problems) {
        problems.check(
            !self.fields.is_empty(),
            "fields",
            "a form needs at least one field",
        );
        problems.check(
            self.fields.len() <= MAX_FIELDS,
            "fields",
            format!("a form has at most {MAX_FIELDS} fields"),
        );
        let mut seen = HashSet::new();
        for (index, field) in self.fields.iter().enumerate() {
            let at = |part: &str| format!("fields[{index}].{part}");
            let name_ok = !field.name.is_empty()
                && field.name.len() <= 64
                && field
                    .name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            problems.check(
                name_ok,
                &at("name"),
                "must be 1 to 64 letters, digits, `_` or `-`",
            );
            problems.check(
                !RESERVED_NAMES.contains(&field.name.as_str()),
                &at("name"),
                format!("`{}` is reserved", field.name),
            );
            problems.check(seen.insert(field.name.as_str()), &at("name"), "is used twice");
            if let Some(label) = &field.label {
                problems.text(&at("label"), label, 500);
            }
            problems.check(
                (field.kind == FieldType::Select) != field.options.is_empty(),
                &at("options"),
                "a select needs options, and no other type has any",
            );
            problems.check(field.options.len() <= 500, &at("options"), "at most 500");
            for option in &field.options {
                problems.line(&at("options"), option, 200, false);
            }
            for (part, text) in [("placeholder", &field.placeholder), ("value", &field.value)] {
                if let Some(text) = text {
                    problems.text(&at(part), text, 500);
                }
            }
            problems.check(
                field
                    .max_length
                    .is_none_or(|length| (1..=10_000).contains(&length)),
                &at("max_length"),
                "must be between 1 and 10000",
            );
            problems.check(
                field.kind == FieldType::Number || (field.min.is_none() && field.max.is_none()),
                &at("min"),
                "only a number has a range",
            );
            if let Some(rule) = &field.show_if {
                rule.check(&at("show_if"), &self.fields[..index], problems);
            }
        }
        let email = self.fields.iter().find(|field| field.name == "email");
        problems.check(
            email.is_some_and(|field| field.kind == FieldType::Email && field.required),
            "fields",
            "a form needs a required field named `email` of type email: it tells whose submission it is",
        );
        problems.check(
            email.is_none_or(|field| field.show_if.is_none()),
            "fields",
            "the field `email` is always shown: it tells whose submission it is",
        );
        self.check_settings(problems);
    }

    fn check_settings(&self, problems: &mut Problems) {
        let settings = &self.settings;
        problems.check(
            !settings.double_opt_in || settings.consents.iter().any(FormConsent::can_wait),
            "settings.double_opt_in",
            "there is nothing to confirm: add a consent to settings.consents that is not required, or one to `marketing`",
        );
        if let Some(confirmation) = &settings.confirmation {
            confirmation.check(problems);
        }
        if let Some(reply) = &settings.auto_reply {
            reply.check(problems);
        }
        settings.spam.unwrap_or_default().check(problems);
        problems.check(
            settings
                .redirect_url
                .as_ref()
                .is_none_or(|url| matches!(url.scheme(), "http" | "https")),
            "settings.redirect_url",
            "must start with http:// or https://",
        );
        if let Some(text) = &settings.thank_you {
            problems.text("settings.thank_you", text, 2000);
        }
        problems.check(
            settings.notify.len() <= 10,
            "settings.notify",
            "at most 10 addresses",
        );
        FormConsent::check_all(&settings.consents, problems);
        problems.check(
            settings
                .captcha_bits
                .is_none_or(|bits| CHALLENGE_BITS.contains(&bits)),
            "settings.captcha_bits",
            "must be between 12 and 20",
        );
        if let Some(text) = &settings.partial_notice {
            problems.text("settings.partial_notice", text, 2000);
            problems.check(
                !text.trim().is_empty(),
                "settings.partial_notice",
                "must not be empty",
            );
        }
        if let Some(progressive) = &settings.progressive {
            progressive.check(&self.fields, problems);
        }
        look::check(&self.styling, problems);
    }

    /// The text of a styling key.
    pub fn style(&self, key: &str) -> Option<&str> {
        self.styling
            .get(key)
            .and_then(|value| value.as_str())
            .filter(|text| !text.is_empty())
    }

    /// What of `styling` its pages understand.
    pub fn look(&self) -> Look {
        Look::of(&self.styling)
    }

    /// What a visitor reads after sending.
    pub fn thank_you(&self) -> &str {
        self.settings
            .thank_you
            .as_deref()
            .unwrap_or("Thank you! We'll be in touch soon.")
    }
}

crate::sort_fields! {
    /// How forms can be ordered.
    FormSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
