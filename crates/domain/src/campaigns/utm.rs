//! Where visitors came from, said by the links of a campaign: the five `utm_` parameters that web analytics read, and so do our own forms.

use crate::validate::Problems;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use url::form_urlencoded::byte_serialize;

/// Longest parameter that is made from names.
const LONGEST: usize = 80;

/// What a campaign wants of its links. What is absent is made from names: see [`UtmPlan::tags`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UtmPlan {
    /// False leaves links as they are written.
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
}

fn yes() -> bool {
    true
}

impl Default for UtmPlan {
    fn default() -> Self {
        Self {
            enabled: true,
            source: None,
            medium: None,
            campaign: None,
            content: None,
            term: None,
        }
    }
}

/// Names that parameters are made from.
#[derive(Debug, Clone, Copy)]
pub struct UtmNames<'a> {
    pub organization: &'a str,
    pub client: Option<&'a str>,
    pub project: Option<&'a str>,
    pub campaign: &'a str,
}

impl UtmPlan {
    pub fn check(&mut self, problems: &mut Problems) {
        for (field, text) in [
            ("utm.source", &mut self.source),
            ("utm.medium", &mut self.medium),
            ("utm.campaign", &mut self.campaign),
            ("utm.content", &mut self.content),
            ("utm.term", &mut self.term),
        ] {
            *text = problems.optional_line(field, text.as_deref(), 200);
        }
    }

    /// The parameters, if links are to have any. The source is the client, or else the organization; the campaign has its project's
    /// name before its own.
    pub fn tags(&self, names: UtmNames<'_>) -> Option<UtmTags> {
        if !self.enabled {
            return None;
        }
        let or = |text: &Option<String>, made: String, last: &str| match text {
            Some(text) => text.clone(),
            None if made.is_empty() => last.to_owned(),
            None => made,
        };
        let project = names.project.map(slug).filter(|slug| !slug.is_empty());
        let campaign = match project {
            Some(project) => format!("{project}-{}", slug(names.campaign))
                .trim_end_matches('-')
                .to_owned(),
            None => slug(names.campaign),
        };
        Some(UtmTags {
            source: or(
                &self.source,
                slug(names.client.unwrap_or(names.organization)),
                "newsletter",
            ),
            medium: self.medium.clone().unwrap_or_else(|| "email".to_owned()),
            campaign: or(&self.campaign, campaign, "campaign"),
            content: self.content.clone(),
            term: self.term.clone(),
        })
    }
}

/// The parameters of a campaign's links, as they were at its launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UtmTags {
    pub source: String,
    pub medium: String,
    pub campaign: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
}

impl UtmTags {
    /// The address with the parameters at the end of its query. One that has any of its own is left alone, as its author knew better;
    /// nothing else of it changes.
    pub fn tag(&self, url: &str) -> String {
        let (address, fragment) = match url.split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (url, None),
        };
        let query = address.split_once('?').map(|(_, query)| query);
        let own = |part: &str| {
            part.get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("utm_"))
        };
        if query.is_some_and(|query| query.split(['&', ';']).any(own)) {
            return url.to_owned();
        }
        let mut tagged = address.to_owned();
        let mut before = match query {
            None => '?',
            Some(_) => '&',
        };
        if query.is_some_and(|query| query.is_empty() || query.ends_with('&')) {
            before = '\0';
        }
        for (name, value) in [
            ("source", Some(&self.source)),
            ("medium", Some(&self.medium)),
            ("campaign", Some(&self.campaign)),
            ("content", self.content.as_ref()),
            ("term", self.term.as_ref()),
        ] {
            let Some(value) = value else { continue };
            if before != '\0' {
                tagged.push(before);
            }
            before = '&';
            tagged.push_str("utm_");
            tagged.push_str(name);
            tagged.push('=');
            tagged.extend(byte_serialize(value.as_bytes()));
        }
        if let Some(fragment) = fragment {
            tagged.push('#');
            tagged.push_str(fragment);
        }
        tagged
    }
}

/// Small letters and digits, without accents, and a hyphen for everything between them.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    let accents = |character: &char| !('\u{300}'..='\u{36f}').contains(character);
    for character in name.nfkd().filter(accents).flat_map(char::to_lowercase) {
        if slug.len() >= LONGEST {
            break;
        }
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: UtmNames<'static> = UtmNames {
        organization: "Acme GmbH & Co. KG",
        client: None,
        project: None,
        campaign: " Frühling 2027: Über uns! ",
    };

    fn tags() -> UtmTags {
        UtmPlan::default().tags(NAMES).unwrap()
    }

    #[test]
    fn parameters_are_made_from_names() {
        let tags = tags();
        assert_eq!(
            (tags.source.as_str(), tags.medium.as_str(), tags.campaign.as_str()),
            ("acme-gmbh-co-kg", "email", "fruhling-2027-uber-uns")
        );
        let names = UtmNames {
            client: Some("Nürnberger Land"),
            project: Some("Relaunch"),
            campaign: "!!!",
            organization: "!",
        };
        let tags = UtmPlan::default().tags(names).unwrap();
        assert_eq!(
            (tags.source.as_str(), tags.campaign.as_str()),
            ("nurnberger-land", "relaunch")
        );
        let nameless = UtmNames {
            client: None,
            project: None,
            ..names
        };
        let tags = UtmPlan::default().tags(nameless).unwrap();
        assert_eq!(
            (tags.source.as_str(), tags.campaign.as_str()),
            ("newsletter", "campaign")
        );
    }

    #[test]
    fn what_the_campaign_says_itself_counts_and_it_can_say_nothing() {
        let plan = UtmPlan {
            source: Some("Fair".to_owned()),
            term: Some("a&b".to_owned()),
            ..UtmPlan::default()
        };
        let tags = plan.tags(NAMES).unwrap();
        assert_eq!(
            tags.tag("https://x.example/"),
            "https://x.example/?utm_source=Fair&utm_medium=email&utm_campaign=fruhling-2027-uber-uns&utm_term=a%26b"
        );
        let off = UtmPlan {
            enabled: false,
            ..plan
        };
        assert_eq!(off.tags(NAMES), None);
    }

    #[test]
    fn links_stay_what_they_are_but_for_the_end_of_their_query() {
        let end = "utm_source=s&utm_medium=m&utm_campaign=c";
        let tags = UtmTags {
            source: "s".to_owned(),
            medium: "m".to_owned(),
            campaign: "c".to_owned(),
            content: None,
            term: None,
        };
        for (link, expected) in [
            ("https://x.example", format!("https://x.example?{end}")),
            (
                "https://x.example/a?b=%20c#d?e",
                format!("https://x.example/a?b=%20c&{end}#d?e"),
            ),
            ("https://x.example/?", format!("https://x.example/?{end}")),
            ("https://x.example/?a&", format!("https://x.example/?a&{end}")),
            ("https://x.example/#", format!("https://x.example/?{end}#")),
        ] {
            assert_eq!(tags.tag(link), expected);
            assert_eq!(tags.tag(&expected), expected, "once is enough");
        }
        for own in [
            "https://x.example/?UTM_Source=mine",
            "https://x.example/?a=b&utm_id=7#x",
        ] {
            assert_eq!(tags.tag(own), own);
        }
    }
}
