//! Which addresses are probably one mailbox: to propose duplicates, never to send to and never as a key that must be unique.
//!
//! Everywhere: lower case, the domain in ASCII, and what follows a `+` is dropped (sub-addressing, RFC 5233, as most servers
//! have it). What a provider does beyond that stands in the table, each with the provider's own page.

use super::EmailAddress;

/// What a provider makes of the part before the @.
struct Provider {
    /// The first one stands for all of them.
    domains: &'static [&'static str],
    /// Signs that start a tag, besides `+`.
    tag: Option<char>,
    /// Signs that mean nothing.
    ignored: &'static [char],
    /// Signs that mean the same: the first one stands for all of them.
    alike: &'static [char],
}

const PROVIDERS: &[Provider] = &[
    // support.google.com/mail/answer/7436150: dots don't matter; googlemail.com and gmail.com are one.
    Provider {
        domains: &["gmail.com", "googlemail.com"],
        tag: None,
        ignored: &['.'],
        alike: &[],
    },
    // learn.microsoft.com/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online: only the plus. Each
    // domain is a mailbox of its own, so they are not in the table.
    // help.yahoo.com/kb/SLN28815.html: disposable addresses are a base name, a hyphen and a keyword.
    Provider {
        domains: &["yahoo.com"],
        tag: Some('-'),
        ignored: &[],
        alike: &[],
    },
    Provider {
        domains: &["ymail.com"],
        tag: Some('-'),
        ignored: &[],
        alike: &[],
    },
    Provider {
        domains: &["rocketmail.com"],
        tag: Some('-'),
        ignored: &[],
        alike: &[],
    },
    // support.apple.com/en-us/111759: an account with @me.com or @mac.com has the same name @icloud.com.
    Provider {
        domains: &["icloud.com", "me.com", "mac.com"],
        tag: None,
        ignored: &[],
        alike: &[],
    },
    // proton.me/support/addresses-and-aliases: dots, hyphens and underscores are ignored; the domains belong together.
    Provider {
        domains: &["proton.me", "protonmail.com", "pm.me", "protonmail.ch"],
        tag: None,
        ignored: &['.', '-', '_'],
        alike: &[],
    },
    // yandex.com/support/id/en/authorization: a login's dots and hyphens are interchangeable, and its domains one mailbox.
    Provider {
        domains: &["yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz"],
        tag: None,
        ignored: &[],
        alike: &['.', '-'],
    },
];

/// fastmail.help, "Plus addressing and subdomain addressing": `tag@user.fastmail.com` is `user@fastmail.com`.
const SUBDOMAINS: &[&str] = &["fastmail.com", "fastmail.fm"];

/// Equal for addresses that are probably one mailbox.
pub fn match_key(address: &EmailAddress) -> String {
    let key = address.key();
    let Some((local, domain)) = key.rsplit_once('@') else {
        return key;
    };
    for base in SUBDOMAINS {
        if let Some(user) = domain.strip_suffix(base).and_then(|rest| rest.strip_suffix('.'))
            && !user.contains('.')
        {
            return format!("{user}@{base}");
        }
    }
    let provider = PROVIDERS
        .iter()
        .find(|provider| provider.domains.contains(&domain));
    let name = before(local, '+');
    let Some(provider) = provider else {
        return format!("{name}@{domain}");
    };
    let name = provider.tag.map_or(name, |sign| before(name, sign));
    let mut bare = name.replace(provider.ignored, "");
    if let Some(first) = provider.alike.first() {
        bare = bare.replace(provider.alike, &first.to_string());
    }
    let name = if bare.is_empty() { name } else { &bare };
    format!("{name}@{}", provider.domains.first().unwrap_or(&domain))
}

/// What comes before the sign; all of it when that would be nothing.
fn before(local: &str, sign: char) -> &str {
    match local.split_once(sign) {
        Some((name, _)) if !name.is_empty() => name,
        _ => local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_mailbox_match() {
        for (address, key) in [
            ("Ada.Lovelace+news@Gmail.com", "adalovelace@gmail.com"),
            ("adalovelace@googlemail.com", "adalovelace@gmail.com"),
            ("ada.lovelace+x@outlook.com", "ada.lovelace@outlook.com"),
            ("ada-shop@yahoo.com", "ada@yahoo.com"),
            ("ada-shop@example.com", "ada-shop@example.com"),
            ("ada@me.com", "ada@icloud.com"),
            ("a.d-a@pm.me", "ada@proton.me"),
            ("a-da+1@ya.ru", "a.da@yandex.ru"),
            ("a.da@yandex.com", "a.da@yandex.ru"),
            ("shop@ada.fastmail.com", "ada@fastmail.com"),
            ("ada+shop@fastmail.com", "ada@fastmail.com"),
            ("ada+a+b@Bücher.example", "ada@xn--bcher-kva.example"),
            ("+ada@example.com", "+ada@example.com"),
        ] {
            assert_eq!(match_key(&address.parse().unwrap()), key, "{address}");
        }
    }

    #[test]
    fn other_people_do_not_match() {
        for (one, other) in [
            ("ada.lovelace@example.com", "adalovelace@example.com"),
            ("ada@outlook.com", "ada@hotmail.com"),
            ("ada@yahoo.com", "ada@ymail.com"),
            ("a-da@ya.ru", "ada@ya.ru"),
        ] {
            assert_ne!(
                match_key(&one.parse().unwrap()),
                match_key(&other.parse().unwrap())
            );
        }
    }
}
