//! What a domain wants done with mail that is not its own (RFC 7489).

use super::{Check, registrable};

/// A policy record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dmarc {
    /// `none`, `quarantine` or `reject`; that of subdomains where the record is a parent's and says so.
    pub policy: String,
    /// Whether the domain of a signature must be the very one that people see, or may be a relative of it.
    pub strict_dkim: bool,
    /// The same for the domain that SPF was checked for.
    pub strict_spf: bool,
}

impl Dmarc {
    /// Reads a record; a sentence says what is wrong with it.
    pub fn parse(text: &str, of_parent: bool) -> Result<Self, String> {
        let mut tags = text.split(';').filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((
                name.trim().to_ascii_lowercase(),
                value.trim().to_ascii_lowercase(),
            ))
        });
        if tags.next() != Some(("v".into(), "dmarc1".into())) {
            return Err("it must begin with v=DMARC1".into());
        }
        let tags: Vec<(String, String)> = tags.collect();
        let tag = |name: &str| {
            tags.iter()
                .find(|(found, _)| found == name)
                .map(|(_, value)| value.as_str())
        };
        let policy = of_parent.then(|| tag("sp")).flatten().or_else(|| tag("p"));
        let policy = match policy {
            Some(policy @ ("none" | "quarantine" | "reject")) => policy.to_owned(),
            Some(other) => return Err(format!("its policy p={other} must be none, quarantine or reject")),
            None => return Err("it names no policy: add p=none, p=quarantine or p=reject".into()),
        };
        Ok(Self {
            policy,
            strict_dkim: tag("adkim") == Some("s"),
            strict_spf: tag("aspf") == Some("s"),
        })
    }

    fn is_one(text: &str) -> bool {
        text.trim_start()
            .get(..8)
            .is_some_and(|start| start.eq_ignore_ascii_case("v=DMARC1"))
    }
}

/// Where a domain's policy is looked for: at its own name, then at that of the domain that it belongs to (RFC 7489, section 6.6.3).
pub fn dmarc_names(domain: &str) -> Vec<String> {
    let own = format!("_dmarc.{domain}");
    match registrable(domain) {
        Some(parent) if parent != domain => vec![own, format!("_dmarc.{parent}")],
        _ => vec![own],
    }
}

/// What stands at `_dmarc.` before the domain, or else before the domain that it belongs to; `at` says where.
///
/// Our mails are signed by, and returned to, the very domain that people see: that is aligned also where the record wants it strictly.
pub fn check_dmarc(domain: &str, at: &str, found: &[String]) -> Check {
    let records: Vec<&String> = found.iter().filter(|text| Dmarc::is_one(text)).collect();
    let [record] = records.as_slice() else {
        return Check::fail(match records.len() {
            0 => format!(
                "_dmarc.{domain} has no DMARC record, which large providers want of whoever sends much: set the one shown under `records`"
            ),
            more => format!("{at} has {more} DMARC records, so receivers ignore them all: keep one"),
        });
    };
    let of_parent = at != format!("_dmarc.{domain}");
    match Dmarc::parse(record, of_parent) {
        Err(wrong) => Check::fail(format!("the DMARC record at {at} is not valid: {wrong}")),
        Ok(dmarc) => {
            let mode = |strict| if strict { "strict" } else { "relaxed" };
            let advice = if dmarc.policy == "none" {
                "; p=none only watches: go on to p=quarantine once reports show nothing but your own mail"
            } else {
                ""
            };
            Check::pass(format!(
                "the policy at {at} is p={}; signatures (d={domain}, {}) and return addresses ({}) are aligned with From{advice}",
                dmarc.policy,
                mode(dmarc.strict_dkim),
                mode(dmarc.strict_spf)
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &str, records: &[&str]) -> Check {
        let records: Vec<String> = records.iter().map(ToString::to_string).collect();
        check_dmarc("news.example.com", at, &records)
    }

    #[test]
    fn a_policy_may_be_that_of_the_domain_above() {
        assert_eq!(
            dmarc_names("news.example.co.uk"),
            ["_dmarc.news.example.co.uk", "_dmarc.example.co.uk"]
        );
        assert_eq!(dmarc_names("example.com"), ["_dmarc.example.com"]);
    }

    #[test]
    fn policies_and_alignment_are_told() {
        let own = "_dmarc.news.example.com";
        let good = check(own, &["v=DMARC1; p=reject; adkim=s; aspf=r", "other text"]);
        assert!(good.is_good(), "{good:?}");
        assert!(
            good.reason.contains("p=reject")
                && good.reason.contains("strict")
                && good.reason.contains("relaxed"),
            "{good:?}"
        );
        let watching = check(own, &["v=dmarc1;p=none"]);
        assert!(
            watching.is_good() && watching.reason.contains("only watches"),
            "{watching:?}"
        );
        // A parent may say something else for what is below it.
        let parent = check("_dmarc.example.com", &["v=DMARC1; p=reject; sp=quarantine"]);
        assert!(parent.reason.contains("p=quarantine"), "{parent:?}");
        for (records, reason) in [
            (&[][..], "no DMARC record"),
            (&["v=spf1 -all"], "no DMARC record"),
            (&["v=DMARC1; p=none", "v=DMARC1; p=none"], "2 DMARC records"),
            (&["v=DMARC1; rua=mailto:a@b.de"], "no policy"),
            (&["v=DMARC1; p=maybe"], "p=maybe"),
        ] {
            let found = check(own, records);
            assert!(!found.is_good() && found.reason.contains(reason), "{found:?}");
        }
    }
}
