//! Looks a mail over before it goes to many.
//!
//! Links and pictures are read from the template itself, so that those of every branch are seen; what depends on how it looks in the end
//! (size, contrast, wording) from the mail of a sample lead. To add a rule: a line in the domain's `LintRule`, and a function here or in
//! the file of its subject that answers with findings.

mod colors;
mod links;
mod place;
mod sample;
mod style;
mod subject;
mod walk;
mod words;

use crate::template::{finished, shown};
use groundswell_domain::email::{
    CLIPPED_AT, CompiledTemplate, Finding, LintReport, LintRule, MergeFields, RenderedMail, TemplateSource,
};
use place::Places;
use sample::Tracker;

/// Fewer letters than that are no text: the mail consists of pictures.
const FEWEST_LETTERS: usize = 40;

/// All findings. `compiled` is the source, compiled; `sample` somebody to whom it is sent.
pub(crate) fn lint(
    source: &TemplateSource,
    compiled: &dyn CompiledTemplate,
    sample: &MergeFields,
) -> LintReport {
    let mut findings = Vec::new();
    let mut addresses = Vec::new();
    let places = Places::new(&source.html);
    // What can be compiled can be finished: a fault here was told already.
    if let Ok(finished) = finished(source) {
        let seen = links::read(&shown(&finished.html));
        findings.extend(links::check(&seen, &places));
        findings.extend(structure(&seen));
        addresses = links::addresses(&seen);
    }
    let nobody = MergeFields {
        lead: serde_json::json!({}),
        variables: serde_json::Map::new(),
        ..sample.clone()
    };
    let mut size = 0;
    for (who, fields) in [
        ("the sample", sample),
        ("a lead of whom nothing is known", &nobody),
    ] {
        match compiled.render(fields, Some(&Tracker)) {
            Ok(mail) if size == 0 => {
                size = mail.html.len();
                findings.extend(finished_mail(source, &mail, &places));
            }
            Ok(_) => {}
            Err(message) => {
                let message = format!("it can't be made for {who}: {message}");
                findings.push(Finding::new(LintRule::NotRendered, "html", message));
            }
        }
    }
    LintReport::new(findings, size, addresses)
}

fn structure(seen: &links::Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule, message: &str| findings.push(Finding::new(rule, "html", message));
    if !seen.has_unsubscribe {
        add(
            LintRule::MissingUnsubscribe,
            "there is no link to unsubscribe: add <a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>",
        );
    }
    if !seen.has_language {
        add(
            LintRule::MissingLanguage,
            "the language is not named, which screen readers need: write <html lang=\"en\"> (or <mjml lang=\"en\">)",
        );
    }
    if !seen.has_color_scheme {
        add(
            LintRule::MissingDarkMode,
            "nothing is said about dark mode, so that programs guess: add <meta name=\"color-scheme\" content=\"light dark\"> and styles for @media (prefers-color-scheme: dark)",
        );
    }
    findings
}

fn finished_mail(source: &TemplateSource, mail: &RenderedMail, places: &Places<'_>) -> Vec<Finding> {
    let mut findings = subject::check(&source.subject, &mail.subject);
    if mail.html.len() > CLIPPED_AT {
        let message = format!(
            "the mail has {} kB, and Gmail hides what is beyond {} kB: shorten it",
            mail.html.len() / 1024,
            CLIPPED_AT / 1024
        );
        findings.push(Finding::new(LintRule::TooLarge, "html", message));
    }
    let walked = walk::walk(&mail.html);
    if !walked.has_preheader {
        let message = "there is no preview text, so that inboxes show the first words of the mail: put a hidden line at the top of the body (in MJML: mj-preview)";
        findings.push(Finding::new(LintRule::MissingPreheader, "html", message));
    }
    for low in walked.low_contrast {
        findings.push(low.finding(places));
    }
    let letters = walked.letters;
    if letters < FEWEST_LETTERS {
        let message = format!(
            "only {letters} letters can be read: many programs show no pictures at first, and filters distrust mails without text"
        );
        findings.push(Finding::new(LintRule::MissingText, "html", message));
    }
    findings.extend(words::check(
        "subject",
        &mail.subject,
        &Places::new(&source.subject),
    ));
    findings.extend(words::check("html", &mail.text, places));
    findings
}

#[cfg(test)]
mod tests;
