//! Templates in the syntax of Jinja, in a sandbox.
//!
//! A template is written by people of one organization and runs in a process that serves all of them. So it is checked
//! as a syntax tree before it is accepted (`check`): only known fields, filters and statements, and nothing that
//! lets a small template make a large value. At run time fuel bounds the work and a limit the output (`sandbox`).
//! `compiled` puts a mail together from the parts, `links` rewrites what is clicked, `text` makes the text alternative (`derived`: once for all
//! mails, where that is possible).

mod check;
mod compiled;
mod derived;
mod links;
mod sandbox;
mod text;

use compiled::JinjaTemplate;
use groundswell_domain::FieldError;
use groundswell_domain::email::{CompiledTemplate, MAX_HTML, TemplateEngine, TemplateSource};
use std::sync::Arc;

/// Longest subject before merging, in characters; also the longest line of a mail.
const MAX_SUBJECT: usize = 998;

#[derive(Debug, Clone, Copy, Default)]
pub struct JinjaTemplates;

impl JinjaTemplates {
    pub fn new() -> Self {
        Self
    }
}

impl TemplateEngine for JinjaTemplates {
    fn compile(&self, source: &TemplateSource) -> Result<Arc<dyn CompiledTemplate>, Vec<FieldError>> {
        let mut problems = check::variables(&source.variables);
        if source.subject.trim().is_empty() {
            problems.push(FieldError::new("subject", "must not be empty"));
        }
        if source.subject.chars().count() > MAX_SUBJECT {
            problems.push(FieldError::new(
                "subject",
                format!("must have at most {MAX_SUBJECT} characters"),
            ));
        }
        if source.html.trim().is_empty() {
            problems.push(FieldError::new("html", "must not be empty"));
        }
        for (part, text) in [("html", Some(&source.html)), ("text", source.text.as_ref())] {
            if text.is_some_and(|text| text.len() > MAX_HTML) {
                problems.push(FieldError::new(
                    part,
                    format!("must have at most {} kB", MAX_HTML / 1024),
                ));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (part, text) in sandbox::parts(source) {
            problems.extend(check::part(part, text, &source.variables));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Arc::new(JinjaTemplate::new(source)?))
    }

    fn text_of(&self, html: &str) -> String {
        text::text_of(html)
    }
}

#[cfg(test)]
mod tests;
