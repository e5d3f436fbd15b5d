//! What is known about all clients together.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most industries and countries that are told apart.
pub const MOST_GROUPS: usize = 50;
/// Months of growth, the current one included.
const MONTHS: i32 = 12;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IndustryCount {
    /// Null for clients whose industry is not known.
    pub industry: Option<String>,
    pub clients: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CountryCount {
    /// ISO 3166-1 alpha-2; null for clients whose country is not known.
    pub country: Option<String>,
    pub clients: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MonthCount {
    /// `2027-01`, in UTC.
    #[cfg_attr(feature = "openapi", schema(example = "2027-01"))]
    pub month: String,
    /// New in this month.
    pub clients: i64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientStats {
    pub total: i64,
    pub by_status: BTreeMap<String, i64>,
    /// The 50 largest, largest first.
    pub by_industry: Vec<IndustryCount>,
    /// Clients of all other industries.
    pub other_industries: i64,
    /// The 50 largest, largest first.
    pub by_country: Vec<CountryCount>,
    /// Clients of all other countries.
    pub other_countries: i64,
    /// Of the clients whose revenue is known: by currency, in its main unit.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"EUR": 1_250_000.0})))]
    pub average_revenue: BTreeMap<String, f64>,
    /// The last 12 months, oldest first.
    pub growth_by_month: Vec<MonthCount>,
}

/// Months counted from the year 0.
fn month_number(time: DateTime<Utc>) -> i32 {
    time.year() * 12 + i32::try_from(time.month0()).unwrap_or_default()
}

fn year_and_month(number: i32) -> (i32, u32) {
    let month = u32::try_from(number.rem_euclid(12)).unwrap_or_default();
    (number.div_euclid(12), month + 1)
}

/// The first moment of the oldest month of [`growth`].
pub fn growth_start(now: DateTime<Utc>) -> DateTime<Utc> {
    let (year, month) = year_and_month(month_number(now) - (MONTHS - 1));
    NaiveDate::from_ymd_opt(year, month, 1)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map_or(now, |start| start.and_utc())
}

/// The last 12 months, with those in which nobody came.
pub fn growth(now: DateTime<Utc>, counts: &BTreeMap<String, i64>) -> Vec<MonthCount> {
    let this = month_number(now);
    (this - (MONTHS - 1)..=this)
        .map(|number| {
            let (year, month) = year_and_month(number);
            let month = format!("{year:04}-{month:02}");
            let clients = counts.get(&month).copied().unwrap_or_default();
            MonthCount { month, clients }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_has_twelve_months_across_the_year() {
        let now = "2027-03-31T23:59:59Z".parse().unwrap();
        let counts = BTreeMap::from([("2026-12".to_owned(), 3), ("2026-03".to_owned(), 9)]);
        let growth = growth(now, &counts);
        assert_eq!(growth.len(), 12);
        assert_eq!(
            (growth[0].month.as_str(), growth[11].month.as_str()),
            ("2026-04", "2027-03")
        );
        assert_eq!(growth.iter().map(|month| month.clients).sum::<i64>(), 3);
        assert_eq!(growth_start(now).to_rfc3339(), "2026-04-01T00:00:00+00:00");
    }
}
