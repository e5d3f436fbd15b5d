//! Keyed hashes of mail addresses: a key per organization, so that nobody who sees the hashes of two can tell who is in both.

use crate::keys::{MasterKey, SubKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::OrganizationId;
use groundswell_domain::platform::Pseudonyms;

#[derive(Debug)]
pub struct HmacPseudonyms {
    master: SubKey,
}

impl HmacPseudonyms {
    pub fn new(master: &MasterKey) -> Self {
        Self {
            master: master.derive("pseudonyms"),
        }
    }
}

impl Pseudonyms for HmacPseudonyms {
    fn of_address(&self, organization: OrganizationId, email_key: &str) -> String {
        let key = self.master.below(organization.0.as_bytes());
        let hash = key.mac(&[email_key.as_bytes()]);
        format!("hmac-sha256:{}", URL_SAFE_NO_PAD.encode(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_one_address_in_one_organization_under_one_key() {
        let of = |digits: &str| HmacPseudonyms::new(&MasterKey::from_text(&digits.repeat(32)).unwrap());
        let organization = |number| OrganizationId(uuid::Uuid::from_u128(number));
        let hash = of("a5").of_address(organization(1), "ada@example.com");
        assert_eq!(hash, of("a5").of_address(organization(1), "ada@example.com"));
        assert!(
            hash.starts_with("hmac-sha256:") && hash.len() == 12 + 43 && !hash.contains('@'),
            "{hash}"
        );
        for other in [
            of("a5").of_address(organization(2), "ada@example.com"),
            of("a5").of_address(organization(1), "adb@example.com"),
            of("a6").of_address(organization(1), "ada@example.com"),
        ] {
            assert_ne!(hash, other);
        }
    }
}
