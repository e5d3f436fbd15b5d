//! A return address for each mail (VERP): what comes back tells by where it arrives which mail it is.
//!
//! The part that differs is the mail's id in the ledger, in 32 hexadecimal digits: it survives servers that change the case, is as hard to guess as a
//! signature would be (74 random bits), and says no more than the Message-ID, which every recipient sees.

use super::EmailAddress;
use crate::ids::MessageId;
use std::fmt;
use std::str::FromStr;

const PLACE: &str = "{id}";
const DIGITS: usize = 32;

/// `bounces+{id}@example.com`, for example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    before: String,
    after: String,
}

impl ReturnAddress {
    pub fn of(&self, id: MessageId) -> String {
        format!("{}{}{}", self.before, id.0.simple(), self.after)
    }

    /// Which mail's return address it is.
    pub fn mail_of(&self, address: &str) -> Option<MessageId> {
        let address = address.trim().trim_matches(['<', '>']).to_ascii_lowercase();
        let digits = address
            .strip_prefix(&self.before.to_ascii_lowercase())?
            .strip_suffix(&self.after.to_ascii_lowercase())?;
        let plain = digits.len() == DIGITS && digits.chars().all(|sign| sign.is_ascii_hexdigit());
        let id = digits.parse::<uuid::Uuid>().ok().filter(|_| plain)?;
        Some(MessageId::from(id))
    }
}

impl FromStr for ReturnAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let explained =
            || format!("{text} must have {PLACE} once before the @, like bounces+{PLACE}@example.com");
        let (before, after) = text.trim().split_once(PLACE).ok_or_else(explained)?;
        let (local, domain) = after.rsplit_once('@').ok_or_else(explained)?;
        if before.contains('@') || after.contains(PLACE) {
            return Err(explained());
        }
        let length = before.len() + DIGITS + local.len();
        if length > 64 {
            return Err(format!(
                "{text} is {length} characters before the @ with an id in it, and servers take 64 (RFC 5321, section 4.5.3.1.1)"
            ));
        }
        let address = Self {
            before: before.to_owned(),
            after: format!("{local}@{}", domain.to_ascii_lowercase()),
        };
        let sample = address.of(MessageId::from(uuid::Uuid::nil()));
        let is_address = sample.is_ascii() && sample.parse::<EmailAddress>().is_ok();
        if is_address {
            Ok(address)
        } else {
            Err(format!("{text} is no mail address in ASCII"))
        }
    }
}

impl fmt::Display for ReturnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{PLACE}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> MessageId {
        MessageId::from(uuid::Uuid::from_u128(0x0198_abcd_0000_7000_8000_0000_0000_0001))
    }

    #[test]
    fn each_mail_has_its_own_and_is_known_by_it() {
        for pattern in ["bounces+{id}@Example.com", "{id}@b.example", "b-{id}-x@b.example"] {
            let pattern: ReturnAddress = pattern.parse().unwrap();
            let address = pattern.of(id());
            for same in [address.clone(), address.to_uppercase(), format!(" <{address}> ")] {
                assert_eq!(pattern.mail_of(&same), Some(id()), "{same}");
            }
            assert_eq!(pattern.to_string().parse::<ReturnAddress>().unwrap(), pattern);
            for other in [
                address.replace("0198", "019"),
                address.replace("0198", "zzzz"),
                address.replace(".example", ".test").replace(".com", ".test"),
                format!("x{address}"),
                String::new(),
            ] {
                assert_eq!(pattern.mail_of(&other), None, "{other}");
            }
        }
        let long = "0198abcd-0000-7000-8000-000000000001";
        assert_eq!(
            "{id}@b.example"
                .parse::<ReturnAddress>()
                .unwrap()
                .mail_of(&format!("{long}@b.example")),
            None
        );
    }

    #[test]
    fn what_can_t_be_one_is_refused() {
        for (bad, said) in [
            ("", "must have {id}"),
            ("bounces@example.com", "must have {id}"),
            ("bounces@{id}.example.com", "must have {id}"),
            ("{id}+{id}@example.com", "must have {id}"),
            ("{id}", "must have {id}"),
            ("a-very-long-name-for-mails-that-come-back+{id}@example.com", "64"),
            ("a b{id}@example.com", "no mail address"),
            ("{id}@", "no mail address"),
            ("jörg+{id}@example.com", "no mail address"),
        ] {
            let error = bad.parse::<ReturnAddress>().unwrap_err();
            assert!(error.contains(said), "{bad}: {error}");
        }
    }
}
