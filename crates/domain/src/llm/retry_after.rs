//! How long a provider wants to be left alone.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// A wish beyond this is cut: a key that is away for longer is asked again after it.
const LONGEST: Duration = Duration::from_hours(1);

/// Reads `Retry-After` (RFC 9110, section 10.2.3: seconds or a date; some vendors write fractions) or `retry-after-ms`, whose value
/// is given as `millis`. `None` when neither can be read. At most one hour.
pub fn retry_after(value: Option<&str>, millis: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let exact = millis
        .and_then(|text| text.trim().parse::<u64>().ok())
        .map(Duration::from_millis);
    let found = exact.or_else(|| {
        let text = value?.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            if seconds.is_nan() {
                return None;
            }
            return Duration::try_from_secs_f64(seconds.min(LONGEST.as_secs_f64())).ok();
        }
        let date = DateTime::parse_from_rfc2822(text).ok()?;
        Some((date.to_utc() - now).to_std().unwrap_or_default())
    });
    found.map(|wait| wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_dates_and_milliseconds() {
        let now = "2027-01-15T08:00:00Z".parse().unwrap();
        let secs = |text| retry_after(Some(text), None, now).map(|wait| wait.as_secs_f64());
        assert_eq!(secs("20"), Some(20.0));
        assert_eq!(secs("0.5"), Some(0.5));
        assert_eq!(secs(" 7 "), Some(7.0));
        assert_eq!(secs("Fri, 15 Jan 2027 08:00:30 GMT"), Some(30.0));
        assert_eq!(secs("Fri, 15 Jan 2027 07:00:30 GMT"), Some(0.0));
        assert_eq!(secs("99999999999"), Some(3600.0));
        for nonsense in ["", "soon", "-5", "NaN", "inf-"] {
            assert_eq!(secs(nonsense), None, "{nonsense}");
        }
        let both = retry_after(Some("20"), Some("1500"), now);
        assert_eq!(both, Some(Duration::from_millis(1500)));
        assert_eq!(retry_after(None, None, now), None);
    }
}
