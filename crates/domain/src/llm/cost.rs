//! Money for tokens: fractions of a cent, exact.

use crate::money::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Billionths of a US dollar: what budgets are kept in, as databases add whole numbers exactly and at once. A token costs five of
/// them and more; the most that fits are 9.2 billion dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub i64);

impl Nanos {
    pub const ZERO: Self = Self(0);
    const PER_DOLLAR: i64 = 1_000_000_000;

    /// Rounded up: what is reserved or spent is never less than it was. Beyond what fits, the most that fits.
    pub fn from_dollars(dollars: Decimal) -> Self {
        let nanos = dollars.checked_mul(Decimal::from(Self::PER_DOLLAR));
        Self(nanos.and_then(|nanos| nanos.ceil().to_i64()).unwrap_or(i64::MAX))
    }

    /// An amount in US dollars; a sentence for other currencies, which prices are not in.
    pub fn from_money(money: Money) -> Result<Self, String> {
        if money.currency.as_str() != "USD" {
            return Err("must be in USD: providers charge in it, and no rate of exchange is kept".into());
        }
        Ok(Self::from_dollars(money.amount()))
    }

    pub fn dollars(self) -> Decimal {
        Decimal::new(self.0, 9).normalize()
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// What something cost, in US dollars. It is not a [`Money`]: a headline costs less than a cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    Known(Decimal),
    /// Nobody knows what the model costs: never taken for 0.
    Unknown,
}

impl Cost {
    pub const FREE: Self = Self::Known(Decimal::ZERO);

    /// Unknown as soon as a part is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(left), Self::Known(right)) => Self::Known(left + right),
            _ => Self::Unknown,
        }
    }

    pub fn dollars(self) -> Option<Decimal> {
        match self {
            Self::Known(dollars) => Some(dollars),
            Self::Unknown => None,
        }
    }

    /// As a budget counts it.
    pub fn nanos(self) -> Option<Nanos> {
        self.dollars().map(Nanos::from_dollars)
    }
}

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = LlmCost))]
pub(crate) struct ShownCost {
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 0.000_135))]
    #[serde(with = "rust_decimal::serde::float")]
    amount: Decimal,
    #[cfg_attr(feature = "openapi", schema(example = "USD"))]
    currency: &'static str,
}

impl Serialize for Cost {
    /// `{"amount": 0.000135, "currency": "USD"}`, or null when it is unknown.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.dollars().map(|amount| ShownCost {
            amount,
            currency: "USD",
        });
        shown.serialize(serializer)
    }
}

#[derive(Deserialize)]
struct KeptCost {
    #[serde(with = "rust_decimal::serde::float")]
    amount: Decimal,
}

impl<'de> Deserialize<'de> for Cost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = Option::<KeptCost>::deserialize(deserializer)?;
        Ok(kept.map_or(Self::Unknown, |kept| Self::Known(kept.amount)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_exact_and_rounded_up_once() {
        let third: Decimal = "0.00000001875".parse().unwrap();
        assert_eq!(Nanos::from_dollars(third), Nanos(19));
        assert_eq!(Nanos::from_dollars("1.5".parse().unwrap()), Nanos(1_500_000_000));
        assert_eq!(Nanos(1_500_000_000).dollars().to_string(), "1.5");
        assert_eq!(Nanos::from_dollars(Decimal::MAX), Nanos(i64::MAX));
        let euros = Money::new(Decimal::ONE, crate::money::Currency::EUR).unwrap();
        assert!(Nanos::from_money(euros).is_err());
    }

    #[test]
    fn what_is_unknown_in_part_is_unknown_and_shown_as_null() {
        let known = Cost::Known("0.0001".parse().unwrap());
        assert_eq!(known.plus(Cost::Unknown), Cost::Unknown);
        let shown = serde_json::to_value((known, Cost::Unknown)).unwrap();
        assert_eq!(
            shown,
            serde_json::json!([{ "amount": 0.0001, "currency": "USD" }, null])
        );
    }
}
