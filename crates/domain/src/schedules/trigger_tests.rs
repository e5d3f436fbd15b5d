use super::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn cron(expression: &str, zone: &str) -> Trigger {
    Trigger::Cron {
        expression: expression.to_owned(),
        time_zone: zone.parse().unwrap(),
    }
}

/// The next moments, as the clock on the wall shows them, with its distance from UTC.
fn moments(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let trigger = cron(expression, zone);
    trigger.check().unwrap();
    let zone: Tz = zone.parse().unwrap();
    let mut last = utc(after);
    (0..count)
        .map(|_| {
            last = trigger.next_after(last).unwrap();
            last.with_timezone(&zone).format("%m-%d %H:%M %:z").to_string()
        })
        .collect()
}

#[test]
fn an_hour_that_does_not_exist() {
    // Berlin: 2026-03-29 02:00 is 03:00. New York: 2026-03-08 02:00 is 03:00. Lord Howe: 2026-10-04 02:00 is 02:30.
    for (zone, before, fixed, repeated) in [
        (
            "Europe/Berlin",
            "2026-03-28T12:00:00Z",
            ["03-29 03:00 +02:00", "03-30 02:15 +02:00"],
            ["03-29 01:45 +01:00", "03-29 03:00 +02:00"],
        ),
        (
            "America/New_York",
            "2026-03-07T12:00:00Z",
            ["03-08 03:00 -04:00", "03-09 02:15 -04:00"],
            ["03-08 01:45 -05:00", "03-08 03:00 -04:00"],
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-03T12:00:00Z",
            ["10-04 02:30 +11:00", "10-05 02:15 +11:00"],
            ["10-04 01:45 +10:30", "10-04 02:30 +11:00"],
        ),
    ] {
        assert_eq!(moments("15 2 * * *", zone, before, 2), fixed, "{zone}");
        let all = moments("*/15 * * * *", zone, before, 120);
        let at = all.iter().position(|moment| moment == repeated[0]).unwrap();
        assert_eq!(all[at + 1], repeated[1], "{zone}");
    }
}

#[test]
fn an_hour_that_comes_twice() {
    // Berlin: 2026-10-25 03:00 is 02:00. New York: 2026-11-01 02:00 is 01:00. Lord Howe: 2026-04-05 02:00 is 01:30.
    for (zone, hour, before, fixed, repeated) in [
        (
            "Europe/Berlin",
            2,
            "2026-10-24T12:00:00Z",
            ["10-25 02:45 +02:00", "10-26 02:45 +01:00"],
            ["10-25 02:45 +02:00", "10-25 02:45 +01:00"],
        ),
        (
            "America/New_York",
            1,
            "2026-10-31T12:00:00Z",
            ["11-01 01:45 -04:00", "11-02 01:45 -05:00"],
            ["11-01 01:45 -04:00", "11-01 01:45 -05:00"],
        ),
        (
            "Australia/Lord_Howe",
            1,
            "2026-04-04T12:00:00Z",
            ["04-05 01:45 +11:00", "04-06 01:45 +10:30"],
            ["04-05 01:45 +11:00", "04-05 01:45 +10:30"],
        ),
    ] {
        assert_eq!(
            moments(&format!("45 {hour} * * *"), zone, before, 2),
            fixed,
            "{zone}"
        );
        let all = moments("*/15 * * * *", zone, before, 120);
        let both: Vec<_> = all
            .iter()
            .filter(|moment| repeated.contains(&moment.as_str()))
            .collect();
        assert_eq!(both, repeated.iter().collect::<Vec<_>>(), "{zone}");
    }
}

#[test]
fn expressions_mean_what_they_mean_in_every_cron() {
    let of = |expression, count| moments(expression, "UTC", "2026-11-22T10:07:00Z", count);
    assert_eq!(
        of("0 9 * * MON-FRI", 2),
        ["11-23 09:00 +00:00", "11-24 09:00 +00:00"]
    );
    assert_eq!(of("0 0 1 * *", 2), ["12-01 00:00 +00:00", "01-01 00:00 +00:00"]);
    assert_eq!(of("0 0 L * *", 2), ["11-30 00:00 +00:00", "12-31 00:00 +00:00"]);
    assert_eq!(of("0 12 29 2 *", 1), ["02-29 12:00 +00:00"]);
    assert_eq!(of("@daily", 1), ["11-23 00:00 +00:00"]);
    assert_eq!(of("7 10 * * *", 1), ["11-23 10:07 +00:00"], "after, and not at");
    // Either of the two days, as ever.
    assert_eq!(
        of("0 0 24 * SUN", 2),
        ["11-24 00:00 +00:00", "11-29 00:00 +00:00"]
    );
}

#[test]
fn what_can_not_be_kept_says_why() {
    for wrong in ["", "x", "* * * *", "60 * * * *", "* * * * * *", "0 0 * * FUNDAY"] {
        let error = cron(wrong, "UTC").check().unwrap_err();
        assert!(matches!(error, TriggerError::Cron(_)), "{wrong}: {error:?}");
    }
    assert_eq!(cron("0 0 30 2 *", "UTC").check(), Err(TriggerError::Never));
    for seconds in [i64::MIN, -60, 0, 59, i64::MAX] {
        let trigger = Trigger::Interval {
            seconds,
            start: utc("2026-01-01T00:00:00Z"),
        };
        assert_eq!(trigger.check(), Err(TriggerError::Interval));
    }
}

#[test]
fn intervals_are_real_time() {
    let start = utc("2026-03-28T01:30:00Z");
    let trigger = Trigger::Interval {
        seconds: 24 * 3600,
        start,
    };
    trigger.check().unwrap();
    assert_eq!(trigger.next_after(start - TimeDelta::days(9)), Some(start));
    assert_eq!(trigger.next_after(start), Some(start + TimeDelta::days(1)));
    assert_eq!(
        trigger.next_after(start + TimeDelta::seconds(1)),
        Some(start + TimeDelta::days(1))
    );
    assert_eq!(
        trigger.next_after(start + TimeDelta::days(1)),
        Some(start + TimeDelta::days(2))
    );
}

#[test]
fn triggers_are_kept_as_they_are_written() {
    for text in [
        r#"{"type":"date","at":"2026-11-22T08:00:00Z"}"#,
        r#"{"type":"interval","seconds":3600,"start":"2026-11-22T08:00:00Z"}"#,
        r#"{"type":"cron","expression":"30 8 * * MON-FRI","time_zone":"Europe/Berlin"}"#,
    ] {
        let trigger: Trigger = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&trigger).unwrap(), text);
    }
    let wrong = r#"{"type":"cron","expression":"@daily","time_zone":"Europe/Nowhere"}"#;
    assert!(serde_json::from_str::<Trigger>(wrong).is_err());
}
