//! The header field `DKIM-Signature` (RFC 6376, sections 3.5 and 3.7).

use super::canonical;
use super::keys::Key;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

/// Fields that are signed if they are there.
const SIGNED: [&str; 14] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Cc",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "Precedence",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Named once more than they are there: whoever adds another one on the way breaks the signature (section 8.15). `From` is what people
/// see and what DMARC compares.
const OVERSIGNED: [&str; 5] = ["From", "To", "Subject", "Reply-To", "Cc"];

/// Characters of base64 in one line.
const LINE: usize = 72;

pub(super) fn header(
    key: &Key,
    domain: &str,
    selector: &str,
    mail: &[u8],
    without: &[&str],
    now: DateTime<Utc>,
) -> Result<String, String> {
    let end = mail
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or("the mail has no end of its header")?;
    let head = std::str::from_utf8(&mail[..end + 2]).map_err(|_| "the mail's header is not UTF-8")?;
    let fields = fields(head);
    let body = canonical::body(&mail[end + 4..]);

    let mut names = Vec::new();
    let mut text = String::new();
    for name in SIGNED {
        if without.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            continue;
        }
        // Several of a name are signed from the last one up (section 5.4.2).
        for field in fields.iter().rev().filter(|field| is(field, name)) {
            names.push(name);
            text.push_str(&canonical::header(field));
            text.push_str("\r\n");
        }
        if OVERSIGNED.contains(&name) {
            names.push(name);
        }
    }
    let unsigned = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={domain};\r\n\ts={selector}; t={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
        key.name(),
        now.timestamp(),
        folded_names(&names),
        STANDARD.encode(digest(&SHA256, &body)),
    );
    text.push_str(&canonical::header(&unsigned));
    let signature = STANDARD.encode(key.sign(text.as_bytes())?);
    Ok(format!("{unsigned}{}\r\n", folded(&signature)))
}

/// The fields of a header, each with its folds and CRLFs.
fn fields(head: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut place = 0;
    for line in head.split_inclusive("\r\n") {
        if place > start && !line.starts_with([' ', '\t']) {
            fields.push(&head[start..place]);
            start = place;
        }
        place += line.len();
    }
    if place > start {
        fields.push(&head[start..place]);
    }
    fields
}

fn is(field: &str, name: &str) -> bool {
    field
        .split_once(':')
        .is_some_and(|(found, _)| found.trim_end().eq_ignore_ascii_case(name))
}

/// Names between colons, at most four in a line.
fn folded_names(names: &[&str]) -> String {
    let lines: Vec<String> = names.chunks(4).map(|few| few.join(":")).collect();
    lines.join(":\r\n\t ")
}

fn folded(base64: &str) -> String {
    let mut out = String::with_capacity(base64.len() + base64.len() / LINE * 3);
    for (number, letter) in base64.chars().enumerate() {
        if number > 0 && number % LINE == 0 {
            out.push_str("\r\n\t");
        }
        out.push(letter);
    }
    out
}
