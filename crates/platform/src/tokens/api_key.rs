//! API keys: `gsk_`, 8 characters by which a person recognizes the key, `_`, and 256 random bits in base64url.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::identity::IssuedApiKey;
use groundswell_domain::platform::Entropy;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const START: &str = "gsk_";
const PREFIX: usize = START.len() + 8;
const SECRET: usize = 43;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(super) fn issue(entropy: &dyn Entropy) -> IssuedApiKey {
    let mut prefix = String::from(START);
    while prefix.len() < PREFIX {
        let mut byte = [0];
        entropy.fill(&mut byte);
        // The bytes from 248 up would make the first characters likelier than the others.
        if byte[0] < 248 {
            prefix.push(char::from(BASE62[usize::from(byte[0] % 62)]));
        }
    }
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(secret.as_mut_slice());
    let text = format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(secret.as_slice()));
    IssuedApiKey {
        secret_hash: hash(&text),
        text: SecretString::from(text),
        prefix,
    }
}

pub(super) fn read(text: &str) -> Option<(String, Vec<u8>)> {
    let well_formed = text.is_ascii()
        && text.len() == PREFIX + 1 + SECRET
        && text.starts_with(START)
        && text[START.len()..PREFIX]
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
        && text.as_bytes()[PREFIX] == b'_'
        && URL_SAFE_NO_PAD.decode(&text[PREFIX + 1..]).is_ok();
    well_formed.then(|| (text[..PREFIX].to_owned(), hash(text)))
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;
    use secrecy::ExposeSecret;

    #[test]
    fn a_key_reads_back_as_what_was_stored() {
        let key = issue(&SystemEntropy);
        let text = key.text.expose_secret();
        assert_eq!(text.len(), 56);
        assert_eq!(read(text), Some((key.prefix.clone(), key.secret_hash.clone())));
        assert_eq!(key.prefix.len(), 12);
        assert!(text.starts_with(&key.prefix));
        assert_eq!(key.secret_hash.len(), 32);
        assert_ne!(issue(&SystemEntropy).text.expose_secret(), text);
        assert!(!format!("{key:?}").contains(&text[13..]));
    }

    #[test]
    fn other_texts_are_no_keys_and_a_changed_key_has_another_hash() {
        let key = issue(&SystemEntropy);
        let text = key.text.expose_secret();
        for at in 0..text.len() {
            for bit in 0..7 {
                let mut changed = text.as_bytes().to_vec();
                changed[at] ^= 1 << bit;
                if let Some((_, hash)) = read(&String::from_utf8(changed).unwrap()) {
                    assert_ne!(hash, key.secret_hash);
                }
            }
            assert_eq!(read(&text[..at]), None);
        }
        for wrong in [
            "",
            "gsk_",
            &"é".repeat(28),
            &format!("{text}A"),
            &text.replacen('_', "-", 1),
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
