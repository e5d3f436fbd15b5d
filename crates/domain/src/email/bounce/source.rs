//! A returned mail, taken apart.
//!
//! A part begins at a line of dashes that is a declared boundary, or that is followed by a line `Content-…:`: boundaries of returned mails
//! are often not the ones that were declared.

use super::decode::{decoded, text_of};
use super::fields::{all, fields, first, is_name};
use regex::Regex;
use std::sync::LazyLock;

/// The parts of a returned mail, decoded, by what they are for.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub headers: Vec<(String, String)>,
    /// What people are to read: text, or HTML as text if there is no other.
    pub text: String,
    /// `message/delivery-status` and what is like it.
    pub status: String,
    /// `message/feedback-report`.
    pub feedback: String,
    /// The mail that was sent, or its header.
    pub original: String,
}

#[derive(Default)]
struct Part {
    content_type: String,
    encoding: String,
    body: String,
}

impl Source {
    pub fn of(mail: &[u8]) -> Self {
        let text = text_of(mail).replace("\r\n", "\n").replace('\r', "\n");
        let mut lines = text.lines().skip_while(|line| line.trim().is_empty()).peekable();
        let headers = read_headers(&mut lines);
        let mut boundaries: Vec<String> = boundary(first(&headers, "content-type")).into_iter().collect();
        let mut part = Part::headed_by(&headers);
        if part.is_container() {
            part.content_type.clear();
        }
        let mut parts = Vec::new();
        while let Some(line) = lines.next() {
            let declared = boundaries
                .iter()
                .any(|boundary| line.starts_with(boundary.as_str()));
            let begins = line.starts_with("--")
                && (declared || line.len() > 3 && lines.peek().is_some_and(|next| names_content(next)));
            // What belongs to the mail that was sent stays together.
            if begins && (!part.is_original() || declared) {
                parts.push(std::mem::take(&mut part));
                let headers = read_headers(&mut lines);
                part = Part::headed_by(&headers);
                boundaries.extend(boundary(first(&headers, "content-type")));
            } else {
                part.body.push_str(line);
                part.body.push('\n');
            }
        }
        parts.push(part);
        Self::of_parts(headers, parts)
    }

    fn of_parts(headers: Vec<(String, String)>, parts: Vec<Part>) -> Self {
        let mut source = Self {
            headers,
            ..Self::default()
        };
        let mut html = String::new();
        for part in parts {
            let place = if part.content_type.contains("delivery-status")
                || part.content_type.contains("disposition-notification")
            {
                &mut source.status
            } else if part.content_type.contains("feedback-report") {
                &mut source.feedback
            } else if part.is_original() {
                &mut source.original
            } else if part.is_container()
                || part.content_type.starts_with("image")
                || part.content_type.starts_with("application")
            {
                continue;
            } else if part.content_type.contains("html") {
                &mut html
            } else {
                &mut source.text
            };
            place.push_str(&decoded(&part.body, &part.encoding, &part.content_type));
            place.push('\n');
        }
        if source.text.trim().is_empty() {
            source.text = html;
        }
        source
    }

    pub fn header(&self, name: &str) -> &str {
        first(&self.headers, name).unwrap_or_default()
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        all(&self.headers, name)
    }
}

impl Part {
    fn headed_by(headers: &[(String, String)]) -> Self {
        let header = |name| first(headers, name).unwrap_or_default();
        Self {
            content_type: header("content-type").to_lowercase(),
            encoding: header("content-transfer-encoding").to_owned(),
            body: String::new(),
        }
    }

    fn is_container(&self) -> bool {
        self.content_type.starts_with("multipart")
    }

    fn is_original(&self) -> bool {
        self.content_type.contains("rfc822")
    }
}

fn names_content(line: &str) -> bool {
    line.get(..8)
        .is_some_and(|start| start.eq_ignore_ascii_case("content-"))
        && line.contains(':')
}

/// Up to the empty line, which is taken, too; a line that is no header ends them.
fn read_headers<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Vec<(String, String)> {
    let mut block = String::new();
    while let Some(line) = lines.peek() {
        if line.trim().is_empty() {
            lines.next();
            break;
        }
        let folded = line.starts_with([' ', '\t']);
        let is_header = line.split_once(':').is_some_and(|(name, _)| is_name(name));
        // The line before the headers in a mailbox file.
        let of_mailbox = line.starts_with("From ") || line.starts_with(">From ");
        if is_header || folded {
            block.push_str(line);
            block.push('\n');
        } else if !of_mailbox && !block.is_empty() {
            break;
        }
        lines.next();
    }
    fields(&block)
}

static BOUNDARY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))"#).ok());

fn boundary(content_type: Option<&str>) -> Option<String> {
    let found = BOUNDARY.as_ref()?.captures(content_type?)?;
    let name = found.get(1).or_else(|| found.get(2))?;
    Some(format!("--{}", name.as_str()))
}
