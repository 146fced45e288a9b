//! Words that must not stand in the repository: marks of unfinished work, paths of somebody's
//! machine, names of tools that helped to write it, the marks of a merge.

use crate::none;
use crate::workspace::{files, read};

/// Files that others write.
const SKIPPED: &[&str] = &["Cargo.lock", "package-lock.json", "LICENSE"];

/// In pieces, so that this file does not break its own rule.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];
const PLACES: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("\\Us", "ers\\"),
    concat!("/wo", "rk/"),
    concat!("/tmp", "/t/"),
];
const TOOLS: &[&str] = &[concat!("cla", "ude"), concat!("chat", "gpt"), concat!("co-", "authored-by")];
const MERGE: &[&str] = &[concat!("<<<<", "<<< "), concat!(">>>>", ">>> ")];

fn problems(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let lower = line.to_ascii_lowercase();
        let mut say =
            |what: &str, word: &str| problems.push(format!("{path}:{}: {what} `{word}`", index + 1));
        UNFINISHED
            .iter()
            .filter(|word| has_word(line, word))
            .for_each(|word| say("finish it or open an issue:", word));
        PLACES
            .iter()
            .filter(|place| has_place(line, place))
            .for_each(|place| say("a path of one machine:", place));
        TOOLS.iter().filter(|tool| has_word(&lower, tool)).for_each(|tool| say("the name of a tool:", tool));
        MERGE
            .iter()
            .filter(|mark| line.starts_with(**mark))
            .for_each(|mark| say("the mark of a merge:", mark));
    }
    problems
}

/// Whether the word stands alone, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (line[..start].chars().next_back(), line[start + word.len()..].chars().next());
        !part(before) && !part(after)
    })
}

/// Whether a path starts so; the same name further inside a path or an address is fine.
fn has_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-}>)/".contains(c))
    })
}

#[test]
fn no_forbidden_word_stands_in_a_file() {
    let ours =
        files().into_iter().filter(|path| !SKIPPED.contains(&path.rsplit('/').next().unwrap_or_default()));
    none(&ours.flat_map(|path| problems(&path, &read(&path))).collect::<Vec<_>>());
}

#[test]
fn forbidden_words_are_noticed_and_their_likes_are_not() {
    for word in UNFINISHED.iter().chain(PLACES).chain(TOOLS) {
        assert_eq!(problems("x", &format!("see {word} here")).len(), 1, "{word}");
    }
    assert_eq!(problems("x", &format!("{}main", MERGE[0])).len(), 1);
    let fine = format!("{}S and https://example.com{}you", UNFINISHED[0], PLACES[0]);
    assert_eq!(problems("x", &fine), Vec::<String>::new());
}
