//! Which mail came back.

use super::addresses::addresses;
use super::fields::{fields, first};
use super::source::Source;
use crate::ids::MessageId;
use regex::Regex;
use std::sync::LazyLock;

static ID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?im)^[> \t]*message-id:\s*<([^<>\s@]{1,200}@[^<>\s]{1,200})>").ok());

/// The Message-ID of the mail that was sent: from what came back of it, the report, or the text, in this order.
pub(super) fn message_id(source: &Source) -> Option<String> {
    let in_text = |text: &str| ID.as_ref()?.captures(text).map(|found| found[1].to_owned());
    let of_report = || {
        let fields = fields(&source.status);
        let value = first(&fields, "x-original-message-id")?;
        Some(value.trim_matches(['<', '>', ' ']).to_owned())
    };
    in_text(&source.original)
        .or_else(of_report)
        .or_else(|| in_text(&source.feedback))
        .or_else(|| in_text(&source.text))
}

/// Our mail of a Message-ID, whose part before the @ is the id in the ledger.
pub fn message_of(message_id: &str) -> Option<MessageId> {
    let (id, _) = message_id.trim_matches(['<', '>', ' ']).split_once('@')?;
    Some(MessageId::from(id.parse::<uuid::Uuid>().ok()?))
}

/// The addresses that a returned mail was delivered to: where each mail has a return address of its own, it tells which mail it is.
pub fn returned_to(mail: &[u8]) -> Vec<String> {
    let source = Source::of(&mail[..mail.len().min(super::MOST)]);
    let fields = [
        "delivered-to",
        "x-original-to",
        "envelope-to",
        "x-envelope-to",
        "to",
    ];
    fields
        .into_iter()
        .flat_map(|name| source.all(name))
        .flat_map(addresses)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_returned_mail_tells_where_it_was_delivered() {
        let mail = b"Delivered-To: inbox@us.example\r\nX-Original-To: bounces+1@us.example\r\nFrom: MAILER-DAEMON@x.example\r\n\
            To: <bounces+1@us.example>\r\n\r\nTo: somebody@x.example\r\n";
        assert_eq!(
            returned_to(mail),
            ["inbox@us.example", "bounces+1@us.example", "bounces+1@us.example"]
        );
    }

    #[test]
    fn our_own_ids_are_known() {
        let id = "01980000-0000-7000-8000-000000000001";
        let ours = message_of(&format!("<{id}@example.com>")).unwrap();
        assert_eq!(ours.to_string(), id);
        assert_eq!(message_of("abc@example.com"), None);
        assert_eq!(message_of(id), None);
    }
}
