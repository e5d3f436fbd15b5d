//! Pages with a heading and a sentence.

use super::engine::render;
use super::page::HtmlPage;
use groundswell_domain::Error;
use serde_json::json;

/// A heading and a text: what went wrong, or well.
pub fn notice_page(title: &str, text: &str) -> Result<HtmlPage, Error> {
    Ok(HtmlPage::closed(render(
        "notice.html",
        json!({ "title": title, "text": text }),
    )?))
}
