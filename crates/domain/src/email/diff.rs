//! What differs between two versions of a template, part by part and line by line (Myers, 1986: "An O(ND) difference algorithm and its
//! variations"; the crate falls back to an approximation when the texts have next to nothing in common).

use super::version::TemplateVersion;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// Lines around a change that are shown, too.
const CONTEXT: usize = 3;

crate::text_enum::text_enum! {
    /// What became of a line.
    LineChange { Same => "same", Removed => "removed", Added => "added" }
}

/// One line of a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffLine {
    pub change: LineChange,
    /// From 1; absent for a line that is new.
    pub old_line: Option<u32>,
    /// From 1; absent for a line that is gone.
    pub new_line: Option<u32>,
    pub text: String,
}

/// Lines that changed, with those around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffHunk {
    pub lines: Vec<DiffLine>,
}

/// What changed in one part: `format`, `subject`, `html`, `text` or `variables`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartDiff {
    pub part: &'static str,
    pub added: u32,
    pub removed: u32,
    pub hunks: Vec<DiffHunk>,
}

/// Parts that are equal are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateDiff {
    pub from: i32,
    pub to: i32,
    pub parts: Vec<PartDiff>,
}

impl TemplateDiff {
    pub fn between(old: &TemplateVersion, new: &TemplateVersion) -> Self {
        let text = |version: &TemplateVersion| version.text.clone().unwrap_or_default();
        let parts = [
            ("format", old.format.to_string(), new.format.to_string()),
            ("subject", old.subject.clone(), new.subject.clone()),
            ("html", old.html.clone(), new.html.clone()),
            ("text", text(old), text(new)),
            ("variables", old.variables.join("\n"), new.variables.join("\n")),
        ];
        Self {
            from: old.number,
            to: new.number,
            parts: parts
                .iter()
                .filter(|(_, old, new)| old != new)
                .map(|(part, old, new)| part_diff(part, old, new))
                .collect(),
        }
    }
}

fn part_diff(part: &'static str, old: &str, new: &str) -> PartDiff {
    let diff = TextDiff::from_lines(old, new);
    let line = |index: Option<usize>| index.and_then(|index| u32::try_from(index + 1).ok());
    let mut all = PartDiff {
        part,
        added: 0,
        removed: 0,
        hunks: Vec::new(),
    };
    for group in diff.grouped_ops(CONTEXT) {
        let mut lines = Vec::new();
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let what = match change.tag() {
                ChangeTag::Equal => LineChange::Same,
                ChangeTag::Delete => {
                    all.removed += 1;
                    LineChange::Removed
                }
                ChangeTag::Insert => {
                    all.added += 1;
                    LineChange::Added
                }
            };
            lines.push(DiffLine {
                change: what,
                old_line: line(change.old_index()),
                new_line: line(change.new_index()),
                text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
            });
        }
        all.hunks.push(DiffHunk { lines });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::TemplateFormat;
    use chrono::DateTime;

    fn version(number: i32, html: &str) -> TemplateVersion {
        TemplateVersion {
            template_id: uuid::Uuid::nil().into(),
            number,
            format: TemplateFormat::Html,
            subject: "Hello".into(),
            html: html.into(),
            text: None,
            variables: Vec::new(),
            created_at: DateTime::UNIX_EPOCH,
            created_by: None,
            published_at: None,
            published_by: None,
        }
    }

    #[test]
    fn only_what_changed_is_told_with_its_place() {
        let lines: Vec<_> = (1..=20).map(|n| format!("<p>{n}</p>\n")).collect();
        let old = lines.concat();
        let new = old.replace("<p>10</p>\n", "<p>ten</p>\n<p>more</p>\n");
        let diff = TemplateDiff::between(&version(1, &old), &version(2, &new));
        assert_eq!((diff.from, diff.to, diff.parts.len()), (1, 2, 1));
        let part = &diff.parts[0];
        assert_eq!((part.part, part.added, part.removed), ("html", 2, 1));
        assert_eq!(part.hunks.len(), 1);
        let lines = &part.hunks[0].lines;
        assert_eq!(lines.len(), CONTEXT + 3 + CONTEXT);
        let gone = &lines[CONTEXT];
        assert_eq!(
            (gone.change, gone.old_line, gone.new_line, gone.text.as_str()),
            (LineChange::Removed, Some(10), None, "<p>10</p>")
        );
        assert_eq!(lines[CONTEXT + 2].new_line, Some(11));
    }

    #[test]
    fn equal_versions_differ_in_nothing() {
        assert_eq!(
            TemplateDiff::between(&version(1, "x"), &version(2, "x")).parts,
            []
        );
    }
}
