//! The record with a key in it (RFC 6376, section 3.6.1).

use super::{Check, DkimKey};

/// What one name of a selector holds, against the key that we sign with.
pub fn check_dkim(name: &str, key: &DkimKey, found: &[String]) -> Check {
    let keys: Vec<&String> = found.iter().filter(|text| tag(text, "p").is_some()).collect();
    match keys.as_slice() {
        [] => Check::fail(format!(
            "{name} has no TXT record with a key: set the one shown under `records`"
        )),
        [text] => compare(name, key, text),
        more => Check::fail(format!(
            "{name} has {} TXT records with keys, and receivers take any of them: keep ours only",
            more.len()
        )),
    }
}

fn compare(name: &str, key: &DkimKey, text: &str) -> Check {
    if tag(text, "v").is_some_and(|version| version != "DKIM1") {
        return Check::fail(format!("{name}: the record must begin with v=DKIM1"));
    }
    let kind = tag(text, "k").unwrap_or_else(|| "rsa".into());
    if kind != key.algorithm.key_type() {
        return Check::fail(format!(
            "{name} is a key of the kind k={kind}, and ours is k={}: set the record shown under `records`",
            key.algorithm
        ));
    }
    let public = tag(text, "p").unwrap_or_default();
    if public.is_empty() {
        return Check::fail(format!("{name} has an empty p=, which takes the key back"));
    }
    if public != key.public {
        let hint = if key.public.starts_with(&public) {
            "it ends too early: a TXT record of more than 255 characters has to be written in several pieces"
        } else {
            "it is another key than the one that signs: set the record shown under `records`"
        };
        return Check::fail(format!("{name}: {hint}"));
    }
    if tag(text, "t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y")) {
        return Check::fail(format!(
            "{name} says t=y (testing), so receivers may ignore the signature: take that away"
        ));
    }
    Check::pass(format!("{name} shows the key that signs ({})", key.algorithm))
}

/// A tag's value without blanks, which may stand anywhere in base64.
fn tag(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|part| {
        let (found, value) = part.split_once('=')?;
        (found.trim() == name).then(|| value.split_whitespace().collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::DkimAlgorithm;

    fn check(records: &[&str]) -> Check {
        let key = DkimKey {
            selector: "gs1".into(),
            algorithm: DkimAlgorithm::Rsa,
            public: "MIIBIjANBgkq".into(),
        };
        let records: Vec<String> = records.iter().map(ToString::to_string).collect();
        check_dkim("gs1._domainkey.example.com", &key, &records)
    }

    #[test]
    fn the_key_must_be_there_once_and_whole() {
        for good in [
            "v=DKIM1; k=rsa; p=MIIBIjANBgkq",
            "v=DKIM1;p=MIIBIj ANBgkq;",
            " k = rsa ; p=MIIBIjANBgkq",
        ] {
            assert!(check(&[good, "unrelated text"]).is_good(), "{good}");
        }
        for (records, reason) in [
            (&[][..], "has no TXT record"),
            (&["google-site-verification=x"], "has no TXT record"),
            (&["v=DKIM1; p=MIIBIjANBgkq", "p=MIIBIjANBgkq"], "2 TXT records"),
            (&["v=DKIM1; k=rsa; p=MIIBIj"], "ends too early"),
            (&["v=DKIM1; k=rsa; p=MIIBIjANBgkx"], "another key"),
            (&["v=DKIM1; k=ed25519; p=MIIBIjANBgkq"], "k=ed25519"),
            (&["v=DKIM1; p="], "takes the key back"),
            (&["v=DKIM2; p=MIIBIjANBgkq"], "v=DKIM1"),
            (&["v=DKIM1; t=y:s; p=MIIBIjANBgkq"], "testing"),
        ] {
            let found = check(records);
            assert!(
                !found.is_good() && found.reason.contains(reason),
                "{records:?}: {found:?}"
            );
        }
    }
}
