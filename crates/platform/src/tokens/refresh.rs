//! Refresh tokens: `gsr_` and base64url of session (16 bytes), generation (4 bytes) and MAC (32 bytes).
//!
//! Nothing random is in them, so a lost answer can be given again, and nothing of them is stored. The MAC covers the
//! session's salt, so that tokens end with the row of the session.

use crate::keys::SubKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::SessionId;
use groundswell_domain::identity::Session;
use uuid::Uuid;

const PREFIX: &str = "gsr_";
const BODY: usize = 16 + 4;

pub(super) struct RefreshTokens {
    key: SubKey,
}

impl RefreshTokens {
    pub(super) fn new(key: SubKey) -> Self {
        Self { key }
    }

    pub(super) fn issue(&self, session: &Session, generation: i32) -> String {
        let body = body(session.id, generation);
        let tag = self.key.mac(&[&body, &session.salt]);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&body[..], &tag].concat()))
    }

    pub(super) fn peek(token: &str) -> Option<(SessionId, i32)> {
        let (body, _) = parse(token)?;
        let (id, generation) = body.split_at(16);
        let id = Uuid::from_slice(id).ok()?;
        let generation = i32::from_be_bytes(generation.try_into().ok()?);
        (generation >= 0).then_some((id.into(), generation))
    }

    pub(super) fn is_of(&self, token: &str, session: &Session, generation: i32) -> bool {
        parse(token).is_some_and(|(shown, tag)| {
            // What the token names is no secret, so this comparison need not be slow; the MAC's is.
            shown == body(session.id, generation) && self.key.verify(&[&shown, &session.salt], &tag)
        })
    }
}

fn body(session: SessionId, generation: i32) -> [u8; BODY] {
    let mut body = [0; BODY];
    body[..16].copy_from_slice(session.0.as_bytes());
    body[16..].copy_from_slice(&generation.to_be_bytes());
    body
}

fn parse(token: &str) -> Option<([u8; BODY], [u8; 32])> {
    let text = token
        .strip_prefix(PREFIX)
        .filter(|text| text.len() == (BODY + 32).div_ceil(3) * 4 - 2)?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, tag) = bytes.split_at_checked(BODY)?;
    Some((body.try_into().ok()?, tag.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;
    use chrono::DateTime;

    fn session(id: u128, salt: &[u8]) -> Session {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Session {
            id: Uuid::from_u128(id).into(),
            organization_id: Uuid::nil().into(),
            user_id: Uuid::nil().into(),
            salt: salt.to_vec(),
            generation: 0,
            rotated_at: now,
            created_at: now,
            revoked_at: None,
            user_agent: None,
            ip: None,
        }
    }

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(
            MasterKey::from_text(&"33".repeat(32))
                .unwrap()
                .derive("tokens/refresh"),
        )
    }

    #[test]
    fn one_text_for_each_session_and_generation() {
        let (tokens, mine, other) = (tokens(), session(1, b"salt"), session(2, b"salt"));
        let token = tokens.issue(&mine, 4);
        assert_eq!(token, tokens.issue(&mine, 4));
        assert_eq!(RefreshTokens::peek(&token), Some((mine.id, 4)));
        assert!(tokens.is_of(&token, &mine, 4));
        assert!(!tokens.is_of(&token, &mine, 5));
        assert!(!tokens.is_of(&token, &other, 4));
        assert!(!tokens.is_of(&token, &session(1, b"Salt"), 4));
    }

    #[test]
    fn no_changed_character_passes() {
        let (tokens, session) = (tokens(), session(1, b"salt"));
        let token = tokens.issue(&session, 4);
        for at in 0..token.len() {
            for bit in 0..7 {
                let mut changed = token.clone().into_bytes();
                changed[at] ^= 1 << bit;
                let changed = String::from_utf8(changed).unwrap();
                // A changed text that names another session or generation must not be that one's token either.
                assert!(!tokens.is_of(&changed, &session, 4), "byte {at}, bit {bit}");
                if let Some((id, generation)) = RefreshTokens::peek(&changed) {
                    let mut named = session.clone();
                    named.id = id;
                    assert!(
                        !tokens.is_of(&changed, &named, generation),
                        "byte {at}, bit {bit}"
                    );
                }
            }
            assert_eq!(RefreshTokens::peek(&token[..at]), None);
        }
        assert_eq!(RefreshTokens::peek(&tokens.issue(&session, -1)), None);
    }
}
