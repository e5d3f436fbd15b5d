//! Pages with a heading and a sentence, and the unsubscribe pages.

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

/// Asks before anything changes: mail scanners follow every link (RFC 8058).
pub fn unsubscribe_page(email: &str, organization: &str) -> Result<HtmlPage, Error> {
    Ok(HtmlPage::closed(render(
        "unsubscribe.html",
        json!({ "email": email, "organization": organization }),
    )?))
}

pub fn unsubscribed_page(email: &str, organization: &str) -> Result<HtmlPage, Error> {
    notice_page(
        "You are unsubscribed",
        &format!("{email} will get no more mail from {organization}."),
    )
}
