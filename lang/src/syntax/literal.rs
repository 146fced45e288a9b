//! What stands between quotes: escapes, and where a text ends whose closing quote is missing.

use nom::{IResult, Parser};

/// Words that may follow a text directly.
const INFIX_WORDS: &[&str] = &["in", "not", "is", "contains", "like", "and", "or"];

/// A text as found in the source.
pub(super) struct Quoted {
    /// Bytes it takes, quotes included.
    pub len: usize,
    /// Whether its closing quote is there.
    pub closed: bool,
    /// Whether no further quote of its kind follows at all.
    pub at_end: bool,
}

/// Reads the text that begins with the quote at the start of `input`.
///
/// Raw line ends are legal inside a text, so a forgotten quote would turn the rest of the script
/// inside out. Therefore a text over several lines whose closing quote is followed by something that
/// cannot follow a text is taken to end on its first line.
pub(super) fn quoted(input: &str, quote: char) -> Quoted {
    match closed(input, quote) {
        Ok((rest, whole)) if !whole.contains('\n') || may_follow_text(rest) => {
            Quoted { len: whole.len(), closed: true, at_end: false }
        }
        Ok(_) => Quoted { len: first_line(input, quote), closed: false, at_end: false },
        Err(_) => Quoted { len: first_line(input, quote), closed: false, at_end: true },
    }
}

fn closed(input: &str, quote: char) -> IResult<&str, &str> {
    let bytes = input.as_bytes();
    let mut at = 1;
    // Both quotes and the backslash are ASCII, so these bytes are never a part of another character.
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(quote as u8, b'\\', rest)) {
        at += found + 1;
        if bytes.get(at - 1) != Some(&b'\\') {
            return take_bytes(at).parse(input);
        }
        at += input.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    }
    nom::combinator::fail().parse(input)
}

/// So many bytes, which must end between characters.
fn take_bytes<'i>(
    count: usize,
) -> impl Parser<&'i str, Output = &'i str, Error = nom::error::Error<&'i str>> {
    move |input: &'i str| match input.split_at_checked(count) {
        Some((taken, rest)) => Ok((rest, taken)),
        None => nom::combinator::fail().parse(input),
    }
}

/// Where an unclosed text is taken to end: at the end of its line, without the `;` and the surplus
/// closing brackets that probably stood after the quote.
fn first_line(input: &str, quote: char) -> usize {
    let line = input.split(['\n', '\r']).next().unwrap_or_default().trim_end();
    let surplus =
        |open: char, close: char| line.matches(close).count().saturating_sub(line.matches(open).count());
    let (mut round, mut square, mut curly) = (surplus('(', ')'), surplus('[', ']'), surplus('{', '}'));
    let mut text = line;
    while text.len() > quote.len_utf8() {
        let left = match text.chars().next_back() {
            Some(')') => &mut round,
            Some(']') => &mut square,
            Some('}') => &mut curly,
            Some(';' | ',') => &mut 1,
            _ => break,
        };
        if *left == 0 {
            break;
        }
        *left -= 1;
        text = text[..text.len() - 1].trim_end();
    }
    text.len()
}

fn may_follow_text(rest: &str) -> bool {
    let rest = rest.trim_start();
    let word: &str = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    if word.is_empty() {
        return !rest.starts_with(['"', '\'']);
    }
    if INFIX_WORDS.iter().any(|infix| infix.eq_ignore_ascii_case(word)) {
        return true;
    }
    // The next key of a task: words joined by blanks or hyphens up to a colon.
    let key = rest.split(|c: char| !(c.is_alphanumeric() || "_- \t".contains(c))).next().unwrap_or_default();
    rest[key.len()..].starts_with(':')
}

/// The characters of a text whose quotes are cut off. An unknown `\x` keeps the letter.
pub(super) fn unescape(inside: &str) -> String {
    if !inside.contains('\\') {
        return inside.to_string();
    }
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_an_unknown_one_keeps_its_letter() {
        let cases = [
            (r#"a\"b"#, "a\"b"),
            (r"it\'s", "it's"),
            (r"a\n\r\tb", "a\n\r\tb"),
            (r"C:\\x", r"C:\x"),
            (r"a\/b", "a/b"),
            (r"\b\f", "\u{8}\u{c}"),
            (r"\q\é", "qé"),
            ("plain é", "plain é"),
        ];
        for (written, meant) in cases {
            assert_eq!(unescape(written), meant, "{written}");
        }
    }

    #[test]
    fn a_text_may_run_over_several_lines() {
        let text = "\"<p>\n</p>\" + x;";
        let found = quoted(text, '"');
        assert!(found.closed);
        assert_eq!(&text[..found.len], "\"<p>\n</p>\"");
        assert!(quoted("\"a\nb\"\n content-type: x", '"').closed);
    }

    #[test]
    fn a_missing_quote_ends_the_text_on_its_line() {
        for (text, taken) in [
            ("\"abc;\ny = \"def\";", "\"abc"),
            ("\"abc);\ny = \"def\";", "\"abc"),
            ("\"f(x);\n", "\"f(x)"),
            ("\"", "\""),
            ("\";", "\""),
        ] {
            let found = quoted(text, '"');
            assert!(!found.closed);
            assert_eq!(&text[..found.len], taken);
        }
    }
}
