//! Which fields a browser was asked already, of forms that ask bit by bit.
//!
//! A cookie of the form's own page holds their names, and nothing about anybody: whoever types somebody else's address learns
//! nothing about them, because what their lead knows is never looked at.

use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_domain::forms::Form;
use std::collections::HashSet;

const NAME: &str = "gs_asked=";
/// A year, in seconds.
const KEPT: u32 = 365 * 24 * 60 * 60;

/// Names of the form's own fields in a text that has dots between them.
pub(super) fn known(form: &Form, names: Option<&str>) -> HashSet<String> {
    let Some(progressive) = &form.settings.progressive else {
        return HashSet::new();
    };
    let asked: HashSet<_> = names.unwrap_or_default().split('.').collect();
    let known = progressive
        .fields
        .iter()
        .filter(|name| asked.contains(name.as_str()));
    known.cloned().collect()
}

pub(super) fn of_browser(form: &Form, request: &HttpRequest) -> HashSet<String> {
    let mut headers = request
        .headers()
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    let names = headers.find_map(|text| text.split(';').find_map(|one| one.trim().strip_prefix(NAME)));
    known(form, names)
}

/// Adds what was asked now.
pub(super) fn remember(form: &Form, known: &HashSet<String>, https: bool, response: &mut HttpResponse) {
    let Some(progressive) = &form.settings.progressive else {
        return;
    };
    let names = progressive.asked_with(known);
    let secure = if https { "; Secure" } else { "" };
    let (names, id) = (names.join("."), form.id);
    let cookie = format!("{NAME}{names}; Path=/f/{id}; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}");
    // Names of fields are letters, digits, `_` and `-`: nothing that could not be in a header.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
