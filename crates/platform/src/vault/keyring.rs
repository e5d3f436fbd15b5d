//! The master keys of a process: the one in use, and those that came before it.

use super::gcm::KEY;
use crate::keys::{MasterKey, SubKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;

/// What the key check is a MAC of.
const CHECKED: &[u8] = b"groundswell/key-check/1";
/// In bytes.
const CHECK_TAG: usize = 16;

/// New data keys are wrapped with the current master key; the old ones only unwrap, until all is rewrapped.
#[derive(Debug)]
pub struct Keyring {
    current: Master,
    old: Vec<Master>,
}

/// Whose key check was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCheck {
    /// The current master key's: all is as it was.
    Current,
    /// An old one's: the master key is being replaced. Keep the check of the current one when all is rewrapped.
    Old,
    /// No key of this process made it. Starting would end in secrets that nobody can read.
    Unknown,
}

/// What is derived from one master key. The master key itself is not kept here.
pub(super) struct Master {
    id: String,
    wrapping: SubKey,
    check: SubKey,
}

impl Keyring {
    /// An old key that is also the current one does no harm.
    pub fn new(current: &MasterKey, old: &[MasterKey]) -> Self {
        Self {
            current: Master::new(current),
            old: old.iter().map(Master::new).collect(),
        }
    }

    /// The public id of the current master key.
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    /// Whether one of the keys has this id.
    pub fn knows(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// A public text to keep in the database at the first start: it tells later whether the master key is still the
    /// same. The id of the key stands before the dot, for a message that says which key is asked for.
    pub fn key_check(&self) -> String {
        let tag = self.current.check.mac(&[CHECKED]);
        format!(
            "{}.{}",
            self.current.id,
            URL_SAFE_NO_PAD.encode(&tag[..CHECK_TAG])
        )
    }

    /// Which of the keys made the text that was kept. A text of any other form is [`KeyCheck::Unknown`].
    pub fn matches(&self, kept: &str) -> KeyCheck {
        if self.current.made(kept) {
            KeyCheck::Current
        } else if self.old.iter().any(|master| master.made(kept)) {
            KeyCheck::Old
        } else {
            KeyCheck::Unknown
        }
    }

    pub(super) fn current(&self) -> &Master {
        &self.current
    }

    pub(super) fn find(&self, id: &str) -> Option<&Master> {
        std::iter::once(&self.current)
            .chain(&self.old)
            .find(|master| master.id == id)
    }
}

impl Master {
    fn new(master: &MasterKey) -> Self {
        let id = master.derive("master-id");
        let [a, b, c, d, ..] = *id.bytes();
        Self {
            id: format!("{:08x}", u32::from_be_bytes([a, b, c, d])),
            wrapping: master.derive("secrets/wrap"),
            check: master.derive("secrets/check"),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn wrapping(&self) -> &[u8; KEY] {
        self.wrapping.bytes()
    }

    fn made(&self, kept: &str) -> bool {
        kept.split_once('.').is_some_and(|(id, tag)| {
            id == self.id
                && URL_SAFE_NO_PAD
                    .decode(tag)
                    .is_ok_and(|tag| tag.len() == CHECK_TAG && self.check.verify(&[CHECKED], &tag))
        })
    }
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Master({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(digits: &str) -> MasterKey {
        MasterKey::from_text(&digits.repeat(32)).unwrap()
    }

    #[test]
    fn the_check_tells_the_keys_apart() {
        let before = Keyring::new(&master("a5"), &[]);
        let kept = before.key_check();
        assert_eq!(before.matches(&kept), KeyCheck::Current);
        let during = Keyring::new(&master("a6"), &[master("a7"), master("a5")]);
        assert_eq!(during.matches(&kept), KeyCheck::Old);
        assert_eq!(during.matches(&during.key_check()), KeyCheck::Current);
        assert_eq!(Keyring::new(&master("a6"), &[]).matches(&kept), KeyCheck::Unknown);
        // The current key among the old ones, as after an edit that was half done.
        let twice = Keyring::new(&master("a5"), &[master("a5")]);
        assert_eq!(twice.matches(&kept), KeyCheck::Current);
    }

    #[test]
    fn no_other_text_passes_the_check() {
        let keyring = Keyring::new(&master("a5"), &[]);
        let kept = keyring.key_check();
        let id = keyring.current_id();
        assert!(kept.starts_with(&format!("{id}.")));
        for at in 0..kept.len() {
            assert_eq!(keyring.matches(&kept[..at]), KeyCheck::Unknown);
            let mut changed = kept.clone();
            let other = if kept[at..].starts_with('0') { "1" } else { "0" };
            changed.replace_range(at..=at, other);
            assert_eq!(keyring.matches(&changed), KeyCheck::Unknown, "{changed}");
        }
        for other in ["", ".", id, &format!("{id}."), &format!("{kept}A")] {
            assert_eq!(keyring.matches(other), KeyCheck::Unknown, "{other}");
        }
    }

    #[test]
    fn keys_are_not_shown() {
        let keyring = Keyring::new(&master("a5"), &[master("a6")]);
        assert_eq!(
            format!("{keyring:?}"),
            format!(
                "Keyring {{ current: Master(ae9a55fc), old: [Master({})] }}",
                Keyring::new(&master("a6"), &[]).current_id()
            )
        );
    }
}
