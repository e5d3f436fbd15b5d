//! Who may send for a domain (RFC 7208). Only the text: looking up what it leads to is done by the use-case.

/// More terms that ask the DNS make receivers give up (section 4.6.4).
pub const MOST_LOOKUPS: usize = 10;

/// One term of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpfTerm {
    /// Leads to another record.
    Include(String),
    /// Leads to another record if nothing matched.
    Redirect(String),
    /// `a`, `mx`, `ptr`, `exists`: asks the DNS.
    Asks,
    /// `all`, with its qualifier: `+`, `-`, `~` or `?`.
    All(char),
    /// `ip4`, `ip6`, or a modifier that means nothing here.
    Still,
}

/// A record, term by term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spf {
    /// As they are written, in lower case.
    pub texts: Vec<String>,
    pub terms: Vec<SpfTerm>,
}

impl Spf {
    /// Whether a TXT record is one of SPF.
    pub fn is_one(text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        text == "v=spf1" || text.starts_with("v=spf1 ")
    }

    /// Reads a record; a sentence names the first term that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut spf = Self {
            texts: Vec::new(),
            terms: Vec::new(),
        };
        for term in text.split_ascii_whitespace().skip(1) {
            let term = term.to_ascii_lowercase();
            let known = read(&term).ok_or_else(|| format!("the term `{term}` is not known"))?;
            spf.terms.push(known);
            spf.texts.push(term);
        }
        Ok(spf)
    }

    /// How many of its own terms ask the DNS.
    pub fn lookups(&self) -> usize {
        let asks =
            |term: &&SpfTerm| matches!(term, SpfTerm::Include(_) | SpfTerm::Redirect(_) | SpfTerm::Asks);
        self.terms.iter().filter(asks).count()
    }

    /// The qualifier of its `all`.
    pub fn all(&self) -> Option<char> {
        self.terms.iter().find_map(|term| match term {
            SpfTerm::All(qualifier) => Some(*qualifier),
            _ => None,
        })
    }

    /// The records that it leads to.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match term {
            SpfTerm::Include(name) | SpfTerm::Redirect(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it has this mechanism, however it is qualified positively.
    pub fn has(&self, mechanism: &str) -> bool {
        let wanted = mechanism.to_ascii_lowercase();
        self.texts
            .iter()
            .any(|text| text.strip_prefix('+').unwrap_or(text) == wanted)
    }
}

fn read(term: &str) -> Option<SpfTerm> {
    if let Some((name, value)) = term.split_once('=') {
        return match name {
            "redirect" => Some(SpfTerm::Redirect(value.into())),
            // Unknown modifiers are to be ignored (section 6).
            _ => Some(SpfTerm::Still),
        };
    }
    let (qualifier, mechanism) = match term.chars().next()? {
        sign @ ('+' | '-' | '~' | '?') => (sign, &term[1..]),
        _ => ('+', term),
    };
    let name = mechanism.split([':', '/']).next()?;
    let value = mechanism.split_once(':').map(|(_, value)| value);
    match (name, value) {
        ("all", None) => Some(SpfTerm::All(qualifier)),
        ("include", Some(domain)) if !domain.is_empty() => Some(SpfTerm::Include(domain.into())),
        ("a" | "mx" | "ptr", _) | ("exists", Some(_)) => Some(SpfTerm::Asks),
        ("ip4" | "ip6", Some(_)) => Some(SpfTerm::Still),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_told_apart() {
        let spf = Spf::parse("v=spf1 ip4:192.0.2.0/24 Include:_spf.example.com a mx/24 -exists:%{i}.x.example exp=e.example ~all")
            .unwrap();
        assert_eq!((spf.lookups(), spf.all()), (4, Some('~')));
        assert_eq!(spf.others().collect::<Vec<_>>(), ["_spf.example.com"]);
        assert!(spf.has("include:_SPF.example.com") && !spf.has("include:example.com"));
        assert_eq!(Spf::parse("v=spf1 +all").unwrap().all(), Some('+'));
        assert_eq!(Spf::parse("v=spf1 all").unwrap().all(), Some('+'));
        let redirected = Spf::parse("v=spf1 redirect=_spf.example.com").unwrap();
        assert_eq!(redirected.others().collect::<Vec<_>>(), ["_spf.example.com"]);
        for wrong in [
            "v=spf1 ipv4:192.0.2.1",
            "v=spf1 include:",
            "v=spf1 all:x",
            "v=spf1 192.0.2.1",
        ] {
            assert!(Spf::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Spf::is_one("V=spf1") && Spf::is_one("v=spf1 -all"));
        assert!(!Spf::is_one("v=spf10 -all") && !Spf::is_one("spf2.0/pra"));
    }
}
