//! Delivery status notifications (RFC 3464).

use super::Statement;
use super::addresses::typed_address;
use super::codes::command_in;
use super::fields::fields;
use super::free_text::{hosts, without_original};
use super::reason::BounceReason;
use super::source::Source;
use regex::Regex;
use std::sync::LazyLock;

static BEGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?im)^(?:reporting-mta|arrival-date|final-recipient):").ok());
static RECIPIENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?im)^final-recipient:").ok());
static ORIGINAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?im)^content-type: (?:message/rfc822|text/rfc822-headers)").ok());
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s*(\d\.\d+\.\d+)\s*(.*)").ok());

/// `None` if the mail has no fields of a report.
pub(super) fn read(source: &Source) -> Option<Vec<Statement>> {
    let (report, text) = report(source)?;
    let mut statements = statements(&report);
    if statements.is_empty() {
        return None;
    }
    let text = without_original(&text);
    let command = command_in(text);
    let (remote, reporting) = hosts(source);
    let recipients: Vec<String> = statements
        .iter()
        .filter_map(|statement| statement.recipient.as_deref().map(str::to_lowercase))
        .collect();
    let squeezed = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    for statement in &mut statements {
        if recipients.len() == 1 {
            // What people read often has more than the field.
            statement.text = if squeezed(text).contains(&squeezed(&statement.text)) {
                text.to_owned()
            } else {
                format!("{text} {}", statement.text)
            };
        } else if statement.text.trim().is_empty() {
            statement.text = lines_of(statement.recipient.as_deref(), &recipients, text);
        }
        statement.command = command;
        if statement.remote.is_empty() {
            statement.remote.clone_from(&remote);
        }
        if statement.reporting.is_empty() {
            statement.reporting.clone_from(&reporting);
        }
    }
    Some(statements)
}

/// The fields of the report, and the text before them. Some servers write the fields into the text.
fn report(source: &Source) -> Option<(String, String)> {
    if !source.status.trim().is_empty() {
        return Some((source.status.clone(), source.text.clone()));
    }
    RECIPIENT.as_ref()?.find(&source.text)?;
    let begin = BEGIN.as_ref()?.find(&source.text)?.start();
    let (text, report) = source.text.split_at(begin);
    let end = ORIGINAL
        .as_ref()?
        .find(report)
        .map_or(report.len(), |found| found.start());
    Some((report[..end].to_owned(), text.to_owned()))
}

/// The lines of a text that name one recipient and none of the others; all of it if there are none.
fn lines_of(recipient: Option<&str>, all: &[String], text: &str) -> String {
    let own = recipient.unwrap_or_default().to_lowercase();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| {
            let line = line.to_lowercase();
            line.contains(&own) && !all.iter().any(|other| *other != own && line.contains(other))
        })
        .collect();
    if lines.is_empty() {
        text.to_owned()
    } else {
        lines.join("\n")
    }
}

fn statements(report: &str) -> Vec<Statement> {
    let mut all: Vec<Statement> = Vec::new();
    // What stands before the first recipient is for all of them.
    let mut common = Statement::default();
    for (name, value) in fields(report) {
        if name == "final-recipient" {
            let Some(address) = typed_address(&value) else {
                continue;
            };
            if all
                .last()
                .is_none_or(|last| last.recipient.as_deref() != Some(&address))
            {
                all.push(Statement {
                    recipient: Some(address),
                    ..Statement::default()
                });
            }
            continue;
        }
        let target = all.last_mut().unwrap_or(&mut common);
        match name.as_str() {
            "original-recipient" | "x-actual-recipient" if target.recipient.is_none() => {
                target.recipient = typed_address(&value);
            }
            "status" => {
                if let Some(found) = STATUS.as_ref().and_then(|status| status.captures(&value)) {
                    found[1].clone_into(&mut target.status);
                    let comment = found[2].trim_matches([' ', '(', ')']);
                    add(&mut target.text, comment);
                }
            }
            "action" => target.action = value.split_whitespace().next().unwrap_or_default().to_lowercase(),
            "diagnostic-code" => {
                let typed = value.split_once(';').filter(|(kind, _)| kind.len() < 20);
                add(&mut target.text, typed.map_or(value.as_str(), |(_, said)| said));
            }
            "x-powermta-bouncecategory" => target.hint = powermta(&value),
            "remote-mta" => target.remote = last(&value),
            "reporting-mta" | "received-from-mta" if target.reporting.is_empty() => {
                target.reporting = last(&value);
            }
            _ => {}
        }
    }
    if all.is_empty() && common.recipient.is_some() {
        return vec![common];
    }
    let or = |own: &mut String, other: &String| {
        if own.is_empty() {
            own.clone_from(other);
        }
    };
    for statement in &mut all {
        or(&mut statement.text, &common.text);
        or(&mut statement.status, &common.status);
        or(&mut statement.action, &common.action);
        or(&mut statement.remote, &common.remote);
        or(&mut statement.reporting, &common.reporting);
    }
    all
}

fn add(text: &mut String, more: &str) {
    if !more.is_empty() {
        text.push(' ');
        text.push_str(more);
    }
}

/// The name in `dns; mx.example.com`.
fn last(value: &str) -> String {
    value.rsplit(';').next().unwrap_or_default().trim().to_owned()
}

/// What the sending server `PowerMTA` has made of it.
fn powermta(category: &str) -> Option<BounceReason> {
    Some(match category.trim() {
        "bad-domain" => BounceReason::HostUnknown,
        "bad-mailbox" => BounceReason::UserUnknown,
        "inactive-mailbox" => BounceReason::Suspended,
        "message-expired" => BounceReason::Expired,
        "no-answer-from-host" => BounceReason::Network,
        "policy-related" => BounceReason::Policy,
        "quota-issues" => BounceReason::MailboxFull,
        "routing-errors" => BounceReason::System,
        "spam-related" => BounceReason::Spam,
        _ => return None,
    })
}
