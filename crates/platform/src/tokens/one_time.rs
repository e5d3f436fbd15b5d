//! The secrets of links that work once: the purpose, `-`, and base64url of the link's id (16 bytes) and a MAC (32 bytes). Each purpose has a key of
//! its own, so that no link works for another purpose.

use crate::keys::{MasterKey, SubKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::OneTimeTokenId;
use groundswell_domain::identity::Purpose;
use secrecy::SecretString;
use uuid::Uuid;

pub(super) struct OneTimeTokens {
    invitation: SubKey,
    password_reset: SubKey,
    email_verification: SubKey,
}

impl OneTimeTokens {
    pub(super) fn new(master: &MasterKey) -> Self {
        let key = |purpose: Purpose| master.derive(&format!("tokens/one-time/{purpose}"));
        Self {
            invitation: key(Purpose::Invitation),
            password_reset: key(Purpose::PasswordReset),
            email_verification: key(Purpose::EmailVerification),
        }
    }

    fn key(&self, purpose: Purpose) -> &SubKey {
        match purpose {
            Purpose::Invitation => &self.invitation,
            Purpose::PasswordReset => &self.password_reset,
            Purpose::EmailVerification => &self.email_verification,
        }
    }

    pub(super) fn text(&self, purpose: Purpose, id: OneTimeTokenId) -> SecretString {
        let tag = self.key(purpose).mac(&[id.0.as_bytes()]);
        let body = URL_SAFE_NO_PAD.encode([&id.0.as_bytes()[..], &tag].concat());
        format!("{purpose}-{body}").into()
    }

    pub(super) fn read(&self, purpose: Purpose, text: &str) -> Option<OneTimeTokenId> {
        let body = text.strip_prefix(purpose.as_str())?.strip_prefix('-')?;
        let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
        let (id, tag) = bytes.split_at_checked(16)?;
        let whole = tag.len() == 32 && self.key(purpose).verify(&[id], tag);
        whole
            .then(|| Uuid::from_slice(id).ok().map(OneTimeTokenId))
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_link_works_for_its_purpose_and_unaltered() {
        let tokens = OneTimeTokens::new(&MasterKey::from_text(&"11".repeat(32)).unwrap());
        let id = OneTimeTokenId(Uuid::from_u128(7));
        for made in Purpose::ALL {
            let text = tokens.text(*made, id);
            let text = text.expose_secret();
            for read in Purpose::ALL {
                assert_eq!(tokens.read(*read, text), (made == read).then_some(id));
            }
            let (purpose, body) = text.split_once('-').unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                let changed = URL_SAFE_NO_PAD.encode(changed);
                assert_eq!(tokens.read(*made, &format!("{purpose}-{changed}")), None);
                assert_eq!(tokens.read(*made, &text[..at]), None);
            }
            for other in Purpose::ALL.iter().filter(|other| *other != made) {
                assert_eq!(tokens.read(*other, &format!("{other}-{body}")), None);
            }
        }
        let others = OneTimeTokens::new(&MasterKey::from_text(&"12".repeat(32)).unwrap());
        let text = others.text(Purpose::Invitation, id);
        assert_eq!(tokens.read(Purpose::Invitation, text.expose_secret()), None);
    }
}
