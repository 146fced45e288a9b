//! Regular expressions of scripts: Java's syntax, run by an engine whose time grows with the text
//! alone.
//!
//! Look-around, back-references and possessive repetition need an engine that goes back; it runs
//! under a step limit and on smaller texts only. The classes `\d \w \s` and the posix ones are
//! ASCII, as in Java. Translation stands in `pattern_syntax`.

use super::pattern_syntax;
use crate::codes;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use std::cell::RefCell;
use std::rc::Rc;

/// Longest pattern, in bytes.
const LONGEST: usize = 8 << 10;
/// Memory that one compiled pattern may take.
const SIZE_LIMIT: usize = 4 << 20;
/// Longest text, in bytes, for patterns that need going back.
const FANCY_TEXT: usize = 300 << 10;
/// From which match on how many steps one further match may take: many matches are allowed, and
/// slow matches, but not many slow ones.
const STAGES: [(usize, usize); 3] = [(0, 1_000_000), (100, 20_000), (10_000, 2_000)];
/// How many compiled patterns a thread keeps.
const KEPT: usize = 16;

/// A compiled pattern.
pub(super) struct Compiled {
    engine: Engine,
}

enum Engine {
    Linear(regex::Regex),
    /// One per stage of [`STAGES`].
    Fancy(Box<[fancy_regex::Regex; 3]>),
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    /// It is no regular expression; the reason.
    Syntax(String),
    /// It would take too much memory.
    TooLarge,
}

impl Refusal {
    /// In a few words.
    pub(super) fn reason(&self) -> String {
        match self {
            Refusal::Syntax(reason) => reason.clone(),
            Refusal::TooLarge => "it would take too much memory".to_owned(),
        }
    }

    /// The fault for it.
    pub(super) fn fault(&self, pattern: &str) -> Box<Fault> {
        match self {
            Refusal::Syntax(reason) => Fault::new(
                codes::BAD_PATTERN,
                format!("{} is not a regular expression: {reason}", quoted(pattern)),
            )
            .with_help("put a backslash before each of . ( ) [ ] { } * + ? ^ $ | that stands for itself"),
            Refusal::TooLarge => Fault::new(
                codes::BAD_PATTERN,
                format!("the regular expression {} is too large", quoted(pattern)),
            )
            .with_help("use smaller counts in { }, or split the text first"),
        }
    }
}

/// Where a match and its groups stand, as byte ranges; group 0 is the whole match.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

thread_local! {
    /// Compiling costs more than most searches, and scripts search in loops. Only speed depends on it.
    static CACHE: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// A compiled pattern and what it was compiled from.
struct Kept {
    pattern: String,
    any_case: bool,
    whole: bool,
    compiled: Rc<Compiled>,
}

/// Compiles a pattern in Java's syntax, or takes it from the cache. `whole` anchors it at both ends.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn compile(pattern: &str, any_case: bool, whole: bool) -> Result<Rc<Compiled>, Refusal> {
    if pattern.len() > LONGEST {
        return Err(Refusal::TooLarge);
    }
    let kept = CACHE.with_borrow_mut(|cache| {
        let same = |kept: &Kept| kept.pattern == pattern && (kept.any_case, kept.whole) == (any_case, whole);
        let at = cache.iter().rposition(same)?;
        let newest = cache.len() - 1;
        if at < newest {
            cache[at..].rotate_left(1);
        }
        Some(Rc::clone(&cache[newest].compiled))
    });
    if let Some(compiled) = kept {
        return Ok(compiled);
    }
    let mut source = pattern_syntax::translate(pattern).map_err(Refusal::Syntax)?;
    if whole {
        source = format!(r"\A(?:{source})\z");
    }
    if any_case {
        source = format!("(?i){source}");
    }
    let compiled = Rc::new(Compiled { engine: build(&source)? });
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= KEPT {
            cache.remove(0);
        }
        cache.push(Kept { pattern: pattern.to_owned(), any_case, whole, compiled: Rc::clone(&compiled) });
    });
    Ok(compiled)
}

fn build(source: &str) -> Result<Engine, Refusal> {
    let linear = regex::RegexBuilder::new(source).size_limit(SIZE_LIMIT).nest_limit(100).build();
    let reason = match linear {
        Ok(regex) => return Ok(Engine::Linear(regex)),
        Err(regex::Error::CompiledTooBig(_)) => return Err(Refusal::TooLarge),
        Err(error) => error.to_string().lines().last().unwrap_or_default().trim().replace("error: ", ""),
    };
    let fancy = |limit: usize| {
        fancy_regex::RegexBuilder::new(source)
            .backtrack_limit(limit)
            .delegate_size_limit(SIZE_LIMIT)
            .build()
            .map_err(|_| Refusal::Syntax(reason.clone()))
    };
    Ok(Engine::Fancy(Box::new([fancy(STAGES[0].1)?, fancy(STAGES[1].1)?, fancy(STAGES[2].1)?])))
}

fn too_slow() -> Box<Fault> {
    Fault::new(codes::BAD_PATTERN, "the regular expression takes too many steps on this text")
        .with_help("avoid repetition inside repetition, look-around and back-references")
}

impl Compiled {
    /// Whether the pattern matches anywhere.
    ///
    /// # Errors
    /// `E0412` if it takes too many steps.
    pub(super) fn is_match(&self, text: &str) -> Run<bool> {
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Fancy(regexes) => {
                check_size(text)?;
                regexes[0].is_match(text).map_err(|_| too_slow())
            }
        }
    }

    /// Calls `each` with every match in order, until it answers false.
    ///
    /// # Errors
    /// `E0412` if it takes too many steps; what `each` fails with.
    pub(super) fn for_each(&self, text: &str, mut each: impl FnMut(&Groups) -> Run<bool>) -> Run<()> {
        match &self.engine {
            Engine::Linear(regex) => {
                for found in regex.captures_iter(text) {
                    let groups = found.iter().map(|g| g.map(|g| (g.start(), g.end()))).collect();
                    if !each(&groups)? {
                        break;
                    }
                }
                Ok(())
            }
            Engine::Fancy(regexes) => {
                check_size(text)?;
                for_each_fancy(regexes, text, each)
            }
        }
    }
}

fn check_size(text: &str) -> Run<()> {
    if text.len() <= FANCY_TEXT {
        return Ok(());
    }
    Err(Fault::new(
        codes::BAD_PATTERN,
        format!(
            "look-around and back-references work on texts of at most {FANCY_TEXT} bytes; this one has {}",
            text.len()
        ),
    )
    .with_help("split the text first, or use a plainer regular expression"))
}

fn for_each_fancy(
    regexes: &[fancy_regex::Regex; 3],
    text: &str,
    mut each: impl FnMut(&Groups) -> Run<bool>,
) -> Run<()> {
    let (mut from, mut matches, mut last_end) = (0, 0, None);
    while from <= text.len() {
        let stage = STAGES.iter().rposition(|(first, _)| matches >= *first).unwrap_or(0);
        let Some(found) = regexes[stage].captures_from_pos(text, from).map_err(|_| too_slow())? else {
            break;
        };
        let groups: Groups = (0..found.len()).map(|i| found.get(i).map(|g| (g.start(), g.end()))).collect();
        let Some(Some((start, end))) = groups.first().copied() else { break };
        matches += 1;
        let is_empty_after_last = start == end && last_end == Some(end);
        if !is_empty_after_last && !each(&groups)? {
            break;
        }
        last_end = Some(end);
        from = if start == end { end + text[end..].chars().next().map_or(1, char::len_utf8) } else { end };
    }
    Ok(())
}

/// Appends a replacement in Java's form: `$1` is the first group, `\` stands before a character that
/// stands for itself. A group that does not exist, or a `$` without a number, stands for itself too.
pub(super) fn expand(replacement: &str, text: &str, groups: &Groups, out: &mut String) {
    let mut rest = replacement;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let mark = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        if mark == b'\\' {
            let Some(plain) = rest.chars().next() else { break };
            out.push(plain);
            rest = &rest[plain.len_utf8()..];
            continue;
        }
        match group_number(rest, groups.len()) {
            Some((number, len)) => {
                if let Some((start, end)) = groups[number] {
                    out.push_str(&text[start..end]);
                }
                rest = &rest[len..];
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
}

/// The group that a text starts with, and how many digits name it: as many as still name one.
fn group_number(text: &str, groups: usize) -> Option<(usize, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).take(3).count();
    (1..=digits).rev().find_map(|len| {
        let number: usize = text[..len].parse().ok()?;
        (number < groups).then_some((number, len))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern, false, true).unwrap_or_else(|r| panic!("{r:?}")).is_match(text).unwrap()
    }

    fn replaced(pattern: &str, text: &str, replacement: &str) -> String {
        let (mut out, mut last) = (String::new(), 0);
        let compiled = compile(pattern, false, false).unwrap_or_else(|r| panic!("{r:?}"));
        compiled
            .for_each(text, |groups| {
                let (start, end) = groups[0].unwrap();
                out.push_str(&text[last..start]);
                expand(replacement, text, groups, &mut out);
                last = end;
                Ok(true)
            })
            .unwrap();
        out + &text[last..]
    }

    #[test]
    fn look_around_and_back_references_work_on_the_second_engine() {
        assert!(matches(r"(?=.*\d)[a-z\d]+", "abc1"));
        assert!(matches(r"(a+)b\1", "aabaa"));
        assert_eq!(replaced(r"(?<=\d)(?=(\d{3})+$)", "1234567", ","), "1,234,567");
        assert_eq!(replaced(r"a*+", "aab", "x"), replaced("a*", "aab", "x"));
    }

    #[test]
    fn groups_are_put_into_the_replacement() {
        assert_eq!(replaced(r"(\w+) (\w+)", "ab cd", "$2-$1"), "cd-ab");
        assert_eq!(replaced("(a)", "a", "$10 $2 \\$1 $"), "a0 $2 $1 $");
        assert_eq!(replaced("(a)|(b)", "ab", "[$1$2]"), "[a][b]");
    }

    #[test]
    fn a_search_that_goes_back_for_ever_is_stopped() {
        let compiled = compile(r"(?=(a+)+b)\1", false, false).unwrap_or_else(|r| panic!("{r:?}"));
        let fault = compiled.is_match(&"a".repeat(2_000)).unwrap_err();
        assert_eq!(fault.code, codes::BAD_PATTERN);
        let large = "a".repeat(FANCY_TEXT + 1);
        assert!(compiled.is_match(&large).unwrap_err().message.contains("at most"));
    }

    #[test]
    fn a_pattern_that_would_take_much_memory_is_refused() {
        assert!(matches!(compile(r"((a{1000}){1000}){1000}", false, false), Err(Refusal::TooLarge)));
        assert!(matches!(compile(&"a".repeat(LONGEST + 1), false, false), Err(Refusal::TooLarge)));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_its_reason() {
        let Err(Refusal::Syntax(reason)) = compile("(", false, false) else { panic!("accepted") };
        assert!(reason.contains("unclosed group"), "{reason}");
    }

    #[test]
    fn the_cache_forgets_the_oldest_and_stays_right() {
        for round in 0..3 {
            for n in 0..2 * KEPT {
                assert!(matches(&format!("x{n}"), &format!("x{n}")), "round {round}");
            }
        }
    }
}
