//! Showing pieces of a text in its preview.

use std::ops::Range;

/// Puts `<em>` around pieces of an HTML fragment, such as what is too much or may not be.
///
/// Ranges are in characters of the text, tags not counted, in order and without overlaps. An `<em>` never crosses a tag that it does not
/// hold: it begins as late and ends as early as it can. What is in the fragment is not escaped: that is the caller's.
pub fn highlight(html: &str, ranges: &[Range<usize>]) -> String {
    let mut marked = String::with_capacity(html.len() + ranges.len() * "<em></em>".len());
    let mut ranges = ranges.iter().filter(|range| !range.is_empty()).peekable();
    let mut text_at = 0;
    let mut depth: i64 = 0;
    // How deep the open one began.
    let mut open: Option<i64> = None;
    let mut rest = html;
    while let Some(sign) = rest.chars().next() {
        let end = if sign == '<' {
            rest.find('>').map(|at| at + 1)
        } else {
            None
        };
        if let Some(end) = end {
            let tag = &rest[..end];
            marked.push_str(tag);
            rest = &rest[end..];
            if tag.starts_with("</") {
                depth -= 1;
            } else if !tag.ends_with("/>") {
                depth += 1;
            }
        } else {
            if open.is_none() && ranges.peek().is_some_and(|range| range.start <= text_at) {
                marked.push_str("<em>");
                open = Some(depth);
            }
            marked.push(sign);
            rest = &rest[sign.len_utf8()..];
            text_at += 1;
        }
        let over = ranges.peek().is_some_and(|range| range.end <= text_at);
        if over && open == Some(depth) {
            marked.push_str("</em>");
            open = None;
            ranges.next();
        }
    }
    if open.is_some() {
        marked.push_str("</em>");
    }
    marked
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
mod tests {
    use super::highlight;

    #[test]
    fn pieces_are_marked() {
        assert_eq!(highlight("too long", &[4..8]), "too <em>long</em>");
        assert_eq!(highlight("a < b", &[2..3]), "a <em><</em> b");
        assert_eq!(highlight("ab", &[1..9]), "a<em>b</em>");
        assert_eq!(highlight("", &[0..1]), "");
    }
}
