//! Mails that came back with words alone.

use super::Statement;
use super::addresses::{ADDRESS, addresses, first_address};
use super::codes::command_in;
use super::reason::BounceReason;
use super::source::Source;
use regex::Regex;
use std::sync::LazyLock;

/// Before the mail that was sent, servers say so.
static CUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:this|here|enclosed|below|included) is a copy of (?:the|your) (?:message|mail|original)|below is a copy|",
        r"original message (?:follows|below|headers)|",
        r"(?:returned|original|undelivered|copy of) (?:message|mail)(?: text| header| body)?(?: follows| below)|",
        r"message headers? follows?|unsent message|below this line is|-+ ?original (?:message|mail)|",
        r"the (?:message|mail) (?:headers?|text|contents?).*(?:follow|below)|message text follows|",
        r"content-type: (?:message/rfc822|text/rfc822-headers)|returned (?:message|mail) (?:header|text)|",
        r"-{3,} ?(?:message|mail) (?:header|body)|the first \d+ lines|received message follows|",
        r"headers of (?:the )?original|original mail as follows|start of (?:the )?original|unmodified",
    ))
    .ok()
});
/// Or its header begins after an empty line.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:received|return-path|from|message-id|x-[\w-]+|mime-version|date): ").ok()
});

/// The text up to the mail that was sent.
pub(super) fn without_original(text: &str) -> &str {
    let (Some(cut), Some(header)) = (&*CUT, &*HEADER) else {
        return text;
    };
    let (mut at, mut before) = (0, "-");
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        let apart = at > 0 && (before.is_empty() || before.ends_with('-'));
        if cut.is_match(bare) || (apart && header.is_match(bare)) {
            return &text[..at];
        }
        at += line.len();
        before = bare;
    }
    text
}

/// The servers that the returned mail came through: the first, and the last.
pub(super) fn hosts(source: &Source) -> (String, String) {
    static FROM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"from\s+(\S+)").ok());
    let from = |line: Option<&str>| {
        let found = FROM.as_ref()?.captures(line?)?;
        Some(found[1].to_owned())
    };
    let received: Vec<&str> = source.all("received").collect();
    (
        from(received.last().copied()).unwrap_or_default(),
        from(received.first().copied()).unwrap_or_default(),
    )
}

static SENDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)mailer-daemon|postmaster|mail delivery|delivery (?:sub)?system|non.?remis").ok()
});
static ROBOT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)no-?reply|post_?master|mailer|daemon|admin").ok());
static SUBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)undeliver|returned mail|delivery (?:status|fail|report)|failure|mail system error|warning: could not|could not be delivered|not delivered|delivery",
    )
    .ok()
});
static COMPLAINS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)could not be delivered|unable to deliver|error message below|not a member of this mailing list|duplicated message-id").ok()
});
static AUTOMATIC: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:auto|out of (?:the )?office|vacation|automatic reply|away)").ok());

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn came_back(source: &Source) -> bool {
    let from = source.header("from");
    matches(&SENDER, from)
        || matches(&SUBJECT, source.header("subject"))
        || !source.header("x-failed-recipients").is_empty()
        || (matches(&ROBOT, from) && matches(&COMPLAINS, &source.text))
}

fn is_automatic(source: &Source) -> bool {
    let submitted = source.header("auto-submitted").to_lowercase();
    submitted.starts_with("auto-replied")
        || matches(&AUTOMATIC, source.header("subject"))
        || !source.header("x-autoreply").is_empty()
        || !source.header("x-autorespond").is_empty()
}

/// `None` if the mail does not look like one that came back.
pub(super) fn read(source: &Source) -> Option<Vec<Statement>> {
    if !came_back(source) {
        return is_automatic(source).then(|| {
            vec![Statement {
                recipient: first_address(source.header("from")),
                text: source.header("subject").to_owned(),
                decided: Some(BounceReason::Vacation),
                ..Statement::default()
            }]
        });
    }
    let text = without_original(&source.text);
    let command = command_in(text);
    let (remote, reporting) = hosts(source);
    let recipients = recipients(source, text);
    let statement = |recipient: &String| Statement {
        recipient: Some(recipient.clone()),
        text: about(recipient, &recipients, text).to_owned(),
        remote: remote.clone(),
        reporting: reporting.clone(),
        command,
        ..Statement::default()
    };
    Some(recipients.iter().map(statement).collect())
}

/// How servers put a recipient on a line of its own.
static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r#"(?im)^[ \t]*(?:[*\-"]+ *)?(?:rcpt to: *|recipient address: *|addressed to: *|failed addresses follow:.*|to: *<)?<?({ADDRESS})(?:>|:|;|"|\s*$|\.\.\.| on )"#
    ))
    .ok()
});
static OF_THE_SYSTEM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:mailer-daemon|postmaster|abuse|support)@").ok());
static ENVELOPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?im)^(?:to|envelope-to|delivered-to|x-original-to):.*?({ADDRESS})"
    ))
    .ok()
});

fn recipients(source: &Source, text: &str) -> Vec<String> {
    let failed: Vec<String> = source.all("x-failed-recipients").flat_map(addresses).collect();
    if !failed.is_empty() {
        return failed;
    }
    let mut marked: Vec<String> = Vec::new();
    for found in MARKED.iter().flat_map(|marked| marked.captures_iter(text)) {
        let address = found[1].trim_end_matches('.');
        if !marked.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            marked.push(address.to_owned());
        }
    }
    let only = marked.len() == 1;
    let candidates = if marked.is_empty() {
        addresses(text)
    } else {
        marked
    };
    let own: Vec<String> = ["to", "from", "sender", "reply-to"]
        .into_iter()
        .flat_map(|name| source.all(name))
        .flat_map(addresses)
        .map(|address| address.to_lowercase())
        .collect();
    let found: Vec<String> = candidates
        .into_iter()
        .filter(|address| !matches(&OF_THE_SYSTEM, address))
        .filter(|address| only || !own.contains(&address.to_lowercase()))
        .collect();
    if !found.is_empty() {
        return found;
    }
    let rest = format!("{}\n{}", &source.text[text.len()..], source.original);
    let envelope = ENVELOPE.as_ref().and_then(|envelope| envelope.captures(&rest));
    envelope.map(|found| found[1].to_owned()).into_iter().collect()
}

/// What stands between a recipient's address and that of the next one; everything if there is one recipient.
fn about<'a>(recipient: &str, all: &[String], text: &'a str) -> &'a str {
    let Some(begin) = text.find(recipient).filter(|_| all.len() > 1) else {
        return text;
    };
    let after = begin + recipient.len();
    let end = all
        .iter()
        .filter(|other| *other != recipient)
        .filter_map(|other| text[after..].find(other.as_str()))
        .min()
        .map_or(text.len(), |at| after + at);
    &text[begin..end]
}
