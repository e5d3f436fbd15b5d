//! How long a visitor took, by our own clock: pages carry the signed time at which they were made.

use crate::App;
use chrono::DateTime;
use groundswell_domain::forms::Form;
use std::time::Duration;

const PURPOSE: &str = "form shown";

/// What a page sends along as `gs_shown`.
pub fn shown_now(app: &App, form: &Form) -> String {
    let mut bytes = form.id.0.as_bytes().to_vec();
    bytes.extend_from_slice(&app.now().timestamp_micros().to_be_bytes());
    app.links.sign(PURPOSE, &bytes)
}

/// From making the page to now. `None` when it was not ours, or says nothing: programs send forms without a page.
pub fn time_taken(app: &App, form: &Form, shown: Option<&str>) -> Option<Duration> {
    let bytes = app.links.verify(PURPOSE, shown?)?;
    let (id, micros) = bytes.split_at_checked(16)?;
    if id != form.id.0.as_bytes() {
        return None;
    }
    let at = DateTime::from_timestamp_micros(i64::from_be_bytes(micros.try_into().ok()?))?;
    (app.now() - at).to_std().ok()
}
