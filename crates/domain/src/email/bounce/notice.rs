//! Mails of Amazon SES by way of SNS: JSON in a mail. Lines are folded there as in headers.

use super::Statement;
use super::reason::BounceReason;
use super::source::Source;
use regex::Regex;
use std::sync::LazyLock;

static TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#""(notificationType|emailAddress|diagnosticCode|status|action)":"((?:[^"\\]|\\.)*)""#).ok()
});
static LIST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""(?:recipients|destination)":\["([^"]+)""#).ok());

pub(super) fn read(source: &Source) -> Option<Vec<Statement>> {
    let json = source.text.replace("\n ", "");
    let all: Vec<(String, String)> = TEXT
        .as_ref()?
        .captures_iter(&json)
        .map(|found| (found[1].to_owned(), found[2].replace("\\\"", "\"")))
        .collect();
    let value = |name: &str| {
        all.iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.clone())
    };
    let kind = value("notificationType")?;
    let mut recipients: Vec<String> = all
        .iter()
        .filter(|(name, _)| name == "emailAddress")
        .map(|(_, address)| address.clone())
        .collect();
    if recipients.is_empty() {
        recipients.extend(
            LIST.as_ref()
                .and_then(|list| list.captures(&json))
                .map(|found| found[1].to_owned()),
        );
    }
    let said = value("diagnosticCode").unwrap_or_default();
    let decided = match kind.as_str() {
        "Complaint" => Some(BounceReason::Feedback),
        "Delivery" => Some(BounceReason::Delivered),
        _ => None,
    };
    let statement = |recipient| Statement {
        recipient: Some(recipient),
        text: said
            .split_once(';')
            .map_or(said.as_str(), |(_, text)| text)
            .to_owned(),
        status: value("status").unwrap_or_default(),
        action: value("action").unwrap_or_default(),
        decided,
        ..Statement::default()
    };
    Some(recipients.into_iter().map(statement).collect())
}
