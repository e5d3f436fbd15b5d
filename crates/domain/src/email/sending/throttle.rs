//! How fast mail may go to one receiver after it pushed back: slower at once, faster bit by bit (additive increase, multiplicative
//! decrease, as congestion is met in TCP).
//!
//! Without pushback there is no limit and no row. The first pushback sets a pace, each further one halves it, each quiet minute adds to
//! it, and a pace that nobody needs any more is forgotten.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// After a pushback nothing is sent for so long; further pushbacks within it are answers to what was on its way already.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Mails of so long a time may go at once.
const BURST: i64 = 10_000_000;
/// Those that wait are spread over at most so long, so that none waits long for a pace that has become faster.
const SPREAD: i64 = 3_600_000_000;
const MINUTE: f64 = 60_000_000.0;

/// What an installation decides about all receivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThrottleRules {
    /// Mails a minute after the first pushback.
    pub start: f64,
    /// Never slower than this.
    pub least: f64,
    /// Added for each minute without pushback.
    pub step: f64,
    /// At this pace the limit ends.
    pub free: f64,
    /// Fewer complaints of one day than this say nothing; 0: they never do.
    pub complaints: u32,
    /// So large a share of the mails of that day and the one before, 0.0 to 1.0, counts as a pushback.
    pub complaint_share: f64,
}

impl ThrottleRules {
    /// How many complaints of one day are too many when so many mails were sent within two.
    fn too_many(&self, sent: u64) -> u32 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "mails of two days are far below 2^52, and a cast ends at the largest number"
        )]
        let share = (sent as f64 * self.complaint_share).ceil() as u32;
        self.complaints.max(share)
    }
}

/// One receiver that pushed back, as one organization met it. Moments are microseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Throttle {
    /// See [`super::provider_of`].
    pub provider: String,
    /// Mails a minute as of `paced_at`; `None`: no limit.
    pub per_minute: Option<f64>,
    pub paced_at: DateTime<Utc>,
    /// When the next mail may go.
    pub next_turn: i64,
    /// Until when mails that wait have been given times.
    pub horizon: i64,
    /// Complaints of one day.
    pub complaints: u32,
    pub complaints_on: NaiveDate,
}

/// How many of some mails may go now, and when the others may be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub pass: usize,
    pub later: Vec<DateTime<Utc>>,
}

impl Throttle {
    /// Of a receiver that never pushed back.
    pub fn new(provider: String, now: DateTime<Utc>) -> Self {
        Self {
            provider,
            per_minute: None,
            paced_at: now,
            next_turn: 0,
            horizon: 0,
            complaints: 0,
            complaints_on: now.date_naive(),
        }
    }

    /// The pace at this moment.
    pub fn pace(&self, rules: &ThrottleRules, now: DateTime<Utc>) -> Option<f64> {
        let quiet = (now - self.paced_at).max(TimeDelta::zero()).as_seconds_f64() / 60.0;
        let pace = self.per_minute? + rules.step * quiet;
        (pace < rules.free).then_some(pace.max(rules.least))
    }

    /// Whether the row tells anything that is still true.
    pub fn matters(&self, rules: &ThrottleRules, now: DateTime<Utc>) -> bool {
        self.pace(rules, now).is_some() || (self.complaints > 0 && self.complaints_on == now.date_naive())
    }

    /// The receiver pushed back.
    pub fn back_off(&mut self, rules: &ThrottleRules, now: DateTime<Utc>) {
        let pace = match self.pace(rules, now) {
            None => rules.start,
            Some(pace) if now < self.paced_at + PAUSE => pace,
            Some(pace) => pace / 2.0,
        };
        self.per_minute = Some(pace.max(rules.least));
        self.paced_at = now;
        self.next_turn = self.next_turn.max((now + PAUSE).timestamp_micros());
    }

    /// Somebody there called a mail unwanted; `sent`: mails to it today and yesterday, which is when most of what is complained of was
    /// sent. True when that made it slower.
    pub fn complained(&mut self, rules: &ThrottleRules, now: DateTime<Utc>, sent: u64) -> bool {
        let today = now.date_naive();
        if self.complaints_on != today {
            (self.complaints, self.complaints_on) = (0, today);
        }
        self.complaints += 1;
        let enough = rules.complaints > 0 && self.complaints.is_multiple_of(rules.too_many(sent));
        if enough {
            self.back_off(rules, now);
        }
        enough
    }

    /// Takes turns for up to `wanted` mails.
    pub fn take(&mut self, rules: &ThrottleRules, now: DateTime<Utc>, wanted: usize) -> Share {
        let Some(pace) = self.pace(rules, now) else {
            return Share {
                pass: wanted,
                later: Vec::new(),
            };
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most a minute's microseconds, as no pace is below one"
        )]
        let interval = (MINUTE / pace.max(1.0)) as i64;
        let moment = now.timestamp_micros();
        let latest = moment + (BURST - interval).max(0);
        self.next_turn = self.next_turn.max(moment);
        let mut pass = 0;
        while pass < wanted && self.next_turn <= latest {
            self.next_turn += interval;
            pass += 1;
        }
        let mut later = Vec::with_capacity(wanted - pass);
        for _ in pass..wanted {
            if self.horizon < self.next_turn || self.horizon > moment + SPREAD {
                self.horizon = self.next_turn;
            }
            later.push(DateTime::from_timestamp_micros(self.horizon).unwrap_or(now));
            self.horizon += interval;
        }
        Share { pass, later }
    }

    /// Counts a mail that goes whatever the pace is: somebody waits for it.
    pub fn pass_by(&mut self, rules: &ThrottleRules, now: DateTime<Utc>) {
        if let Some(pace) = self.pace(rules, now) {
            #[expect(clippy::cast_possible_truncation, reason = "at most a minute's microseconds")]
            let interval = (MINUTE / pace.max(1.0)) as i64;
            self.next_turn = self.next_turn.max(now.timestamp_micros()) + interval;
        }
    }
}

/// Codes with which receivers say that it is too much (RFC 5321, and what large ones make of it).
const CODES: [&str; 6] = ["421", "450", "451", "452", "454", "429"];
/// What they say then, in words and in phrases. (Greylisting says none of it, and has nothing to do with speed.)
const WORDS: [&str; 5] = ["rate", "rates", "ratelimit", "throttled", "throttling"];
const PHRASES: [&str; 7] = [
    "too many",
    "too much mail",
    "slow down",
    "temporarily deferred",
    "unusual",
    "unexpected volume",
    "complaint",
];

/// Whether a reply to a mail that was put off says that the sender is too fast or too unwelcome.
pub fn pushback(reply: &str) -> bool {
    let text = reply.to_ascii_lowercase();
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter(|number| !number.is_empty());
    let coded = numbers.by_ref().take(4).any(|number| CODES.contains(&number));
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let meant = words.any(|word| WORDS.contains(&word)) || PHRASES.iter().any(|phrase| text.contains(phrase));
    coded && meant && !text.contains("greylist") && !text.contains("graylist")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: ThrottleRules = ThrottleRules {
        start: 60.0,
        least: 1.0,
        step: 10.0,
        free: 600.0,
        complaints: 3,
        complaint_share: 0.01,
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
    }

    fn throttle() -> Throttle {
        Throttle::new("google".into(), at(0))
    }

    #[test]
    fn a_pushback_halves_and_quiet_minutes_add() {
        let mut throttle = throttle();
        assert_eq!(throttle.pace(&RULES, at(0)), None);
        throttle.back_off(&RULES, at(0));
        assert_eq!(throttle.pace(&RULES, at(0)), Some(60.0));
        // Answers to what was on its way.
        throttle.back_off(&RULES, at(0));
        assert_eq!(throttle.pace(&RULES, at(0)), Some(60.0));
        assert_eq!(throttle.pace(&RULES, at(120)), Some(80.0));
        throttle.back_off(&RULES, at(120));
        assert_eq!(throttle.pace(&RULES, at(120)), Some(40.0));
        for minute in 4..30 {
            throttle.back_off(&RULES, at(minute * 61));
        }
        let slow = throttle.pace(&RULES, at(29 * 61)).unwrap();
        assert!((1.0..=21.0).contains(&slow), "{slow}");
        assert_eq!(
            throttle.pace(&RULES, at(29 * 61 + 3600)),
            None,
            "it is forgotten in an hour"
        );
        assert!(!throttle.matters(&RULES, at(29 * 61 + 3600)));
    }

    #[test]
    fn mails_are_spread_at_the_pace_and_none_is_lost() {
        let mut throttle = throttle();
        throttle.back_off(&RULES, at(0));
        let share = throttle.take(&RULES, at(1), 50);
        assert_eq!((share.pass, share.later.len()), (0, 50), "a minute's pause");
        assert_eq!(share.later[0], at(60));
        assert!(share.later.windows(2).all(|two| two[0] < two[1]));
        // More that wait come behind those.
        let more = throttle.take(&RULES, at(2), 10);
        assert!(more.later[0] > share.later[49]);
        // 70 a minute by then, of which ten seconds may go at once.
        let share = throttle.take(&RULES, at(60), 50);
        assert_eq!((share.pass, share.later.len()), (11, 39));
        // In the long run no more than the pace.
        let sent: usize = (61..121)
            .map(|second| throttle.take(&RULES, at(second), 50).pass)
            .sum();
        assert!((60..=85).contains(&sent), "{sent}");
    }

    #[test]
    fn nobody_waits_longer_than_an_hour_for_the_next_look() {
        let mut throttle = throttle();
        throttle.back_off(&RULES, at(0));
        for _ in 0..1000 {
            for time in throttle.take(&RULES, at(1), 50).later {
                assert!(
                    time <= at(1) + TimeDelta::hours(1) + TimeDelta::minutes(1),
                    "{time}"
                );
            }
        }
    }

    #[test]
    fn a_mail_that_somebody_waits_for_takes_a_turn_of_the_others() {
        let mut throttle = throttle();
        throttle.back_off(&RULES, at(0));
        let before = throttle.next_turn;
        throttle.pass_by(&RULES, at(1));
        assert!(throttle.next_turn > before);
    }

    #[test]
    fn complaints_count_by_the_day() {
        let mut throttle = throttle();
        let complained = |throttle: &mut Throttle, seconds| throttle.complained(&RULES, at(seconds), 10);
        assert!(!complained(&mut throttle, 0) && !complained(&mut throttle, 1));
        assert!(throttle.matters(&RULES, at(2)));
        // The next day begins anew.
        assert!(!complained(&mut throttle, 86_400));
        assert!(!complained(&mut throttle, 86_401) && complained(&mut throttle, 86_402));
        assert_eq!(throttle.pace(&RULES, at(86_402)), Some(60.0));
    }

    #[test]
    fn complaints_are_weighed_against_what_was_sent() {
        // One of a hundred is too many; of few mails the number alone counts.
        for (sent, too_many) in [(0, 3), (299, 3), (300, 3), (301, 4), (10_000, 100)] {
            let mut throttle = throttle();
            for complaint in 1..too_many {
                assert!(!throttle.complained(&RULES, at(0), sent), "{complaint} of {sent}");
            }
            assert!(throttle.complained(&RULES, at(0), sent), "{too_many} of {sent}");
            // As many again slow it down again.
            for _ in 1..too_many {
                assert!(!throttle.complained(&RULES, at(90), sent));
            }
            assert!(throttle.complained(&RULES, at(90), sent), "{sent}");
        }
        let never = ThrottleRules {
            complaints: 0,
            ..RULES
        };
        assert!(!throttle().complained(&never, at(0), 0));
    }

    #[test]
    fn replies_about_speed_are_told_from_others() {
        for pushed in [
            "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address.",
            "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
            "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.",
            "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
            "454 4.7.1 too many connections",
            "452 4.5.3 Too many recipients",
            "the connection broke: 421 too many messages",
        ] {
            assert!(pushback(pushed), "{pushed}");
        }
        for other in [
            "450 4.2.0 Greylisted, try again in 5 minutes (rate)",
            "451 4.3.0 a separate local problem",
            "452 4.2.2 mailbox full, its size limit is reached",
            "550 5.7.1 rate limit exceeded for good",
            "the connection broke: connection reset",
        ] {
            assert!(!pushback(other), "{other}");
        }
    }
}
