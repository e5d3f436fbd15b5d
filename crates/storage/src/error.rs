//! What a database error means to a use-case.

use groundswell_domain::StoreError;
use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Translates: a taken key and a missing reference keep the name of the constraint, what passes by itself becomes
/// [`StoreError::Unavailable`], the rest is a fault.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    match &error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => StoreError::Unavailable(error.into()),
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match &**cause {
                sqlx::Error::Database(cause) => match meaning(&**cause) {
                    Meaning::Duplicate(constraint) => StoreError::Duplicate { constraint },
                    Meaning::MissingReference(constraint) => StoreError::MissingReference { constraint },
                    Meaning::Passing => StoreError::Unavailable(error.into()),
                    Meaning::Fault => StoreError::Other(error.into()),
                },
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => StoreError::Unavailable(error.into()),
                _ => StoreError::Other(error.into()),
            }
        }
        _ => StoreError::Other(error.into()),
    }
}

/// The same for errors of the driver itself.
pub(crate) fn driver_error(error: sqlx::Error) -> StoreError {
    store_error(DbErr::Query(RuntimeErr::SqlxError(error.into())))
}

enum Meaning {
    Duplicate(String),
    MissingReference(String),
    Passing,
    Fault,
}

fn meaning(error: &dyn DatabaseError) -> Meaning {
    match error.kind() {
        ErrorKind::UniqueViolation => Meaning::Duplicate(constraint(error)),
        ErrorKind::ForeignKeyViolation => Meaning::MissingReference(constraint(error)),
        // SQLite: our triggers that stand in for foreign keys (m0009) said no.
        _ if error.code().is_some_and(|code| code == "1811") => {
            Meaning::MissingReference(error.message().to_owned())
        }
        _ if error.code().is_some_and(|code| is_passing(&code)) => Meaning::Passing,
        _ => Meaning::Fault,
    }
}

/// PostgreSQL tells the name; SQLite only the columns, in its message.
fn constraint(error: &dyn DatabaseError) -> String {
    error
        .constraint()
        .map_or_else(|| error.message().to_owned(), str::to_owned)
}

/// Codes of both databases; they can't be mistaken for each other, SQLSTATEs have five characters.
fn is_passing(code: &str) -> bool {
    // SQLite: primary result code in the lower byte; 5 busy, 6 locked, 10 I/O, 13 disk full.
    if code.len() < 5
        && let Ok(code) = code.parse::<u32>()
    {
        return matches!(code & 0xff, 5 | 6 | 10 | 13);
    }
    // Class 08 connection, 40 serialization failure and deadlock, 53 resources, 57 shutdown and cancelled (timeouts);
    // 55P03 lock timeout, 25P03 idle in transaction too long.
    matches!(code.get(..2), Some("08" | "40" | "53" | "57")) || matches!(code, "55P03" | "25P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_faults() {
        for code in [
            "5", "6", "517", "261", "08006", "40001", "40P01", "53300", "57014", "57P01", "55P03",
        ] {
            assert!(is_passing(code), "{code}");
        }
        for code in ["1", "11", "42601", "22001", "23514", "42P01", ""] {
            assert!(!is_passing(code), "{code}");
        }
    }
}
