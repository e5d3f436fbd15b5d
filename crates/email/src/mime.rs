//! The bytes of a mail (RFC 5322, MIME), the same at every try but for the date.
//!
//! Bodies are always encoded (quoted-printable, or base64 where that is shorter), with CRLF line ends: a bare LF that
//! gets through is how mails are smuggled into a session (RUSTSEC-2026-0561), so the result is checked once more at the end.

use crate::address::wire_address;
use crate::sender::Sender;
use chrono::{DateTime, Utc};
use groundswell_domain::MessageId;
use groundswell_domain::email::{AutoSubmitted, MailSigner, OutgoingMail, ReturnAddress};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;
use url::Url;

/// Longest line without its CRLF (RFC 5322, section 2.1.1).
const MAX_LINE: usize = 998;
/// Longest address in `List-Unsubscribe`; the header is one line.
const MAX_UNSUBSCRIBE_URL: usize = 900;

/// What [`build`] sets, beside what every mail has. None of them is ever folded.
const OWN: [&str; 6] = [
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Precedence",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
];

/// A mail ready for the wire.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub from: Address,
    /// To whom servers return it: the sender of the envelope.
    pub returns: Address,
    pub to: Address,
    pub bytes: Vec<u8>,
}

impl Built {
    /// Whether the server must speak SMTPUTF8 (RFC 6531): the local part of the recipient is not ASCII.
    pub(crate) fn needs_utf8(&self) -> bool {
        !<Address as AsRef<str>>::as_ref(&self.to).is_ascii()
    }

    /// The same mail with a signature by each of the keys before it; `without` names header fields that are rewritten on the way.
    pub(crate) fn signed(
        &self,
        signers: &[Arc<dyn MailSigner>],
        without: &[&str],
        now: DateTime<Utc>,
    ) -> Result<Cow<'_, Self>, String> {
        if signers.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        let mut bytes = Vec::with_capacity(self.bytes.len() + 1024);
        for signer in signers {
            bytes.extend_from_slice(signer.sign(&self.bytes, without, now)?.as_bytes());
        }
        bytes.extend_from_slice(&self.bytes);
        Ok(Cow::Owned(Self {
            from: self.from.clone(),
            returns: self.returns.clone(),
            to: self.to.clone(),
            bytes,
        }))
    }

    /// The same mail, returned to an address that is its own.
    pub(crate) fn returning_to(
        mut self,
        returns: Option<&ReturnAddress>,
        id: MessageId,
    ) -> Result<Self, String> {
        if let Some(returns) = returns {
            self.returns = wire_address(&returns.of(id))?;
        }
        Ok(self)
    }

    /// Header fields that say something of their own, for providers that make the others themselves.
    pub(crate) fn own_headers(&self) -> Vec<(&'static str, String)> {
        let headers = self.headers();
        let value = |name: &str| {
            let start = format!("{name}: ");
            let line = headers.split("\r\n").find(|line| line.starts_with(&start))?;
            Some(line[start.len()..].to_owned())
        };
        OWN.into_iter()
            .filter_map(|name| Some((name, value(name)?)))
            .collect()
    }

    /// The header lines, each with its CRLF.
    pub(crate) fn headers(&self) -> String {
        let end = self
            .bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(self.bytes.len(), |at| at + 2);
        String::from_utf8_lossy(&self.bytes[..end]).into_owned()
    }
}

/// Builds a mail, or says why it can't be built.
pub(crate) fn build(sender: &Sender, mail: &OutgoingMail, now: DateTime<Utc>) -> Result<Built, String> {
    let to = wire_address(mail.to.as_str())?;
    let name = one_line(&mail.to_name);
    let mut builder = Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(
            Some(name).filter(|name| !name.is_empty()),
            to.clone(),
        ))
        .subject(one_line(&mail.mail.subject))
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{}@{}>", mail.id, sender.domain())));
    if let Some(url) = &mail.unsubscribe_url {
        builder = builder
            .raw_header(raw("List-Unsubscribe", format!("<{}>", unsubscribe_url(url)?)))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()))
            .raw_header(raw("Precedence", "bulk".into()));
    }
    if let Some(how) = mail.auto_submitted {
        let word = match how {
            AutoSubmitted::Generated => "auto-generated",
            AutoSubmitted::Replied => "auto-replied",
        };
        builder = builder.raw_header(raw("Auto-Submitted", word.into()));
        if how == AutoSubmitted::Replied {
            // Older programs than RFC 3834 look for these before they answer.
            builder = builder
                .raw_header(raw("Precedence", "auto_reply".into()))
                .raw_header(raw("X-Auto-Response-Suppress", "All".into()));
        }
    }
    // "_" never follows "=" in quoted-printable or base64, so no body can contain this boundary.
    let alternatives = MultiPart::alternative()
        .boundary(format!("=_{}", mail.id.0.simple()))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.mail.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &mail.mail.html)?);
    let message = builder
        .multipart(alternatives)
        .map_err(|error| format!("the mail can't be built: {error}"))?;
    let bytes = message.formatted();
    if !is_well_formed(&bytes) {
        return Err("the mail can't be built: it would have a broken or too long line".into());
    }
    Ok(Built {
        from: sender.0.email.clone(),
        returns: sender.0.email.clone(),
        to,
        bytes,
    })
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, String> {
    let text = crlf(text);
    let others = text.bytes().filter(|byte| !byte.is_ascii()).count();
    // Quoted-printable triples what is not ASCII; base64 adds a third to everything.
    let encoding = if others * 6 > text.len() {
        ContentTransferEncoding::Base64
    } else {
        ContentTransferEncoding::QuotedPrintable
    };
    let body = Body::new_with_encoding(text, encoding).map_err(|_| "the mail's text can't be encoded")?;
    Ok(SinglePart::builder().content_type(kind).body(body))
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

/// The address as it may stand between angle brackets in a header: parsing leaves only visible ASCII.
fn unsubscribe_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(String::from)
        .filter(|url| {
            url.len() <= MAX_UNSUBSCRIBE_URL
                && url
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
        });
    url.ok_or_else(|| "the unsubscribe link is not a usable http address".into())
}

/// Control characters become spaces, so that nothing can start a header of its own.
pub(crate) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// What a header can't hold; also the line breaks that only Unicode knows.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Every line end (CRLF, CR, LF) as CRLF, without NUL.
fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                rest.next_if_eq(&'\n');
                out.push_str("\r\n");
            }
            '\n' => out.push_str("\r\n"),
            '\0' => {}
            c => out.push(c),
        }
    }
    out
}

fn is_well_formed(bytes: &[u8]) -> bool {
    bytes.split_inclusive(|byte| *byte == b'\n').all(|line| {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        text.len() <= MAX_LINE && !text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::email::{EmailAddress, RenderedMail};
    use proptest::prelude::*;
    use uuid::Uuid;

    const ID: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);

    fn sender() -> Sender {
        "Ada & Söhne <mail@example.com>".parse().unwrap()
    }

    fn mail() -> OutgoingMail {
        OutgoingMail {
            organization: Uuid::nil().into(),
            id: ID.into(),
            to: EmailAddress::from_trusted("bob@example.org".into()),
            to_name: "Bob".into(),
            mail: RenderedMail {
                subject: "Grüße, Bob".into(),
                html: "<p>Hällo</p>\n<p>.</p>".into(),
                text: "Hällo\n.\n".into(),
            },
            unsubscribe_url: Some("https://example.com/u/abc".into()),
            auto_submitted: None,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// Names of the headers, in order; folded lines belong to the one before.
    fn names(headers: &str) -> Vec<&str> {
        headers
            .split_terminator("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap())
            .collect()
    }

    const BULK: [&str; 10] = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Precedence",
        "MIME-Version",
        "Content-Type",
    ];

    #[test]
    fn a_bulk_mail_has_the_headers_of_rfc_8058() {
        let built = build(&sender(), &mail(), now()).unwrap();
        let headers = built.headers();
        assert_eq!(names(&headers), BULK);
        for line in [
            "From: =?utf-8?b?",
            " <mail@example.com>\r\n",
            "To: Bob <bob@example.org>\r\n",
            "Subject: =?utf-8?b?",
            "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n",
            "Message-ID: <01980000-0000-7000-8000-000000000001@example.com>\r\n",
            "List-Unsubscribe: <https://example.com/u/abc>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        ] {
            assert!(headers.contains(line), "{line} is not in\n{headers}");
        }
        assert!(built.bytes.is_ascii());
        let again = build(&sender(), &mail(), now()).unwrap();
        assert_eq!(built.bytes, again.bytes, "a retry is the same mail");
    }

    #[test]
    fn a_single_mail_has_no_list_headers() {
        let mut mail = mail();
        mail.unsubscribe_url = None;
        let built = build(&sender(), &mail, now()).unwrap();
        assert_eq!(
            names(&built.headers()),
            [
                "From",
                "To",
                "Subject",
                "Date",
                "Message-ID",
                "MIME-Version",
                "Content-Type"
            ]
        );
    }

    #[test]
    fn an_automatic_mail_says_so() {
        let mut mail = mail();
        mail.unsubscribe_url = None;
        mail.auto_submitted = Some(AutoSubmitted::Generated);
        let headers = build(&sender(), &mail, now()).unwrap().headers();
        assert!(
            headers.contains("Auto-Submitted: auto-generated\r\n"),
            "{headers}"
        );
        assert!(!headers.contains("Precedence"));
        mail.auto_submitted = Some(AutoSubmitted::Replied);
        let headers = build(&sender(), &mail, now()).unwrap().headers();
        for line in [
            "Auto-Submitted: auto-replied\r\n",
            "Precedence: auto_reply\r\n",
            "X-Auto-Response-Suppress: All\r\n",
        ] {
            assert!(headers.contains(line), "{line} is not in\n{headers}");
        }
    }

    #[test]
    fn bodies_are_encoded_and_end_their_lines_with_crlf() {
        let mut mail = mail();
        mail.mail.html = format!("<p>{}</p>\r<i>a</i>\n\r\n=", "x".repeat(5_000));
        mail.mail.text = "Привет мир".into();
        let text = String::from_utf8(build(&sender(), &mail, now()).unwrap().bytes).unwrap();
        assert!(text.contains("Content-Transfer-Encoding: quoted-printable"));
        assert!(text.contains("Content-Transfer-Encoding: base64"));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        assert!(
            text.replace("\r\n", "")
                .bytes()
                .all(|byte| byte != b'\r' && byte != b'\n')
        );
    }

    #[test]
    fn line_breaks_inject_nothing_through_any_field() {
        let attack = "x\r\nBcc: evil@example.net\r\n\r\n.\r\nMAIL FROM:<a@b.c>\nX: \u{2028}\u{0}y";
        let mut hostile = mail();
        hostile.to_name = attack.into();
        hostile.mail = RenderedMail {
            subject: attack.into(),
            html: attack.into(),
            text: attack.into(),
        };
        let built = build(&sender(), &hostile, now()).unwrap();
        assert_eq!(names(&built.headers()), BULK);
        assert!(is_well_formed(&built.bytes));

        hostile.unsubscribe_url = Some("https://example.com/u/a\r\nBcc: evil@example.net>".into());
        let built = build(&sender(), &hostile, now());
        assert!(built.is_err() || names(&built.unwrap().headers()) == BULK);
        hostile.unsubscribe_url = Some("javascript:alert(1)".into());
        assert!(build(&sender(), &hostile, now()).is_err());

        hostile.unsubscribe_url = None;
        hostile.to = EmailAddress::from_trusted("a@b.de>\r\nRCPT TO:<evil@example.net".into());
        assert!(build(&sender(), &hostile, now()).is_err());
    }

    #[test]
    fn international_addresses() {
        let mut mail = mail();
        mail.to = EmailAddress::from_trusted("bob@bücher.example".into());
        let built = build(&sender(), &mail, now()).unwrap();
        assert_eq!(built.to.to_string(), "bob@xn--bcher-kva.example");
        assert!(!built.needs_utf8() && built.bytes.is_ascii());
        mail.to = EmailAddress::from_trusted("jörg@example.org".into());
        assert!(build(&sender(), &mail, now()).unwrap().needs_utf8());
    }

    proptest! {
        #[test]
        fn any_text_makes_a_well_formed_mail(name in any::<String>(), subject in any::<String>(), html in any::<String>(), text in "[\\r\\n.=a é]{0,200}") {
            let mut mail = mail();
            mail.to_name = name;
            mail.mail = RenderedMail { subject, html, text };
            let built = build(&sender(), &mail, now()).unwrap();
            let headers = built.headers();
            prop_assert_eq!(names(&headers), BULK);
            prop_assert!(is_well_formed(&built.bytes));
            prop_assert!(built.bytes.is_ascii());
        }
    }
}
