//! A captcha that a browser solves by itself: work that is cheap once and dear a million times.
//!
//! We sign a challenge; whoever sends the form adds a number such that SHA-256 of both starts with so many zero bits. Nothing
//! is kept until it is solved, nobody else is asked, and nobody is watched. A solved one is kept until it expires, so that
//! it works once. (The scheme is that of Hashcash, and of ALTCHA.)

use crate::ids::FormId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long there is to solve one and to fill in the form.
pub const CHALLENGE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Easiest and hardest: twice the work for each.
pub const CHALLENGE_BITS: std::ops::RangeInclusive<u8> = 12..=20;
/// About a third of a second on a desk, and one or two on a phone.
pub const DEFAULT_BITS: u8 = 17;
/// No number that anybody needs has more digits.
const MOST_DIGITS: usize = 20;

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    pub id: Uuid,
    pub form: FormId,
    pub expires_at: DateTime<Utc>,
    pub bits: u8,
}

/// A challenge that was solved, to be kept with the submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentChallenge {
    pub id: Uuid,
    pub form_id: FormId,
    pub expires_at: DateTime<Utc>,
}

/// What a page is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Puzzle {
    /// Send back with the form as `gs_captcha`: this, a dot, and a number, such that SHA-256 of that whole text starts with
    /// `bits` zero bits.
    pub challenge: String,
    pub bits: u8,
    /// Always `SHA-256`.
    pub algorithm: &'static str,
    pub expires_at: DateTime<Utc>,
}

impl Challenge {
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(41);
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(self.form.0.as_bytes());
        bytes.extend_from_slice(&self.expires_at.timestamp_micros().to_be_bytes());
        bytes.push(self.bits);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<16>()?;
        let (form, rest) = rest.split_first_chunk::<16>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let [bits] = rest else { return None };
        Some(Self {
            id: Uuid::from_bytes(*id),
            form: Uuid::from_bytes(*form).into(),
            expires_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*expires))?,
            bits: *bits,
        })
    }
}

/// The token of a solution, if its number is one.
pub fn token_of(solution: &str) -> Option<&str> {
    let (token, number) = solution.rsplit_once('.')?;
    let digits =
        (1..=MOST_DIGITS).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(token)
}

/// Whether the work was done.
pub fn is_solved(solution: &str, bits: u8) -> bool {
    let hash = Sha256::digest(solution.as_bytes());
    let zeros: u32 = hash
        .iter()
        .scan(true, |go_on, byte| {
            let before = std::mem::replace(go_on, *go_on && *byte == 0);
            before.then(|| byte.leading_zeros())
        })
        .sum();
    zeros >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        let challenge = Challenge {
            id: Uuid::from_u128(7),
            form: Uuid::from_u128(8).into(),
            expires_at: DateTime::from_timestamp_micros(1_800_000_000_000_001).unwrap(),
            bits: 17,
        };
        let bytes = challenge.to_bytes();
        assert_eq!(Challenge::from_bytes(&bytes), Some(challenge));
        assert_eq!(Challenge::from_bytes(&bytes[1..]), None);
        assert_eq!(Challenge::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
    }

    #[test]
    fn work_is_counted_in_zero_bits() {
        let mut found = (0..).filter(|number| is_solved(&format!("x.{number}"), 12));
        let solution = format!("x.{}", found.next().unwrap());
        let hash = Sha256::digest(solution.as_bytes());
        assert!(hash[0] == 0 && hash[1] < 16, "{hash:?}");
        assert!(is_solved(&solution, 0));
        assert!(!is_solved(&solution, 60));
        // The empty text has e3b0c442...: no zero bit.
        assert!(!is_solved("", 1));
    }

    #[test]
    fn a_solution_has_a_number_behind_its_last_dot() {
        assert_eq!(token_of("a.b.12"), Some("a.b"));
        for text in [
            "",
            "a",
            "a.",
            "a.x",
            "a.-1",
            "a.1e3",
            &format!("a.{}", "1".repeat(21)),
        ] {
            assert_eq!(token_of(text), None, "{text}");
        }
    }
}
