//! What a job title says of its holder: how senior, and in which line of work.
//!
//! Tables of words in several languages, so that a mistake is mended by a line and every answer can be explained. To add one: a
//! line in `seniority.rs` or `function.rs` (words in lower case and without accents), and one in `testdata/titles.tsv`.

mod function;
mod pattern;
mod seniority;

pub use function::JobFunction;
pub use seniority::Seniority;

use super::Confidence;

/// What could be read from a title; `None` for what could not.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TitleReading {
    pub seniority: Option<(Seniority, Confidence)>,
    pub function: Option<(JobFunction, Confidence)>,
}

/// Sure when a word says it; half sure of a title that names a trade and no rank.
pub fn read_title(title: &str) -> TitleReading {
    let words = pattern::words(title);
    let function = function::of(&words);
    let seniority = seniority::of(&words).or_else(|| {
        function
            .filter(|(function, _)| *function != JobFunction::Executive)
            .map(|_| (Seniority::Individual, Confidence::percent(50)))
    });
    TitleReading { seniority, function }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TITLES: &str = include_str!("../../../testdata/titles.tsv");

    #[test]
    fn titles_in_several_languages_are_read() {
        let lines: Vec<&str> = TITLES.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() >= 150, "{}", lines.len());
        let mut wrong = Vec::new();
        for line in lines {
            let [title, seniority, function] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let read = read_title(title);
            let found = (
                read.seniority.map_or("-", |(seniority, _)| seniority.as_str()),
                read.function.map_or("-", |(function, _)| function.as_str()),
            );
            if found != (seniority, function) {
                wrong.push(format!("{title}: {found:?}, not {seniority}, {function}"));
            }
        }
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn a_rank_that_is_said_is_surer_than_one_that_is_not() {
        let confidence = |title: &str| read_title(title).seniority.unwrap().1;
        assert!(confidence("Chief Marketing Officer") > confidence("Accountant"));
        assert!(confidence("VP Sales") > confidence("Account Manager"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(title in ".{0,200}") {
            read_title(&title);
        }
    }
}
