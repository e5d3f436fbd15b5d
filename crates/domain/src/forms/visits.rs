//! What happens at a form before somebody sends it, in numbers: no cookie, no address, nobody.

use super::Attribution;
use crate::ids::FormId;
use crate::text_enum::text_enum;
use chrono::NaiveDate;
use serde::Serialize;

/// Different sources of one form and day that are told apart; the rest is [`OTHER`]. Anybody can make them up.
pub const MOST_SOURCES: i64 = 50;
pub const OTHER: &str = "other";
const DIRECT: &str = "direct";
/// Most days of one question.
pub const MOST_DAYS: i64 = 366;

text_enum! {
    /// What a page tells about its form.
    VisitEvent {
        /// It was seen.
        View => "view",
        /// Something was typed or chosen.
        Start => "start",
        /// It was begun and left; with the field that was used last.
        Leave => "leave",
    }
}

/// Where visits are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitKey {
    pub form: FormId,
    /// In UTC.
    pub day: NaiveDate,
    pub source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visits {
    pub views: i64,
    pub starts: i64,
    pub completions: i64,
}

impl std::ops::AddAssign for Visits {
    fn add_assign(&mut self, other: Self) {
        self.views += other.views;
        self.starts += other.starts;
        self.completions += other.completions;
    }
}

/// Where visits ended without a submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExitKey {
    pub form: FormId,
    pub day: NaiveDate,
    /// Name of the field that was used last.
    pub field: String,
}

/// Some visits of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VisitCounts {
    pub visits: Vec<(VisitKey, Visits)>,
    pub exits: Vec<(ExitKey, i64)>,
}

/// Views, starts and completions, and what they make of each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitRates {
    /// How often the form was seen.
    pub views: i64,
    /// How often somebody began to fill it in. Without JavaScript nobody can tell.
    pub starts: i64,
    /// How often it was sent.
    pub completions: i64,
    /// Starts per view; null without views.
    pub start_rate: Option<f64>,
    /// Completions per view; null without views.
    pub completion_rate: Option<f64>,
}

impl From<Visits> for VisitRates {
    #[expect(clippy::cast_precision_loss, reason = "no form is seen 2^52 times")]
    fn from(visits: Visits) -> Self {
        let per_view = |count: i64| (visits.views > 0).then(|| count as f64 / visits.views as f64);
        Self {
            views: visits.views,
            starts: visits.starts,
            completions: visits.completions,
            start_rate: per_view(visits.starts),
            completion_rate: per_view(visits.completions),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayVisits {
    /// In UTC.
    pub day: NaiveDate,
    #[serde(flatten)]
    pub visits: VisitRates,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceVisits {
    /// The `utm_source`, or the host of the page before, or `direct`; beyond 50 on one day `other`.
    pub source: String,
    #[serde(flatten)]
    pub visits: VisitRates,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DropOff {
    /// Name of the field that was used last before the form was left.
    pub field: String,
    /// Its label, if the form still has it.
    pub label: Option<String>,
    pub exits: i64,
}

/// How a form does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormAnalytics {
    pub form_id: FormId,
    /// First and last day, in UTC.
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub totals: VisitRates,
    /// Days on which something happened.
    pub by_day: Vec<DayVisits>,
    /// The most views first.
    pub by_source: Vec<SourceVisits>,
    /// In the order of the form's fields.
    pub drop_off: Vec<DropOff>,
}

/// Under which name somebody's visit is counted.
pub fn source_of(attribution: &Attribution) -> String {
    let word = |text: &str| {
        let text: String = text
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        Some(text).filter(|text| !text.is_empty())
    };
    let host = |text: &str| {
        let url: url::Url = text.parse().ok()?;
        word(url.host_str()?.trim_start_matches("www."))
    };
    attribution
        .utm_source
        .as_deref()
        .and_then(word)
        .or_else(|| attribution.referrer.as_deref().and_then(host))
        .unwrap_or_else(|| DIRECT.to_owned())
}

/// Whether a program looked at a form that says so itself. Those that don't are not told apart here.
pub fn is_robot(user_agent: Option<&str>) -> bool {
    const NAMES: [&str; 12] = [
        "bot",
        "crawl",
        "spider",
        "slurp",
        "preview",
        "facebookexternalhit",
        "monitor",
        "curl/",
        "wget/",
        "python",
        "go-http",
        "java/",
    ];
    user_agent.is_none_or(|name| {
        let name = name.to_ascii_lowercase();
        name.trim().is_empty() || NAMES.iter().any(|part| name.contains(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_word_or_a_host() {
        let source = |utm: Option<&str>, referrer: Option<&str>| {
            source_of(&Attribution {
                utm_source: utm.map(str::to_owned),
                referrer: referrer.map(str::to_owned),
                ..Attribution::default()
            })
        };
        assert_eq!(
            source(Some(" Newsletter "), Some("https://x.example/")),
            "newsletter"
        );
        assert_eq!(
            source(Some(" "), Some("https://www.Search.example/?q=private")),
            "search.example"
        );
        assert_eq!(
            source(None, Some("android-app://com.example.mail/")),
            "com.example.mail"
        );
        for referrer in [None, Some(""), Some("nonsense"), Some("data:text/html,x")] {
            assert_eq!(source(None, referrer), "direct", "{referrer:?}");
        }
        assert_eq!(source(Some(&"é".repeat(500)), None).chars().count(), 100);
    }

    #[test]
    fn robots_that_say_so_are_known() {
        for name in [
            None,
            Some(""),
            Some("Googlebot/2.1"),
            Some("curl/8.5"),
            Some("Slackbot-LinkExpanding 1.0"),
        ] {
            assert!(is_robot(name), "{name:?}");
        }
        assert!(!is_robot(Some(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
        )));
    }

    #[test]
    fn rates_are_of_views() {
        let rates = VisitRates::from(Visits {
            views: 4,
            starts: 2,
            completions: 1,
        });
        assert_eq!((rates.start_rate, rates.completion_rate), (Some(0.5), Some(0.25)));
        assert_eq!(VisitRates::from(Visits::default()).start_rate, None);
    }
}
