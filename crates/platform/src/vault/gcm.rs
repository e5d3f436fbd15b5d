//! AES-256-GCM over whole messages, in the layout in which we store them: nonce, ciphertext, tag.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use groundswell_domain::secrets::VaultError;
use zeroize::Zeroizing;

pub(super) const KEY: usize = 32;
pub(super) const NONCE: usize = 12;
const TAG: usize = 16;

/// The nonce must never have been used with this key before: two messages under one pair give both away.
pub(super) fn encrypt(
    key: &[u8; KEY],
    nonce: &[u8; NONCE],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    // Room for all of it at once: a vector that grows would leave pieces of the plain text in freed memory.
    let mut bytes = Vec::with_capacity(NONCE + plain.len() + TAG);
    bytes.extend_from_slice(nonce);
    bytes.extend_from_slice(plain);
    let tag = Aes256Gcm::new(key.into())
        .encrypt_inout_detached(nonce.into(), aad, (&mut bytes[NONCE..]).into())
        // Only for a text of more than 64 GB.
        .map_err(|_| VaultError::Broken)?;
    bytes.extend_from_slice(&tag);
    Ok(bytes)
}

pub(super) fn decrypt(key: &[u8; KEY], aad: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let parts = bytes.split_first_chunk::<NONCE>().and_then(|(nonce, rest)| {
        rest.split_last_chunk::<TAG>()
            .map(|(text, tag)| (nonce, text, tag))
    });
    let Some((nonce, text, tag)) = parts else {
        return Err(VaultError::Broken);
    };
    let mut plain = Zeroizing::new(text.to_vec());
    // Compares the tag first, in constant time; nothing is decrypted when it is wrong.
    Aes256Gcm::new(key.into())
        .decrypt_inout_detached(nonce.into(), aad, plain.as_mut_slice().into(), tag.into())
        .map_err(|_| VaultError::Broken)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::hex_bytes;
    use aes_gcm::AesGcm;
    use aes_gcm::aead::array::ArraySize;
    use aes_gcm::aead::consts::{U8, U60};
    use aes_gcm::aes::Aes256;

    fn hex(text: &str) -> Vec<u8> {
        hex_bytes(text).unwrap()
    }

    const KEY_B: &str = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    const PLAIN_B: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                           1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    const AAD_B: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";

    /// "The Galois/Counter Mode of Operation" (`McGrew`, Viega), appendix B: the cases with a key of 256 bits and
    /// a nonce of 96.
    #[test]
    fn test_cases_13_to_16() {
        let plain_15 = format!("{PLAIN_B}1aafd255");
        for (case, key, nonce, aad, plain, cipher, tag) in [
            (
                13,
                "00".repeat(32).as_str(),
                "000000000000000000000000",
                "",
                "",
                "",
                "530f8afbc74536b9a963b4f1c4cb738b",
            ),
            (
                14,
                "00".repeat(32).as_str(),
                "000000000000000000000000",
                "",
                "00000000000000000000000000000000",
                "cea7403d4d606b6e074ec5d3baf39d18",
                "d0d1c8a799996bf0265b98b5d48ab919",
            ),
            (
                15,
                KEY_B,
                "cafebabefacedbaddecaf888",
                "",
                plain_15.as_str(),
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
                "b094dac5d93471bdec1a502270e3cc6c",
            ),
            (
                16,
                KEY_B,
                "cafebabefacedbaddecaf888",
                AAD_B,
                PLAIN_B,
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                "76fc6ece0f4e1768cddf8853bb2d551b",
            ),
        ] {
            let key = hex(key).try_into().unwrap();
            let stored = hex(&[nonce, cipher, tag].concat());
            let nonce = hex(nonce).try_into().unwrap();
            let (aad, plain) = (hex(aad), hex(plain));
            assert_eq!(
                encrypt(&key, &nonce, &aad, &plain).unwrap(),
                stored,
                "case {case}"
            );
            assert_eq!(*decrypt(&key, &aad, &stored).unwrap(), plain, "case {case}");
        }
    }

    /// The same for nonces of 64 and 480 bits. We never use such nonces; these only show that the crate is sound.
    #[test]
    fn test_cases_17_and_18() {
        with_other_nonce::<U8>(
            "cafebabefacedbad",
            "c3762df1ca787d32ae47c13bf19844cbaf1ae14d0b976afac52ff7d79bba9de0\
             feb582d33934a4f0954cc2363bc73f7862ac430e64abe499f47c9b1f",
            "3a337dbf46a792c45e454913fe2ea8f2",
        );
        with_other_nonce::<U60>(
            "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728\
             c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b",
            "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf4\
             0fc0c3b780f244452da3ebf1c5d82cdea2418997200ef82e44ae7e3f",
            "a44a8266ee1c8eb0c8b5d4cf5ae9f19a",
        );
    }

    fn with_other_nonce<N: ArraySize>(nonce: &str, cipher: &str, tag: &str) {
        let gcm = AesGcm::<Aes256, N>::new_from_slice(&hex(KEY_B)).unwrap();
        let mut text = hex(PLAIN_B);
        let nonce = hex(nonce).as_slice().try_into().unwrap();
        let made = gcm
            .encrypt_inout_detached(&nonce, &hex(AAD_B), text.as_mut_slice().into())
            .unwrap();
        assert_eq!((text, made.to_vec()), (hex(cipher), hex(tag)));
    }

    #[test]
    fn every_changed_bit_is_an_error() {
        let key = [7; KEY];
        for plain in [&b""[..], b"x", &[0xa5; 45]] {
            let bytes = encrypt(&key, &[9; NONCE], b"here", plain).unwrap();
            assert_eq!(*decrypt(&key, b"here", &bytes).unwrap(), plain);
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(
                    decrypt(&key, b"here", &changed),
                    Err(VaultError::Broken),
                    "bit {bit}"
                );
            }
            for length in 0..bytes.len() {
                assert!(
                    decrypt(&key, b"here", &bytes[..length]).is_err(),
                    "{length} bytes"
                );
            }
            assert!(decrypt(&key, b"here", &[&bytes[..], b"\0"].concat()).is_err());
            assert!(decrypt(&key, b"Here", &bytes).is_err());
            assert!(decrypt(&[8; KEY], b"here", &bytes).is_err());
        }
    }
}
