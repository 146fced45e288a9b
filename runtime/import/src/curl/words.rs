//! A command line as a shell cuts it: quotes, backslashes, lines that go on. Nothing is expanded.

use crate::error::ImportError;

/// The words of a line.
///
/// # Errors
/// When a quote is not closed.
pub(super) fn split(line: &str) -> Result<Vec<String>, ImportError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // A line that goes on, with either end of line.
                Some('\n') | None => {}
                Some('\r') => drop(chars.next_if_eq(&'\n')),
                Some(other) => word.get_or_insert_default().push(other),
            },
            // The caret is the backslash of the Windows prompt.
            '^' if matches!(chars.peek(), Some('\n' | '\r')) => {
                chars.next_if_eq(&'\r');
                chars.next_if_eq(&'\n');
            }
            '\'' => quoted(&mut chars, word.get_or_insert_default(), '\'', |_| None)?,
            '"' => quoted(&mut chars, word.get_or_insert_default(), '"', in_double)?,
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                quoted(&mut chars, word.get_or_insert_default(), '\'', in_ansi)?;
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads up to the closing quote. `unescape` tells what a backslash and a character stand for.
fn quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut String,
    end: char,
    unescape: impl Fn(char) -> Option<&'static str>,
) -> Result<(), ImportError> {
    while let Some(c) = chars.next() {
        match c {
            c if c == end => return Ok(()),
            '\\' => match chars.peek().copied().and_then(|next| Some((next, unescape(next)?))) {
                Some((_, stands_for)) => {
                    word.push_str(stands_for);
                    chars.next();
                }
                None => word.push('\\'),
            },
            c => word.push(c),
        }
    }
    Err(ImportError::Command {
        why: format!("the quote {end} is not closed"),
        help: "put the whole line into single quotes, and a single quote in it as '\\''".to_owned(),
    })
}

fn in_double(c: char) -> Option<&'static str> {
    Some(match c {
        '"' => "\"",
        '\\' => "\\",
        '$' => "$",
        '`' => "`",
        '\n' => "",
        _ => return None,
    })
}

fn in_ansi(c: char) -> Option<&'static str> {
    Some(match c {
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        '\'' => "'",
        '"' => "\"",
        '\\' => "\\",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_as_a_shell_cuts_them() {
        let line = "curl -H 'A: b c' \\\n  \"x\\\"y\\n\" a\\ b '' $'t\\tq\\'' plain'joined'\"up\"";
        assert_eq!(
            split(line).unwrap(),
            ["curl", "-H", "A: b c", "x\"y\\n", "a b", "", "t\tq'", "plainjoinedup"]
        );
        assert_eq!(split("a ^\r\n b \\\r\n c").unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn an_open_quote_is_told() {
        for line in ["curl 'x", "curl \"x", "curl $'x\\'"] {
            assert!(split(line).unwrap_err().to_string().contains("not closed"), "{line}");
        }
    }
}
