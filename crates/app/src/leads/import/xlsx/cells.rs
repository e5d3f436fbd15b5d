//! What a cell's value is as text.

use chrono::{NaiveDate, TimeDelta};

/// The column of a reference such as `BC12`, from 0.
pub(super) fn column_of(reference: &str) -> Option<usize> {
    let mut column = 0_usize;
    for letter in reference.bytes().take_while(u8::is_ascii_alphabetic) {
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        if column > super::MOST_COLUMNS {
            return None;
        }
    }
    column.checked_sub(1)
}

/// A number as people write it: without the digits that only the binary form has, and without `.0`.
pub(super) fn number(text: &str) -> String {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{number}"),
        _ => text.trim().to_owned(),
    }
}

/// A number of days as a date, a time, or both, in the form of ISO 8601.
pub(super) fn time(text: &str, from_1904: bool) -> String {
    let plain = || number(text);
    let Ok(days) = text.trim().parse::<f64>() else {
        return plain();
    };
    if !(0.0..2_958_466.0).contains(&days) {
        return plain();
    }
    // Day 60 is the 29th of February 1900, which never was; so counting from two days before 1900 is right after it.
    let start = if from_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)
    };
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    let seconds = (days * 86_400.0).round() as i64;
    let at = start
        .and_then(|start| start.and_hms_opt(0, 0, 0))
        .and_then(|start| start.checked_add_signed(TimeDelta::seconds(seconds)));
    let Some(at) = at else { return plain() };
    if seconds % 86_400 == 0 {
        at.format("%Y-%m-%d").to_string()
    } else if seconds < 86_400 {
        at.format("%H:%M:%S").to_string()
    } else {
        at.format("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_numbers_and_times_are_as_people_see_them() {
        assert_eq!(
            ["A1", "Z9", "AA10", "XFD1"].map(column_of),
            [Some(0), Some(25), Some(26), Some(16_383)]
        );
        assert_eq!([column_of("XFE1"), column_of("12")], [None, None]);
        assert_eq!(
            ["5.0", "0.10000000000000001", "1.2E+3", "-7", "x"].map(number),
            ["5", "0.1", "1200", "-7", "x"]
        );
        assert_eq!(time("46419", false), "2027-02-01");
        assert_eq!(time("44957", true), "2027-02-01");
        assert_eq!(time("46419.75", false), "2027-02-01T18:00:00");
        assert_eq!(time("0.5", false), "12:00:00");
        assert_eq!(time("-1", false), "-1");
    }
}
