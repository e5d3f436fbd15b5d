//! Signed payloads in public links: base64url of the payload and 16 bytes of MAC.
//!
//! 128 bits of MAC keep links short, and cannot be guessed online or offline.

use crate::keys::{MasterKey, SubKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::platform::LinkSigner;

const TAG: usize = 16;
/// No link of ours is longer; a longer one is not worth decoding. In bytes.
const MAX_TOKEN: usize = 8 * 1024;

#[derive(Debug)]
pub struct HmacLinks {
    master: SubKey,
    old: Vec<SubKey>,
}

impl HmacLinks {
    pub fn new(master: &MasterKey) -> Self {
        Self {
            master: master.derive("links"),
            old: Vec::new(),
        }
    }

    /// Believes what was signed with these, too: mails are read, and unsubscribed from, long after a key was replaced.
    #[must_use]
    pub fn accepting(mut self, old: &[MasterKey]) -> Self {
        self.old.extend(old.iter().map(|master| master.derive("links")));
        self
    }

    /// The MAC covers the purpose with its length, so that no purpose and payload look like another pair.
    fn prefix(purpose: &str) -> [u8; 8] {
        (purpose.len() as u64).to_be_bytes()
    }
}

impl LinkSigner for HmacLinks {
    fn sign(&self, purpose: &'static str, payload: &[u8]) -> String {
        let tag = self
            .master
            .mac(&[&Self::prefix(purpose), purpose.as_bytes(), payload]);
        URL_SAFE_NO_PAD.encode([payload, &tag[..TAG]].concat())
    }

    fn verify(&self, purpose: &'static str, token: &str) -> Option<Vec<u8>> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let at = bytes.len().checked_sub(TAG)?;
        let (payload, tag) = bytes.split_at(at);
        let prefix = Self::prefix(purpose);
        let signed = [&prefix[..], purpose.as_bytes(), payload];
        if !std::iter::once(&self.master)
            .chain(&self.old)
            .any(|key| key.verify(&signed, tag))
        {
            return None;
        }
        bytes.truncate(at);
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> HmacLinks {
        HmacLinks::new(&MasterKey::from_text(&"a5".repeat(32)).unwrap())
    }

    #[test]
    fn what_was_signed_comes_back_for_its_purpose_only() {
        let links = links();
        for payload in [&b""[..], b"x", &[0xff; 300]] {
            let token = links.sign("open", payload);
            assert!(
                token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            );
            assert_eq!(links.verify("open", &token).as_deref(), Some(payload));
            assert_eq!(links.verify("click", &token), None);
            assert_eq!(links.verify("ope", &token), None);
        }
        let other = HmacLinks::new(&MasterKey::from_text(&"a6".repeat(32)).unwrap());
        assert_eq!(other.verify("open", &links.sign("open", b"x")), None);
    }

    #[test]
    fn no_changed_character_passes() {
        let links = links();
        let token = links.sign("click", b"https://example.com/?a=1");
        for at in 0..token.len() {
            for replacement in [b'A', b'B', b'_', b'!', b'='] {
                let mut changed = token.clone().into_bytes();
                if changed[at] == replacement {
                    continue;
                }
                changed[at] = replacement;
                assert_eq!(links.verify("click", &String::from_utf8(changed).unwrap()), None);
            }
            assert_eq!(links.verify("click", &token[..at]), None);
        }
        assert_eq!(links.verify("click", &format!("{token}A")), None);
        assert_eq!(links.verify("click", &"A".repeat(MAX_TOKEN + 1)), None);
    }

    #[test]
    fn links_of_an_old_key_are_believed_and_new_ones_are_signed_with_the_new() {
        let old = MasterKey::from_text(&"a5".repeat(32)).unwrap();
        let new = MasterKey::from_text(&"a6".repeat(32)).unwrap();
        let (before, during) = (
            HmacLinks::new(&old),
            HmacLinks::new(&new).accepting(std::slice::from_ref(&old)),
        );
        let sent = before.sign("open", b"x");
        assert_eq!(during.verify("open", &sent).as_deref(), Some(&b"x"[..]));
        assert_eq!(during.verify("click", &sent), None);
        assert_eq!(during.sign("open", b"x"), HmacLinks::new(&new).sign("open", b"x"));
        assert_eq!(HmacLinks::new(&new).verify("open", &sent), None);
    }
}
