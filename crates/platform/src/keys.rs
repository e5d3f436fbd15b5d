//! The one secret of an installation, and the keys derived from it.
//!
//! 32 random bytes, kept in a file or given in the environment. Every purpose has a subkey (HKDF-SHA256, RFC 5869) of its
//! own, so what is signed for one purpose means nothing for another, and no derived key leads back to the master.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::platform::Entropy;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const LENGTH: usize = 32;

/// Why there is no master key. No variant carries any of the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the key file {path} can be changed by other users (mode {mode:o}): run chmod 600 {path}")]
    Writable { path: PathBuf, mode: u32 },
    #[error("the master key must be 32 bytes, as 64 hexadecimal digits or in base64")]
    Malformed,
    #[error("the key file {path} does not hold a key: 32 bytes, as 64 hexadecimal digits or in base64")]
    MalformedFile { path: PathBuf },
}

/// The secret from which all others are derived.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; LENGTH]);

/// A key for one purpose.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SubKey([u8; LENGTH]);

impl MasterKey {
    /// From text: 64 hexadecimal digits, or base64 of 32 bytes. Space around it is ignored.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bytes = Zeroizing::new(if text.len() == 2 * LENGTH {
            hex_bytes(text).ok_or(KeyError::Malformed)?
        } else {
            STANDARD.decode(text).map_err(|_| KeyError::Malformed)?
        });
        <[u8; LENGTH]>::try_from(bytes.as_slice())
            .map(Self)
            .map_err(|_| KeyError::Malformed)
    }

    /// The key in a file; makes the file (mode 0600, in an existing folder) when there is none. Processes that start
    /// at the same moment end up with the same key.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        if !path.try_exists().map_err(failed)? {
            create(path, entropy).map_err(failed)?;
        }
        check_mode(path)?;
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        Self::from_text(&text).map_err(|_| KeyError::MalformedFile {
            path: path.to_owned(),
        })
    }

    pub(crate) fn derive(&self, purpose: &str) -> SubKey {
        let mut key = [0; LENGTH];
        expand(b"groundswell/1", &self.0, purpose.as_bytes(), &mut key);
        SubKey(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(secret)")
    }
}

impl fmt::Debug for SubKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubKey(secret)")
    }
}

impl SubKey {
    /// A key below this one: what a MAC under this one makes of a name.
    pub(crate) fn below(&self, name: &[u8]) -> Self {
        Self(self.mac(&[name]))
    }

    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// A MAC over the parts, one after the other: at most one of them may have a variable length.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac(&self.0, parts).finalize().into_bytes().into()
    }

    /// Whether `tag` is the start of the MAC over the parts, in constant time. An empty tag is never right.
    pub(crate) fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        !tag.is_empty() && hmac(&self.0, parts).verify_truncated_left(tag).is_ok()
    }
}

/// HKDF-SHA256, extract and expand, for at most 8,160 bytes (RFC 5869, section 2.3).
fn expand(salt: &[u8], secret: &[u8], info: &[u8], key: &mut [u8]) {
    let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand(info, key);
    debug_assert!(expanded.is_ok(), "no key of ours is too long for HKDF-SHA256");
}

fn hmac(key: &[u8; LENGTH], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new(&hmac_key(key));
    for part in parts {
        mac.update(part);
    }
    mac
}

/// HMAC takes a block; a shorter key is filled up with zeros (RFC 2104, section 2).
fn hmac_key(key: &[u8; LENGTH]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..LENGTH].copy_from_slice(key);
    block
}

pub(crate) fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
        })
        .collect()
}

/// Writes a temporary file and links it into place, so that nobody ever reads half a key and nobody's key is replaced.
fn create(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let mut key = Zeroizing::new([0; LENGTH]);
    entropy.fill(key.as_mut_slice());
    let mut unique = [0; 8];
    entropy.fill(&mut unique);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}", u64::from_be_bytes(unique)));
    let temporary = PathBuf::from(name);

    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut text = Zeroizing::new(STANDARD.encode(key.as_slice()));
    text.push('\n');
    let written = options.open(&temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| match fs::hard_link(&temporary, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let _ = fs::remove_file(&temporary);
    linked
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).map_err(|source| KeyError::File {
        path: path.to_owned(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(KeyError::Writable {
            path: path.to_owned(),
            mode,
        });
    }
    // Not refused: secrets that an orchestrator mounts are readable like this, and it is out of the user's hands.
    if mode & 0o044 != 0 {
        tracing::warn!(path = %path.display(), mode = format!("{mode:o}"), "other users can read the key file: run chmod 600 on it");
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    struct Folder(PathBuf);
    impl Folder {
        fn new() -> Self {
            let mut unique = [0; 8];
            SystemEntropy.fill(&mut unique);
            let path =
                std::env::temp_dir().join(format!("groundswell-keys-{:x}", u64::from_be_bytes(unique)));
            fs::create_dir(&path).unwrap();
            Self(path)
        }
    }
    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_file_is_made_once_and_only_for_us() {
        let folder = Folder::new();
        let path = folder.0.join("master.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| MasterKey::load_or_create(&path, &SystemEntropy).unwrap().0))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(
            fs::read_dir(&folder.0).unwrap().count(),
            1,
            "no temporary file stays"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
            let error = MasterKey::load_or_create(&path, &SystemEntropy).unwrap_err();
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_spoilt_file_is_neither_used_nor_replaced() {
        let folder = Folder::new();
        let path = folder.0.join("master.key");
        fs::write(&path, "dGhpcyBpcyB0b28gc2hvcnQ=").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let error = MasterKey::load_or_create(&path, &SystemEntropy)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("does not hold a key") && !error.contains("dGhpcy"),
            "{error}"
        );
        assert!(fs::read_to_string(&path).unwrap().starts_with("dGhpcy"));
    }

    #[test]
    fn text_is_hex_or_base64() {
        let hex = MasterKey::from_text(&format!(" {}\n", "0f".repeat(32))).unwrap();
        assert_eq!(hex.0, [15; 32]);
        assert_eq!(MasterKey::from_text(&STANDARD.encode([15; 32])).unwrap().0, hex.0);
        for wrong in [
            "",
            "0f",
            &"0g".repeat(32),
            &STANDARD.encode([1; 31]),
            &STANDARD.encode([1; 33]),
        ] {
            assert!(MasterKey::from_text(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(format!("{hex:?}"), "MasterKey(secret)");
    }

    #[test]
    fn purposes_have_unrelated_keys() {
        let master = MasterKey([7; 32]);
        assert_eq!(master.derive("a").0, master.derive("a").0);
        assert_ne!(master.derive("a").0, master.derive("b").0);
        assert_ne!(master.derive("a").0, MasterKey([8; 32]).derive("a").0);
        assert_eq!(format!("{:?}", master.derive("a")), "SubKey(secret)");
    }

    /// RFC 5869, appendix A, test cases 1 to 3 (those with SHA-256).
    #[test]
    fn the_derivation_is_hkdf_sha256() {
        let range = |from: u8, to: u8| (from..=to).collect::<Vec<_>>();
        for (secret, salt, info, expected) in [
            (
                vec![0x0b; 22],
                range(0x00, 0x0c),
                range(0xf0, 0xf9),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                range(0x00, 0x4f),
                range(0x60, 0xaf),
                range(0xb0, 0xff),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                 da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                vec![0x0b; 22],
                vec![],
                vec![],
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ] {
            let mut key = vec![0; expected.len() / 2];
            expand(&salt, &secret, &info, &mut key);
            assert_eq!(key, hex_bytes(expected).unwrap());
        }
    }

    /// RFC 4231, test case 2, with the key filled up to 32 bytes, which HMAC does anyway.
    #[test]
    fn the_mac_is_hmac_sha256() {
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let key = SubKey(key);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let tag = key.mac(&[b"what do ya want ", b"for nothing?"]);
        assert_eq!(tag.to_vec(), hex_bytes(expected).unwrap());
        assert!(key.verify(&[b"what do ya want for nothing?"], &tag[..16]));
        assert!(!key.verify(&[b"what do ya want for nothing?"], &[]));
        assert!(!key.verify(&[b"what do ya want for nothing"], &tag));
        assert_eq!(URL_SAFE_NO_PAD.encode(&tag[..3]), "W9zB");
    }
}
