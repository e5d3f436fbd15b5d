//! What a site's robots.txt allows us: RFC 9309, read as Google's open-source parser does where the RFC leaves room.
//!
//! A file is read for one product token, and what remains is the group that counts for it, so that a cached one is small.
//! `Crawl-delay` is no part of the RFC and is not read.

use url::Url;

/// Longest line that is read, in bytes; what is beyond is left out.
const LONGEST_LINE: usize = 2083 * 8 - 1;
const TYPOS: [&str; 5] = ["dissallow", "dissalow", "disalow", "diasllow", "disallaw"];

/// The rules for us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Robots {
    rules: Vec<Rule>,
    sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: Vec<u8>,
}

impl Robots {
    /// Most bytes of a file that are worth reading: what RFC 9309, section 2.5 asks for.
    pub const MAX_BYTES: usize = 500 * 1024;

    /// Everything is allowed: there is no file.
    pub fn allowing_all() -> Self {
        Self::default()
    }

    /// Any bytes are a file; lines that make no sense are passed over.
    pub fn parse(file: &[u8], product_token: &str) -> Self {
        let mut reader = Reader::new(product_token);
        for line in lines(without_bom(file)) {
            if let Some((key, value)) = key_and_value(line) {
                reader.read(key, value);
            }
        }
        reader.finish()
    }

    /// Whether we may ask for this address.
    pub fn allows(&self, url: &Url) -> bool {
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path.push('?');
            path.push_str(query);
        }
        self.allows_path(path.as_bytes())
    }

    /// Addresses that the file names as sitemaps, as they are written.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// The longest rule that matches decides; of two equal ones the one that allows.
    fn allows_path(&self, path: &[u8]) -> bool {
        let longest = |allow: bool| {
            let of_kind = self.rules.iter().filter(|rule| rule.allow == allow);
            of_kind
                .filter(|rule| matches(path, &rule.pattern))
                .map(|rule| rule.pattern.len())
                .max()
                .unwrap_or(0)
        };
        longest(true) >= longest(false)
    }
}

/// Skips as much of a byte order mark as there is.
fn without_bom(file: &[u8]) -> &[u8] {
    let mark = [0xef, 0xbb, 0xbf];
    let there = file.iter().zip(mark).take_while(|(byte, mark)| **byte == *mark);
    &file[there.count()..]
}

/// Lines that end in LF, CR or both. An empty line between CR and LF means nothing, as all empty lines do.
fn lines(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    file.split(|byte| matches!(byte, b'\n' | b'\r')).map(|line| {
        let line = &line[..line.len().min(LONGEST_LINE)];
        let end = line.iter().position(|byte| matches!(byte, b'#' | 0));
        line[..end.unwrap_or(line.len())].trim_ascii()
    })
}

/// `key: value`; a blank does for a forgotten colon when there are exactly two words.
fn key_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let separator = if let Some(colon) = line.iter().position(|byte| *byte == b':') {
        colon
    } else {
        let blank = line.iter().position(is_blank)?;
        if line[blank..].trim_ascii().iter().any(is_blank) {
            return None;
        }
        blank
    };
    let key = line[..separator].trim_ascii();
    (!key.is_empty()).then(|| (key, line[separator + 1..].trim_ascii()))
}

fn starts_with(text: &[u8], word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// Collects rules while the lines go by.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the states of RFC 9309's grammar, each independent of the others"
)]
struct Reader<'a> {
    token: &'a str,
    /// The present group names us.
    ours: bool,
    /// The present group is for everybody.
    global: bool,
    /// A rule came since the last user agent: the next one begins a group.
    closed: bool,
    ever_ours: bool,
    for_us: Vec<Rule>,
    for_all: Vec<Rule>,
    sitemaps: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(token: &'a str) -> Self {
        Self {
            token,
            ours: false,
            global: false,
            closed: false,
            ever_ours: false,
            for_us: Vec::new(),
            for_all: Vec::new(),
            sitemaps: Vec::new(),
        }
    }

    fn read(&mut self, key: &[u8], value: &[u8]) {
        if ["user-agent", "useragent", "user agent"]
            .iter()
            .any(|word| starts_with(key, word))
        {
            self.user_agent(value);
        } else if starts_with(key, "allow") {
            self.rule(true, value);
        } else if starts_with(key, "disallow") || TYPOS.iter().any(|word| starts_with(key, word)) {
            self.rule(false, value);
        } else if starts_with(key, "sitemap") || starts_with(key, "site-map") {
            self.sitemaps.push(String::from_utf8_lossy(value).into_owned());
        }
    }

    fn user_agent(&mut self, value: &[u8]) {
        if self.closed {
            (self.ours, self.global, self.closed) = (false, false, false);
        }
        let rest = value.strip_prefix(b"*");
        if rest.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace)) {
            self.global = true;
            return;
        }
        let is_token = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
        let end = value.iter().position(|byte| !is_token(byte));
        let token = &value[..end.unwrap_or(value.len())];
        if token.eq_ignore_ascii_case(self.token.as_bytes()) {
            (self.ours, self.ever_ours) = (true, true);
        }
    }

    fn rule(&mut self, allow: bool, value: &[u8]) {
        if !self.ours && !self.global {
            return;
        }
        self.closed = true;
        let pattern = escaped(value);
        let rules = if self.ours {
            &mut self.for_us
        } else {
            &mut self.for_all
        };
        if allow && let Some(folder) = folder_of_index(&pattern) {
            rules.push(Rule {
                allow,
                pattern: folder,
            });
        }
        rules.push(Rule { allow, pattern });
    }

    /// A group that names us counts alone, even when it has no rules.
    fn finish(self) -> Robots {
        let rules = if self.ever_ours { self.for_us } else { self.for_all };
        Robots {
            rules,
            sitemaps: self.sitemaps,
        }
    }
}

/// `/folder/index.html` is allowed, so `/folder/` is: a page and its folder are one.
fn folder_of_index(pattern: &[u8]) -> Option<Vec<u8>> {
    let slash = pattern.iter().rposition(|byte| *byte == b'/')?;
    pattern[slash..].starts_with(b"/index.htm").then(|| {
        let mut folder = pattern[..=slash].to_vec();
        folder.push(b'$');
        folder
    })
}

/// Escapes in upper case, and bytes beyond ASCII escaped: as addresses are written.
fn escaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, behind @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.extend([b'%', high.to_ascii_uppercase(), low.to_ascii_uppercase()]);
                rest = behind;
            }
            (0x80.., _) => out.extend(format!("%{byte:02X}").bytes()),
            _ => out.push(byte),
        }
    }
    out
}

/// `*` is anything, `$` at the end is the end, and without it a pattern is a prefix. Parts between stars are looked for from left
/// to right, which finds a match if there is one.
fn matches(path: &[u8], pattern: &[u8]) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix(b"$") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !to_the_end || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if to_the_end && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        if part.is_empty() {
            continue;
        }
        let Some(at) = rest.windows(part.len()).position(|window| window == part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
#[path = "robots_tests.rs"]
mod tests;
