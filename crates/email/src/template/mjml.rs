//! From MJML to HTML, once for all mails: the tags of Jinja go through it untouched and are filled in for every mail afterwards.
//!
//! A tag in a text or an attribute is a number in brackets meanwhile (`stand_ins`). A tag between components, where MJML wants no
//! text, is wrapped into `mj-raw`, so that a condition can hold whole sections. Nothing is included from files or the network.

use super::expand::Expanded;
use super::stand_ins::{StandIns, stand_ins};
use groundswell_domain::FieldError;
use groundswell_domain::email::TemplateSource;
use htmlparser::{ElementEnd, Token, Tokenizer};
use mrml::prelude::parser::Error;
use mrml::prelude::render::RenderOptions;

/// Deepest nesting of elements: the reader calls itself for each.
const MAX_DEPTH: usize = 100;

/// Components that hold other components and no text.
const HOLDERS: [&str; 13] = [
    "mjml",
    "mj-head",
    "mj-body",
    "mj-wrapper",
    "mj-section",
    "mj-group",
    "mj-column",
    "mj-hero",
    "mj-navbar",
    "mj-social",
    "mj-accordion",
    "mj-accordion-element",
    "mj-carousel",
];

/// All components there are; the reader takes any other name for HTML.
const COMPONENTS: [&str; 34] = [
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-image",
    "mj-include",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
    "mjml",
];

/// Elements of HTML that have no end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// The HTML, still a template.
pub(super) fn to_html(source: &TemplateSource, expanded: &Expanded) -> Result<String, Vec<FieldError>> {
    let wrong = |offset: usize, message: &str| vec![expanded.problem(source, offset, message)];
    let made = StandIns::new(&expanded.text).map_err(|error| {
        let offset = error.range().map_or(0, |range| range.start);
        wrong(offset, &error.to_string())
    })?;
    let Some(made) = made else {
        let message = "it has the brackets U+27E6 or U+27E7, which mean something else here";
        return Err(vec![FieldError::new("html", message)]);
    };
    let wrapped = wrap(&made.shown).map_err(|(offset, message)| wrong(made.written_at(offset), &message))?;
    let parsed = mrml::parse(&wrapped.text).map_err(|error| {
        let (offset, message) = explain(&wrapped.text, &error);
        match offset {
            Some(offset) => wrong(made.written_at(wrapped.shown_at(offset)), &message),
            None => vec![FieldError::new("html", message)],
        }
    })?;
    let options = RenderOptions {
        // Web fonts are loaded from elsewhere, which tells who reads: whoever wants one says so with `mj-font`.
        fonts: std::collections::HashMap::new(),
        ..RenderOptions::default()
    };
    let html = parsed.element.render(&options).map_err(|error| {
        vec![FieldError::new(
            "html",
            format!("the MJML can't be rendered: {error}"),
        )]
    })?;
    Ok(made.put_back(&unescaped(&html)))
}

/// Attributes come as Rust shows texts to programmers: what it takes for unprintable (the joiners in emoji, for one) is `\u{200d}`.
fn unescaped(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("\\u{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let escaped = rest[3..].split_once('}').and_then(|(digits, after)| {
            let sign = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            // Braces and the brackets of stand-ins are never escaped by the writer: those were written by the author.
            let by_writer = !sign.is_ascii_graphic() && !matches!(sign, '\u{27E6}' | '\u{27E7}');
            by_writer.then_some((sign, after))
        });
        if let Some((c, after)) = escaped {
            out.push(c);
            rest = after;
        } else {
            out.push_str(&rest[..3]);
            rest = &rest[3..];
        }
    }
    out.push_str(rest);
    out
}

/// A text with `mj-raw` around the stand-ins that are between components.
struct Wrapped {
    text: String,
    /// Where something was put in, and how many bytes.
    added: Vec<(usize, usize)>,
}

impl Wrapped {
    fn add(&mut self, piece: &str) {
        self.added.push((self.text.len(), piece.len()));
        self.text.push_str(piece);
    }

    /// Where a byte was before anything was put in.
    fn shown_at(&self, offset: usize) -> usize {
        let before = self.added.iter().filter(|(at, _)| *at < offset);
        offset.saturating_sub(before.map(|(_, length)| length).sum())
    }
}

/// The error is at a byte of the text.
fn wrap(shown: &str) -> Result<Wrapped, (usize, String)> {
    let mut open: Vec<&str> = Vec::new();
    let mut last = "";
    let mut out = Wrapped {
        text: String::with_capacity(shown.len()),
        added: Vec::new(),
    };
    let mut copied = 0;
    for token in Tokenizer::from(shown) {
        // Whoever reads next says what is wrong, and where.
        let Ok(token) = token else { break };
        match token {
            Token::ElementStart { local, span, .. } => {
                last = local.as_str();
                if last.starts_with("mj") && !COMPONENTS.contains(&last) {
                    return Err((span.start(), format!("there is no component `{last}`")));
                }
            }
            Token::ElementEnd { end, span } => match end {
                ElementEnd::Open if !VOID.contains(&last) => {
                    open.push(last);
                    if open.len() > MAX_DEPTH {
                        let message = format!("elements are nested more than {MAX_DEPTH} deep");
                        return Err((span.start(), message));
                    }
                }
                ElementEnd::Close(_, name) => {
                    let closed = open.pop().unwrap_or_default();
                    let component = closed.starts_with("mj") || name.as_str().starts_with("mj");
                    if component && closed != name.as_str() {
                        let message = format!("`</{name}>` stands where `</{closed}>` is missing");
                        return Err((span.start(), message));
                    }
                }
                ElementEnd::Open | ElementEnd::Empty => {}
            },
            Token::Text { text } if open.last().is_some_and(|name| HOLDERS.contains(name)) => {
                for range in stand_ins(text.as_str()) {
                    let (begin, end) = (text.start() + range.start, text.start() + range.end);
                    out.text.push_str(&shown[copied..begin]);
                    out.add("<mj-raw>");
                    out.text.push_str(&shown[begin..end]);
                    out.add("</mj-raw>");
                    copied = end;
                }
            }
            _ => {}
        }
    }
    out.text.push_str(&shown[copied..]);
    Ok(out)
}

/// Where it is wrong, as far as the reader tells, and how.
fn explain(text: &str, error: &Error) -> (Option<usize>, String) {
    let name = |start: usize, end: usize| text.get(start..end).unwrap_or_default().trim().to_owned();
    match error {
        Error::UnexpectedElement { position, .. } => {
            let name = name(position.start, position.end);
            (
                Some(position.start),
                format!("`{name}` can't stand here, or is no component of MJML"),
            )
        }
        Error::UnexpectedToken { position, .. } => {
            (Some(position.start), "MJML has no place for this here".to_owned())
        }
        Error::MissingAttribute { name, position, .. } => {
            (Some(position.start), format!("the attribute `{name}` is missing"))
        }
        Error::InvalidAttribute { position, .. } => {
            (Some(position.start), "the attribute can't be read".to_owned())
        }
        Error::InvalidFormat { position, .. } => (Some(position.start), "this can't be read".to_owned()),
        Error::IncludeLoaderError { position, .. } => (
            Some(position.start),
            "files can't be included: make a partial and write {% include \"name\" %}".to_owned(),
        ),
        Error::ParserError { source, .. } => {
            let position = source.pos();
            let before: usize = text
                .split_inclusive('\n')
                .take(position.row.saturating_sub(1) as usize)
                .map(str::len)
                .sum();
            let column = text.get(before..).map_or(0, |line| {
                line.chars()
                    .take(position.col.saturating_sub(1) as usize)
                    .map(char::len_utf8)
                    .sum()
            });
            (Some(before + column), "this is not well-formed".to_owned())
        }
        Error::EndOfStream { .. } => (Some(text.len()), "an element is not closed".to_owned()),
        Error::NoRootNode => (Some(0), "MJML must be within <mjml> ... </mjml>".to_owned()),
        Error::SizeLimit { .. } => (None, "it is too large".to_owned()),
    }
}
