//! Templates in the syntax of Jinja, in a sandbox.
//!
//! A template is written by people of one organization and runs in a process that serves all of them. So it is checked
//! as a syntax tree before it is accepted (`check`): only known fields, filters and statements, and nothing that
//! lets a small template make a large value. Partials are put in (`expand`) and MJML becomes HTML (`mjml`), once for all mails. At run
//! time fuel bounds the work and a limit the output (`sandbox`).
//! `compiled` puts a mail together from the parts, `links` rewrites what is clicked, `text` makes the text alternative (`derived`: once for all
//! mails, where that is possible).

mod check;
mod compiled;
mod derived;
mod direction;
mod expand;
mod links;
mod mjml;
mod sandbox;
mod stand_ins;
mod tags;
mod text;

use compiled::JinjaTemplate;
use groundswell_domain::FieldError;
use groundswell_domain::email::{
    CompiledTemplate, Finding, LintReport, LintRule, MAX_HTML, MergeFields, TemplateEngine, TemplateFormat,
    TemplateSource,
};
pub(crate) use stand_ins::StandIns;
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
        for partial in &source.partials {
            let of_partial = check::part("html", &partial.html, &source.variables);
            problems.extend(of_partial.into_iter().map(|mut problem| {
                problem.message = format!("in the partial `{}`, {}", partial.name, problem.message);
                problem
            }));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let finished = finished(source)?;
        // Pieces that are harmless by themselves can be a tag together: a partial that ends in `{`, or what MJML unescapes.
        if finished.html != source.html {
            let problems = check::part("html", &finished.html, &source.variables);
            if !problems.is_empty() {
                return Err(problems);
            }
        }
        Ok(Arc::new(JinjaTemplate::new(&finished)?))
    }

    fn includes(&self, html: &str) -> Vec<String> {
        expand::includes(html)
    }

    fn lint(&self, source: &TemplateSource, sample: &MergeFields) -> LintReport {
        match self.compile(source) {
            Ok(compiled) => crate::lint::lint(source, compiled.as_ref(), sample),
            Err(problems) => {
                let finding = |problem: FieldError| {
                    Finding::new(LintRule::Invalid, &problem.field, problem.message).at(problem.position)
                };
                LintReport::new(problems.into_iter().map(finding).collect(), 0, Vec::new())
            }
        }
    }

    fn text_of(&self, html: &str) -> String {
        text::text_of(html)
    }
}

/// A template in which each tag is a stand-in; as it is when it has their brackets itself.
pub(crate) fn shown(html: &str) -> StandIns {
    StandIns::new(html)
        .ok()
        .flatten()
        .unwrap_or_else(|| StandIns::none(html))
}

/// The source in HTML, with everything that it includes; still a template.
pub(crate) fn finished(source: &TemplateSource) -> Result<TemplateSource, Vec<FieldError>> {
    let expanded = expand::expand(source)?;
    let html = match source.format {
        TemplateFormat::Html => expanded.text,
        TemplateFormat::Mjml => mjml::to_html(source, &expanded)?,
    };
    Ok(TemplateSource {
        html,
        format: TemplateFormat::Html,
        ..source.clone()
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_sharing;
#[cfg(test)]
mod tests_of_starters;
