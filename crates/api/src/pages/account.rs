//! Pages behind the links of account mails.

use super::engine::render;
use super::page::HtmlPage;
use groundswell_app::identity::LinkInfo;
use groundswell_domain::Error;
use groundswell_domain::identity::Purpose;
use serde_json::json;

/// Asks for a password, or just for a click. `problem` says what was wrong with the last try.
pub fn account_page(purpose: Purpose, info: &LinkInfo, problem: Option<&str>) -> Result<HtmlPage, Error> {
    let (title, button) = match purpose {
        Purpose::Invitation => ("Welcome", "Set the password"),
        Purpose::PasswordReset => ("Choose a new password", "Set the password"),
        Purpose::EmailVerification => ("Confirm your mail address", "Confirm"),
    };
    let data = json!({
        "title": title,
        "button": button,
        "password": purpose != Purpose::EmailVerification,
        "email": info.email,
        "name": info.name,
        "organization": info.organization,
        "problem": problem,
    });
    Ok(HtmlPage::closed(render("account.html", data)?))
}
