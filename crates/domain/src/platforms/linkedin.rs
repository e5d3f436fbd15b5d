//! LinkedIn's format of text, "little":
//! <https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format>.

use super::text::Text;
use super::x;

/// What means something in the format. A post is cut, without an error, at one that is not escaped.
const RESERVED: &str = "|{}@[]()<>#\\*_~";

/// The text as the API wants it: hashtags as such, everything else as plain text.
///
/// Limits are on the plain text, not on this.
pub fn little_text(text: &str) -> String {
    let text = Text::of(text);
    let mut little = String::with_capacity(text.content.len() + text.content.len() / 8);
    let mut done = 0;
    for range in x::hashtags(&text.signs) {
        escape(text.slice(&(done..range.start)), &mut little);
        little.push_str("{hashtag|\\#|");
        escape(text.slice(&(range.start + 1..range.end)), &mut little);
        little.push('}');
        done = range.end;
    }
    escape(text.slice(&(done..text.signs.len())), &mut little);
    little
}

fn escape(text: &str, little: &mut String) {
    for sign in text.chars() {
        if RESERVED.contains(sign) {
            little.push('\\');
        }
        little.push(sign);
    }
}

#[cfg(test)]
mod tests {
    use super::little_text;

    #[test]
    fn hashtags_stay_and_the_rest_is_escaped() {
        assert_eq!(little_text("Plain. Text, ünd 👍!"), "Plain. Text, ünd 👍!");
        assert_eq!(
            little_text("Save (a lot) #big_sale @us <now> 50% | a_b*c~ [x] {y} \\ # 1"),
            "Save \\(a lot\\) {hashtag|\\#|big\\_sale} \\@us \\<now\\> 50% \\| a\\_b\\*c\\~ \\[x\\] \\{y\\} \\\\ \\# 1"
        );
    }
}
