//! Who mails come from.

use crate::address::wire_address;
use groundswell_domain::email::MailFrom;
use lettre::message::Mailbox;
use std::fmt;
use std::str::FromStr;

/// `Name <address>` or an address; parsed once, when the configuration is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub(crate) Mailbox);

impl Sender {
    /// Of an organization that sends from its own domain.
    pub(crate) fn of(from: &MailFrom) -> Result<Self, String> {
        let name = crate::mime::one_line(&from.name);
        Ok(Self(Mailbox::new(
            Some(name).filter(|name| !name.is_empty()),
            wire_address(from.address.as_str())?,
        )))
    }

    /// What people see before the address; may be empty.
    pub(crate) fn name(&self) -> &str {
        self.0.name.as_deref().unwrap_or_default()
    }

    /// The part after the `@`, in ASCII; also that of our Message-IDs.
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl FromStr for Sender {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
            None => ("", text),
        };
        if name.chars().any(char::is_control) {
            return Err("the sender's name must not contain line breaks or control characters".into());
        }
        let address = wire_address(address.trim())?;
        if !address.to_string().is_ascii() {
            return Err(format!(
                "the sender's address {address} must be ASCII before the @"
            ));
        }
        Ok(Self(Mailbox::new(
            Some(name.to_owned()).filter(|name| !name.is_empty()),
            address,
        )))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.name {
            Some(name) => write!(f, "{name} <{}>", self.0.email),
            None => self.0.email.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_optional() {
        for (text, shown) in [
            ("mail@example.com", "mail@example.com"),
            (
                "  Ada & Söhne <mail@Example.com> ",
                "Ada & Söhne <mail@example.com>",
            ),
            ("\"Ada, Inc.\" <mail@example.com>", "Ada, Inc. <mail@example.com>"),
            ("<mail@bücher.example>", "mail@xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<Sender>().unwrap().to_string(), shown);
        }
        for wrong in [
            "",
            "Ada",
            "Ada <>",
            "Ada <a@b.de",
            "A\r\nBcc: x <a@b.de>",
            "jörg@example.com",
        ] {
            assert!(wrong.parse::<Sender>().is_err(), "{wrong:?}");
        }
    }
}
