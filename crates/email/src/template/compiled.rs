//! From a template and one person's fields to a finished mail.

use super::links::{self, Rewritten};
use super::{derived, direction, sandbox, text};
use crate::mime::one_line;
use groundswell_domain::FieldError;
use groundswell_domain::brand::Brand;
use groundswell_domain::email::{CompiledTemplate, LinkTracker, MergeFields, RenderedMail, TemplateSource};
use minijinja::Environment;
use minijinja::value::{Serde, Value};

/// Longest subject after merging, in bytes: with its encoding it must stay a reasonable header.
const MAX_SUBJECT: usize = 900;

pub(super) struct JinjaTemplate {
    env: Environment<'static>,
    text: TextPart,
    brand: Brand,
}

/// Where the text part comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextPart {
    Written,
    /// A template made from the HTML.
    Derived,
    /// Made from the finished HTML of every mail.
    Converted,
}

impl JinjaTemplate {
    /// Of a source in HTML that includes nothing any more.
    pub(super) fn new(source: &TemplateSource) -> Result<Self, Vec<FieldError>> {
        let brand = source.brand.clone().unwrap_or_default();
        if source.text.is_some() {
            return Ok(Self {
                env: sandbox::load(source)?,
                text: TextPart::Written,
                brand,
            });
        }
        if let Some(text) = derived::text_template(&source.html) {
            let complete = TemplateSource {
                text: Some(text),
                ..source.clone()
            };
            // A fault here would be one of ours and not of the author, and there is another way.
            if let Ok(env) = sandbox::load(&complete) {
                return Ok(Self {
                    env,
                    text: TextPart::Derived,
                    brand,
                });
            }
        }
        Ok(Self {
            env: sandbox::load(source)?,
            text: TextPart::Converted,
            brand,
        })
    }
}

impl CompiledTemplate for JinjaTemplate {
    fn render(
        &self,
        fields: &MergeFields,
        tracker: Option<&dyn LinkTracker>,
    ) -> Result<RenderedMail, String> {
        let context = context(fields, &self.brand);
        let unsubscribe = fields.unsubscribe_url.as_deref();
        let mut subject = one_line(&sandbox::render(&self.env, "subject", &context)?);
        subject.truncate(subject.floor_char_boundary(MAX_SUBJECT));
        let merged = sandbox::render(&self.env, "html", &context)?;

        let Rewritten {
            mut html,
            has_unsubscribe,
        } = if unsubscribe.is_some() || tracker.is_some() {
            links::rewrite(&merged, unsubscribe, tracker)?
        } else {
            Rewritten {
                html: merged.clone(),
                has_unsubscribe: false,
            }
        };
        if let Some(url) = unsubscribe.filter(|_| !has_unsubscribe) {
            links::append(&mut html, &html_footer(url));
        }
        if let Some(tracker) = tracker {
            links::append(&mut html, &honeypot(&tracker.honeypot()));
            links::append(&mut html, &pixel(&tracker.pixel()));
        }

        // The text is made from the links as they were written: people read them there, so they are not tracked.
        let mut text = match self.text {
            TextPart::Written => sandbox::render(&self.env, "text", &context)?,
            // A link whose address turned out empty.
            TextPart::Derived => sandbox::render(&self.env, "text", &context)?.replace(" <>", ""),
            TextPart::Converted => text::text_of(&merged),
        };
        if let Some(url) = unsubscribe.filter(|url| !text.contains(url)) {
            text.truncate(text.trim_end().len());
            text.extend(["\n\n-- \nUnsubscribe: ", url, "\n"]);
        }
        Ok(RenderedMail { subject, html, text })
    }
}

fn context(fields: &MergeFields, brand: &Brand) -> Value {
    let name = fields.organization["name"].as_str().unwrap_or_default();
    let value = |value: &serde_json::Value| Value::from(Serde(&*direction::close(value)));
    let brand = [("brand", value(&brand.fields(name)))];
    // Last come the known fields: a variable can never take the place of one. That of a brand it can, where templates are older.
    let variables = fields
        .variables
        .iter()
        .map(|(name, given)| (name.as_str(), value(given)));
    let known = [
        ("lead", value(&fields.lead)),
        ("organization", value(&fields.organization)),
        (
            "unsubscribe_url",
            fields
                .unsubscribe_url
                .as_deref()
                .map_or(Value::UNDEFINED, Value::from),
        ),
    ];
    Value::from_pairs(brand.into_iter().chain(variables).chain(known))
}

fn html_footer(url: &str) -> String {
    format!(
        "<p style=\"margin:24px 0 0;font-size:12px;color:#666\"><a href=\"{}\" style=\"color:#666\">Unsubscribe</a></p>",
        links::escape(url)
    )
}

/// No person sees it or reaches it with the keyboard, and no screen reader speaks of it.
fn honeypot(url: &str) -> String {
    format!(
        "<div style=\"display:none\" aria-hidden=\"true\"><a href=\"{}\" tabindex=\"-1\" rel=\"nofollow\"></a></div>",
        links::escape(url)
    )
}

fn pixel(url: &str) -> String {
    format!(
        "<img src=\"{}\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\">",
        links::escape(url)
    )
}
