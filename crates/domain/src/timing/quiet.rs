//! Hours in which nobody is to be disturbed.

use chrono::{DateTime, TimeZone, Timelike};

/// Full local hours of every day, from the first one to before the second one; over midnight if it is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: u32,
    until: u32,
}

impl QuietHours {
    /// None at all.
    pub const NONE: Self = Self { from: 0, until: 0 };

    /// Both 0 to 23; the same twice means none.
    pub fn new(from: u32, until: u32) -> Result<Self, String> {
        if from > 23 || until > 23 {
            return Err("quiet hours begin and end at full hours, 0 to 23".into());
        }
        Ok(Self { from, until })
    }

    pub fn covers<Z: TimeZone>(self, local: &DateTime<Z>) -> bool {
        let hour = local.hour();
        if self.from <= self.until {
            (self.from..self.until).contains(&hour)
        } else {
            hour >= self.from || hour < self.until
        }
    }
}

impl Default for QuietHours {
    /// Ten in the evening to seven in the morning.
    fn default() -> Self {
        Self { from: 22, until: 7 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn nights_go_over_midnight_and_siestas_do_not() {
        let at = |hour: u32| Utc.with_ymd_and_hms(2026, 11, 18, hour, 59, 59).unwrap();
        let covered = |quiet: QuietHours| {
            (0..24)
                .filter(|hour| quiet.covers(&at(*hour)))
                .collect::<Vec<_>>()
        };
        assert_eq!(covered(QuietHours::default()), [0, 1, 2, 3, 4, 5, 6, 22, 23]);
        assert_eq!(covered(QuietHours::new(12, 15).unwrap()), [12, 13, 14]);
        assert_eq!(covered(QuietHours::NONE), [0_u32; 0]);
        assert_eq!(covered(QuietHours::new(5, 5).unwrap()), [0_u32; 0]);
        assert!(QuietHours::new(24, 7).is_err());
    }
}
