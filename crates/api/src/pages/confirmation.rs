//! The page behind the link of a double opt-in.

use super::engine::render;
use super::page::HtmlPage;
use groundswell_app::forms::{OptIn, OptInState};
use groundswell_domain::Error;
use serde_json::json;

/// A button, or what became of it.
pub fn confirmation_page(opt_in: &OptIn) -> Result<HtmlPage, Error> {
    let title = match opt_in.state {
        OptInState::Open => "Please confirm",
        OptInState::Confirmed => "Thank you, it is confirmed",
        OptInState::Over => "This link is too old",
    };
    let data = json!({
        "title": title,
        "open": opt_in.state == OptInState::Open,
        "over": opt_in.state == OptInState::Over,
        "email": opt_in.email,
        "organization": opt_in.organization,
        "form": opt_in.form,
        "form_url": format!("/f/{}", opt_in.form_id),
        "texts": opt_in.texts,
    });
    Ok(HtmlPage::closed(render("confirmation.html", data)?))
}
