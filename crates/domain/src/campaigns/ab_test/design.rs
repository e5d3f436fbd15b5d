//! What is tested, on whom, and for how long.

use crate::email::{MAX_HTML, TemplateSource};
use crate::ids::{CampaignId, LeadId, TemplateId};
use crate::validate::Problems;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Most versions: with more of them each gets too few people.
const MOST_VARIANTS: usize = 8;

/// Longest wait for a decision, in hours: two weeks.
const MOST_HOURS: u32 = 336;

crate::text_enum::text_enum! {
    /// What counts as success; what people did only.
    AbMetric { Opens => "opens", Clicks => "clicks" }
}

crate::text_enum::text_enum! {
    AbMode {
        /// A share of the audience tests, and the rest gets what won.
        Winner => "winner",
        /// A share of the audience begins, and the rest follows in batches that lean towards what works.
        Bandit => "bandit",
        /// Everybody is part of the test, which decides nothing.
        Split => "split",
    }
}

/// A version of the campaign's mail: what is absent is as in the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variant {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Made from the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Variant {
    /// The mail of this version, made of the campaign's or of the template that it names.
    pub fn mail(&self, base: &TemplateSource) -> TemplateSource {
        let mut mail = base.clone();
        if let Some(subject) = &self.subject {
            mail.subject.clone_from(subject);
        }
        if let Some(html) = &self.html {
            mail.html.clone_from(html);
            mail.text.clone_from(&self.text);
        }
        mail
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbDesign {
    /// 2 to 8, each with a name of its own.
    pub variants: Vec<Variant>,
    pub metric: AbMetric,
    #[serde(default = "winner")]
    pub mode: AbMode,
    /// The part of the audience that is in the test, or in each batch of a bandit: 0.01 to 0.9. A split takes everybody.
    #[serde(default = "fifth")]
    pub share: f64,
    /// No decision earlier than so long after the first mail; also the time between a bandit's batches.
    #[serde(default = "four")]
    pub min_hours: u32,
    /// After so long it ends without a winner. At most 336.
    #[serde(default = "two_days")]
    pub max_hours: u32,
    /// The version, from 0, that goes out where nothing wins.
    #[serde(default)]
    pub default_variant: u32,
    /// A version that makes people unsubscribe more often than another one can't win.
    #[serde(default = "yes")]
    pub guard_unsubscribes: bool,
}

fn winner() -> AbMode {
    AbMode::Winner
}

fn fifth() -> f64 {
    0.2
}

fn four() -> u32 {
    4
}

fn two_days() -> u32 {
    48
}

fn yes() -> bool {
    true
}

/// Where a lead belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// It is in the test, with this version.
    Variant(i32),
    /// It waits for the decision.
    Waits,
}

impl AbDesign {
    pub fn check(&self, problems: &mut Problems) {
        let count = self.variants.len();
        problems.check(
            (2..=MOST_VARIANTS).contains(&count),
            "variants",
            format!("must be 2 to {MOST_VARIANTS}"),
        );
        for (index, variant) in self.variants.iter().enumerate() {
            let field = |name: &str| format!("variants[{index}].{name}");
            problems.line(&field("name"), &variant.name, 100, false);
            let first = self.variants.iter().position(|other| other.name == variant.name);
            problems.check(first == Some(index), &field("name"), "must be a name of its own");
            for (part, text) in [
                ("subject", &variant.subject),
                ("html", &variant.html),
                ("text", &variant.text),
            ] {
                problems.text(&field(part), text.as_deref().unwrap_or_default(), MAX_HTML);
            }
            let own = variant.html.is_some() || variant.text.is_some();
            problems.check(
                variant.template_id.is_none() || !own,
                &field("template_id"),
                "give either a template_id or html, not both",
            );
            problems.check(
                variant.text.is_none() || variant.html.is_some(),
                &field("text"),
                "needs html",
            );
        }
        let names_one = usize::try_from(self.default_variant).is_ok_and(|index| index < count);
        problems.check(
            names_one,
            "default_variant",
            "must be the number of a variant, from 0",
        );
        // Also false for what is no number.
        let share = self.mode == AbMode::Split || (0.01..=0.9).contains(&self.share);
        problems.check(share, "share", "must be 0.01 to 0.9");
        problems.check(
            (1..=MOST_HOURS).contains(&self.min_hours),
            "min_hours",
            format!("must be 1 to {MOST_HOURS}"),
        );
        problems.check(
            (self.min_hours..=MOST_HOURS).contains(&self.max_hours),
            "max_hours",
            format!("must be min_hours to {MOST_HOURS}"),
        );
    }

    /// Where a lead belongs: always the same, evenly spread, and independent of what else is known of the lead.
    pub fn assign(&self, campaign: CampaignId, lead: LeadId) -> Assignment {
        let mut hash = Sha256::new();
        hash.update(b"ab-test");
        hash.update(campaign.0.as_bytes());
        hash.update(lead.0.as_bytes());
        let hash = hash.finalize();
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .take(4)
                .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte))
        };
        let (place, version) = hash.split_at(16);
        let waits = f64::from(number(place)) / f64::from(u32::MAX) >= self.share;
        if self.mode != AbMode::Split && waits {
            return Assignment::Waits;
        }
        let count = u32::try_from(self.variants.len()).unwrap_or(1).max(1);
        Assignment::Variant(i32::try_from(number(version) % count).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldError;
    use serde_json::json;
    use uuid::Uuid;

    fn design(json: serde_json::Value) -> AbDesign {
        serde_json::from_value(json).unwrap()
    }

    fn plain() -> serde_json::Value {
        json!({ "variants": [{ "name": "A" }, { "name": "B", "subject": "Other" }, { "name": "C", "html": "<p>C</p>" }], "metric": "clicks" })
    }

    #[test]
    fn leads_are_spread_evenly_and_always_alike() {
        let test = design(plain());
        let campaign = CampaignId(Uuid::from_u128(7));
        let people = 30_000;
        let assigned: Vec<_> = (0..people)
            .map(|lead| test.assign(campaign, LeadId(Uuid::from_u128(lead))))
            .collect();
        let count = |wanted| assigned.iter().filter(|found| **found == wanted).count();
        let waits = count(Assignment::Waits);
        assert!((23_700..24_300).contains(&waits), "{waits} of 24,000 wait");
        for variant in 0..3 {
            let has = count(Assignment::Variant(variant));
            assert!((1_870..2_130).contains(&has), "{has} of 2,000");
        }
        assert_eq!(assigned[5], test.assign(campaign, LeadId(Uuid::from_u128(5))));
        let other = CampaignId(Uuid::from_u128(8));
        let same = (0..people)
            .filter(|lead| {
                let lead = LeadId(Uuid::from_u128(*lead));
                test.assign(campaign, lead) == test.assign(other, lead)
            })
            .count();
        assert!(same < 22_000, "another campaign is another draw: {same}");
        let split = AbDesign {
            mode: AbMode::Split,
            ..test
        };
        let waits = |lead| split.assign(campaign, LeadId(Uuid::from_u128(lead))) == Assignment::Waits;
        assert!(!(0..1_000).any(waits));
    }

    #[test]
    fn a_version_changes_what_it_says_and_nothing_else() {
        let base: TemplateSource =
            serde_json::from_value(json!({ "subject": "S", "html": "<p>A</p>", "text": "A" })).unwrap();
        let test = design(plain());
        assert_eq!(test.variants[0].mail(&base), base);
        let other = test.variants[1].mail(&base);
        assert_eq!(
            (other.subject.as_str(), other.html.as_str(), other.text.as_deref()),
            ("Other", "<p>A</p>", Some("A"))
        );
        let third = test.variants[2].mail(&base);
        assert_eq!(
            (third.subject.as_str(), third.html.as_str(), third.text),
            ("S", "<p>C</p>", None)
        );
    }

    #[test]
    fn what_makes_no_test_is_named() {
        let mut problems = Problems::new();
        design(plain()).check(&mut problems);
        assert!(problems.is_empty());
        let wrong = design(json!({
            "variants": [{ "name": "A", "text": "x" }, { "name": "A", "html": "x", "template_id": Uuid::nil() }],
            "metric": "opens", "share": 1.5, "min_hours": 0, "max_hours": 400, "default_variant": 2
        }));
        let mut problems = Problems::new();
        wrong.check(&mut problems);
        let problems: Vec<FieldError> = problems.into();
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "variants[0].text",
                "variants[1].name",
                "variants[1].template_id",
                "default_variant",
                "share",
                "min_hours",
                "max_hours"
            ]
        );
    }
}
