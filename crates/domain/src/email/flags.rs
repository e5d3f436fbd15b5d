//! What an address itself tells about who reads it. Nothing is looked up, and nothing is refused because of it.

use super::{EmailAddress, is_disposable, is_role};

crate::text_enum::text_enum! {
    /// Something to know about an address.
    AddressFlag {
        /// Of a service that gives addresses away for an hour.
        Disposable => "disposable",
        /// Of a function (`info@`, `sales@`), not of one person (RFC 2142).
        Role => "role",
    }
}

/// Programs that answer, and addresses whose mail nobody reads: an answer to them can start a loop (RFC 3834, section 2).
const PROGRAMS: [&str; 10] = [
    "autoreply",
    "bounce",
    "bounces",
    "do-not-reply",
    "donotreply",
    "listserv",
    "mailer-daemon",
    "majordomo",
    "no-reply",
    "noreply",
];

/// Everything that is to be said about an address.
pub fn flags(address: &EmailAddress) -> Vec<AddressFlag> {
    let (local, domain) = parts(address);
    let disposable = is_disposable(&domain);
    let role = is_role(&local) || is_program(&local);
    [(disposable, AddressFlag::Disposable), (role, AddressFlag::Role)]
        .into_iter()
        .filter_map(|(is, flag)| is.then_some(flag))
        .collect()
}

/// In lower case, and without what follows a `+`.
fn parts(address: &EmailAddress) -> (String, String) {
    let key = address.key();
    let (local, domain) = key.rsplit_once('@').unwrap_or((&key, ""));
    let local = local.split('+').next().unwrap_or_default();
    (local.to_owned(), domain.to_owned())
}

fn is_program(local: &str) -> bool {
    PROGRAMS.contains(&local)
        || local == "postmaster"
        || local == "root"
        || local.starts_with("owner-")
        || local.ends_with("-request")
        || local.starts_with("bounce-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Vec<AddressFlag> {
        flags(&address.parse().unwrap())
    }

    #[test]
    fn services_and_functions_are_told_from_people() {
        for address in ["a@mailinator.com", "a@eu.Mailinator.COM", "a@yopmail.com"] {
            assert_eq!(of(address), [AddressFlag::Disposable], "{address}");
        }
        for address in [
            "INFO@x.example",
            "sales+fair@x.example",
            "MAILER-DAEMON@x.example",
            "list-request@x.example",
        ] {
            assert_eq!(of(address), [AddressFlag::Role], "{address}");
        }
        for address in [
            "ada@mymailinator.example",
            "information@x.example",
            "ada.info@x.example",
            "mailinator.com@x.example",
        ] {
            assert_eq!(of(address), [], "{address}");
        }
        assert_eq!(
            of("info@yopmail.com"),
            [AddressFlag::Disposable, AddressFlag::Role]
        );
    }
}
