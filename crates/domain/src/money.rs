//! Money in minor units with its ISO 4217 currency. Never a float: databases and sums would lose cents.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::str::FromStr;

/// An ISO 4217 currency code, for example `EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies of ISO 4217 (2025) that one can pay with; funds, metals and the code for tests are left out. Sorted.
const CODES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD \
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP \
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW \
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN \
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD \
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW \
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

impl Currency {
    pub const EUR: Self = Self(*b"EUR");

    pub fn as_str(&self) -> &str {
        // Only ASCII letters get in.
        std::str::from_utf8(&self.0).unwrap_or("EUR")
    }

    /// Digits after the decimal point (ISO 4217, column "minor unit").
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let code = text.to_ascii_uppercase();
        match code.as_bytes() {
            &[a, b, c] if CODES.split(' ').any(|known| known == code) => Ok(Self([a, b, c])),
            _ => Err("must be a three-letter currency code of ISO 4217, for example EUR".into()),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An amount in the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "ShownMoney")]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Money as it is shown: in the currency's main unit.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Money))]
pub struct ShownMoney {
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 5000.0))]
    #[serde(with = "rust_decimal::serde::float")]
    amount: Decimal,
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "EUR"))]
    currency: Currency,
}

impl From<Money> for ShownMoney {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount(),
            currency: money.currency,
        }
    }
}

/// Money as a caller writes it: `{"amount": 5000.00, "currency": "EUR"}`, or a bare number in the
/// organization's currency.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MoneyInput {
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    Bare(#[serde(with = "rust_decimal::serde::float")] Decimal),
    Full {
        #[cfg_attr(feature = "openapi", schema(value_type = f64))]
        #[serde(with = "rust_decimal::serde::float")]
        amount: Decimal,
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        currency: Currency,
    },
}

impl Money {
    /// Refuses amounts finer than the currency's smallest unit, and those beyond ±9·10^15 minor units.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, String> {
        let scaled = amount
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or("is too large")?;
        if scaled.fract() != Decimal::ZERO {
            return Err(format!(
                "must have at most {} digits after the point in {}",
                currency.exponent(),
                currency.as_str()
            ));
        }
        let minor = scaled
            .to_i64()
            .filter(|minor| minor.abs() <= 9_000_000_000_000_000)
            .ok_or("is too large")?;
        Ok(Self { minor, currency })
    }

    pub fn amount(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }
}

impl MoneyInput {
    /// Resolves a bare number with the organization's currency.
    pub fn resolve(self, default: Currency) -> Result<Money, String> {
        match self {
            Self::Bare(amount) => Money::new(amount, default),
            Self::Full { amount, currency } => Money::new(amount, currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_takes_the_default_currency_and_keeps_every_cent() {
        let input: MoneyInput = serde_json::from_str("5000.10").unwrap();
        let money = input.resolve(Currency::EUR).unwrap();
        assert_eq!((money.minor, money.currency), (500_010, Currency::EUR));
        assert_eq!(money.amount().to_string(), "5000.10");
        let shown = serde_json::to_value(money).unwrap();
        assert_eq!(shown, serde_json::json!({ "amount": 5000.1, "currency": "EUR" }));
    }

    #[test]
    fn a_full_amount_has_its_own_currency_and_its_minor_unit() {
        let input: MoneyInput = serde_json::from_str(r#"{"amount": 1200, "currency": "jpy"}"#).unwrap();
        assert_eq!(input.resolve(Currency::EUR).unwrap().minor, 1200);
        let input: MoneyInput = serde_json::from_str(r#"{"amount": 1.5, "currency": "JPY"}"#).unwrap();
        assert!(
            input
                .resolve(Currency::EUR)
                .unwrap_err()
                .contains("at most 0 digits")
        );
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Money::new(Decimal::MAX, Currency::EUR).is_err());
        assert!("EURO".parse::<Currency>().is_err());
        assert!("é1".parse::<Currency>().is_err());
    }
}
