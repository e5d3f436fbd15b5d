//! What a page says of itself, collected while it goes by.

use crate::references::resolve;
use groundswell_domain::web::Page;
use lol_html::html_content::{Element, TextType};
use lol_html::{HtmlRewriter, MemorySettings, Settings, doc_text, element};
use std::cell::RefCell;

/// Of the parser, in bytes: open elements, and a tag that has no end yet. A page that needs more is read as far as that.
const MEMORY: usize = 1024 * 1024;
/// Bytes that are handed over at once.
const PIECE: usize = 16 * 1024;
const LONGEST_TEXT: usize = 20_000;
const LONGEST_LINE: usize = 1000;
const LONGEST_JSON: usize = 256 * 1024;
const MOST_RESOURCES: usize = 500;
const MOST_BLOCKS: usize = 50;
const MOST_PHONES: usize = 20;
const MOST_PROPERTIES: usize = 100;

/// What is known so far, and where the parser is.
#[derive(Default)]
struct Reading {
    page: Page,
    title: String,
    in_title: bool,
    /// The block of structured data that is being read.
    json: Option<String>,
    blocks: Vec<String>,
}

pub(super) fn read(html: &str) -> Page {
    let reading = RefCell::new(Reading::default());
    parse(html, &reading);
    reading.into_inner().finish()
}

/// Stops where the parser gives up: what was read until then is true.
fn parse(html: &str, reading: &RefCell<Reading>) {
    let settings = Settings::new()
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY))
        .append_element_content_handler(element!(
            "html, title, meta, link, script, iframe, img, a[href]",
            |element| {
                reading.borrow_mut().element(element);
                Ok(())
            }
        ))
        .append_document_content_handler(doc_text!(|chunk| {
            let (text, kind, last) = (chunk.as_str(), chunk.text_type(), chunk.last_in_text_node());
            reading.borrow_mut().text(text, kind, last);
            Ok(())
        }));
    let mut parser = HtmlRewriter::new(settings, |_: &[u8]| {});
    for piece in html.as_bytes().chunks(PIECE) {
        if parser.write(piece).is_err() {
            return;
        }
    }
    // Nothing is left to be said when this fails, too.
    drop(parser.end());
}

impl Reading {
    fn element(&mut self, element: &Element<'_, '_>) {
        let attribute = |name: &str| {
            let value = element.get_attribute(name)?;
            Some(line(&value)).filter(|value| !value.is_empty())
        };
        let page = &mut self.page;
        match element.tag_name().as_str() {
            "html" if page.declared_language.is_none() => page.declared_language = attribute("lang"),
            "title" => self.in_title = self.title.is_empty(),
            "meta" => {
                let name = attribute("property").or_else(|| attribute("name"));
                if let (Some(name), Some(content)) = (name, attribute("content")) {
                    self.meta(&name.to_lowercase(), content);
                }
            }
            "link" => {
                let rel = attribute("rel").unwrap_or_default().to_lowercase();
                let mut rel = rel.split(' ');
                if rel.clone().any(|word| word == "canonical") {
                    page.canonical = page.canonical.take().or_else(|| attribute("href"));
                } else if rel.any(|word| matches!(word, "stylesheet" | "preload" | "preconnect")) {
                    self.resource(attribute("href"));
                }
            }
            "script" => {
                let is_data =
                    attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json"));
                self.json = is_data.then(String::new);
                self.resource(attribute("src"));
            }
            "iframe" | "img" => self.resource(attribute("src")),
            "a" => {
                let number =
                    attribute("href").and_then(|href| Some(href.strip_prefix("tel:")?.trim().to_owned()));
                if let Some(number) = number
                    && page.phones.len() < MOST_PHONES
                    && !page.phones.contains(&number)
                {
                    page.phones.push(number);
                }
            }
            _ => {}
        }
    }

    fn meta(&mut self, name: &str, content: String) {
        let page = &mut self.page;
        if let Some(property) = name.strip_prefix("og:") {
            if page.open_graph.len() < MOST_PROPERTIES {
                page.open_graph.entry(property.to_owned()).or_insert(content);
            }
        } else if name == "description" {
            page.description.get_or_insert(content);
        } else if name == "generator" {
            page.generator.get_or_insert(content);
        }
    }

    fn resource(&mut self, address: Option<String>) {
        if let Some(address) = address
            && self.page.resources.len() < MOST_RESOURCES
            && !address.starts_with("data:")
        {
            self.page.resources.push(address);
        }
    }

    fn text(&mut self, text: &str, kind: TextType, last: bool) {
        match kind {
            TextType::Data if self.page.text.len() < LONGEST_TEXT => self.page.text.push_str(text),
            TextType::RCData if self.in_title => {
                if self.title.len() < LONGEST_LINE {
                    self.title.push_str(text);
                }
                self.in_title = !last;
            }
            TextType::ScriptData => {
                if let Some(json) = &mut self.json {
                    json.push_str(text);
                    let whole = last && json.len() <= LONGEST_JSON && self.blocks.len() < MOST_BLOCKS;
                    if last || json.len() > LONGEST_JSON {
                        self.blocks.extend(self.json.take().filter(|_| whole));
                    }
                }
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Page {
        let title = line(&self.title);
        self.page.title = Some(title).filter(|title| !title.is_empty());
        let blocks = self
            .blocks
            .iter()
            .filter_map(|block| serde_json::from_str(block).ok());
        self.page.json_ld = blocks.collect();
        self.page.text = collapsed(&resolve(&self.page.text), LONGEST_TEXT);
        self.page
    }
}

/// One line, with references resolved.
fn line(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST_LINE * 8);
    collapsed(&resolve(&text[..end]), LONGEST_LINE)
}

fn collapsed(text: &str, most: usize) -> String {
    let mut out = String::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if out.len() + word.len() >= most {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
