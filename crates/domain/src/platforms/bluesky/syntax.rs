//! Syntax of identifiers: <https://atproto.com/specs/handle>, <https://atproto.com/specs/did>, <https://atproto.com/specs/nsid>,
//! <https://atproto.com/specs/record-key>, <https://atproto.com/specs/tid>, <https://atproto.com/specs/at-uri-scheme>.
//!
//! Only the form is looked at: whether an account exists has to be asked.

const LONGEST_HANDLE: usize = 253;
const LONGEST_LABEL: usize = 63;
const LONGEST_DID: usize = 2_048;
const LONGEST_NSID: usize = 253 + 1 + 63;
const LONGEST_RECORD_KEY: usize = 512;
const LONGEST_URI: usize = 8 * 1_024;

/// A label of a domain: letters, digits and hyphens inside.
fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn begins_with_letter(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_ascii_alphabetic())
}

/// `name.example.com`: a domain, whose last part begins with a letter.
pub fn is_handle(text: &str) -> bool {
    text.len() <= LONGEST_HANDLE
        && text.contains('.')
        && text.split('.').all(is_label)
        && text.rsplit('.').next().is_some_and(begins_with_letter)
}

/// `did:plc:…`, `did:web:…` and other methods.
pub fn is_did(text: &str) -> bool {
    let Some((method, id)) = text.strip_prefix("did:").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:%-".contains(&byte);
    text.len() <= LONGEST_DID
        && !method.is_empty()
        && method.bytes().all(|byte| byte.is_ascii_lowercase())
        && !id.is_empty()
        && id.bytes().all(allowed)
        && !id.ends_with([':', '%'])
}

/// A handle or a DID: who.
pub fn is_at_identifier(text: &str) -> bool {
    if text.starts_with("did:") {
        is_did(text)
    } else {
        is_handle(text)
    }
}

/// `app.bsky.feed.post`: a domain in reverse and a name.
pub fn is_nsid(text: &str) -> bool {
    let Some((domain, name)) = text.rsplit_once('.') else {
        return false;
    };
    text.len() <= LONGEST_NSID
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && begins_with_letter(domain)
        && (1..=LONGEST_LABEL).contains(&name.len())
        && begins_with_letter(name)
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The key of a record in a collection.
pub fn is_record_key(text: &str) -> bool {
    (1..=LONGEST_RECORD_KEY).contains(&text.len())
        && !matches!(text, "." | "..")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_~.:-".contains(&byte))
}

/// A time as an identifier: 13 signs of base 32, which sort.
pub fn is_tid(text: &str) -> bool {
    text.len() == 13
        && text.starts_with(|sign| "234567abcdefghij".contains(sign))
        && text
            .chars()
            .all(|sign| "234567abcdefghijklmnopqrstuvwxyz".contains(sign))
}

/// `at://who`, `at://who/collection` or `at://who/collection/key`, without a query or fragment.
pub fn is_at_uri(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("at://").filter(|_| text.len() <= LONGEST_URI) else {
        return false;
    };
    let mut parts = rest.split('/');
    parts.next().is_some_and(is_at_identifier)
        && parts.next().is_none_or(is_nsid)
        && parts.next().is_none_or(is_record_key)
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of atproto's interoperability files: the lines that are neither empty nor a comment. Spaces matter.
    fn cases(file: &str) -> Vec<&str> {
        file.lines()
            .filter(|line| !line.is_empty() && !line.starts_with("# ") && !line.trim().is_empty())
            .collect()
    }

    fn decides(name: &str, is: fn(&str) -> bool, valid: &str, invalid: &str, count: usize) {
        let (valid, invalid) = (cases(valid), cases(invalid));
        assert_eq!(valid.len() + invalid.len(), count, "{name}");
        for case in valid {
            assert!(is(case), "{name}: {case:?} is valid");
        }
        for case in invalid {
            assert!(!is(case), "{name}: {case:?} is invalid");
        }
    }

    macro_rules! files {
        ($name:literal) => {
            (
                include_str!(concat!(
                    "../../../tests/data/bluesky/",
                    $name,
                    "_syntax_valid.txt"
                )),
                include_str!(concat!(
                    "../../../tests/data/bluesky/",
                    $name,
                    "_syntax_invalid.txt"
                )),
            )
        };
    }

    #[test]
    fn the_interoperability_files_are_decided_as_they_say() {
        type Case = (
            &'static str,
            fn(&str) -> bool,
            (&'static str, &'static str),
            usize,
        );
        let all: [Case; 7] = [
            ("handle", is_handle, files!("handle"), 119),
            ("did", is_did, files!("did"), 42),
            ("at-uri", is_at_uri, files!("aturi"), 96),
            ("nsid", is_nsid, files!("nsid"), 52),
            ("record key", is_record_key, files!("recordkey"), 28),
            ("tid", is_tid, files!("tid"), 13),
            ("at-identifier", is_at_identifier, files!("atidentifier"), 33),
        ];
        for (name, is, (valid, invalid), count) in all {
            decides(name, is, valid, invalid, count);
        }
    }
}
