//! Models and prices, from one data file.

use super::{Capability, Price, ProviderName, Rates, Vendor};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;

const FILE: &str = include_str!("../../data/llm_prices.json");

/// A model that we know something of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub vendor: Vendor,
    /// The vendor's name of it.
    pub id: String,
    /// Most tokens of prompt and answer together, where it is known.
    pub context_window: Option<u64>,
    /// Most tokens of an answer, where it is known.
    pub max_output: Option<u32>,
    pub price: Price,
    pub capabilities: Vec<Capability>,
    /// Most tokens that one image in a prompt can be.
    pub image_tokens: u64,
    /// When somebody last looked the price up.
    pub verified_at: NaiveDate,
    /// The vendor's page with it.
    pub source: String,
}

impl Model {
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability) && self.vendor.can(capability)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$comment")]
    _comment: String,
    verified_at: NaiveDate,
    vendors: HashMap<Vendor, VendorEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorEntry {
    source: String,
    models: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    context_window: Option<u64>,
    max_output: Option<u32>,
    capabilities: Vec<Capability>,
    #[serde(default)]
    image_tokens: Option<u64>,
    prices: Vec<Rates>,
    /// If it was looked up on another day than the rest.
    #[serde(default)]
    verified_at: Option<NaiveDate>,
}

/// What an image can be at most where the catalogue does not say: more than any of the vendors' formulas give for their largest size,
/// but for one model, which the catalogue names.
const IMAGE_TOKENS: u64 = 5000;

/// The models that are known, by vendor and name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    models: Vec<Model>,
    by_name: HashMap<(Vendor, String), usize>,
}

impl Catalogue {
    /// The one that was built in. The error is a sentence about the file.
    pub fn built_in() -> Result<Self, String> {
        Self::parse(FILE)
    }

    /// An operator may have a newer file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File =
            serde_json::from_str(text).map_err(|error| format!("the price catalogue: {error}"))?;
        let mut catalogue = Self {
            models: Vec::new(),
            by_name: HashMap::new(),
        };
        let mut vendors: Vec<_> = file.vendors.into_iter().collect();
        vendors.sort_by_key(|(vendor, _)| *vendor);
        for (vendor, entry) in vendors {
            for model in entry.models {
                catalogue.add(vendor, &entry.source, file.verified_at, model)?;
            }
        }
        Ok(catalogue)
    }

    fn add(&mut self, vendor: Vendor, source: &str, verified: NaiveDate, entry: Entry) -> Result<(), String> {
        let place = self.models.len();
        for name in std::iter::once(&entry.id).chain(&entry.aliases) {
            if self.by_name.insert((vendor, name.clone()), place).is_some() {
                return Err(format!("the price catalogue has {vendor} {name} twice"));
            }
        }
        let price = if entry.prices.is_empty() {
            Price::Unknown
        } else {
            Price::Known(entry.prices)
        };
        self.models.push(Model {
            vendor,
            id: entry.id,
            context_window: entry.context_window,
            max_output: entry.max_output,
            price,
            capabilities: entry.capabilities,
            image_tokens: entry.image_tokens.unwrap_or(IMAGE_TOKENS),
            verified_at: entry.verified_at.unwrap_or(verified),
            source: source.to_owned(),
        });
        Ok(())
    }

    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// By the vendor's name of it. A day at its end (`gpt-5-mini-2025-08-07`, `claude-sonnet-4-5-20250929`) is a snapshot of the model
    /// without it, unless the catalogue has the snapshot.
    pub fn find(&self, vendor: Vendor, name: &str) -> Option<&Model> {
        let known = |name: &str| self.by_name.get(&(vendor, name.to_owned()));
        let place = known(name).or_else(|| known(without_day(name)?))?;
        self.models.get(*place)
    }

    /// What a model costs with this provider. What runs on the operator's machines is free.
    pub fn price(&self, vendor: Vendor, local: bool, name: &str) -> Price {
        if local || vendor == Vendor::Builtin {
            return Price::Free;
        }
        self.find(vendor, name)
            .map_or(Price::Unknown, |model| model.price.clone())
    }

    /// The vendor whose model this is, where only one has a model of this name.
    pub fn vendor_of(&self, name: &str) -> Option<ProviderName> {
        let mut found = Vendor::ALL
            .iter()
            .filter(|vendor| self.find(**vendor, name).is_some());
        let vendor = found.next()?;
        found.next().is_none().then(|| vendor.as_str().parse().ok())?
    }
}

fn without_day(name: &str) -> Option<&str> {
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let (start, last) = name.rsplit_once('-')?;
    if digits(last, 8) {
        return Some(start);
    }
    let (start, month) = start.rsplit_once('-')?;
    let (start, year) = start.rsplit_once('-')?;
    (digits(last, 2) && digits(month, 2) && digits(year, 4)).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn the_built_in_file_is_whole_and_plausible() {
        let catalogue = Catalogue::built_in().unwrap();
        for (vendor, least) in [
            (Vendor::OpenAi, 15),
            (Vendor::Anthropic, 8),
            (Vendor::Gemini, 8),
            (Vendor::Mistral, 6),
            (Vendor::XAi, 4),
            (Vendor::OpenRouter, 4),
        ] {
            let models = catalogue.models().iter().filter(|model| model.vendor == vendor);
            assert!(models.clone().count() >= least, "{vendor}");
            assert!(
                models.clone().all(|model| model.source.starts_with("https://")),
                "{vendor}"
            );
        }
        for model in catalogue.models() {
            let Price::Known(rates) = &model.price else {
                panic!("{} has no price, and so no reason to be here", model.id);
            };
            for rates in rates {
                let free = model.id.ends_with(":free");
                let fine = rates.input > Decimal::ZERO || free;
                assert!(fine && rates.input < Decimal::from(300), "{}", model.id);
                assert!(
                    rates.output >= rates.input || rates.output == Decimal::ZERO,
                    "{}",
                    model.id
                );
                assert!(
                    rates.cached_input.is_none_or(|cached| cached <= rates.input),
                    "{}",
                    model.id
                );
            }
        }
    }

    #[test]
    fn the_default_models_are_there_and_snapshots_are_found() {
        let catalogue = Catalogue::built_in().unwrap();
        for hop in super::super::Routing::default().order {
            let vendor: Vendor = hop.provider.as_str().parse().unwrap();
            assert!(catalogue.find(vendor, &hop.model).is_some(), "{}", hop.model);
        }
        let snapshot = catalogue.find(Vendor::OpenAi, "gpt-5-mini-2025-08-07").unwrap();
        assert_eq!(snapshot.id, "gpt-5-mini");
        assert_eq!(catalogue.find(Vendor::OpenAi, "gpt-5-mini-2025-08"), None);
        assert_eq!(
            catalogue.vendor_of("claude-sonnet-4-5").unwrap().as_str(),
            "anthropic"
        );
        assert_eq!(
            catalogue.price(Vendor::OpenAi, false, "no-such-model"),
            Price::Unknown
        );
        assert_eq!(catalogue.price(Vendor::Ollama, true, "llama3.2"), Price::Free);
        let first = catalogue.price(Vendor::OpenAi, false, "gpt-5-mini");
        assert!(matches!(first, Price::Known(_)));
    }

    #[test]
    fn a_name_twice_is_refused() {
        let model =
            r#"{"id":"a","context_window":null,"max_output":null,"capabilities":["chat"],"prices":[]}"#;
        let file = format!(
            r#"{{"$comment":"","verified_at":"2026-11-01","vendors":{{"openai":{{"source":"https://a","models":[{model},{model}]}}}}}}"#
        );
        assert!(Catalogue::parse(&file).unwrap_err().contains("twice"));
    }
}
