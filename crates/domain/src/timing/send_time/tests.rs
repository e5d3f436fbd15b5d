use super::*;
use crate::timing::Hours;
use proptest::prelude::*;

const ZONES: [Tz; 10] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::America__Santiago,
    Tz::Asia__Kolkata,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Africa__Casablanca,
    Tz::Africa__Cairo,
];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn window(from: &str, until: &str) -> Window {
    Window::new(at(from), at(until)).unwrap()
}

/// Somebody who opened so many mails in each of these hours of the week.
fn hours(events: &[(i64, f64)]) -> Hours {
    let mut hours = Hours::default();
    for (hour, events) in events {
        hours.add(
            HourOfWeek::of(&(at("2026-11-16T00:00:00Z") + TimeDelta::hours(*hour))),
            *events,
        );
    }
    hours
}

const WEDNESDAY: i64 = 48;

fn likes(hour: i64) -> Model {
    Model::new(&hours(&[(hour, 100.0)]), &Hours::default())
}

#[test]
fn without_events_it_is_everybodys_hour_and_says_so() {
    let everybody = hours(&[(WEDNESDAY + 10, 400.0), (WEDNESDAY + 15, 200.0)]);
    let model = Model::new(&Hours::default(), &everybody);
    let week = window("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z");
    let found = send_time(&model, Tz::UTC, week, QuietHours::default()).unwrap();
    assert_eq!(
        (found.at, found.basis),
        (at("2026-11-18T10:00:00Z"), Basis::Organization)
    );
    assert!(found.lift > 10.0 && found.weight.abs() < 1e-9, "{found:?}");
    let two = Model::new(&hours(&[(WEDNESDAY + 20, 2.0)]), &everybody);
    let found = send_time(&two, Tz::UTC, week, QuietHours::default()).unwrap();
    assert_eq!(
        (found.at, found.basis),
        (at("2026-11-18T10:00:00Z"), Basis::Organization)
    );
}

#[test]
fn with_nothing_known_at_all_it_is_the_first_hour_that_is_not_quiet() {
    let model = Model::new(&Hours::default(), &Hours::default());
    let found = send_time(
        &model,
        Tz::UTC,
        window("2026-11-18T03:20:00Z", "2026-11-20T00:00:00Z"),
        QuietHours::default(),
    );
    let found = found.unwrap();
    assert_eq!(found.at, at("2026-11-18T07:00:00Z"));
    assert!((found.lift - 1.0).abs() < 1e-9);
}

#[test]
fn with_much_evidence_it_is_the_persons_own_hour() {
    let everybody = hours(&[(WEDNESDAY + 10, 400.0)]);
    let model = Model::new(&hours(&[(WEDNESDAY + 19, 80.0)]), &everybody);
    let week = window("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z");
    let found = send_time(&model, Tz::America__New_York, week, QuietHours::default()).unwrap();
    // Seven in the evening in New York.
    assert_eq!(
        (found.at, found.basis),
        (at("2026-11-19T00:00:00Z"), Basis::Contact)
    );
    assert!((found.weight - 0.8).abs() < 1e-9);
}

#[test]
fn an_hour_that_summer_time_skips_never_comes() {
    // Sunday, 2026-03-29, two o'clock does not exist in Berlin.
    let day = window("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    let found = send_time(&likes(6 * 24 + 2), Tz::Europe__Berlin, day, QuietHours::NONE).unwrap();
    assert_ne!(found.hour.hour(), 2);
    let local = found.at.with_timezone(&Tz::Europe__Berlin);
    assert_eq!(local.hour(), u32::from(found.hour.hour()));
    // An ordinary Sunday has it.
    let day = window("2026-04-04T22:00:00Z", "2026-04-05T22:00:00Z");
    let found = send_time(&likes(6 * 24 + 2), Tz::Europe__Berlin, day, QuietHours::NONE).unwrap();
    assert_eq!((found.at, found.hour.hour()), (at("2026-04-05T00:00:00Z"), 2));
}

#[test]
fn an_hour_that_comes_twice_is_met_when_it_first_comes() {
    // Sunday, 2026-10-25: two o'clock in summer time is at 00:00 UTC, in winter time at 01:00.
    let day = window("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    let model = likes(6 * 24 + 2);
    let found = send_time(&model, Tz::Europe__Berlin, day, QuietHours::NONE).unwrap();
    assert_eq!(found.at, at("2026-10-25T00:00:00Z"));
    let later = window("2026-10-25T00:59:59Z", "2026-10-25T23:00:00Z");
    let found = send_time(&model, Tz::Europe__Berlin, later, QuietHours::NONE).unwrap();
    assert_eq!(found.at, at("2026-10-25T00:59:59Z"), "the first one is still on");
    let later = window("2026-10-25T01:00:01Z", "2026-10-25T23:00:00Z");
    let found = send_time(&model, Tz::Europe__Berlin, later, QuietHours::NONE).unwrap();
    assert_eq!(found.at, at("2026-10-25T01:00:01Z"), "the second one");
}

#[test]
fn quiet_hours_are_those_of_the_clock_on_the_wall() {
    // In the night in which the clock is set back, 22 to 7 is ten hours long.
    let night = window("2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z");
    let model = likes(3);
    assert_eq!(
        send_time(&model, Tz::Europe__Berlin, night, QuietHours::default()),
        None
    );
    let until_eight = window("2026-10-24T20:00:00Z", "2026-10-25T06:00:01Z");
    let found = send_time(&model, Tz::Europe__Berlin, until_eight, QuietHours::default()).unwrap();
    assert_eq!(found.at, at("2026-10-25T06:00:00Z"));
}

proptest! {
    #[test]
    fn it_is_in_the_window_never_quiet_and_none_is_better(
        // Around the days on which clocks are set, and any others of some years.
        start in 1_767_225_600_i64..1_861_920_000,
        length in 60_i64..(20 * 86_400),
        zone in prop::sample::select(ZONES.to_vec()),
        from in 0_u32..24,
        until in 0_u32..24,
        events in prop::collection::vec((0_i64..168, 0.0_f64..30.0), 0..8),
        others in prop::collection::vec((0_i64..168, 0.0_f64..300.0), 0..8),
    ) {
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let window = Window::new(start, start + TimeDelta::seconds(length)).unwrap();
        let quiet = QuietHours::new(from, until).unwrap();
        let model = Model::new(&hours(&events), &hours(&others));
        let found = send_time(&model, zone, window, quiet);
        // By the minute, the slow way.
        let mut best: Option<f64> = None;
        let mut instant = window.from();
        while window.contains(instant) {
            let local = instant.with_timezone(&zone);
            if !quiet.covers(&local) {
                let chance = model.chance(HourOfWeek::of(&local));
                best = Some(best.map_or(chance, |other| other.max(chance)));
            }
            instant += TimeDelta::minutes(1);
        }
        prop_assert_eq!(found.is_some(), best.is_some());
        if let (Some(found), Some(best)) = (found, best) {
            let local = found.at.with_timezone(&zone);
            prop_assert!(window.contains(found.at));
            prop_assert!(!quiet.covers(&local));
            prop_assert_eq!(HourOfWeek::of(&local), found.hour);
            prop_assert!(found.chance >= best - 1e-12);
            prop_assert!(found.lift >= 1.0 - 1e-9);
        }
    }

    #[test]
    fn with_much_evidence_it_is_the_own_hour_in_every_zone(
        hour in 0_i64..168,
        zone in prop::sample::select(ZONES.to_vec()),
        start in 1_767_225_600_i64..1_861_920_000,
    ) {
        let start = DateTime::from_timestamp(start, 0).unwrap();
        // Two weeks have every hour that a clock set in between may have skipped.
        let window = Window::new(start, start + TimeDelta::days(15)).unwrap();
        let found = send_time(&likes(hour), zone, window, QuietHours::NONE).unwrap();
        prop_assert_eq!(found.hour.index(), usize::try_from(hour).unwrap());
        prop_assert_eq!(found.basis, Basis::Contact);
    }

    #[test]
    fn no_events_are_the_prior(others in prop::collection::vec((0_i64..168, 0.0_f64..300.0), 0..8)) {
        let everybody = hours(&others);
        let none = Model::new(&Hours::default(), &everybody);
        let few = Model::new(&hours(&[(7, 2.9)]), &everybody);
        for hour in 0..168 {
            prop_assert!((none.chances_at(hour) - few.chances_at(hour)).abs() < 1e-12);
        }
    }
}

impl Model {
    fn chances_at(&self, hour: i64) -> f64 {
        self.chance(HourOfWeek::of(
            &(at("2026-11-16T00:00:00Z") + TimeDelta::hours(hour)),
        ))
    }
}
