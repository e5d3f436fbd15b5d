//! The records that a domain's owner sets.

use super::SendingDomain;
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What a record is for.
    RecordPurpose { Dkim => "dkim", Spf => "spf", Dmarc => "dmarc" }
}

/// Longest piece of a TXT record (RFC 1035, section 3.3.14).
const PIECE: usize = 255;

/// One record, exactly as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DnsRecord {
    pub purpose: RecordPurpose,
    /// Mail is sent from the domain only when it is there; the others make it arrive better.
    pub required: bool,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "TXT"))]
    pub kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(example = "gs1a2b3c._domainkey.example.com"))]
    pub name: String,
    /// As one text, for whoever has a field to fill in.
    pub value: String,
    /// As a line of a zone file, in pieces of at most 255 bytes.
    pub zone: String,
}

/// The records of a domain. `spf` are the mechanisms of the servers that mail leaves by, for example `include:amazonses.com`.
pub fn records(domain: &SendingDomain, spf: &str) -> Vec<DnsRecord> {
    let keys = domain.keys.iter().map(|key| {
        record(
            RecordPurpose::Dkim,
            true,
            key.name(&domain.domain),
            format!("v=DKIM1; k={}; p={}", key.algorithm.key_type(), key.public),
        )
    });
    let mut all: Vec<DnsRecord> = keys.collect();
    let mechanisms = if spf.trim().is_empty() { "mx" } else { spf.trim() };
    all.push(record(
        RecordPurpose::Spf,
        false,
        domain.domain.clone(),
        format!("v=spf1 {mechanisms} ~all"),
    ));
    all.push(record(
        RecordPurpose::Dmarc,
        false,
        format!("_dmarc.{}", domain.domain),
        format!("v=DMARC1; p=none; rua=mailto:postmaster@{}", domain.domain),
    ));
    all
}

fn record(purpose: RecordPurpose, required: bool, name: String, value: String) -> DnsRecord {
    // All of it is ASCII.
    let pieces: Vec<String> = value
        .as_bytes()
        .chunks(PIECE)
        .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)))
        .collect();
    let data = match pieces.as_slice() {
        [one] => one.clone(),
        several => format!("( {} )", several.join(" ")),
    };
    DnsRecord {
        purpose,
        required,
        kind: "TXT",
        zone: format!("{name}. IN TXT {data}"),
        name,
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::{DkimAlgorithm, DkimKey};

    #[test]
    fn long_values_are_split_for_the_zone_and_whole_otherwise() {
        let domain = SendingDomain {
            keys: vec![DkimKey {
                selector: "gs1".into(),
                algorithm: DkimAlgorithm::Rsa,
                public: "A".repeat(392),
            }],
            ..SendingDomain::for_tests("example.com")
        };
        let all = records(&domain, "include:amazonses.com");
        let dkim = &all[0];
        assert_eq!(dkim.name, "gs1._domainkey.example.com");
        assert_eq!(dkim.value, format!("v=DKIM1; k=rsa; p={}", "A".repeat(392)));
        let pieces: Vec<&str> = dkim.zone.split('"').skip(1).step_by(2).collect();
        assert_eq!(pieces.concat(), dkim.value);
        assert_eq!(
            pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>(),
            [255, 155]
        );
        assert!(
            dkim.zone
                .starts_with("gs1._domainkey.example.com. IN TXT ( \"v=DKIM1"),
            "{}",
            dkim.zone
        );
        assert_eq!(
            all[1].zone,
            "example.com. IN TXT \"v=spf1 include:amazonses.com ~all\""
        );
        assert_eq!(all[2].name, "_dmarc.example.com");
    }
}
