//! What a ciphertext is bound to. Each field has its length before it, so that no two lists of fields look alike.

use groundswell_domain::OrganizationId;
use groundswell_domain::secrets::Place;

/// The version of the encoding.
const VERSION: u8 = 1;

pub(super) fn value(place: &Place, key_version: i32) -> Vec<u8> {
    encode(&[
        place.organization.0.as_bytes(),
        place.table.as_bytes(),
        place.row.as_bytes(),
        place.column.as_bytes(),
        &key_version.to_be_bytes(),
    ])
}

pub(super) fn data_key(organization: OrganizationId, version: i32, master: &str) -> Vec<u8> {
    encode(&[
        organization.0.as_bytes(),
        b"data_keys",
        &version.to_be_bytes(),
        master.as_bytes(),
    ])
}

fn encode(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    for field in fields {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let lists: [&[&[u8]]; 6] = [
            &[b"ab", b"c"],
            &[b"a", b"bc"],
            &[b"abc"],
            &[b"abc", b""],
            &[b"", b"abc"],
            &[],
        ];
        for (at, one) in lists.iter().enumerate() {
            for other in &lists[at + 1..] {
                assert_ne!(encode(one), encode(other));
            }
        }
        assert_eq!(encode(&[b"ab", b""]), b"\x01\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\0");
    }
}
