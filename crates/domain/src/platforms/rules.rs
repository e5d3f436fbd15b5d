//! The rules of each platform, from `data/platforms/rules.json`.

use super::unit::Unit;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

crate::text_enum::text_enum! {
    /// A place where a text is published. Platforms with several fields of their own limits have one for each.
    Platform {
        X => "x",
        Bluesky => "bluesky",
        Threads => "threads",
        LinkedIn => "linkedin",
        Mastodon => "mastodon",
        Facebook => "facebook",
        Instagram => "instagram",
        TikTok => "tiktok",
        TikTokPhotoTitle => "tiktok_photo_title",
        TikTokPhotoDescription => "tiktok_photo_description",
        YouTubeTitle => "youtube_title",
        YouTubeDescription => "youtube_description",
        PinterestTitle => "pinterest_title",
        PinterestDescription => "pinterest_description",
        Telegram => "telegram",
        TelegramCaption => "telegram_caption",
        Discord => "discord",
        DiscordEmbedTitle => "discord_embed_title",
        DiscordEmbedDescription => "discord_embed_description",
        RedditTitle => "reddit_title",
        RedditBody => "reddit_body",
        GoogleBusiness => "google_business",
        GoogleAdsHeadline => "google_ads_headline",
        GoogleAdsDescription => "google_ads_description",
        GoogleAdsPath => "google_ads_path",
        MetaAdsPrimaryText => "meta_ads_primary_text",
        MetaAdsHeadline => "meta_ads_headline",
        MetaAdsDescription => "meta_ads_description",
        EmailSubject => "email_subject",
        EmailPreheader => "email_preheader",
    }
}

crate::text_enum::text_enum! {
    /// How a platform finds links, mentions and hashtags.
    Syntax {
        /// As twitter-text does.
        X => "x",
        /// As atproto's rich text does.
        Bluesky => "bluesky",
        /// Links with a scheme, and accounts of other servers.
        Mastodon => "mastodon",
        /// Links and hashtags as on X, and names with dots.
        Plain => "plain",
    }
}

crate::text_enum::text_enum! {
    /// What a limit is on.
    LimitOn {
        /// The text. The first limit of every platform is on it, and is what `units` and `remaining` count.
        Length => "length",
        /// The bytes of the text, where they are limited, too.
        Bytes => "bytes",
        Hashtags => "hashtags",
        Mentions => "mentions",
        /// Different links; the same one twice counts once.
        Links => "links",
        /// What is shown before "more": longer texts are published, and cut.
        Shown => "shown",
    }
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub on: LimitOn,
    pub unit: Unit,
    pub max: usize,
    /// Where it is written.
    pub source: String,
    /// When somebody last read it there; `None` for what is commonly known and was not compared with the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a platform asks of a text.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a rule of its own, and a line of the file"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub platform: Platform,
    /// For people.
    pub name: String,
    pub syntax: Syntax,
    /// What each link counts, however long it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_units: Option<usize>,
    /// Whether a longer text can be a thread of several posts.
    #[serde(default)]
    pub threads: bool,
    /// Whether line breaks are refused.
    #[serde(default)]
    pub single_line: bool,
    /// Whether an empty text is refused, also beside a picture.
    #[serde(default)]
    pub required: bool,
    /// Characters that are refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub forbidden: String,
    /// Whether emoji are refused.
    #[serde(default)]
    pub no_emoji: bool,
    pub limits: Vec<Limit>,
}

impl Rules {
    /// The limit on the text itself.
    pub fn length(&self) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.on == LimitOn::Length)
    }

    /// With the limits that a server of Mastodon gives for itself: `configuration.statuses.max_characters` and
    /// `characters_reserved_per_url` of its `/api/v2/instance`.
    #[must_use]
    pub fn of_instance(mut self, max_characters: usize, characters_reserved_per_url: usize) -> Self {
        for limit in self.limits.iter_mut().filter(|limit| limit.on == LimitOn::Length) {
            limit.max = max_characters;
        }
        self.link_units = Some(characters_reserved_per_url);
        self
    }
}

/// Empty can't happen with the file that is built in: a test reads it.
static RULES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/platforms/rules.json")).unwrap_or_default()
});

/// The rules of all platforms.
pub fn all() -> &'static [Rules] {
    &RULES
}

/// The rules of one. `None` can't happen: a test looks every platform up.
pub(super) fn of(platform: Platform) -> Option<&'static Rules> {
    RULES.iter().find(|rules| rules.platform == platform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_has_rules_with_sources() {
        let rules: Vec<Rules> =
            serde_json::from_str(include_str!("../../data/platforms/rules.json")).unwrap();
        assert_eq!(rules.len(), Platform::ALL.len());
        for platform in Platform::ALL {
            let rules = of(*platform).unwrap();
            let length = rules.length().unwrap();
            assert!(length.max > 0 && length.unit != Unit::Items, "{platform}");
            assert_eq!(rules.limits[0].on, LimitOn::Length, "{platform}");
            for limit in &rules.limits {
                assert!(
                    limit.source.starts_with("https://"),
                    "{platform}: {}",
                    limit.source
                );
                let items = matches!(limit.on, LimitOn::Hashtags | LimitOn::Mentions | LimitOn::Links);
                assert_eq!(items, limit.unit == Unit::Items, "{platform}, {}", limit.on);
                assert!(
                    limit.verified_at.is_some() || limit.note.is_some(),
                    "{platform}: says neither when nor why not"
                );
            }
        }
    }
}
