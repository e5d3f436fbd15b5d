//! What is asked of a writer.

use crate::editorial::Voice;
use crate::validate::Problems;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// What is to be written.
    DraftKind {
        Blog => "blog",
        Email => "email",
        /// A post for a social network.
        Social => "social",
        /// Headlines and descriptions of a search or display ad.
        Ad => "ad",
        /// Headlines to choose from, with scores.
        Headlines => "headlines",
        /// An article with what search engines show of it, and questions with answers.
        SeoContent => "seo_content",
        /// Who says what, where and when, over weeks.
        ContentPlan => "content_plan",
        MarketingPlan => "marketing_plan",
        ProductDescription => "product_description",
        /// The offer of a proposal.
        ProposalSection => "proposal_section",
    }
}

crate::text_enum::text_enum! {
    /// How it should sound.
    Tone {
        Professional => "professional",
        Formal => "formal",
        Friendly => "friendly",
        Bold => "bold",
        Playful => "playful",
        Warm => "warm",
    }
}

crate::text_enum::text_enum! {
    /// What a reader should do in the end.
    Objective {
        /// Buy or try something.
        Sell => "sell",
        /// Make an appointment.
        Book => "book",
        /// Come to an event.
        Attend => "attend",
        /// Give money or time.
        Support => "support",
        /// Apply for a job.
        Apply => "apply",
        /// Read, watch or subscribe.
        Learn => "learn",
    }
}

/// How many texts an ad has, and how long they may be, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdLimits {
    pub headlines: u8,
    pub headline_characters: u16,
    pub descriptions: u8,
    pub description_characters: u16,
}

impl Default for AdLimits {
    /// Those of a responsive search ad of Google: at most 15 headlines of 30 characters and 4 descriptions of 90
    /// (<https://support.google.com/google-ads/answer/7684791>), of which we write 8 and 4.
    fn default() -> Self {
        Self {
            headlines: 8,
            headline_characters: 30,
            descriptions: 4,
            description_characters: 90,
        }
    }
}

/// What is to be written, for whom, and with what in it. Only `kind` and `title` are needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brief {
    pub kind: DraftKind,
    /// Language tag; `en` when absent.
    #[serde(default)]
    pub language: Option<String>,
    /// Title or subject: a phrase, a sentence or a question.
    pub title: String,
    /// A phrase like "owners of small shops", in the plural or the singular.
    #[serde(default)]
    pub audience: Option<String>,
    /// What must be said, each a sentence or a fragment. A draft says nothing about the offer beyond these.
    #[serde(default)]
    pub messages: Vec<String>,
    #[serde(default)]
    pub tone: Option<Tone>,
    /// Guessed from the call to action and the title when absent.
    #[serde(default)]
    pub objective: Option<Objective>,
    /// How long the body should be, in words; what is usual for the kind when absent.
    #[serde(default)]
    pub words: Option<u32>,
    /// The most characters that a social post may have; 500 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// As how many characters a web address counts towards `limit`; as many as it has when absent.
    #[serde(default)]
    pub link_characters: Option<u32>,
    /// The first one is the subject; each is named at least once in longer texts.
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default)]
    pub call_to_action: Option<String>,
    /// Where the call to action leads: an http or https address.
    #[serde(default)]
    pub url: Option<String>,
    /// Who speaks.
    #[serde(default)]
    pub brand: Option<String>,
    /// What is offered, by its name.
    #[serde(default)]
    pub product: Option<String>,
    #[serde(default)]
    pub voice: Voice,
    /// How many headlines; 10 when absent.
    #[serde(default)]
    pub count: Option<u32>,
    /// The most hashtags below a social post; they are made of the keywords.
    #[serde(default)]
    pub hashtags: u8,
    #[serde(default)]
    pub ad: AdLimits,
    /// Channels of a plan, by name.
    #[serde(default)]
    pub platforms: Vec<String>,
    /// Length of a plan; 4 when absent.
    #[serde(default)]
    pub weeks: Option<u32>,
    /// On each channel; 1 when absent.
    #[serde(default)]
    pub posts_per_week: Option<u32>,
    /// First day of a plan; it begins with the week of this day.
    #[serde(default)]
    pub start: Option<NaiveDate>,
    /// Of a marketing plan, as it should be named: "EUR 5,000".
    #[serde(default)]
    pub budget: Option<String>,
}

impl Brief {
    /// Languages in which the built-in writer can write.
    pub const LANGUAGES: [&'static str; 1] = ["en"];

    /// A brief with nothing but a title.
    pub fn new(kind: DraftKind, title: impl Into<String>) -> Self {
        Self {
            kind,
            language: None,
            title: title.into(),
            audience: None,
            messages: Vec::new(),
            tone: None,
            objective: None,
            words: None,
            limit: None,
            link_characters: None,
            keywords: Vec::new(),
            call_to_action: None,
            url: None,
            brand: None,
            product: None,
            voice: Voice::default(),
            count: None,
            hashtags: 0,
            ad: AdLimits::default(),
            platforms: Vec::new(),
            weeks: None,
            posts_per_week: None,
            start: None,
            budget: None,
        }
    }

    /// Everything that is wrong with it, by field.
    pub fn check(&self, problems: &mut Problems) {
        self.check_language(problems);
        let long = |problems: &mut Problems, field: &str, text: &str, max: usize| {
            let message = format!("must have at most {max} characters");
            problems.check(text.chars().nth(max).is_none(), field, message);
        };
        long(problems, "title", &self.title, 200);
        for (field, text, max) in [
            ("audience", &self.audience, 200),
            ("call_to_action", &self.call_to_action, 200),
            ("url", &self.url, 2000),
            ("brand", &self.brand, 100),
            ("product", &self.product, 100),
            ("budget", &self.budget, 100),
        ] {
            long(problems, field, text.as_deref().unwrap_or_default(), max);
        }
        for (field, texts, most, max) in [
            ("messages", &self.messages, 20, 500),
            ("keywords", &self.keywords, 10, 80),
            ("platforms", &self.platforms, 12, 40),
            ("voice.tone_words", &self.voice.tone_words, 20, 40),
            ("voice.banned", &self.voice.banned, 500, 100),
        ] {
            let message = format!("must have at most {most} entries");
            problems.check(texts.len() <= most, field, message);
            for (at, text) in texts.iter().enumerate().take(most) {
                long(problems, &format!("{field}[{at}]"), text, max);
            }
        }
        let preferred = &self.voice.preferred;
        problems.check(
            preferred.len() <= 500,
            "voice.preferred",
            "must have at most 500 entries",
        );
        for (at, pair) in preferred.iter().enumerate().take(500) {
            long(
                problems,
                &format!("voice.preferred[{at}].instead_of"),
                &pair.instead_of,
                100,
            );
            long(problems, &format!("voice.preferred[{at}].use"), &pair.term, 100);
        }
        self.check_numbers(problems);
        if let Some(url) = self.url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
            let fine = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            let printable = url
                .chars()
                .all(|c| c.is_ascii_graphic() && !"<>\"'`{}".contains(c));
            problems.check(
                fine && printable,
                "url",
                "must be an address that starts with https:// or http://",
            );
        }
    }

    fn check_language(&self, problems: &mut Problems) {
        let language = self.language.as_deref().unwrap_or("en").trim().to_lowercase();
        let primary = language.split('-').next().unwrap_or_default();
        problems.check(
            Self::LANGUAGES.contains(&primary),
            "language",
            format!(
                "the built-in writer can write in these languages: {}; choose one of them, or a provider that knows yours",
                Self::LANGUAGES.join(", ")
            ),
        );
    }

    fn check_numbers(&self, problems: &mut Problems) {
        for (field, value, least, most) in [
            ("words", self.words, 20, 3000),
            ("limit", self.limit, 50, 100_000),
            ("link_characters", self.link_characters, 0, 200),
            ("count", self.count, 1, 30),
            ("weeks", self.weeks, 1, 52),
            ("posts_per_week", self.posts_per_week, 1, 7),
            ("ad.headlines", Some(self.ad.headlines.into()), 1, 15),
            (
                "ad.headline_characters",
                Some(self.ad.headline_characters.into()),
                15,
                300,
            ),
            ("ad.descriptions", Some(self.ad.descriptions.into()), 1, 10),
            (
                "ad.description_characters",
                Some(self.ad.description_characters.into()),
                30,
                1000,
            ),
        ] {
            let fine = value.is_none_or(|value| (least..=most).contains(&value));
            problems.check(fine, field, format!("must be between {least} and {most}"));
        }
    }
}
