//! Short forms of given names: a small table of what is common in English, German and their neighbours. As names are folded,
//! Michael and Samuel have lost a letter.

/// The first one of a line stands for all of it.
const NAMES: &[&[&str]] = &[
    &["alexander", "alex", "sascha", "xander"],
    &["alexandra", "sandra"],
    &["andreas", "andi", "andy"],
    &["andrew", "drew"],
    &["anthony", "tony"],
    &["benjamin", "ben", "benny"],
    &["catherine", "kate", "katie", "cathy", "katherine", "kathryn"],
    &["charles", "charlie", "chuck"],
    &["christian", "chris"],
    &["christopher", "kit"],
    &["daniel", "dan", "danny"],
    &["david", "dave"],
    &["deborah", "debbie"],
    &["edward", "ed", "eddie", "ted"],
    &[
        "elizabeth",
        "liz",
        "beth",
        "betty",
        "eliza",
        "elisabeth",
        "lisbeth",
    ],
    &["franz", "franzl"],
    &["friedrich", "fritz"],
    &["gregory", "greg"],
    &["hans", "johannes", "hannes", "johann"],
    &["heinrich", "heinz"],
    &["james", "jim", "jimmy", "jamie"],
    &["jennifer", "jenny", "jen"],
    &["john", "jack", "johnny"],
    &["jonathan", "jon"],
    &["joseph", "joe", "josef", "sepp"],
    &["katharina", "kathrin", "kathi", "katja"],
    &["kenneth", "ken"],
    &["lawrence", "larry"],
    &["margaret", "maggie", "peggy", "meg"],
    &["matthew", "matt"],
    &["maximilian", "max"],
    &["michal", "mike", "micha", "mick"],
    &["nicholas", "nick", "nicolas"],
    &["patricia", "pat", "patty"],
    &["patrick", "paddy"],
    &["peter", "pete"],
    &["rebecca", "becky"],
    &["richard", "rick", "dick", "rich"],
    &["robert", "bob", "rob", "bobby"],
    &["ronald", "ron"],
    &["samul", "sam"],
    &["stefan", "steffen", "stephan"],
    &["steven", "steve", "stephen"],
    &["susan", "sue", "susie"],
    &["susanne", "susi"],
    &["theodor", "theo"],
    &["thomas", "tom", "tommy"],
    &["timothy", "tim"],
    &["ulrich", "uli"],
    &["victoria", "vicky"],
    &["wilhelm", "willi", "willy"],
    &["william", "bill", "will", "billy"],
    &["wolfgang", "wolf"],
];

/// The name that a short form stands for, or the name itself.
pub(super) fn whole(name: &str) -> &str {
    NAMES
        .iter()
        .find(|names| names.contains(&name))
        .and_then(|names| names.first())
        .unwrap_or(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_name_stands_in_one_line_only() {
        let all: Vec<_> = NAMES.iter().flat_map(|names| names.iter()).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert_eq!((whole("bob"), whole("ada")), ("robert", "ada"));
        // They are compared with names that are folded.
        assert!(
            all.iter().all(|name| super::super::text::fold(name) == **name),
            "{all:?}"
        );
    }
}
