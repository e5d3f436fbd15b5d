//! What the checks of an address found, in four letters: does its domain take mail, is it disposable, a role, free mail; each `y`,
//! `n` or `u` (unknown). As JSON it was a fifth of a lead's row, which is read whenever leads are counted.

use crate::entity::leads::Column;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{Verdict, Verification};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};

/// Of an address that was never looked at.
const NOTHING: &str = "uuuu";

pub(crate) fn letters(found: &Verification) -> String {
    [found.mx, found.disposable, found.role, found.free_mail]
        .map(letter)
        .iter()
        .collect()
}

pub(crate) fn read(letters: &str, checked_at: Option<DateTime<Utc>>) -> Result<Verification, StoreError> {
    let mut verdicts = letters.chars().map(verdict);
    match (verdicts.next(), verdicts.next(), verdicts.next(), verdicts.next()) {
        (Some(Some(mx)), Some(Some(disposable)), Some(Some(role)), Some(Some(free_mail))) => {
            Ok(Verification::found(mx, disposable, role, free_mail, checked_at))
        }
        _ => Err(StoreError::other(format!(
            "leads.address_checks: {letters:?} are no four letters of y, n and u"
        ))),
    }
}

/// The leads for which what was found is so. Of the 81 texts that there can be, those that are so are asked for.
pub(crate) fn are(so: impl Fn(&Verification) -> bool) -> SimpleExpr {
    let all = || Verdict::ALL.iter().copied();
    let mut texts = Vec::new();
    for mx in all() {
        for disposable in all() {
            for role in all() {
                for free_mail in all() {
                    let found = Verification::found(mx, disposable, role, free_mail, None);
                    if so(&found) {
                        texts.push(letters(&found));
                    }
                }
            }
        }
    }
    let known = Func::coalesce([
        Expr::col(Column::AddressChecks.as_column_ref()),
        Expr::val(NOTHING),
    ]);
    SimpleExpr::from(known).is_in(texts)
}

fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Yes => 'y',
        Verdict::No => 'n',
        Verdict::Unknown => 'u',
    }
}

fn verdict(letter: char) -> Option<Verdict> {
    Verdict::ALL
        .iter()
        .copied()
        .find(|verdict| self::letter(*verdict) == letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_as_they_were_written() {
        for address in ["ada@example.com", "info@gmail.com", "ada@mailinator.com"] {
            let found =
                Verification::of(&address.parse().unwrap()).with_mx(Verdict::Yes, DateTime::UNIX_EPOCH);
            assert_eq!(
                read(&letters(&found), found.checked_at).unwrap(),
                found,
                "{address}"
            );
        }
        assert_eq!(
            letters(&Verification::of(&"info@gmail.com".parse().unwrap())),
            "unyy"
        );
        for wrong in ["", "yyy", "yxyy"] {
            assert!(read(wrong, None).is_err(), "{wrong}");
        }
    }
}
