//! Links and pictures, of all branches of a template.

use super::place::Places;
use crate::template::StandIns;
use groundswell_domain::Position;
use groundswell_domain::email::{Finding, LintRule};
use lol_html::{RewriteStrSettings, element, rewrite_str};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use url::Url;

/// What a template leads to and shows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub links: Vec<String>,
    pub images: Vec<Image>,
    pub has_unsubscribe: bool,
    pub has_language: bool,
    pub has_color_scheme: bool,
}

#[derive(Debug)]
pub(super) struct Image {
    pub source: String,
    pub has_alt: bool,
}

const SCHEMES: [&str; 5] = ["https", "http", "mailto", "tel", "sms"];

/// Hosts that nobody owns (RFC 2606), and those that authors of templates forget to replace.
const PLACEHOLDERS: [&str; 12] = [
    "example.com",
    "example.org",
    "example.net",
    "localhost",
    "127.0.0.1",
    "yourdomain.com",
    "your-domain.com",
    "yoursite.com",
    "yourcompany.com",
    "domain.com",
    "website.com",
    "link.com",
];

/// Reads a template whose tags are stand-ins; they come back in the values.
pub(super) fn read(made: &StandIns) -> Seen {
    let seen = RefCell::new(Seen::default());
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("a[href], area[href]", |link| {
            let target = made.put_back(link.get_attribute("href").unwrap_or_default().trim());
            let mut seen = seen.borrow_mut();
            seen.has_unsubscribe |= target.contains("unsubscribe_url");
            seen.links.push(target);
            Ok(())
        }))
        .append_element_content_handler(element!("img", |image| {
            let source = made.put_back(image.get_attribute("src").unwrap_or_default().trim());
            let has_alt = image.has_attribute("alt");
            seen.borrow_mut().images.push(Image { source, has_alt });
            Ok(())
        }))
        .append_element_content_handler(element!("html[lang]", |html| {
            let language = html.get_attribute("lang").unwrap_or_default();
            seen.borrow_mut().has_language = !matches!(language.trim(), "" | "und");
            Ok(())
        }))
        .append_element_content_handler(element!("meta[name]", |meta| {
            let name = meta.get_attribute("name").unwrap_or_default();
            if name.eq_ignore_ascii_case("color-scheme") {
                seen.borrow_mut().has_color_scheme = true;
            }
            Ok(())
        }));
    // A page that can't be read to its end is judged by what could be read.
    drop(rewrite_str(&made.shown, settings));
    seen.into_inner()
}

/// Findings of one rule that are told one by one. Of each rule some are told, however many there are of others: an error must not hide
/// behind a hundred warnings.
const MOST: usize = 50;

/// What was found so far.
#[derive(Default)]
struct Told {
    findings: Vec<Finding>,
    counts: BTreeMap<LintRule, usize>,
}

impl Told {
    fn add(&mut self, rule: LintRule, message: String, place: impl FnOnce() -> Option<Position>) {
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count <= MOST {
            self.findings
                .push(Finding::new(rule, "html", message).at(place()));
        }
    }

    fn all(mut self) -> Vec<Finding> {
        for (rule, count) in self.counts {
            if let Some(more) = count.checked_sub(MOST).filter(|more| *more > 0) {
                let message = format!("and {more} more like the {MOST} that are told");
                self.findings.push(Finding::new(rule, "html", message));
            }
        }
        self.findings
    }
}

pub(super) fn check(seen: &Seen, places: &Places<'_>) -> Vec<Finding> {
    let mut told = Told::default();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for link in &seen.links {
        let nth = counts.entry(link).or_default();
        if let Some((rule, message)) = judge(link) {
            told.add(rule, message, || places.nth(link, *nth));
        }
        *nth += 1;
    }
    for image in &seen.images {
        let nth = counts.entry(&image.source).or_default();
        let place = || places.nth(&image.source, *nth);
        if !image.has_alt {
            let message = format!(
                "the picture {} has no `alt`: say in it what the picture shows, or leave it empty for mere decoration",
                named(&image.source)
            );
            told.add(LintRule::ImageWithoutAlt, message, place);
        }
        if let Some((rule, message)) = judge_image(&image.source) {
            told.add(rule, message, place);
        }
        *nth += 1;
    }
    told.all()
}

/// Addresses that are the same for everybody, each once.
pub(super) fn addresses(seen: &Seen) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for link in &seen.links {
        if is_web(link) && !is_dynamic(link) && !all.contains(link) {
            all.push(link.clone());
        }
    }
    all
}

fn is_web(link: &str) -> bool {
    let link = link.to_ascii_lowercase();
    link.starts_with("https://") || link.starts_with("http://")
}

fn is_dynamic(link: &str) -> bool {
    link.contains("{{") || link.contains("{%")
}

fn named(source: &str) -> String {
    if source.is_empty() {
        "without a source".to_owned()
    } else {
        format!("`{source}`")
    }
}

fn judge(link: &str) -> Option<(LintRule, String)> {
    // An address that is filled in has been somebody else's concern.
    if link.starts_with("{{") || link.starts_with("{%") {
        return None;
    }
    if link.is_empty() || link == "#" {
        let message = "a link leads nowhere: give it an address, or take it away";
        return Some((LintRule::EmptyLink, message.to_owned()));
    }
    if link.starts_with('#') {
        return None;
    }
    let scheme = link
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_scheme = |text: &String| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    let Some(scheme) = scheme.filter(is_scheme) else {
        let message = format!("`{link}` is no whole address: in a mail it must start with https://");
        return Some((LintRule::RelativeLink, message));
    };
    if !SCHEMES.contains(&scheme.as_str()) {
        let message = format!("mail programs don't follow `{scheme}:` links: use https://, mailto: or tel:");
        return Some((LintRule::UnsafeLink, message));
    }
    if !is_web(link) {
        return None;
    }
    if !is_dynamic(link) {
        let Some(url) = Url::parse(link).ok().filter(Url::has_host) else {
            let message = format!("`{link}` can't be read as an address");
            return Some((LintRule::BrokenLink, message));
        };
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_start_matches("www.")
            .to_owned();
        if PLACEHOLDERS.contains(&host.as_str()) || host.ends_with(".invalid") || !host.contains(['.', ':']) {
            let message = format!("`{link}` is a placeholder: put the real address there");
            return Some((LintRule::PlaceholderLink, message));
        }
    }
    (scheme == "http").then(|| {
        let message = format!("`{link}` is not encrypted: use https://");
        (LintRule::InsecureLink, message)
    })
}

fn judge_image(source: &str) -> Option<(LintRule, String)> {
    if source.starts_with("{{") || source.starts_with("{%") {
        return None;
    }
    let lower = source.to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("cid:") {
        return None;
    }
    if lower.starts_with("http://") {
        let message = format!("the picture `{source}` is loaded without encryption: use https://");
        return Some((LintRule::InsecureImage, message));
    }
    let message = if source.is_empty() {
        "a picture has no source".to_owned()
    } else if lower.starts_with("data:") {
        "a picture is written into the mail (data:), which Gmail and Outlook don't show: host it at an https:// address".to_owned()
    } else {
        format!("the picture `{source}` has no whole address: it must start with https://")
    };
    Some((LintRule::ImageSource, message))
}
