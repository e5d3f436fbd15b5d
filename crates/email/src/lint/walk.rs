//! Walks through a finished mail as a reader's eyes do: what can be read, on which ground, and what stands at the top.

use super::place::Places;
use super::style::Look;
use groundswell_domain::brand::Color;
use groundswell_domain::email::{Finding, LintRule};
use lol_html::{EndTagHandler, RewriteStrSettings, doc_text, element, rewrite_str};
use std::cell::RefCell;
use std::rc::Rc;

/// Level AA of WCAG 2.2, success criterion 1.4.3: <https://www.w3.org/TR/WCAG22/#contrast-minimum>.
const CONTRAST: f64 = 4.5;
const CONTRAST_OF_LARGE: f64 = 3.0;
/// Pairs of colours that are told.
const MOST: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Walked {
    pub has_preheader: bool,
    /// Letters that can be read.
    pub letters: usize,
    pub low_contrast: Vec<LowContrast>,
}

/// Text that can hardly be read.
#[derive(Debug)]
pub(super) struct LowContrast {
    color: Color,
    background: Color,
    needed: f64,
    written: Option<String>,
    text: String,
}

impl LowContrast {
    pub fn finding(&self, places: &Places<'_>) -> Finding {
        let message = format!(
            "`{}` is {} on {}, a contrast of {:.1} to 1: at least {} to 1 is needed to read it (WCAG 2.2, 1.4.3)",
            self.text,
            self.color,
            self.background,
            self.color.contrast(self.background),
            self.needed
        );
        let place = self.written.as_deref().and_then(|color| places.nth(color, 0));
        Finding::new(LintRule::LowContrast, "html", message).at(place)
    }
}

pub(super) fn walk(html: &str) -> Walked {
    let looks = Rc::new(RefCell::new(vec![Look::initial()]));
    let walked = RefCell::new(Walked::default());
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("*", |element| {
            let attribute = |name: &str| element.get_attribute(name);
            let (style, bgcolor) = (attribute("style").unwrap_or_default(), attribute("bgcolor"));
            let font_color = attribute("color");
            let name = element.tag_name();
            let depth = looks.borrow().len();
            let look = looks.borrow().last().cloned().unwrap_or_else(Look::initial);
            let look = look.within(&name, &style, bgcolor.as_deref(), font_color.as_deref());
            if let Some(handlers) = element.end_tag_handlers() {
                looks.borrow_mut().push(look);
                let looks = Rc::clone(&looks);
                // An element without an end tag ends with the one around it.
                let end: EndTagHandler<'static> = Box::new(move |_| {
                    looks.borrow_mut().truncate(depth);
                    Ok(())
                });
                handlers.push(end);
            }
            Ok(())
        }))
        .append_document_content_handler(doc_text!(|chunk| {
            if let Some(look) = looks.borrow().last() {
                walked.borrow_mut().read(chunk.as_str(), look);
            }
            Ok(())
        }));
    // A page that can't be read to its end is judged by what could be read.
    drop(rewrite_str(html, settings));
    walked.into_inner()
}

impl Walked {
    fn read(&mut self, text: &str, look: &Look) {
        let letters = letters(text);
        if letters == 0 {
            return;
        }
        if look.hidden || look.size <= 2.0 {
            self.has_preheader |= self.letters == 0;
            return;
        }
        self.letters += letters;
        let (Some(color), Some(background)) = (look.color, look.background) else {
            return;
        };
        let needed = if look.is_large() {
            CONTRAST_OF_LARGE
        } else {
            CONTRAST
        };
        let known = |low: &LowContrast| low.color == color && low.background == background;
        if color.contrast(background) < needed
            && self.low_contrast.len() < MOST
            && !self.low_contrast.iter().any(known)
        {
            self.low_contrast.push(LowContrast {
                color,
                background,
                needed,
                written: look.written.clone(),
                text: text.split_whitespace().take(5).collect::<Vec<_>>().join(" "),
            });
        }
    }
}

/// Letters and digits, without those of character references.
fn letters(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let reference = rest.strip_prefix('&').and_then(|after| {
            let (name, after) = after.split_once(';')?;
            (name.len() <= 10
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'#'))
            .then_some(after)
        });
        if let Some(after) = reference {
            rest = after;
        } else {
            count += usize::from(c.is_alphanumeric());
            rest = &rest[c.len_utf8()..];
        }
    }
    count
}
