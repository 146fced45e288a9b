//! From Java's regular expressions to those of our engines: the constructs that differ are written
//! anew, everything else stays as it is.

use std::iter::Peekable;
use std::str::Chars;

/// What `.` matches without the `s` flag: Java stops at more line ends than our engines.
const NOT_LINE_END: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";

/// Translates a pattern.
///
/// # Errors
/// The reason, for an escape that Java does not know either or a `\p{…}` that has no counterpart.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let dot_is_all = has_flag(pattern, 's');
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut depth = 0_usize;
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, &mut out, depth > 0)?,
            '[' => {
                depth += 1;
                out.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if rest.next_if_eq(&']').is_some() {
                    out.push_str(r"\]");
                }
            }
            ']' if depth > 0 => {
                depth -= 1;
                out.push(']');
            }
            // Set operators of our engines that stand for themselves in Java.
            '-' | '~' if depth > 0 && rest.next_if_eq(&c).is_some() => {
                out.extend(['\\', c, '\\', c]);
            }
            '.' if depth == 0 && !dot_is_all => out.push_str(NOT_LINE_END),
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// Whether a group such as `(?is)` or `(?s:` turns a flag on anywhere.
fn has_flag(pattern: &str, flag: char) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        group.chars().take_while(char::is_ascii_alphabetic).any(|letter| letter == flag)
            && group.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with([')', ':', '-'])
    })
}

fn escape(rest: &mut Peekable<Chars<'_>>, out: &mut String, in_class: bool) -> Result<(), String> {
    let Some(letter) = rest.next() else { return Err("it ends with a backslash".to_owned()) };
    let class = |inner: &str| if in_class { inner.to_owned() } else { format!("[{inner}]") };
    match letter {
        'd' => out.push_str(&class("0-9")),
        'w' => out.push_str(&class("a-zA-Z0-9_")),
        's' => out.push_str(&class(r" \t\n\x0B\f\r")),
        'h' => out.push_str(&class(r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}")),
        'v' => out.push_str(&class(r"\n\x0B\f\r\x{85}\x{2028}\x{2029}")),
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^a-zA-Z0-9_]"),
        'S' => out.push_str(r"[^ \t\n\x0B\f\r]"),
        'R' if !in_class => out.push_str(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
        'Z' if !in_class => out.push_str(r"\z"),
        'e' => out.push_str(r"\x1B"),
        'Q' => quote(rest, out),
        'p' | 'P' => out.push_str(&property(rest, letter == 'P', in_class)?),
        '0' => {
            let digits: String = std::iter::from_fn(|| rest.next_if(|c| c.is_digit(8))).take(3).collect();
            let code = u32::from_str_radix(&digits, 8).map_err(|_| "\\0 needs octal digits".to_owned())?;
            out.push_str(&format!(r"\x{{{code:X}}}"));
        }
        'u' => {
            let digits: String =
                std::iter::from_fn(|| rest.next_if(char::is_ascii_hexdigit)).take(4).collect();
            if digits.len() < 4 {
                return Err("\\u needs four hexadecimal digits".to_owned());
            }
            out.push_str(&format!(r"\x{{{digits}}}"));
        }
        // Letters and digits keep their backslash: anchors, control characters, back-references.
        _ if letter.is_ascii_alphanumeric() => out.extend(['\\', letter]),
        _ => out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
    }
    Ok(())
}

/// `\Q…\E`: everything stands for itself.
fn quote(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    let mut plain = String::new();
    while let Some(c) = rest.next() {
        if c == '\\' && rest.next_if_eq(&'E').is_some() {
            break;
        }
        plain.push(c);
    }
    out.push_str(&regex::escape(&plain));
}

/// `\pL`, `\p{Alpha}`, `\p{IsLatin}`, `\p{Lu}`.
fn property(rest: &mut Peekable<Chars<'_>>, negated: bool, in_class: bool) -> Result<String, String> {
    let name: String = match rest.next() {
        Some('{') => rest.by_ref().take_while(|c| *c != '}').collect(),
        Some(letter) => letter.to_string(),
        None => return Err("\\p needs a name".to_owned()),
    };
    let ascii = match name.as_str() {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`{-~",
        "Graph" => "!-~",
        "Print" => " -~",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r" \t\n\x0B\f\r",
        _ => {
            let unicode = name.strip_prefix("Is").unwrap_or(&name);
            return Ok(format!(r"\{}{{{unicode}}}", if negated { 'P' } else { 'p' }));
        }
    };
    Ok(match (negated, in_class) {
        (true, _) => format!("[^{ascii}]"),
        (false, true) => ascii.to_owned(),
        (false, false) => format!("[{ascii}]"),
    })
}

#[cfg(test)]
mod tests {
    use super::translate;

    fn is_match(pattern: &str, text: &str) -> bool {
        regex::Regex::new(&format!(r"\A(?:{})\z", translate(pattern).unwrap())).unwrap().is_match(text)
    }

    #[test]
    fn classes_are_ascii_as_in_java() {
        assert!(is_match(r"\d\w\s", "5x "));
        assert!(!is_match(r"\d", "٥"));
        assert!(!is_match(r"\w", "é"));
        assert!(is_match(r"[\d\-x]+", "5-x"));
        assert!(is_match(r"[^\D]+", "55"));
        assert!(!is_match(".", "\r"));
        assert!(is_match("(?s).", "\r"));
    }

    #[test]
    fn quoted_parts_and_needless_backslashes_stand_for_themselves() {
        assert!(is_match(r"\Qa.b(\E+", "a.b(("));
        assert!(is_match(r#"\<\>\/\"\'\:\é"#, "<>/\"':é"));
        assert!(is_match(r"[a--b]", "-"));
        assert!(is_match(r"[]x]+", "]x"));
    }

    #[test]
    fn posix_classes_and_unicode_escapes_are_known() {
        assert!(is_match(r"\p{Punct}+", "!#[]^`{|}~"));
        assert!(is_match(r"[\p{Alpha}\p{Digit}]+", "a1"));
        assert!(is_match(r"\P{Alpha}", "1"));
        assert!(is_match(r"\p{L}\p{IsLatin}\pL", "éab"));
        assert!(is_match(r"\u00e9\x41\0101", "éAA"));
        assert!(is_match(r"\R\h", "\r\n\u{a0}"));
    }

    #[test]
    fn a_lone_backslash_and_a_short_escape_are_refused() {
        assert!(translate("a\\").is_err());
        assert!(translate("\\u12").is_err());
        assert!(translate("\\p").is_err());
    }
}
