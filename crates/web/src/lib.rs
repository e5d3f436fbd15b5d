//! Adapter: reads web pages. HTML goes through a streaming parser that keeps no tree, so that memory does not follow what a page
//! contains; what it says is the domain's [`Page`](groundswell_domain::web::Page).

mod charset;
mod html;
mod language;
mod references;

use groundswell_domain::egress::Fetched;
use groundswell_domain::web::{Page, PageReader};

/// Reads HTML as browsers do: by the bytes, whatever the server calls them.
#[derive(Debug, Clone, Copy, Default)]
pub struct HtmlReader;

impl PageReader for HtmlReader {
    fn read(&self, answer: &Fetched) -> Page {
        let text = charset::decode(&answer.body, answer.header("content-type"));
        let mut page = html::read(&text);
        page.detected_language = language::detect(&page.text);
        page
    }
}
