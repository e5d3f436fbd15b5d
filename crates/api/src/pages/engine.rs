//! The templates, compiled once.

use groundswell_domain::Error;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use std::sync::LazyLock;

/// The names decide about escaping: `.html` escapes every value, `.css` is included as it is.
const TEMPLATES: [(&str, &str); 14] = [
    ("layout.html", include_str!("../../templates/layout.html")),
    ("style.css", include_str!("../../templates/style.css")),
    ("form.css", include_str!("../../templates/form.css")),
    ("mailbox.css", include_str!("../../templates/mailbox.css")),
    ("account.html", include_str!("../../templates/account.html")),
    (
        "confirmation.html",
        include_str!("../../templates/confirmation.html"),
    ),
    ("fields.html", include_str!("../../templates/fields.html")),
    ("form.html", include_str!("../../templates/form.html")),
    ("notice.html", include_str!("../../templates/notice.html")),
    (
        "unsubscribe.html",
        include_str!("../../templates/unsubscribe.html"),
    ),
    (
        "preferences.html",
        include_str!("../../templates/preferences.html"),
    ),
    ("mailbox.html", include_str!("../../templates/mailbox.html")),
    ("mail.html", include_str!("../../templates/mail.html")),
    ("preview.html", include_str!("../../templates/preview.html")),
];

static ENGINE: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    // A misspelt name fails its test instead of leaving a gap in a page.
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        engine.add_template(name, source)?;
    }
    Ok(engine)
});

/// Fills a template.
pub(super) fn render(name: &str, data: impl Serialize) -> Result<String, Error> {
    let engine = ENGINE
        .as_ref()
        .map_err(|error| Error::internal(error.to_string()))?;
    let data = minijinja::Value::from(Serde(data));
    engine
        .get_template(name)
        .and_then(|template| template.render(data))
        .map_err(Error::internal)
}
