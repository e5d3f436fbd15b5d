//! Feedback reports (ARF, RFC 5965): somebody pressed "spam".

use super::Statement;
use super::addresses::{addresses, typed_address};
use super::fields::{all, fields, first};
use super::reason::BounceReason;
use super::source::Source;
use regex::Regex;
use std::sync::LazyLock;

static TO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?im)^to:(.*)$").ok());

/// One statement for each recipient; without an address where the report hides it. `None` if it is no report.
pub(super) fn read(source: &Source) -> Option<Vec<Statement>> {
    if source.feedback.trim().is_empty() {
        return None;
    }
    let fields = fields(&source.feedback);
    // RFC 6591: a report on authentication is of machines for machines.
    let reason = match first(&fields, "feedback-type") {
        Some(kind) if kind.eq_ignore_ascii_case("auth-failure") => BounceReason::Report,
        _ => BounceReason::Feedback,
    };
    let mut recipients: Vec<String> = Vec::new();
    for name in ["original-rcpt-to", "removal-recipient"] {
        for address in all(&fields, name).filter_map(typed_address) {
            if !recipients
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&address))
            {
                recipients.push(address);
            }
        }
    }
    if recipients.is_empty() {
        let to = TO.as_ref().and_then(|to| to.captures(&source.original));
        recipients.extend(to.and_then(|found| addresses(&found[1]).into_iter().next()));
    }
    let statement = |recipient| Statement {
        recipient,
        text: first(&fields, "feedback-type").unwrap_or_default().to_owned(),
        decided: Some(reason),
        ..Statement::default()
    };
    if recipients.is_empty() {
        return Some(vec![statement(None)]);
    }
    Some(
        recipients
            .into_iter()
            .map(|address| statement(Some(address)))
            .collect(),
    )
}
