//! The text part of a template that has none, made once from its HTML.
//!
//! Making text from HTML takes longer than everything else about a mail together. Where the HTML only fills in
//! values, the text can be made before merging: a private-use character stands for each `{{ ... }}` while the HTML
//! becomes text, and the expressions are put back afterwards. With conditions or loops it must be done for every mail.

use super::text::text_of;
use minijinja::machinery::ast::Stmt;
use minijinja::machinery::parse;
use minijinja::syntax::SyntaxConfig;

/// Supplementary private-use area A; `text` uses B.
const FIRST: u32 = 0x000F_0000;
const LAST: u32 = 0x000F_FFFD;

/// The template of the text, or `None` when the text must be made from each mail's HTML.
pub(super) fn text_template(html: &str) -> Option<String> {
    if html.chars().any(|c| u32::from(c) >= FIRST) {
        return None;
    }
    let Ok(Stmt::Template(template)) = parse(html, "html", SyntaxConfig::default()) else {
        return None;
    };
    let mut shown = String::with_capacity(html.len());
    let mut expressions = Vec::new();
    for child in &template.children {
        match child {
            Stmt::EmitRaw(raw) => shown.push_str(raw.raw),
            Stmt::EmitExpr(emit) => {
                let span = emit.span();
                let source = html.get(span.start_offset as usize..span.end_offset as usize)?;
                shown.push(stand_in(expressions.len())?);
                expressions.push(source.strip_prefix("{{")?.trim_start_matches(['-', '+']).trim());
            }
            _ => return None,
        }
    }
    let text = text_of(&shown);
    // Written with character references in the HTML, and therefore never checked as an expression.
    if ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        let index = u32::from(c).checked_sub(FIRST).filter(|_| u32::from(c) <= LAST);
        match index.and_then(|index| expressions.get(index as usize)) {
            Some(expression) => out.extend(["{{ ", expression, " }}"]),
            None => out.push(c),
        }
    }
    Some(out)
}

fn stand_in(index: usize) -> Option<char> {
    u32::try_from(index)
        .ok()
        .map(|index| FIRST + index)
        .filter(|code| *code <= LAST)
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_come_back_where_they_are_shown() {
        let html = "<style>p{}</style><p title=\"{{ lead.title }}\">Hi {{- lead.name | default(\"there\") -}} , <a href=\"{{ unsubscribe_url }}\">stop</a> \
            <a href=\"https://a.de/{{ lead.email }}?a=1&amp;b\">{{ lead.company }}</a></p>";
        assert_eq!(
            text_template(html).unwrap(),
            "Hi{{ lead.name | default(\"there\") }}, stop <{{ unsubscribe_url }}> {{ lead.company }} <https://a.de/{{ lead.email }}?a=1&b>"
        );
    }

    #[test]
    fn what_depends_on_values_is_left_to_the_moment_of_sending() {
        for html in [
            "{% if lead.name %}<p>a</p>{% endif %}",
            "{% for x in [1] %}{{ x }}{% endfor %}",
            "<p>&#123;&#123; lead.name }}</p>",
            "\u{f0000}{{ lead.name }}",
            "\u{100000}",
        ] {
            assert_eq!(text_template(html), None, "{html}");
        }
    }
}
