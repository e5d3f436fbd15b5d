//! What a provider answered, and what that means.

use super::{Meaning, Provider, plain};
use crate::servers::Refusal;
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// The most of an answer that is read.
const LONGEST: usize = 64 * 1024;
/// Where a provider does not say when to come again, and the longest that it may say.
const USUAL: Duration = Duration::from_secs(30);
const MOST: Duration = Duration::from_hours(1);

/// A whole answer.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when it is no JSON.
    pub json: serde_json::Value,
    text: String,
}

impl Answer {
    pub(super) async fn read(mut response: Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await? {
            let room = LONGEST - bytes.len();
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            if bytes.len() == LONGEST {
                break;
            }
        }
        Ok(Self {
            status,
            headers,
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// Whether the mail may have been taken.
    pub(super) fn is_doubt(&self, provider: &dyn Provider) -> bool {
        matches!(self.verdict(provider), Err(Refusal::Unknown(_)))
    }

    pub(super) fn verdict(&self, provider: &dyn Provider) -> Result<String, Refusal> {
        let name = provider.name();
        if (200..300).contains(&self.status) {
            let id = provider.id(self).unwrap_or_default();
            return Ok(plain(format!("{} {name} {id}", self.status))
                .trim_end()
                .to_owned());
        }
        let text = plain(format!("{} {name}: {}", self.status, self.text));
        match provider.meaning(self) {
            Some(Meaning::Closed) => return Err(Refusal::Unreachable(text)),
            Some(Meaning::Permanent) => return Err(Refusal::Refused { text, step: None }),
            Some(Meaning::Unknown) => return Err(Refusal::Unknown(text)),
            None => {}
        }
        Err(match self.status {
            429 => Refusal::TooFast {
                text,
                after: self.retry_after(),
            },
            // Our key, our account, our address of the API: nothing about the recipient.
            401..=405 | 503 => Refusal::Unreachable(text),
            408 | 425 => Refusal::NotNow(text),
            // It broke on the way, perhaps after the mail was taken.
            500..=599 => Refusal::Unknown(text),
            _ => Refusal::Refused { text, step: None },
        })
    }

    /// Seconds; a date is for caches, and no provider sends one.
    fn retry_after(&self) -> Duration {
        let header = self
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let seconds = header.and_then(|text| text.trim().parse().ok());
        seconds
            .map_or(USUAL, Duration::from_secs)
            .clamp(Duration::from_secs(1), MOST)
    }
}
