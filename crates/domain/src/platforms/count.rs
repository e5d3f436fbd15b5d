//! What a platform would make of a text.

use super::atoms::{Atom, atoms, entities};
use super::entity::{Entity, EntityKind};
use super::rules::{Limit, LimitOn, Platform, Rules};
use super::split::{Part, split};
use super::text::{Span, Text};
use super::unit::Unit;
use super::x::is_space;
use serde::Serialize;
use std::collections::HashSet;

crate::text_enum::text_enum! {
    /// What is wrong with a text.
    ViolationCode {
        TooLong => "too_long",
        TooManyBytes => "too_many_bytes",
        TooManyHashtags => "too_many_hashtags",
        TooManyMentions => "too_many_mentions",
        TooManyLinks => "too_many_links",
        /// It is published, and readers see only the beginning at first.
        CutOff => "cut_off",
        Empty => "empty",
        LineBreak => "line_break",
        ForbiddenCharacter => "forbidden_character",
        Emoji => "emoji",
    }
}

crate::text_enum::text_enum! {
    /// How bad it is.
    Severity {
        /// The platform refuses it.
        Error => "error",
        /// The platform takes it, and it does less than it could.
        Advice => "advice",
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Violation {
    pub code: ViolationCode,
    pub severity: Severity,
    /// A sentence a person understands.
    pub message: String,
    /// Where: what is too much, or what may not be. Empty if it is the text as a whole.
    pub at: Vec<Span>,
}

/// A link, mention or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Piece {
    pub kind: EntityKind,
    pub at: Span,
}

/// What a platform would make of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Count {
    pub platform: Platform,
    /// What is counted.
    pub unit: Unit,
    pub units: usize,
    pub limit: usize,
    /// Negative when the text is too long.
    pub remaining: i64,
    /// Whether the platform would take it.
    pub accepted: bool,
    /// Links, mentions and tags, in order.
    pub pieces: Vec<Piece>,
    pub violations: Vec<Violation>,
    /// A text that is too long as a thread of posts that fit. Empty if it fits, or if the platform has no threads.
    pub parts: Vec<Part>,
}

/// Positions of at most so many things are listed in one violation.
const MOST_POSITIONS: usize = 100;

/// Counts a text by the rules given; [`super::count`] takes those of a platform.
///
/// Linear in the length of the text, whatever is in it.
pub fn count_with(rules: &Rules, content: &str) -> Count {
    let text = Text::of(content);
    let found = entities(&text, rules.syntax);
    let checked = Checked {
        atoms: atoms(&text, &found),
        text: &text,
        found: &found,
        rules,
    };
    let mut violations: Vec<Violation> = rules
        .limits
        .iter()
        .filter_map(|limit| checked.against(limit))
        .collect();
    violations.extend(checked.forbidden());
    let (unit, limit) = rules
        .length()
        .map_or((Unit::CodePoints, usize::MAX), |limit| (limit.unit, limit.max));
    let units = checked.costs(unit, true).iter().sum();
    let too_long = violations.iter().any(|violation| {
        matches!(
            violation.code,
            ViolationCode::TooLong | ViolationCode::TooManyBytes
        )
    });
    let signed = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Count {
        platform: rules.platform,
        unit,
        units,
        limit,
        remaining: signed(limit) - signed(units),
        accepted: violations
            .iter()
            .all(|violation| violation.severity == Severity::Advice),
        pieces: found
            .iter()
            .map(|entity| Piece {
                kind: entity.kind,
                at: text.span(&entity.range),
            })
            .collect(),
        violations,
        parts: if too_long && rules.threads {
            split(rules, content, 0)
        } else {
            Vec::new()
        },
    }
}

struct Checked<'a> {
    text: &'a Text<'a>,
    found: &'a [Entity],
    atoms: Vec<Atom>,
    rules: &'a Rules,
}

impl Checked<'_> {
    /// What each atom counts; `own`: links as the platform counts them.
    fn costs(&self, unit: Unit, own: bool) -> Vec<usize> {
        let rules = own.then_some(self.rules);
        self.atoms
            .iter()
            .map(|atom| atom.count(self.text, self.found, unit, rules))
            .collect()
    }

    fn against(&self, limit: &Limit) -> Option<Violation> {
        match limit.on {
            LimitOn::Length => self.too_long(limit, ViolationCode::TooLong, "is", "allows"),
            LimitOn::Bytes => self.too_long(limit, ViolationCode::TooManyBytes, "is", "allows"),
            LimitOn::Shown => self.too_long(limit, ViolationCode::CutOff, "is", "shows at first"),
            LimitOn::Hashtags => self.too_many(limit, EntityKind::Hashtag, ViolationCode::TooManyHashtags),
            LimitOn::Mentions => self.too_many(limit, EntityKind::Mention, ViolationCode::TooManyMentions),
            LimitOn::Links => self.too_many(limit, EntityKind::Link, ViolationCode::TooManyLinks),
        }
    }

    fn too_long(&self, limit: &Limit, code: ViolationCode, is: &str, verb: &str) -> Option<Violation> {
        let costs = self.costs(limit.unit, limit.on == LimitOn::Length);
        let mut sum = 0;
        let first = costs.iter().position(|cost| {
            sum += cost;
            sum > limit.max
        })?;
        let total: usize = costs.iter().sum();
        let unit = limit.unit.as_str().replace('_', " ");
        Some(Violation {
            code,
            severity: if code == ViolationCode::CutOff {
                Severity::Advice
            } else {
                Severity::Error
            },
            message: format!(
                "the text {is} {total} long, and {} {verb} {} ({unit})",
                self.rules.name, limit.max
            ),
            at: vec![
                self.text
                    .span(&(self.atoms[first].range.start..self.text.signs.len())),
            ],
        })
    }

    fn too_many(&self, limit: &Limit, kind: EntityKind, code: ViolationCode) -> Option<Violation> {
        let mut seen = HashSet::new();
        let all: Vec<_> = self
            .found
            .iter()
            .filter(|entity| entity.kind == kind)
            .filter(|entity| kind != EntityKind::Link || seen.insert(self.text.slice(&entity.range)))
            .collect();
        let extra = all.get(limit.max..).filter(|extra| !extra.is_empty())?;
        Some(Violation {
            code,
            severity: Severity::Error,
            message: format!(
                "there are {} {}s, and {} allows {}",
                all.len(),
                kind,
                self.rules.name,
                limit.max
            ),
            at: extra
                .iter()
                .take(MOST_POSITIONS)
                .map(|entity| self.text.span(&entity.range))
                .collect(),
        })
    }

    fn forbidden(&self) -> Vec<Violation> {
        let name = &self.rules.name;
        let signs = &self.text.signs;
        let mut violations = Vec::new();
        let mut add = |code: ViolationCode, message: String, at: Vec<Span>| {
            violations.push(Violation {
                code,
                severity: Severity::Error,
                message,
                at,
            });
        };
        let places = |refused: &dyn Fn(char) -> bool| -> Vec<Span> {
            let places = signs.iter().enumerate().filter(|(_, sign)| refused(**sign));
            places
                .take(MOST_POSITIONS)
                .map(|(at, _)| self.text.span(&(at..at + 1)))
                .collect()
        };
        if self.rules.required && signs.iter().all(|sign| is_space(*sign)) {
            add(ViolationCode::Empty, format!("{name} needs a text"), Vec::new());
        }
        if self.rules.single_line {
            let at = places(&|sign| {
                matches!(
                    sign,
                    '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
                )
            });
            if !at.is_empty() {
                add(
                    ViolationCode::LineBreak,
                    format!("{name} has one line: take out the line breaks"),
                    at,
                );
            }
        }
        let at = places(&|sign| self.rules.forbidden.contains(sign));
        if let Some(first) = at.first() {
            let sign = signs[first.start];
            add(
                ViolationCode::ForbiddenCharacter,
                format!("{name} refuses the character {sign:?}"),
                at,
            );
        }
        if self.rules.no_emoji {
            let at = self.emoji();
            if !at.is_empty() {
                add(ViolationCode::Emoji, format!("{name} refuses emoji"), at);
            }
        }
        violations
    }

    fn emoji(&self) -> Vec<Span> {
        let has_emoji = |atom: &&Atom| {
            let mut some = false;
            super::emoji::each_piece(self.text.slice(&atom.range), |_, emoji| some |= emoji);
            some
        };
        self.atoms
            .iter()
            .filter(has_emoji)
            .take(MOST_POSITIONS)
            .map(|atom| self.text.span(&atom.range))
            .collect()
    }
}
