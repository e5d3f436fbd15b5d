//! Where the tags of Jinja are in a text, found by the reader that renders it: `{{ ... }}`, `{% ... %}` and `{# ... #}`.

use minijinja::Error;
use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;
use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Expression,
    Statement,
    /// `{% include "name" %}`
    Include(String),
    Comment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub kind: Kind,
    /// In bytes, with its marks.
    pub range: Range<usize>,
}

/// All tags in order. The error is that of the reader.
pub(super) fn tags(source: &str) -> Result<Vec<Tag>, Error> {
    let mut found: Vec<Tag> = Vec::new();
    let mut begin = 0;
    let mut inner: Vec<Token<'_>> = Vec::new();
    for token in tokenize(source, false, SyntaxConfig::default()) {
        let (token, span) = token?;
        match token {
            Token::TemplateData(_) => {}
            Token::VariableStart | Token::BlockStart => {
                begin = span.start_offset as usize;
                inner.clear();
            }
            Token::VariableEnd => push(
                &mut found,
                source,
                Kind::Expression,
                begin..span.end_offset as usize,
            ),
            Token::BlockEnd => {
                let kind = match inner.as_slice() {
                    [Token::Ident("include"), Token::Str(name)] => Kind::Include((*name).to_owned()),
                    _ => Kind::Statement,
                };
                push(&mut found, source, kind, begin..span.end_offset as usize);
            }
            other => inner.push(other),
        }
    }
    let end = found.last().map_or(0, |tag| tag.range.end);
    comments(&mut found, source, end..source.len());
    Ok(found)
}

fn push(found: &mut Vec<Tag>, source: &str, kind: Kind, range: Range<usize>) {
    let before = found.last().map_or(0, |tag| tag.range.end);
    comments(found, source, before..range.start);
    found.push(Tag { kind, range });
}

/// The reader passes over comments without a word.
fn comments(found: &mut Vec<Tag>, source: &str, gap: Range<usize>) {
    let mut at = gap.start;
    while let Some(rest) = source.get(at..gap.end)
        && let Some(begin) = rest.find("{#")
        && let Some(length) = rest[begin..].find("#}")
    {
        let range = at + begin..at + begin + length + 2;
        at = range.end;
        found.push(Tag {
            kind: Kind::Comment,
            range,
        });
    }
}

/// Line and column of a byte, both from 1; the column in characters.
pub(super) fn line_and_column(source: &str, offset: usize) -> (usize, usize) {
    let before = &source[..source.floor_char_boundary(offset)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |text| text.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_their_marks() {
        let source = "a {{- x | default(\"}}\") -}} b{# c {{ #}\n{%- include 'footer' -%}{% if a %}é{% endif %}{{ y }}\n";
        let found: Vec<_> = tags(source)
            .unwrap()
            .into_iter()
            .map(|tag| (tag.kind, source[tag.range].to_owned()))
            .collect();
        assert_eq!(
            found,
            [
                (Kind::Expression, "{{- x | default(\"}}\") -}}".to_owned()),
                (Kind::Comment, "{# c {{ #}".to_owned()),
                (
                    Kind::Include("footer".into()),
                    "{%- include 'footer' -%}".to_owned()
                ),
                (Kind::Statement, "{% if a %}".to_owned()),
                (Kind::Statement, "{% endif %}".to_owned()),
                (Kind::Expression, "{{ y }}".to_owned()),
            ]
        );
        assert!(tags("{{ 'x").is_err());
    }

    #[test]
    fn places_are_counted_as_people_do() {
        assert_eq!(line_and_column("ab\ncé d", 0), (1, 1));
        assert_eq!(line_and_column("ab\ncé d", 6), (2, 3));
        assert_eq!(line_and_column("ab", 99), (1, 3));
    }
}
