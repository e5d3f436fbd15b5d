//! The pages behind the link at the end of a mail.

use super::engine::render;
use super::notice::notice_page;
use super::page::HtmlPage;
use groundswell_app::email::UnsubscribeInfo;
use groundswell_domain::Error;
use serde_json::{Value, json};

/// Asks before anything changes: mail scanners follow every link (RFC 8058). With topics each can be kept or left; `saved`: that was
/// just done.
pub fn preferences_page(info: &UnsubscribeInfo, saved: bool) -> Result<HtmlPage, Error> {
    let UnsubscribeInfo {
        email,
        organization,
        done,
        topics,
    } = info;
    if *done {
        return notice_page(
            "You are unsubscribed",
            &format!("{email} will get no more mail from {organization}."),
        );
    }
    if topics.is_empty() {
        let data = json!({ "email": email, "organization": organization });
        return Ok(HtmlPage::closed(render("unsubscribe.html", data)?));
    }
    let topics: Vec<Value> = topics
        .iter()
        .map(|topic| {
            json!({
                "id": topic.id,
                "name": topic.name,
                "description": topic.description,
                "kept": topic.kept,
                "about": topic.about,
            })
        })
        .collect();
    let data = json!({ "email": email, "organization": organization, "topics": topics, "saved": saved });
    Ok(HtmlPage::closed(render("preferences.html", data)?))
}
