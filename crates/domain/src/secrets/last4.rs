//! What a person may see of a stored secret.

use secrecy::{ExposeSecret, SecretString};

/// A shorter secret shows nothing: four characters would be too much of it. In characters.
const SHORTEST: usize = 12;
const SHOWN: usize = 4;

/// The last four characters (not bytes), or `None` when the secret has fewer than twelve.
pub fn last4(secret: &SecretString) -> Option<String> {
    let secret = secret.expose_secret();
    let hidden = secret.chars().count().checked_sub(SHOWN)?;
    (hidden >= SHORTEST - SHOWN).then(|| secret.chars().skip(hidden).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_characters_of_twelve_or_more() {
        for (secret, shown) in [
            ("sk-live-abcdWXYZ", Some("WXYZ")),
            ("123456789012", Some("9012")),
            ("12345678901", None),
            ("", None),
            ("éééééééééééé", Some("éééé")),
            // Eleven characters in 44 bytes.
            ("🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑", None),
            ("🔑🔑🔑🔑🔑🔑🔑🔑a🔑c🔑", Some("a🔑c🔑")),
        ] {
            assert_eq!(last4(&secret.into()).as_deref(), shown, "{secret}");
        }
    }
}
