//! Whether what was typed at a prompt is whole, or whether more lines must follow.

use super::parser::{ParseOptions, read};

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It can be run, or be refused: more lines would not help.
    Complete,
    /// More must follow.
    Incomplete(Missing),
}

/// What an incomplete input waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The closing quote of a text.
    Quote,
    /// The `*/` of a comment.
    CommentEnd,
    /// A closing bracket.
    Bracket,
    /// The rest of a statement: a value, a body, a `catch`.
    Rest,
}

/// Whether a text is whole. A semicolon after the last statement is not needed for that.
pub fn is_complete(text: &str) -> Completeness {
    let outcome = read(text, ParseOptions { last_semicolon_optional: true });
    let errors = outcome.diagnostics.iter().filter(|d| d.is_error()).count();
    let missing = if outcome.open_comment {
        Missing::CommentEnd
    } else if outcome.open_text {
        Missing::Quote
    } else if errors > 1 || (errors == 1 && !outcome.ends_early) {
        return Completeness::Complete;
    } else if outcome.open_bracket {
        Missing::Bracket
    } else if outcome.ends_early {
        Missing::Rest
    } else {
        return Completeness::Complete;
    };
    Completeness::Incomplete(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_whole_when_more_lines_would_not_help() {
        for text in [
            "",
            "x = 1",
            "x = 1;",
            "info x",
            "if(a) { }",
            "if(a) { b(); } else { }",
            "f(1)",
            "// note",
            "x = {1,2}",
            "try { } catch (e) { }",
            "void f() { }",
            "r = invokeurl [ url: u ]",
            "x = (2;",
            "x = 1 + ;",
            "}",
            "x = )",
            "info \"a\nb\"",
            "return",
            "break",
        ] {
            assert_eq!(is_complete(text), Completeness::Complete, "{text}");
        }
    }

    #[test]
    fn an_input_that_waits_for_more_says_for_what() {
        for (text, missing) in [
            ("info \"abc", Missing::Quote),
            ("/* abc", Missing::CommentEnd),
            ("if(a) {", Missing::Bracket),
            ("x = f(1,", Missing::Bracket),
            ("x = f(", Missing::Bracket),
            ("x = {\"a\":", Missing::Bracket),
            ("if(a", Missing::Bracket),
            ("r = invokeurl [", Missing::Bracket),
            ("r = invokeurl [ url: u", Missing::Bracket),
            ("void f(", Missing::Bracket),
            ("void f() { x = 1;", Missing::Bracket),
            ("x =", Missing::Rest),
            ("x = 1 +", Missing::Rest),
            ("x.", Missing::Rest),
            ("if(a)", Missing::Rest),
            ("if", Missing::Rest),
            ("if(a) { } else", Missing::Rest),
            ("if(a) { } else if(b)", Missing::Rest),
            ("for each x in y", Missing::Rest),
            ("for each", Missing::Rest),
            ("while(a)", Missing::Rest),
            ("try { }", Missing::Rest),
            ("try { } catch (e)", Missing::Rest),
            ("void f()", Missing::Rest),
            ("info", Missing::Rest),
            ("x = !", Missing::Rest),
        ] {
            assert_eq!(is_complete(text), Completeness::Incomplete(missing), "{text}");
        }
    }
}
