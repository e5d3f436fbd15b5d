//! Which trace a request belongs to, as its caller said in the header `traceparent`.
//!
//! The format is that of W3C Trace Context (<https://www.w3.org/TR/trace-context/#traceparent-header>): version, trace, parent
//! and flags in hexadecimal. What does not have it is left out, as the recommendation asks: a request is never refused for it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A trace, and the place in it that caused this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace: u128,
    parent: u64,
    flags: u8,
}

impl TraceParent {
    /// What all log lines of one trace share: 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

/// Exactly so many digits, in small letters.
fn hexadecimal(part: Option<&str>, digits: usize) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let part = part.filter(|part| part.len() == digits && part.bytes().all(is_digit))?;
    u128::from_str_radix(part, 16).ok()
}

impl FromStr for TraceParent {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "must be a traceparent of W3C Trace Context, like 00-<32 digits>-<16 digits>-01".to_owned();
        let mut parts = text.split('-');
        let mut number = |digits| hexadecimal(parts.next(), digits).ok_or_else(wrong);
        let version = number(2)?;
        let trace = number(32)?;
        let parent = u64::try_from(number(16)?).map_err(|_| wrong())?;
        let flags = u8::try_from(number(2)?).map_err(|_| wrong())?;
        // Later versions may have more at the end; this one has not.
        let too_long = version == 0 && parts.next().is_some();
        if version == 0xff || too_long || trace == 0 || parent == 0 {
            return Err(wrong());
        }
        Ok(Self { trace, parent, flags })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace, self.parent, self.flags
        )
    }
}

impl Serialize for TraceParent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceParent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_recommendation_shows_is_read_and_written() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parsed: TraceParent = text.parse().unwrap();
        assert_eq!(parsed.to_string(), text);
        assert_eq!(parsed.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-says";
        assert_eq!(later.parse(), Ok(parsed));
    }

    #[test]
    fn anything_else_is_not() {
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert!(wrong.parse::<TraceParent>().is_err(), "{wrong}");
        }
    }
}
