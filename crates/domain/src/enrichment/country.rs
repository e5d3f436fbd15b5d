//! Countries by what stands for them: codes, names, domains and phone numbers.

/// Two letters of a top-level domain that is a country's and used as such. Those sold as words to the whole world say nothing.
pub(super) fn of_domain(domain: &str) -> Option<String> {
    const SOLD: [&str; 22] = [
        "ai", "am", "as", "cc", "cd", "co", "dj", "eu", "fm", "gg", "io", "la", "ly", "me", "ml", "mu", "nu",
        "sc", "to", "tv", "vc", "ws",
    ];
    let top = domain.rsplit('.').next()?;
    if top.len() != 2 || SOLD.contains(&top) {
        return None;
    }
    if top == "uk" {
        return Some("GB".into());
    }
    is_code(top).then(|| top.to_ascii_uppercase())
}

/// Of a code or a name, as sites write it in their structured data.
pub(super) fn of_text(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 2 {
        return if text.eq_ignore_ascii_case("uk") {
            Some("GB".into())
        } else {
            is_code(text).then(|| text.to_ascii_uppercase())
        };
    }
    let lower = text.to_lowercase();
    let found = NAMES.iter().find(|(_, names)| names.contains(&lower.as_str()));
    found.map(|(code, _)| (*code).to_owned())
}

/// Of a number with its country's prefix. +1 and +7 are several countries' and say nothing.
pub(super) fn of_phone(phone: &str) -> Option<String> {
    let number = phone.trim();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = if number.starts_with('+') {
        &digits
    } else {
        digits.strip_prefix("00")?
    };
    let found = PREFIXES.iter().find(|(prefix, _)| digits.starts_with(prefix));
    found.map(|(_, code)| (*code).to_owned())
}

fn is_code(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    CODES.split(' ').any(|code| code == upper)
}

/// ISO 3166-1 alpha-2.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA \
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI \
    GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA \
    PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH \
    TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

const NAMES: &[(&str, &[&str])] = &[
    ("AT", &["austria", "österreich", "autriche"]),
    ("AU", &["australia"]),
    ("BE", &["belgium", "belgique", "belgië", "belgien"]),
    ("BR", &["brazil", "brasil"]),
    ("CA", &["canada", "can"]),
    ("CH", &["switzerland", "schweiz", "suisse", "svizzera", "che"]),
    ("CN", &["china"]),
    ("CZ", &["czechia", "czech republic", "česko"]),
    ("DE", &["germany", "deutschland", "allemagne", "alemania", "deu"]),
    ("DK", &["denmark", "danmark"]),
    ("ES", &["spain", "españa", "espagne", "spanien", "esp"]),
    ("FI", &["finland", "suomi"]),
    ("FR", &["france", "frankreich", "francia", "fra"]),
    (
        "GB",
        &[
            "united kingdom",
            "great britain",
            "england",
            "scotland",
            "wales",
            "gbr",
            "vereinigtes königreich",
            "royaume-uni",
        ],
    ),
    ("IE", &["ireland"]),
    ("IN", &["india"]),
    ("IT", &["italy", "italia", "italien", "ita"]),
    ("JP", &["japan"]),
    ("LU", &["luxembourg", "luxemburg"]),
    ("MX", &["mexico", "méxico"]),
    (
        "NL",
        &[
            "netherlands",
            "the netherlands",
            "nederland",
            "niederlande",
            "nld",
        ],
    ),
    ("NO", &["norway", "norge"]),
    ("NZ", &["new zealand"]),
    ("PL", &["poland", "polska", "polen"]),
    ("PT", &["portugal"]),
    ("SE", &["sweden", "sverige", "schweden"]),
    ("SG", &["singapore"]),
    (
        "US",
        &[
            "united states",
            "united states of america",
            "usa",
            "u.s.a.",
            "u.s.",
        ],
    ),
    ("ZA", &["south africa"]),
];

/// Longer prefixes first.
const PREFIXES: &[(&str, &str)] = &[
    ("212", "MA"),
    ("213", "DZ"),
    ("216", "TN"),
    ("234", "NG"),
    ("254", "KE"),
    ("351", "PT"),
    ("352", "LU"),
    ("353", "IE"),
    ("354", "IS"),
    ("356", "MT"),
    ("357", "CY"),
    ("358", "FI"),
    ("359", "BG"),
    ("370", "LT"),
    ("371", "LV"),
    ("372", "EE"),
    ("380", "UA"),
    ("381", "RS"),
    ("385", "HR"),
    ("386", "SI"),
    ("420", "CZ"),
    ("421", "SK"),
    ("423", "LI"),
    ("852", "HK"),
    ("886", "TW"),
    ("966", "SA"),
    ("971", "AE"),
    ("972", "IL"),
    ("20", "EG"),
    ("27", "ZA"),
    ("30", "GR"),
    ("31", "NL"),
    ("32", "BE"),
    ("33", "FR"),
    ("34", "ES"),
    ("36", "HU"),
    ("39", "IT"),
    ("40", "RO"),
    ("41", "CH"),
    ("43", "AT"),
    ("44", "GB"),
    ("45", "DK"),
    ("46", "SE"),
    ("47", "NO"),
    ("48", "PL"),
    ("49", "DE"),
    ("51", "PE"),
    ("52", "MX"),
    ("54", "AR"),
    ("55", "BR"),
    ("56", "CL"),
    ("57", "CO"),
    ("60", "MY"),
    ("61", "AU"),
    ("62", "ID"),
    ("63", "PH"),
    ("64", "NZ"),
    ("65", "SG"),
    ("66", "TH"),
    ("81", "JP"),
    ("82", "KR"),
    ("84", "VN"),
    ("86", "CN"),
    ("90", "TR"),
    ("91", "IN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_many_signs() {
        for (domain, code) in [
            ("example.de", Some("DE")),
            ("example.co.uk", Some("GB")),
            ("example.com", None),
            ("example.io", None),
            ("example.zz", None),
            ("", None),
        ] {
            assert_eq!(of_domain(domain).as_deref(), code, "{domain}");
        }
        for (text, code) in [
            ("DE", Some("DE")),
            (" de ", Some("DE")),
            ("UK", Some("GB")),
            ("Deutschland", Some("DE")),
            ("ZZ", None),
            ("Atlantis", None),
            ("", None),
        ] {
            assert_eq!(of_text(text).as_deref(), code, "{text}");
        }
        for (phone, code) in [
            ("+49 30 1234", Some("DE")),
            ("0049 (30) 1234", Some("DE")),
            ("+352 1", Some("LU")),
            ("030 1234", None),
            ("+1 555 0100", None),
            ("", None),
        ] {
            assert_eq!(of_phone(phone).as_deref(), code, "{phone}");
        }
    }
}
