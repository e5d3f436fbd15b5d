//! Leads that nobody made up by hand, with an outcome whose true probability is known.
//!
//! What a prediction says can so be held against the truth, and not only against what happened.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::leads::prediction::{Example, FeatureValue, Features, Known, Outcome};

/// Fields that know the outcome, one of each kind. None is a reason for it.
pub const LEAKS: [&str; 4] = [
    "custom:contract_value",
    "custom:customer_since",
    "custom:deal_state",
    "tag:customer",
];

/// Fields that are honest and tell much.
pub const STRONG: [&str; 2] = ["custom:demo_requested", "custom:seniority"];

/// A lead and the probability with which its outcome was drawn.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub example: Example,
    pub truth: f64,
}

/// Draws leads; the same seed gives the same leads.
#[derive(Debug, Clone)]
pub struct Outcomes {
    state: u64,
    created_at: DateTime<Utc>,
    /// Adds the fields of [`LEAKS`].
    pub leaks: bool,
    /// Outcomes that have nothing to do with the fields.
    pub noise: bool,
    /// How much companies have grown since, as a factor.
    pub growth: f64,
}

impl Outcomes {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            created_at: DateTime::UNIX_EPOCH,
            leaks: false,
            noise: false,
            growth: 1.0,
        }
    }

    #[must_use]
    pub fn with_leaks(mut self) -> Self {
        self.leaks = true;
        self
    }

    #[must_use]
    pub fn of_noise(mut self) -> Self {
        self.noise = true;
        self
    }

    /// 64 bits (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn uniform(&mut self) -> f64 {
        f64::from(u32::try_from(self.bits() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    fn below(&mut self, count: u64) -> u64 {
        self.bits() % count
    }

    /// Near enough to normal: the sum of twelve (Irwin and Hall).
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn pick<'a>(&mut self, of: &[(&'a str, f64)]) -> (&'a str, f64) {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap()]
    }

    /// The next lead; each is created a quarter of an hour after the one before.
    pub fn draw(&mut self) -> Drawn {
        let mut features = Features::new();
        let mut log_odds = -1.6;
        self.honest(&mut features, &mut log_odds);
        self.useless(&mut features);
        let truth = if self.noise {
            0.3
        } else {
            1.0 / (1.0 + (-log_odds).exp())
        };
        let converted = self.chance(truth);
        self.created_at += TimeDelta::minutes(15);
        let hours = i64::try_from(24 + self.below(24 * 14)).unwrap();
        let outcome = Outcome {
            converted,
            at: self.created_at + TimeDelta::hours(hours),
        };
        if self.leaks {
            self.leak(&mut features, outcome);
        }
        Drawn {
            example: Example {
                created_at: self.created_at,
                outcome,
                features,
            },
            truth,
        }
    }

    pub fn examples(&mut self, count: usize) -> Vec<Example> {
        (0..count).map(|_| self.draw().example).collect()
    }

    fn honest(&mut self, features: &mut Features, log_odds: &mut f64) {
        const SOURCES: [(&str, f64); 5] = [
            ("Webinar", 0.9),
            ("Form", 0.2),
            ("Import", -0.9),
            ("Referral", 1.1),
            ("manual", 0.0),
        ];
        const SENIORITY: [(&str, f64); 4] = [
            ("VP", 1.2),
            ("Manager", 0.5),
            ("Specialist", -0.3),
            ("Student", -2.5),
        ];
        const INDUSTRIES: [(&str, f64); 6] = [
            ("software", 0.5),
            ("retail", -0.2),
            ("health", 0.1),
            ("public", -0.6),
            ("media", 0.0),
            ("farming", -0.4),
        ];
        for (field, words) in [
            ("source", &SOURCES[..]),
            ("custom:seniority", &SENIORITY),
            ("custom:industry", &INDUSTRIES),
        ] {
            let (word, effect) = self.pick(words);
            features.insert(field.into(), word_of(word));
            *log_odds += effect;
        }
        // Skewed, and missing where nobody cared to say it.
        if self.chance(0.8) {
            let size = (self.normal() * 1.5 + 4.0).exp().ceil() * self.growth;
            features.insert("custom:company_size".into(), number(size));
            *log_odds += 0.35 * (size.ln_1p() - 4.0);
        } else {
            *log_odds -= 0.7;
        }
        if self.chance(0.15) {
            features.insert("custom:demo_requested".into(), FeatureValue::Flag(true).into());
            *log_odds += 2.5;
        }
        let opened = self.below(8);
        features.insert(
            "emails_opened".into(),
            Known {
                value: FeatureValue::Number(f64::from(u32::try_from(opened).unwrap())),
                since: Some(self.created_at),
            },
        );
        *log_odds += 0.12 * f64::from(u32::try_from(opened).unwrap()) - 0.4;
        if self.chance(0.2) {
            features.insert("tag:newsletter".into(), FeatureValue::Flag(true).into());
            *log_odds += 0.4;
        }
    }

    fn useless(&mut self, features: &mut Features) {
        for index in 0..8 {
            if self.chance(0.9) {
                features.insert(format!("custom:number_{index}"), number(self.normal() * 10.0));
            }
        }
        for index in 0..8 {
            let word = format!("w{}", self.below(4 + index * 5));
            features.insert(format!("custom:word_{index}"), word_of(&word));
        }
        for index in 0..4 {
            if self.chance(0.1) {
                features.insert(format!("tag:t{index}"), FeatureValue::Flag(true).into());
            }
        }
        let person = self.bits();
        features.insert("custom:nickname".into(), word_of(&format!("p{person:x}")));
        let account = 1_000_000 + self.below(8_000_000);
        features.insert(
            "custom:account".into(),
            number(f64::from(u32::try_from(account).unwrap())),
        );
        features.insert("custom:edition".into(), word_of("2024"));
    }

    fn leak(&mut self, features: &mut Features, outcome: Outcome) {
        let value = (self.normal() + 8.0).exp();
        if self.chance(if outcome.converted { 0.98 } else { 0.005 }) {
            features.insert("custom:contract_value".into(), number(value));
        }
        let state = if self.chance(0.99) == outcome.converted {
            "won"
        } else {
            "lost"
        };
        features.insert("custom:deal_state".into(), word_of(state));
        if self.chance(if outcome.converted { 0.7 } else { 0.3 }) {
            let since = Some(outcome.at + TimeDelta::minutes(i64::from(outcome.converted)));
            let value = FeatureValue::Number(self.uniform());
            features.insert("custom:customer_since".into(), Known { value, since });
        }
        if outcome.converted && self.chance(0.4) {
            features.insert("tag:customer".into(), FeatureValue::Flag(true).into());
        }
    }
}

fn word_of(word: &str) -> Known {
    FeatureValue::category(word).unwrap().into()
}

fn number(number: f64) -> Known {
    FeatureValue::Number(number).into()
}
