//! Codes in what a server said.

use regex::Regex;
use std::sync::LazyLock;

static IP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b\d{1,3}(?:\.\d{1,3}){3}\b").ok());
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[245]\.[0-7]\.\d{1,3}").ok());

/// The enhanced status code (RFC 3463) that says most, of those that begin like `class` if that is a digit.
pub(super) fn status_in(text: &str, class: &str) -> Option<String> {
    let text = IP.as_ref()?.replace_all(text, "***");
    let class = class
        .chars()
        .next()
        .filter(|first| matches!(first, '2' | '4' | '5'));
    let mut vague = None;
    let mut best: Option<String> = None;
    for found in STATUS.as_ref()?.find_iter(&text) {
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        let alone = !before
            .is_some_and(|sign| sign.is_ascii_digit() || matches!(sign, '.' | '-' | '/' | 'v' | 'V'))
            && !after.is_some_and(|sign| sign.is_ascii_digit());
        let code = found.as_str();
        if !alone || class.is_some_and(|class| !code.starts_with(class)) {
            continue;
        }
        if code[1..] == *".0.0" || code == "4.4.7" {
            vague = Some(code.to_owned());
        } else {
            best = Some(match best {
                Some(known) => preferred(&known, code, ""),
                None => code.to_owned(),
            });
        }
    }
    match (best, vague) {
        (Some(best), Some(vague)) => Some(preferred(&best, &vague, "")),
        (best, vague) => best.or(vague),
    }
}

/// Which of two status codes tells more; the reply decides if they are of different classes.
pub(super) fn preferred(field: &str, said: &str, reply: &str) -> String {
    let choose = |one: &str| one.to_owned();
    if field.len() < 5 {
        return choose(if said.is_empty() { field } else { said });
    }
    if said.len() < 5 || field == said {
        return choose(field);
    }
    if let Some(class) = reply.get(..1)
        && field[..1] != said[..1]
    {
        if field.starts_with(class) {
            return choose(field);
        }
        if said.starts_with(class) {
            return choose(said);
        }
    }
    let (nothing, something) = (
        |code: &str| code.contains(".0.0"),
        |code: &str| !code.contains(".0"),
    );
    if nothing(field) {
        return choose(if nothing(said) { field } else { said });
    }
    if !something(field) && something(said) {
        return choose(said);
    }
    if nothing(said) {
        return choose(field);
    }
    let syntax = field[1..].starts_with(".5.") && field[4..].starts_with(['1', '2', '4', '5']);
    if matches!(field, "4.4.7" | "4.7.0") || field.starts_with("5.3.") || syntax {
        return choose(said);
    }
    match field {
        "5.1.1" if something(said) && !said.starts_with("5.5.") => choose(said),
        "5.1.3" if said.starts_with("5.7.") => choose(said),
        _ => choose(field),
    }
}

/// The replies of SMTP and its extensions, by class, the most telling first.
const REPLIES: [(char, &[&str]); 3] = [
    (
        '5',
        &[
            "550", "552", "553", "551", "521", "525", "502", "520", "523", "524", "530", "533", "534", "535",
            "538", "555", "556", "554", "557", "500", "501", "503", "504",
        ],
    ),
    (
        '4',
        &[
            "421", "450", "451", "452", "422", "430", "432", "453", "454", "455", "456", "458", "459",
        ],
    ),
    (
        '2',
        &["211", "214", "220", "221", "235", "250", "251", "252", "253"],
    ),
];

/// The reply of SMTP in a text, of the class of a status if that is known.
pub(super) fn reply_in(text: &str, status: &str) -> Option<&'static str> {
    if text.to_ascii_lowercase().contains("x-unix") {
        return None;
    }
    let class = status
        .chars()
        .next()
        .filter(|first| matches!(first, '2' | '4' | '5'));
    REPLIES
        .iter()
        .filter(|(own, _)| class.is_none_or(|class| class == *own))
        .flat_map(|(_, codes)| *codes)
        .find(|code| {
            text.match_indices(**code).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                let after = text[at + 3..].chars().next();
                !before.is_some_and(|sign| sign.is_ascii_digit() || matches!(sign, '.' | '-' | '/'))
                    && !after.is_some_and(|sign| sign.is_ascii_digit() || matches!(sign, '.' | '/'))
            })
        })
        .copied()
}

crate::text_enum::text_enum! {
    /// Which command of SMTP was answered.
    Command {
        Connection => "connection",
        Hello => "hello",
        StartTls => "starttls",
        Mail => "mail",
        Rcpt => "rcpt",
        Data => "data",
    }
}

impl Command {
    /// Before the content was sent: no filter of contents can have spoken.
    pub fn is_early(self) -> bool {
        !matches!(self, Self::Data | Self::StartTls)
    }

    fn of(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "initial" | "initial connection" => Self::Connection,
            "ehlo" | "helo" => Self::Hello,
            "starttls" => Self::StartTls,
            "mail" => Self::Mail,
            "rcpt" | "does not like recipient" => Self::Rcpt,
            "data" | "end of data" => Self::Data,
            _ => return None,
        })
    }
}

/// How servers name the command, the surest way first.
const NAMED: [&str; 7] = [
    r"(?i)in reply to (?:end of )?(RCPT|MAIL|DATA|EHLO|HELO|STARTTLS)",
    r"(?i)after (?:end of )?(RCPT|MAIL|DATA|EHLO|HELO|initial|end of data)",
    r"(?i)\[(RCPT)_TO\]",
    r"(?i)did not like our (RCPT|MAIL|DATA)",
    r"(?i)(?:smtp:|was |for )(RCPT)\b",
    r"(?i)(does not like recipient)",
    r"(?i)(end of data|initial connection)",
];

static COMMANDS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    NAMED
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .collect()
});
static TRANSCRIPT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)>>> ?(RCPT|MAIL|DATA|EHLO|HELO)\b").ok());

/// The command that a text speaks of, or the last one of a transcript.
pub(super) fn command_in(text: &str) -> Option<Command> {
    let named = COMMANDS.iter().find_map(|pattern| pattern.captures(text));
    let found = named.or_else(|| TRANSCRIPT.as_ref()?.captures_iter(text).last())?;
    Command::of(&found[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_where_they_stand_alone() {
        assert_eq!(
            status_in("550 5.1.1 <a@b.example>: unknown", ""),
            Some("5.1.1".into())
        );
        assert_eq!(status_in("host 10.5.1.1[10.5.1.1] said v5.1.1", ""), None);
        assert_eq!(status_in("5.0.0, that is 5.2.2", ""), Some("5.2.2".into()));
        assert_eq!(status_in("5.2.2 4.2.2", "4"), Some("4.2.2".into()));
        assert_eq!(reply_in("said: 550-5.1.1 no", "5.1.1"), Some("550"));
        assert_eq!(reply_in("host[192.0.2.550] 421 later", ""), Some("421"));
        assert_eq!(reply_in("at 12.550 or 1550", ""), None);
        assert_eq!(command_in("(in reply to RCPT TO command)"), Some(Command::Rcpt));
        assert_eq!(
            command_in(">>> MAIL From:<a>\n<<< 250\n>>> DATA\n<<< 554"),
            Some(Command::Data)
        );
        assert_eq!(command_in("rejected after end of data"), Some(Command::Data));
        assert_eq!(command_in("nothing"), None);
    }

    #[test]
    fn the_code_that_says_more_is_preferred() {
        for (field, said, reply, best) in [
            ("5.0.0", "5.1.1", "", "5.1.1"),
            ("5.1.1", "5.0.0", "", "5.1.1"),
            ("4.4.7", "4.2.2", "", "4.2.2"),
            ("5.1.1", "5.7.1", "", "5.7.1"),
            ("5.1.1", "4.2.2", "450", "4.2.2"),
            ("", "5.1.1", "", "5.1.1"),
            ("5.2.2", "", "", "5.2.2"),
        ] {
            assert_eq!(preferred(field, said, reply), best, "{field} {said}");
        }
    }
}
