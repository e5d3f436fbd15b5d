//! Puts partials in the places of their `include`.
//!
//! It is done once, when a template is compiled, so that what remains is one text that MJML and Jinja read as if somebody had written
//! it there. A map tells of each byte where it was written, for messages.

use super::tags::{Kind, Tag, line_and_column, tags};
use groundswell_domain::FieldError;
use groundswell_domain::email::{MAX_HTML, MAX_INCLUDE_DEPTH, Partial, TemplateFormat, TemplateSource};

/// A text, and where its pieces come from.
pub(super) struct Expanded {
    pub text: String,
    pieces: Vec<Piece>,
}

struct Piece {
    /// Where it begins in the expanded text.
    at: usize,
    /// The partial that it was written in; none for the template itself.
    partial: Option<String>,
    /// Where it begins there.
    from: usize,
}

/// The HTML or MJML of a template with everything that it includes.
pub(super) fn expand(source: &TemplateSource) -> Result<Expanded, Vec<FieldError>> {
    let mut expansion = Expansion {
        source,
        out: Expanded {
            text: String::with_capacity(source.html.len()),
            pieces: Vec::new(),
        },
        open: Vec::new(),
    };
    expansion
        .add(&source.html, None)
        .map_err(|problem| vec![problem])?;
    Ok(expansion.out)
}

/// The names that a text includes, each once, in the order in which they come.
pub(super) fn includes(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    // Most mails have none, and are made one by one.
    if !text.contains("include") {
        return names;
    }
    for tag in tags(text).unwrap_or_default() {
        if let Kind::Include(name) = tag.kind
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

struct Expansion<'a> {
    source: &'a TemplateSource,
    out: Expanded,
    /// Partials that are being put in, outermost first.
    open: Vec<&'a str>,
}

impl<'a> Expansion<'a> {
    fn add(&mut self, text: &'a str, partial: Option<&'a str>) -> Result<(), FieldError> {
        let found = tags(text).map_err(|error| problem(text, partial, 0, &error.to_string()))?;
        let mut at = 0;
        for Tag { kind, range } in found {
            let Kind::Include(name) = kind else { continue };
            self.piece(&text[at..range.start], partial, at);
            at = range.end;
            let wrong = |message: String| problem(text, partial, range.start, &message);
            let included = self.find(&name).map_err(wrong)?;
            self.open.push(&included.name);
            self.add(&included.html, Some(&included.name))?;
            self.open.pop();
        }
        self.piece(&text[at..], partial, at);
        if self.out.text.len() > MAX_HTML {
            let message = format!("with its partials it has more than {} kB", MAX_HTML / 1024);
            return Err(FieldError::new("html", message));
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Result<&'a Partial, String> {
        let found = self.source.partials.iter().find(|partial| partial.name == name);
        let Some(partial) = found else {
            return Err(format!("there is no partial `{name}`"));
        };
        if self.open.contains(&name) {
            return Err(format!("the partial `{name}` includes itself"));
        }
        if self.open.len() >= MAX_INCLUDE_DEPTH {
            return Err(format!(
                "partials can include each other {MAX_INCLUDE_DEPTH} deep"
            ));
        }
        if partial.format == TemplateFormat::Mjml && self.source.format == TemplateFormat::Html {
            return Err(format!("the partial `{name}` is MJML, and this is HTML"));
        }
        Ok(partial)
    }

    fn piece(&mut self, text: &str, partial: Option<&str>, from: usize) {
        if !text.is_empty() {
            self.out.pieces.push(Piece {
                at: self.out.text.len(),
                partial: partial.map(str::to_owned),
                from,
            });
            self.out.text.push_str(text);
        }
    }
}

impl Expanded {
    /// A problem at a byte of the expanded text, told where it was written.
    pub fn problem(&self, source: &TemplateSource, offset: usize, message: &str) -> FieldError {
        let piece = self.pieces.iter().rev().find(|piece| piece.at <= offset);
        let Some(piece) = piece else {
            return problem(&source.html, None, offset, message);
        };
        let partial = piece.partial.as_deref();
        let written = match partial {
            None => Some(source.html.as_str()),
            Some(name) => source
                .partials
                .iter()
                .find(|partial| partial.name == name)
                .map(|partial| partial.html.as_str()),
        };
        let offset = piece.from + (offset - piece.at);
        problem(written.unwrap_or_default(), partial, offset, message)
    }
}

fn problem(text: &str, partial: Option<&str>, offset: usize, message: &str) -> FieldError {
    let (line, column) = line_and_column(text, offset);
    let place = partial
        .map(|name| format!("in the partial `{name}`, "))
        .unwrap_or_default();
    FieldError::new("html", format!("{place}line {line}, column {column}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(html: &str, partials: &[(&str, &str)]) -> TemplateSource {
        let mut source = TemplateSource::html("s", html);
        source.partials = partials
            .iter()
            .map(|(name, html)| Partial {
                name: (*name).to_owned(),
                format: TemplateFormat::Html,
                html: (*html).to_owned(),
            })
            .collect();
        source
    }

    fn message(source: &TemplateSource) -> String {
        expand(source).err().unwrap().remove(0).message
    }

    #[test]
    fn partials_stand_where_they_are_included() {
        let source = source(
            "<p>{% include \"head\" %}</p>\n{%- include 'foot' -%}!",
            &[("head", "H{% include 'foot' %}"), ("foot", "{{ brand.name }}")],
        );
        let expanded = expand(&source).unwrap();
        assert_eq!(expanded.text, "<p>H{{ brand.name }}</p>\n{{ brand.name }}!");
        let at = |text: &str| {
            expanded
                .problem(&source, expanded.text.rfind(text).unwrap(), "x")
                .message
        };
        assert_eq!(at("!"), "line 2, column 23: x");
        assert_eq!(at("brand"), "in the partial `foot`, line 1, column 4: x");
        assert_eq!(at("H"), "in the partial `head`, line 1, column 1: x");
    }

    #[test]
    fn circles_depth_and_size_are_bounded() {
        let missing = source("a\n {% include 'x' %}", &[]);
        assert_eq!(message(&missing), "line 2, column 2: there is no partial `x`");
        let circle = source(
            "{% include 'a' %}",
            &[("a", "{% include 'b' %}"), ("b", "{% include 'a' %}")],
        );
        assert!(
            message(&circle).contains("in the partial `b`") && message(&circle).contains("includes itself")
        );
        let chain: Vec<_> = (0..7)
            .map(|n| (format!("p{n}"), format!("{{% include 'p{}' %}}", n + 1)))
            .collect();
        let chain: Vec<_> = chain
            .iter()
            .map(|(name, html)| (name.as_str(), html.as_str()))
            .collect();
        assert!(message(&source("{% include 'p0' %}", &chain)).contains("5 deep"));
        let twice = "x".repeat(60_000);
        let bomb = [
            ("a", "{% include 'b' %}".repeat(10)),
            ("b", "{% include 'c' %}".repeat(10)),
            ("c", twice),
        ];
        let bomb: Vec<_> = bomb.iter().map(|(name, html)| (*name, html.as_str())).collect();
        assert!(message(&source("{% include 'a' %}", &bomb)).contains("more than 512 kB"));
    }

    #[test]
    fn names_are_told_once() {
        assert_eq!(
            includes("{% include 'a' %}{% include \"b\" %}{% include 'a' %}{{ x }}"),
            ["a", "b"]
        );
        assert_eq!(includes("{{ "), Vec::<String>::new());
    }
}
