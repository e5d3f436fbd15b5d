use super::*;
use crate::keys::hex_bytes;
use crate::{MasterKey, SystemEntropy};
use groundswell_domain::Error;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering};
use uuid::Uuid;

const ONE: OrganizationId = OrganizationId(Uuid::from_u128(0x0198_c5a0_0000_7000_8000_0000_0000_0001));
const OTHER: OrganizationId = OrganizationId(Uuid::from_u128(0x0198_c5a0_0000_7000_8000_0000_0000_0009));
const PLACE: Place = Place {
    organization: ONE,
    table: "llm_providers",
    row: Uuid::from_u128(0x0198_c5a0_0000_7000_8000_0000_0000_0002),
    column: "api_key",
};

fn master(digits: &str) -> MasterKey {
    MasterKey::from_text(&digits.repeat(32)).unwrap()
}

fn vault(current: &str, old: &[&str]) -> AesVault {
    let old: Vec<_> = old.iter().map(|digits| master(digits)).collect();
    AesVault::new(Keyring::new(&master(current), &old), Arc::new(SystemEntropy))
}

/// The secret, or why there is none: [`SecretString`] can't be compared.
fn opened(vault: &AesVault, key: &WrappedKey, place: &Place, sealed: &Sealed) -> Result<String, VaultError> {
    vault
        .open(key, place, sealed)
        .map(|secret| secret.expose_secret().to_owned())
}

fn hex(text: &str) -> Vec<u8> {
    hex_bytes(text).unwrap()
}

/// 0, 1, 2 and so on.
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Made with Python's `cryptography` from the description at the top of the module. If this fails, stored secrets can't
/// be read any more.
#[test]
fn the_format_is_the_documented_one() {
    let keyring = Keyring::new(&master("a5"), &[]);
    assert_eq!(keyring.key_check(), "ae9a55fc.JvDXQ9cet_A9UI87FnQnIA");
    let vault = AesVault::new(keyring, Arc::new(Counting(AtomicU8::new(0))));
    let key = vault.new_data_key(ONE, 3).unwrap();
    assert_eq!((key.version, key.master.as_str()), (3, "ae9a55fc"));
    assert_eq!(
        key.bytes,
        hex(
            "202122232425262728292a2bd3cbe9aa12e4d1265a24eeb1dfe52863c3281e0e613c4d70c24314e14d182d5a9acd6c37\
         bda4245dd2f1d8d7a8c886f6"
        )
    );
    let sealed = vault.seal(&key, &PLACE, &"sk-été-1234567890".into()).unwrap();
    assert_eq!(sealed.key_version, 3);
    assert_eq!(
        sealed.bytes,
        hex("2c2d2e2f3031323334353637219608d5cbe527651bf9afd50fd65c2fed33187ef6c0a3fa7b982ebda3bab0ae0b05ee")
    );
}

#[test]
fn a_value_opens_at_its_place_only() {
    let vault = vault("a5", &[]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let sealed = vault.seal(&key, &PLACE, &"the secret".into()).unwrap();
    assert_eq!(opened(&vault, &key, &PLACE, &sealed).unwrap(), "the secret");
    for moved in [
        Place {
            organization: OTHER,
            ..PLACE
        },
        Place {
            table: "llm_provider",
            ..PLACE
        },
        Place {
            row: OTHER.0,
            ..PLACE
        },
        Place {
            column: "api_keys",
            ..PLACE
        },
        Place {
            table: "llm_providersa",
            column: "pi_key",
            ..PLACE
        },
        Place {
            table: PLACE.column,
            column: PLACE.table,
            ..PLACE
        },
    ] {
        assert_eq!(
            opened(&vault, &key, &moved, &sealed),
            Err(VaultError::Broken),
            "{moved:?}"
        );
    }
    // A data key of the other organization, made there, does not help either.
    let theirs = vault.new_data_key(OTHER, 1).unwrap();
    let there = Place {
        organization: OTHER,
        ..PLACE
    };
    assert_eq!(opened(&vault, &theirs, &there, &sealed), Err(VaultError::Broken));
}

#[test]
fn swapped_rows_do_not_open() {
    let vault = vault("a5", &[]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let second = Place {
        row: OTHER.0,
        ..PLACE
    };
    let a = vault.seal(&key, &PLACE, &"a".into()).unwrap();
    let b = vault.seal(&key, &second, &"b".into()).unwrap();
    assert_eq!(opened(&vault, &key, &PLACE, &b), Err(VaultError::Broken));
    assert_eq!(opened(&vault, &key, &second, &a), Err(VaultError::Broken));
}

#[test]
fn a_value_opens_with_its_key_only() {
    let vault = vault("a5", &[]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let next = vault.new_data_key(ONE, 2).unwrap();
    let again = vault.new_data_key(ONE, 1).unwrap();
    let sealed = vault.seal(&key, &PLACE, &"the secret".into()).unwrap();
    let relabelled = Sealed {
        key_version: 2,
        ..sealed.clone()
    };
    for (key, sealed) in [
        (&next, &sealed),
        (&next, &relabelled),
        (&key, &relabelled),
        (&again, &sealed),
    ] {
        assert_eq!(opened(&vault, key, &PLACE, sealed), Err(VaultError::Broken));
    }
}

#[test]
fn every_changed_bit_of_a_value_is_an_error() {
    let vault = vault("a5", &[]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let sealed = vault.seal(&key, &PLACE, &"the secret".into()).unwrap();
    for bit in 0..sealed.bytes.len() * 8 {
        let mut changed = sealed.clone();
        changed.bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            opened(&vault, &key, &PLACE, &changed),
            Err(VaultError::Broken),
            "bit {bit}"
        );
    }
    for length in 0..sealed.bytes.len() {
        let mut cut = sealed.clone();
        cut.bytes.truncate(length);
        assert_eq!(
            opened(&vault, &key, &PLACE, &cut),
            Err(VaultError::Broken),
            "{length} bytes"
        );
    }
}

#[test]
fn a_changed_or_moved_data_key_is_an_error() {
    let vault = vault("a5", &["a6"]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let broken = |key: &WrappedKey, organization| {
        let place = Place {
            organization,
            ..PLACE
        };
        assert_eq!(
            vault.seal(key, &place, &"x".into()),
            Err(VaultError::Broken),
            "{key:?}"
        );
    };
    for bit in 0..key.bytes.len() * 8 {
        let mut changed = key.clone();
        changed.bytes[bit / 8] ^= 1 << (bit % 8);
        broken(&changed, ONE);
    }
    broken(&key, OTHER);
    broken(
        &WrappedKey {
            version: 2,
            ..key.clone()
        },
        ONE,
    );
    let a6 = Keyring::new(&master("a6"), &[]).current_id().to_owned();
    let relabelled = WrappedKey { master: a6, ..key };
    broken(&relabelled, ONE);
    assert_eq!(vault.rewrap(ONE, &relabelled), Err(VaultError::Broken));
}

#[test]
fn a_new_master_key_takes_over_step_by_step() {
    let before = vault("a5", &[]);
    let key = before.new_data_key(ONE, 1).unwrap();
    let sealed = before.seal(&key, &PLACE, &"the secret".into()).unwrap();
    assert_eq!(before.rewrap(ONE, &key), Ok(None));

    let during = vault("a6", &["a5"]);
    assert_eq!(opened(&during, &key, &PLACE, &sealed).unwrap(), "the secret");
    assert_eq!(during.rewrap(OTHER, &key), Err(VaultError::Broken));
    let moved = during.rewrap(ONE, &key).unwrap().unwrap();
    assert_eq!(
        (moved.version, moved.master.as_str()),
        (1, during.current_master())
    );
    assert_eq!(
        during.rewrap(ONE, &moved),
        Ok(None),
        "a second run has nothing to do"
    );
    // Reads during the rotation see either row.
    assert_eq!(opened(&during, &moved, &PLACE, &sealed).unwrap(), "the secret");

    let after = vault("a6", &[]);
    assert_eq!(opened(&after, &moved, &PLACE, &sealed).unwrap(), "the secret");
    let missing = Err(VaultError::UnknownMaster(before.current_master().to_owned()));
    assert_eq!(opened(&after, &key, &PLACE, &sealed), missing);
}

#[test]
fn a_new_data_key_takes_over_value_by_value() {
    let vault = vault("a5", &[]);
    let old = vault.new_data_key(ONE, 1).unwrap();
    let new = vault.new_data_key(ONE, 2).unwrap();
    let sealed = vault.seal(&old, &PLACE, &"the secret".into()).unwrap();
    let secret = vault.open(&old, &PLACE, &sealed).unwrap();
    let moved = vault.seal(&new, &PLACE, &secret).unwrap();
    assert_eq!(moved.key_version, 2);
    assert_eq!(opened(&vault, &new, &PLACE, &moved).unwrap(), "the secret");
    assert_eq!(opened(&vault, &old, &PLACE, &moved), Err(VaultError::Broken));
}

#[test]
fn an_unknown_master_key_is_named() {
    let key = vault("a5", &[]).new_data_key(ONE, 1).unwrap();
    let stranger = vault("a6", &["a7"]);
    let sentence = "this was encrypted with a master key (ae9a55fc) that this process was not given: \
                    add it to security.old_master_keys";
    let error = stranger.seal(&key, &PLACE, &"x".into()).unwrap_err();
    assert_eq!(error.to_string(), sentence);
    assert_eq!(stranger.rewrap(ONE, &key), Err(error.clone()));
    assert_eq!(
        Error::from(error).to_string(),
        "internal error",
        "callers do not see it"
    );
}

#[test]
fn a_nonce_is_never_used_twice() {
    let vault = vault("a5", &[]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let secret = "the same every time".into();
    let nonces: HashSet<_> = (0..10_000)
        .map(|_| vault.seal(&key, &PLACE, &secret).unwrap().bytes[..NONCE].to_vec())
        .collect();
    assert_eq!(nonces.len(), 10_000);
}

#[test]
fn nothing_secret_is_shown() {
    let vault = vault("a5", &["a6"]);
    let key = vault.new_data_key(ONE, 1).unwrap();
    let secret = SecretString::from("hunter2-hunter2");
    let sealed = vault.seal(&key, &PLACE, &secret).unwrap();
    let back = vault.open(&key, &PLACE, &sealed).unwrap();
    let broken = vault
        .open(
            &key,
            &Place {
                row: OTHER.0,
                ..PLACE
            },
            &sealed,
        )
        .unwrap_err();
    let shown = format!("{vault:?} {key:?} {sealed:?} {back:?} {broken:?} {broken} {PLACE:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    // Neither keys nor ciphertext, however the bytes are written.
    for number in [
        "a5a5",
        "165, 165",
        &format!("{:?}", &key.bytes[..4]),
        &format!("{:?}", &sealed.bytes[..4]),
    ] {
        assert!(
            !shown.contains(number.trim_matches(['[', ']'])),
            "{number} in {shown}"
        );
    }
    assert!(format!("{key:?}").contains("length: 60"), "{key:?}");
}

proptest! {
    #[test]
    fn any_text_comes_back(secret in any::<String>(), row in any::<u128>(), version in any::<i32>()) {
        let vault = vault("a5", &[]);
        let place = Place { row: Uuid::from_u128(row), ..PLACE };
        let key = vault.new_data_key(ONE, version).unwrap();
        let sealed = vault.seal(&key, &place, &secret.as_str().into()).unwrap();
        prop_assert_eq!(sealed.bytes.len(), NONCE + secret.len() + 16);
        prop_assert_eq!(opened(&vault, &key, &place, &sealed).unwrap(), secret);
    }
}
