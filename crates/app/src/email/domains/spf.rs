//! Follows an SPF record to everything that it leads to (RFC 7208).

use groundswell_domain::email::{Check, DnsRecords, MOST_LOOKUPS, Spf};
use std::collections::HashSet;

/// The one record of a name; a check says why there is none.
async fn record(dns: &dyn DnsRecords, name: &str) -> Result<Spf, Check> {
    let found = dns
        .txt(name)
        .await
        .map_err(|trouble| Check::unanswered(name, &trouble))?;
    let records: Vec<&String> = found.iter().filter(|text| Spf::is_one(text)).collect();
    match records.as_slice() {
        [one] => Spf::parse(one)
            .map_err(|wrong| Check::fail(format!("the SPF record of {name} is not valid: {wrong}"))),
        [] => Err(Check::fail(format!(
            "{name} has no SPF record: set the one shown under `records`"
        ))),
        more => Err(Check::fail(format!(
            "{name} has {} SPF records, so receivers ignore them all: make one of them",
            more.len()
        ))),
    }
}

/// Whether a domain's record is right, and lets the servers send that we send by: `wanted` has their mechanisms.
pub(super) async fn check(dns: &dyn DnsRecords, domain: &str, wanted: &str) -> Check {
    let own = match record(dns, domain).await {
        Ok(spf) => spf,
        Err(check) => return check,
    };
    if own.all() == Some('+') {
        return Check::fail(format!(
            "the SPF record of {domain} ends with +all, which lets everybody send: write ~all"
        ));
    }
    let mut lookups = own.lookups();
    let mut missing: Vec<&str> = wanted.split_whitespace().filter(|term| !own.has(term)).collect();
    let mut waiting: Vec<String> = own.others().map(str::to_owned).collect();
    let mut seen = HashSet::new();
    while let Some(name) = waiting.pop() {
        // What a macro leads to depends on the mail. A name that comes again is a loop, or counts twice at most.
        if name.contains('%') || !seen.insert(name.clone()) {
            continue;
        }
        let spf = match record(dns, &name).await {
            Ok(spf) => spf,
            Err(check) => {
                let reason = format!("the SPF record of {domain} leads to {name}, and {}", check.reason);
                return Check { reason, ..check };
            }
        };
        lookups += spf.lookups();
        if lookups > MOST_LOOKUPS {
            break;
        }
        missing.retain(|term| !spf.has(term));
        waiting.extend(spf.others().map(str::to_owned));
    }
    if lookups > MOST_LOOKUPS {
        return Check::fail(format!(
            "the SPF record of {domain} makes receivers ask the DNS more than {MOST_LOOKUPS} times, so they give up: take includes away that nobody needs"
        ));
    }
    if !missing.is_empty() {
        return Check::fail(format!(
            "the SPF record of {domain} does not let our servers send: add {} before its `all`",
            missing.join(" ")
        ));
    }
    let end = match own.all() {
        Some(qualifier) => format!("ends with {qualifier}all"),
        None => "has no `all`".into(),
    };
    Check::pass(format!(
        "{domain} has one SPF record; it needs {lookups} of {MOST_LOOKUPS} lookups and {end}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use groundswell_domain::email::CheckOutcome;
    use std::collections::HashMap;

    /// Names and their records; one without any is silent.
    struct Dns(HashMap<&'static str, Vec<&'static str>>);

    #[async_trait]
    impl DnsRecords for Dns {
        async fn txt(&self, name: &str) -> Result<Vec<String>, String> {
            match self.0.get(name) {
                Some(records) if records.is_empty() => Err("no name server answered".into()),
                Some(records) => Ok(records.iter().map(ToString::to_string).collect()),
                None => Ok(Vec::new()),
            }
        }
        async fn mx(&self, _: &str) -> Result<Vec<(u16, String)>, String> {
            Ok(Vec::new())
        }
    }

    async fn looked(records: &[(&'static str, &[&'static str])], wanted: &str) -> Check {
        let dns = Dns(records.iter().map(|(name, all)| (*name, all.to_vec())).collect());
        check(&dns, "example.com", wanted).await
    }

    #[tokio::test]
    async fn a_good_record_passes_directly_or_through_others() {
        let good: &[(&str, &[&str])] = &[
            (
                "example.com",
                &["v=spf1 include:_spf.example.com mx ~all", "other"],
            ),
            (
                "_spf.example.com",
                &["v=spf1 include:amazonses.com ip4:192.0.2.0/24 -all"],
            ),
            ("amazonses.com", &["v=spf1 ip4:199.255.192.0/22 -all"]),
        ];
        for wanted in ["", "include:amazonses.com", "ip4:192.0.2.0/24 mx"] {
            let found = looked(good, wanted).await;
            assert!(
                found.is_good() && found.reason.contains("3 of 10"),
                "{wanted}: {found:?}"
            );
        }
        let found = looked(good, "include:mailgun.org mx").await;
        assert_eq!(found.status, CheckOutcome::Fail);
        assert!(
            found.reason.contains("add include:mailgun.org before"),
            "{found:?}"
        );
    }

    #[tokio::test]
    async fn what_is_wrong_is_said() {
        let many: &[&str] = &["v=spf1 a mx a:a mx:b a:c a:d a:e a:f a:g include:more.example ~all"];
        for (records, status, reason) in [
            (&[][..], CheckOutcome::Fail, "has no SPF record"),
            (
                &[("example.com", &["v=spf1 ~all", "v=spf1 -all"][..])],
                CheckOutcome::Fail,
                "2 SPF records",
            ),
            (
                &[("example.com", &["v=spf1 +all"])],
                CheckOutcome::Fail,
                "everybody",
            ),
            (
                &[("example.com", &["v=spf1 ipv4:1.2.3.4 ~all"])],
                CheckOutcome::Fail,
                "`ipv4:1.2.3.4` is not known",
            ),
            (
                &[("example.com", &["v=spf1 include:gone.example ~all"])],
                CheckOutcome::Fail,
                "leads to gone.example",
            ),
            (
                &[("example.com", &[])],
                CheckOutcome::Unknown,
                "could not be looked up",
            ),
            (
                &[
                    ("example.com", &["v=spf1 include:x.example ~all"]),
                    ("x.example", &[]),
                ],
                CheckOutcome::Unknown,
                "leads to x.example",
            ),
            (
                &[("example.com", many), ("more.example", &["v=spf1 a ~all"])],
                CheckOutcome::Fail,
                "more than 10 times",
            ),
        ] {
            let found = looked(records, "").await;
            assert!(
                found.status == status && found.reason.contains(reason),
                "{records:?}: {found:?}"
            );
        }
        let found = looked(&[("example.com", &["v=spf1 include:example.com ~all"])], "").await;
        assert!(found.is_good(), "a loop ends: {found:?}");
    }
}
