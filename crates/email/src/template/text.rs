//! The text alternative of an HTML mail.
//!
//! Link targets follow the link in angle brackets (RFC 3986, appendix C), on lines of at most 78 columns. While the text is being
//! wrapped, a private-use character stands for each target, so that a long address is never broken in two.

use html2text::config;
use html2text::render::TextDecorator;
use std::cell::RefCell;
use std::rc::Rc;

const WIDTH: usize = 78;
/// Supplementary private-use area B: no font, and so no mail, uses it.
const FIRST: u32 = 0x0010_0000;
const LAST: u32 = 0x0010_FFFD;

/// The text of HTML; empty when there is none in it.
pub(super) fn text_of(html: &str) -> String {
    let targets = Rc::new(RefCell::new(Vec::new()));
    let decorator = Decorator {
        targets: Rc::clone(&targets),
        open: None,
    };
    let text = config::with_decorator(decorator)
        .raw_mode(true)
        .link_footnotes(false)
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
        .unwrap_or_default();
    let targets = targets.borrow();
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        let line = line.trim_end();
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank > 1 || (blank == 1 && out.is_empty()) {
            continue;
        }
        for c in line.chars() {
            match (FIRST..=LAST)
                .contains(&u32::from(c))
                .then(|| targets.get((u32::from(c) - FIRST) as usize))
            {
                Some(Some(target)) => {
                    out.push('<');
                    out.push_str(target);
                    out.push('>');
                }
                _ => out.push(c),
            }
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

#[derive(Debug, Clone)]
struct Decorator {
    targets: Rc<RefCell<Vec<String>>>,
    /// The character that stands for the target of the link being read.
    open: Option<char>,
}

impl TextDecorator for Decorator {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        let mut targets = self.targets.borrow_mut();
        // What begins with a character beyond ASCII is a value that is filled in later (see `derived`).
        let known = ["http", "mailto:", "tel:"]
            .iter()
            .any(|start| url.starts_with(start))
            || !url.is_ascii();
        self.open = u32::try_from(targets.len())
            .ok()
            .and_then(|index| char::from_u32(FIRST + index))
            .filter(|c| known && u32::from(*c) <= LAST);
        if self.open.is_some() {
            targets.push(
                url.chars()
                    .filter(|c| !c.is_control() && !c.is_whitespace())
                    .collect(),
            );
        }
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        self.open.take().map(|c| format!(" {c}")).unwrap_or_default()
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (
            if title.is_empty() {
                String::new()
            } else {
                format!("[{title}]")
            },
            (),
        )
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".into()
    }

    fn unordered_item_prefix(&self) -> String {
        "* ".into()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn decorate_superscript_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_links_are_readable() {
        let html = "<html><head><title>T</title><style>p{color:red}</style></head><body><h1>Hello</h1>\
            <p>One <b>two</b> &amp; <a href=\"https://example.com/a?b=1&amp;c=2\">three</a>.</p>\
            <ul><li>x</li><li>y</li></ul><script>alert(1)</script></body></html>";
        assert_eq!(
            text_of(html),
            "Hello\n\nOne two & three <https://example.com/a?b=1&c=2>.\n* x\n* y"
        );
    }

    #[test]
    fn lines_are_wrapped_and_addresses_are_not() {
        let long = format!("https://example.com/{}", "x".repeat(200));
        let html = format!(
            "<p>{} <a href=\"{long}\">link</a> {}</p>",
            "word ".repeat(50),
            "word ".repeat(50)
        );
        let text = text_of(&html);
        assert!(text.contains(&format!("<{long}>")), "{text}");
        assert!(
            text.lines()
                .filter(|line| !line.contains(&long))
                .all(|line| line.chars().count() <= 78),
            "{text}"
        );
    }

    #[test]
    fn layout_tables_and_hostile_html_do_no_harm() {
        let table = "<table width=600><tr><td>Left</td><td><table><tr><td>Inner <a href='https://a.de'>a</a></td></tr></table></td></tr></table>";
        let text = text_of(table);
        assert!(
            text.contains("Left") && text.contains("Inner a <https://a.de>"),
            "{text}"
        );
        assert_eq!(text_of(""), "");
        assert_eq!(text_of("<a href='javascript:x'>a</a>"), "a");
        text_of(&"<div>".repeat(3_000));
        text_of(&"<td><table>".repeat(500));
    }
}
