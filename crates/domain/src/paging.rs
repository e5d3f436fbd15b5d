//! Keyset pagination: a page says where the next one starts, so that it costs the same at any depth and never
//! skips or repeats a row when others are inserted meanwhile.

use crate::error::Error;
use crate::validate::is_writable_time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Largest and default number of rows in a page.
pub const MAX_LIMIT: u32 = 200;
pub const DEFAULT_LIMIT: u32 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Ascending,
    Descending,
}

/// A field that rows can be ordered by. Each entity has an enum of its own; the id breaks ties.
pub trait SortField: Copy + PartialEq + 'static {
    /// The name in the API, also kept in the cursor.
    fn name(self) -> &'static str;
    /// Every field that can be asked for.
    fn all() -> &'static [Self];
    /// What its values are.
    fn kind(self) -> SortKind;
}

/// What the values of a sort field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKind {
    Time,
    Number,
    Text,
}

impl SortKind {
    /// Whether a cursor can have this value. Cursors come back from callers, who may have made them up.
    fn fits(self, value: &CursorValue) -> bool {
        match (self, value) {
            (Self::Time, CursorValue::Time(time)) => is_writable_time(*time),
            (Self::Number, CursorValue::Number(number)) => i32::try_from(*number).is_ok(),
            (Self::Text, CursorValue::Text(text)) => !text.contains('\0'),
            _ => false,
        }
    }
}

/// `sort=-created_at`: a field and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<F> {
    pub field: F,
    pub direction: Direction,
}

impl<F: SortField> Sort<F> {
    pub fn descending(field: F) -> Self {
        Self {
            field,
            direction: Direction::Descending,
        }
    }

    /// Parses `created_at` or `-created_at`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (name, direction) = match text.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        let field = F::all()
            .iter()
            .copied()
            .find(|field| field.name() == name)
            .ok_or_else(|| {
                let known: Vec<_> = F::all().iter().map(|field| field.name()).collect();
                Error::invalid(
                    "sort",
                    format!("can't sort by `{name}`; possible: {}", known.join(", ")),
                )
            })?;
        Ok(Self { field, direction })
    }

    /// The field with its direction, as in the query string.
    pub fn name(&self) -> String {
        let sign = if self.direction == Direction::Descending {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", self.field.name())
    }
}

/// The place after the last row of a page: the value of the sort field, and the id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// The sort it was made under; another one makes it meaningless.
    #[serde(rename = "s")]
    pub sort: String,
    #[serde(rename = "v")]
    pub value: CursorValue,
    #[serde(rename = "i")]
    pub id: Uuid,
}

/// The value of the sort field in the last row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CursorValue {
    #[serde(rename = "t")]
    Time(chrono::DateTime<chrono::Utc>),
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "s")]
    Text(String),
}

/// Which page of a list is wanted.
#[derive(Debug, Clone)]
pub struct PageRequest<F> {
    /// 1 to [`MAX_LIMIT`].
    pub limit: u32,
    pub cursor: Option<Cursor>,
    pub sort: Sort<F>,
    pub with_total: bool,
}

impl<F: SortField> PageRequest<F> {
    pub fn new(
        limit: Option<u32>,
        cursor: Option<Cursor>,
        sort: Sort<F>,
        with_total: bool,
    ) -> Result<Self, Error> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::invalid(
                "limit",
                format!("must be between 1 and {MAX_LIMIT}"),
            ));
        }
        if let Some(cursor) = &cursor {
            if cursor.sort != sort.name() {
                return Err(Error::invalid(
                    "cursor",
                    "belongs to a list with another sort order",
                ));
            }
            if !sort.field.kind().fits(&cursor.value) {
                return Err(Error::invalid(
                    "cursor",
                    "is not one of ours: use the `next_cursor` of the page before",
                ));
            }
        }
        Ok(Self {
            limit,
            cursor,
            sort,
            with_total,
        })
    }

    /// The first page, newest first or however `sort` says.
    pub fn first(limit: u32, sort: Sort<F>) -> Self {
        Self {
            limit,
            cursor: None,
            sort,
            with_total: false,
        }
    }
}

/// Some rows of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<Cursor>,
    /// Rows in the whole list, when asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
            total: self.total,
        }
    }
}

/// Declares an entity's sort fields with their API names.
#[macro_export]
macro_rules! sort_fields {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $text:literal: $kind:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),+ }
        impl $crate::paging::SortField for $name {
            fn name(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            fn all() -> &'static [Self] { &[$(Self::$variant),+] }
            fn kind(self) -> $crate::paging::SortKind { match self { $(Self::$variant => $crate::paging::SortKind::$kind),+ } }
        }
    };
}
