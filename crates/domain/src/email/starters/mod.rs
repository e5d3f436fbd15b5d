//! Templates that come with the program: twelve mails that most organizations write some day, to begin with.
//!
//! Each is a file in `mjml/`: a head of `name: value` lines, a line of three dashes, and the sections of its body. What they have in common
//! is in `_head.mjml`, `_header.mjml` and `_footer.mjml`; a template that is made from one holds all of it, so that it can be changed at will.
//! To add one: a file, and a line in [`FILES`]. The tests of the mail adapter look each of them over.

use serde::Serialize;

const HEAD: &str = include_str!("mjml/_head.mjml");
const HEADER: &str = include_str!("mjml/_header.mjml");
const FOOTER: &str = include_str!("mjml/_footer.mjml");

const FILES: [(&str, &str); 12] = [
    ("welcome", include_str!("mjml/welcome.mjml")),
    ("newsletter", include_str!("mjml/newsletter.mjml")),
    ("event-invitation", include_str!("mjml/event-invitation.mjml")),
    ("event-reminder", include_str!("mjml/event-reminder.mjml")),
    ("offer", include_str!("mjml/offer.mjml")),
    ("follow-up", include_str!("mjml/follow-up.mjml")),
    ("product-news", include_str!("mjml/product-news.mjml")),
    ("getting-started", include_str!("mjml/getting-started.mjml")),
    ("feedback", include_str!("mjml/feedback.mjml")),
    ("thank-you", include_str!("mjml/thank-you.mjml")),
    ("win-back", include_str!("mjml/win-back.mjml")),
    ("customer-story", include_str!("mjml/customer-story.mjml")),
];

/// A mail to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Starter {
    /// How it is asked for.
    pub key: &'static str,
    pub name: String,
    pub category: String,
    /// What it is good for.
    pub description: String,
    pub subject: String,
    /// What inboxes show beside the subject.
    pub preheader: String,
    /// Names that can be filled in; each has something to say when it is not.
    pub variables: Vec<String>,
    #[serde(skip)]
    body: &'static str,
}

impl Starter {
    /// The whole mail.
    pub fn mjml(&self) -> String {
        format!(
            "<mjml lang=\"en\">\n  <mj-head>\n    <mj-title>{}</mj-title>\n    <mj-preview>{}</mj-preview>\n    {HEAD}  </mj-head>\n  <mj-body background-color=\"#f1f3f6\" css-class=\"page\">\n{HEADER}{}{FOOTER}  </mj-body>\n</mjml>\n",
            self.name, self.preheader, self.body
        )
    }
}

/// All of them, in the order in which they are shown.
pub fn starters() -> Vec<Starter> {
    FILES.iter().map(|(key, file)| read(key, file)).collect()
}

fn read(key: &'static str, file: &'static str) -> Starter {
    let (head, body) = file.split_once("---\n").unwrap_or(("", file));
    let value = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| *key == name);
        found
            .next()
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let variables = value("variables");
    Starter {
        key,
        name: value("name"),
        category: value("category"),
        description: value("description"),
        subject: value("subject"),
        preheader: value("preheader"),
        variables: variables
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_it_is() {
        let all = starters();
        assert_eq!(all.len(), 12);
        for starter in all {
            let key = starter.key;
            for value in [
                &starter.name,
                &starter.category,
                &starter.description,
                &starter.subject,
                &starter.preheader,
            ] {
                assert!(!value.is_empty(), "{key}");
            }
            assert!(starter.body.contains("<mj-section"), "{key}");
        }
    }
}
