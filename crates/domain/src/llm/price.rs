//! What tokens of a model cost.

use super::{Cost, TokenBound, Usage};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// US dollars for a million tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// From this day on (UTC); always when absent.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// For prompts of more tokens than this; the whole call is then charged so.
    #[serde(default)]
    pub above: u64,
    pub input: Decimal,
    #[serde(default)]
    pub output: Decimal,
    /// Read from the vendor's cache. As `input` when absent.
    #[serde(default)]
    pub cached_input: Option<Decimal>,
    /// Written to the vendor's cache. As `input` when absent.
    #[serde(default)]
    pub cache_write: Option<Decimal>,
}

/// What a model costs, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Price {
    /// It runs on a machine of one's own.
    Free,
    Known(Vec<Rates>),
    Unknown,
}

const MILLION: i64 = 1_000_000;

impl Rates {
    fn cost(&self, usage: Usage) -> Decimal {
        let cached = usage.cached_input.min(usage.input);
        let written = usage.cache_write.min(usage.input - cached);
        let plain = usage.input - cached - written;
        let sum = Decimal::from(plain) * self.input
            + Decimal::from(cached) * self.cached_input.unwrap_or(self.input)
            + Decimal::from(written) * self.cache_write.unwrap_or(self.input)
            + Decimal::from(usage.output) * self.output;
        sum / Decimal::from(MILLION)
    }

    /// The dearest that a token of the prompt can be.
    fn dearest_input(&self) -> Decimal {
        self.cache_write.unwrap_or(self.input).max(self.input)
    }
}

impl Price {
    /// The rates of that day: of those that began last.
    fn on(&self, day: NaiveDate) -> Vec<&Rates> {
        let Self::Known(rates) = self else {
            return Vec::new();
        };
        let begun = rates
            .iter()
            .filter(|rates| rates.from.is_none_or(|from| from <= day));
        let newest = begun.clone().map(|rates| rates.from).max().flatten();
        begun.filter(|rates| rates.from == newest).collect()
    }

    /// What a call cost.
    pub fn cost(&self, usage: Usage, day: NaiveDate) -> Cost {
        if *self == Self::Free {
            return Cost::FREE;
        }
        let rates = self.on(day);
        let reached = rates
            .iter()
            .filter(|rates| rates.above == 0 || usage.input > rates.above);
        match reached.max_by_key(|rates| rates.above) {
            Some(rates) => Cost::Known(rates.cost(usage)),
            None => Cost::Unknown,
        }
    }

    /// The most that a call can cost: all tokens that it can have, at the dearest rate that it can reach.
    pub fn worst(&self, input: TokenBound, output: u32, day: NaiveDate) -> Cost {
        if *self == Self::Free {
            return Cost::FREE;
        }
        let costs = self
            .on(day)
            .into_iter()
            .filter(|rates| rates.above == 0 || input.at_most > rates.above)
            .map(|rates| {
                let sum = Decimal::from(input.at_most) * rates.dearest_input()
                    + Decimal::from(output) * rates.output;
                sum / Decimal::from(MILLION)
            });
        costs.max().map_or(Cost::Unknown, Cost::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn usage(input: u64, cached_input: u64, output: u64) -> Usage {
        Usage {
            input,
            cached_input,
            output,
            ..Usage::default()
        }
    }

    fn price(json: serde_json::Value) -> Price {
        Price::Known(serde_json::from_value(json).unwrap())
    }

    #[test]
    fn cached_tokens_are_part_of_the_prompt_and_cost_less() {
        let price = price(serde_json::json!([{ "input": "0.25", "output": "2", "cached_input": "0.025" }]));
        let cost = price.cost(usage(1000, 400, 100), day("2027-01-15"));
        // (600 * 0.25 + 400 * 0.025 + 100 * 2) / 1e6
        assert_eq!(cost, Cost::Known("0.00036".parse().unwrap()));
    }

    #[test]
    fn long_prompts_and_later_days_have_rates_of_their_own() {
        let price = price(serde_json::json!([
            { "input": "1", "output": "10" },
            { "input": "2", "output": "20", "above": 200_000 },
            { "input": "3", "output": "30", "from": "2027-01-01" },
        ]));
        let of = |input, date: &str| price.cost(usage(input, 0, 0), day(date));
        assert_eq!(of(200_000, "2026-12-31"), Cost::Known("0.2".parse().unwrap()));
        assert_eq!(
            of(200_001, "2026-12-31"),
            Cost::Known("0.400002".parse().unwrap())
        );
        assert_eq!(
            of(200_001, "2027-01-01"),
            Cost::Known("0.600003".parse().unwrap())
        );
    }

    #[test]
    fn the_worst_case_is_never_below_what_it_costs() {
        let price = price(serde_json::json!([
            { "input": "1", "output": "10", "cached_input": "0.1", "cache_write": "1.25" },
            { "input": "2", "output": "20", "above": 100 },
        ]));
        let bound = TokenBound {
            at_most: 150,
            likely: 80,
        };
        let worst = price.worst(bound, 50, day("2027-01-15")).dollars().unwrap();
        for input in 0..=150 {
            for (cached_input, cache_write) in [(0, 0), (input, 0), (0, input)] {
                let used = Usage {
                    input,
                    cached_input,
                    cache_write,
                    output: 50,
                    ..Usage::default()
                };
                assert!(price.cost(used, day("2027-01-15")).dollars().unwrap() <= worst);
            }
        }
    }

    #[test]
    fn unknown_is_not_free() {
        let nothing = usage(10, 0, 10);
        assert_eq!(Price::Unknown.cost(nothing, day("2027-01-15")), Cost::Unknown);
        assert_eq!(Price::Free.cost(nothing, day("2027-01-15")), Cost::FREE);
        let later = price(serde_json::json!([{ "input": "1", "from": "2028-01-01" }]));
        assert_eq!(later.cost(nothing, day("2027-01-15")), Cost::Unknown);
    }
}
