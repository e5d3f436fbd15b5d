//! What people read their mail on, as far as their programs say.

crate::text_enum::text_enum! {
    Device {
        Desktop => "desktop",
        Phone => "phone",
        Tablet => "tablet",
        /// Behind the proxy of a mail provider, which hides it.
        Webmail => "webmail",
        Unknown => "unknown",
    }
}

/// In this order: Android tablets call themselves Android, and leave out `Mobile`.
const SIGNS: [(&str, Device); 12] = [
    ("GoogleImageProxy", Device::Webmail),
    ("YahooMailProxy", Device::Webmail),
    ("iPad", Device::Tablet),
    ("Tablet", Device::Tablet),
    ("iPhone", Device::Phone),
    ("Outlook-iOS", Device::Phone),
    ("Mobile", Device::Phone),
    ("Android", Device::Tablet),
    ("Windows", Device::Desktop),
    ("Macintosh", Device::Desktop),
    ("Linux", Device::Desktop),
    ("CrOS", Device::Desktop),
];

impl Device {
    pub fn of(user_agent: &str) -> Self {
        SIGNS
            .iter()
            .find(|(sign, _)| user_agent.contains(sign))
            .map_or(Self::Unknown, |(_, device)| *device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_say_what_they_run_on() {
        for (user_agent, device) in [
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S931B) Chrome/137.0.0.0 Mobile Safari/537.36",
                Device::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X710) Chrome/137.0.0.0 Safari/537.36",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) Mobile/15E148",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
                Device::Webmail,
            ),
            ("Mail/2", Device::Unknown),
            ("", Device::Unknown),
        ] {
            assert_eq!(Device::of(user_agent), device, "{user_agent}");
        }
    }
}
