//! Text to tokens. Never fails: what cannot be read is reported and becomes a token that the parser
//! passes over in silence, so that one slip gives one message.

use super::literal::{Quoted, quoted};
use super::token::{OPS, Op, Token, TokenKind};
use crate::codes;
use crate::diagnostic::{Diagnostic, MAX_DIAGNOSTICS};
use crate::source::Span;
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_until, take_while, take_while1};
use nom::character::complete::{not_line_ending, satisfy};
use nom::combinator::{map, opt, recognize, rest, verify};
use nom::{IResult, Parser};
use std::sync::LazyLock;

/// A text cut into tokens.
#[derive(Debug)]
pub struct Lexed {
    /// The tokens, `End` last.
    pub tokens: Vec<Token>,
    /// Where the comments stand.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// A text that runs to the end of the script without a closing quote.
    pub open_text: bool,
    /// A comment that runs to the end of the script.
    pub open_comment: bool,
}

/// Begins code inside a page template.
const PAGE: &str = "<%";

/// How far, in characters, the end of a foreign text or placeholder is looked for.
const LONGEST_PAIR: usize = 500;

/// Cuts a text into tokens.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        at: 0,
        starts_line: true,
        out: Lexed {
            tokens: Vec::with_capacity(text.len() / 5),
            comments: vec![],
            diagnostics: vec![],
            open_text: false,
            open_comment: false,
        },
    };
    if text.trim_start().starts_with('<')
        && let Some(at) = text.find(PAGE)
    {
        lexer.page_template(at);
    }
    while lexer.trivia() {
        lexer.token();
    }
    let end = text.len() as u32;
    lexer.out.tokens.push(Token { kind: TokenKind::End, span: Span::new(end, end), starts_line: true });
    lexer.out
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    starts_line: bool,
    out: Lexed,
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The bytes at the start of a text that a test holds for; it must fail for bytes beyond ASCII.
fn ascii_run(input: &str, holds: impl Fn(u8) -> bool) -> usize {
    let bytes = input.as_bytes();
    bytes.iter().position(|byte| !holds(*byte)).unwrap_or(bytes.len())
}

fn name(input: &str) -> IResult<&str, &str> {
    let plain = ascii_run(input, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let bytes = input.as_bytes();
    // Nearly every name is ASCII, and most tries for a name find none.
    if bytes.get(plain).is_none_or(u8::is_ascii) {
        return match bytes.first() {
            Some(first) if plain > 0 && !first.is_ascii_digit() => take(plain).parse(input),
            _ => nom::combinator::fail().parse(input),
        };
    }
    recognize((satisfy(is_name_start), take_while(is_name_part))).parse(input)
}

/// The point of `123.`, but not that of `5.toString()`.
fn bare_point(input: &str) -> IResult<&str, &str> {
    let goes_on = |after: &str| after.starts_with(|c: char| is_name_start(c) || c == '.');
    verify(tag("."), |_: &str| !goes_on(&input[1..])).parse(input)
}

/// One digit or more. Not `digit1`, whose like leaves the last digits of a script unread inside
/// `recognize`.
fn digits(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_ascii_digit()).parse(input)
}

/// `123`, `4.556`, `123.`, `.45`; `5.toString()` is a whole number and a method.
fn number(input: &str) -> IResult<&str, TokenKind> {
    let point = map((tag("."), digits), |_| ());
    let tail = opt(alt((point, map(bare_point, |_| ()))));
    let whole = map((digits, tail), |(_, tail)| match tail {
        Some(()) => TokenKind::Decimal,
        None => TokenKind::Int,
    });
    let fraction = map((tag("."), digits), |_| TokenKind::Decimal);
    alt((whole, fraction)).parse(input)
}

/// The operators by their first byte, longer ones first.
static BY_FIRST: LazyLock<Vec<Vec<(&'static str, Op)>>> = LazyLock::new(|| {
    let begins = |first: u8| OPS.iter().filter(move |(text, _)| text.as_bytes().first() == Some(&first));
    (0..128).map(|first| begins(first).copied().collect()).collect()
});

fn operator(input: &str) -> IResult<&str, Op> {
    let candidates = input.bytes().next().and_then(|first| BY_FIRST.get(usize::from(first)));
    match candidates.into_iter().flatten().find(|(text, _)| input.starts_with(text)) {
        Some((text, op)) => take(text.len()).map(|_| *op).parse(input),
        None => nom::combinator::fail().parse(input),
    }
}

fn comment(input: &str) -> IResult<&str, bool> {
    let line = map((tag("//"), not_line_ending), |_| true);
    let block = map((tag("/*"), take_until("*/"), tag("*/")), |_| true);
    let open = map((tag("/*"), rest), |_| false);
    alt((line, block, open)).parse(input)
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Moves over `rest` being what is left; the span of what was passed.
    fn advance(&mut self, rest: &str) -> Span {
        let start = self.at;
        self.at = self.text.len() - rest.len();
        Span::new(start as u32, self.at as u32)
    }

    fn push(&mut self, kind: TokenKind, span: Span) {
        self.out.tokens.push(Token { kind, span, starts_line: self.starts_line });
        self.starts_line = false;
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.out.diagnostics.len() < MAX_DIAGNOSTICS {
            self.out.diagnostics.push(diagnostic);
        }
    }

    /// Skips blanks and comments; false at the end.
    fn trivia(&mut self) -> bool {
        loop {
            let plain = ascii_run(self.rest(), |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
            self.starts_line |= self.rest().as_bytes()[..plain].iter().any(|b| matches!(b, b'\n' | b'\r'));
            self.at += plain;
            // What most often comes next begins neither a blank nor a comment.
            if self.rest().starts_with(|c: char| c.is_ascii_graphic() && c != '/' && c != '#') {
                return true;
            }
            if let Ok((rest, blanks)) =
                take_while1::<_, &str, nom::error::Error<&str>>(is_blank).parse(self.rest())
            {
                self.starts_line |= blanks.contains('\n') || blanks.contains('\r');
                self.advance(rest);
            }
            if let Ok((rest, closed)) = comment(self.rest()) {
                let span = self.advance(rest);
                self.out.comments.push(span);
                self.starts_line |= self.text[span.range()].contains('\n');
                if !closed {
                    self.out.open_comment = true;
                    let opening = Span::new(span.start, span.start + 2);
                    self.report(
                        Diagnostic::error(codes::UNCLOSED_COMMENT, opening, "this comment is never closed")
                            .label("begins here")
                            .help("close it with `*/`"),
                    );
                }
            } else if self.rest().starts_with('#') {
                self.hash_comment();
            } else if !self.rest().starts_with(is_blank) {
                return !self.rest().is_empty();
            }
        }
    }

    fn hash_comment(&mut self) {
        let end = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        let rest = &self.rest()[end..];
        let span = self.advance(rest);
        self.out.comments.push(span);
        self.report(
            Diagnostic::error(
                codes::NOT_DELUGE,
                Span::new(span.start, span.start + 1),
                "`#` does not begin a comment",
            )
            .help("comments are written `// to the end of the line` or `/* over several lines */`"),
        );
    }

    /// A page of HTML with code in between: reported once, and nothing of it is read.
    fn page_template(&mut self, at: usize) {
        self.out.tokens.clear();
        self.out.diagnostics.clear();
        self.at = self.text.len();
        let span = Span::new(at as u32, (at + PAGE.len()) as u32);
        self.report(
            Diagnostic::error(
                codes::CREATOR_ONLY,
                span,
                "this is a page template, and there are no pages here",
            )
            .label("needs a Creator page")
            .help("build the HTML as a text in a script: `html = \"<b>\" + name + \"</b>\";`"),
        );
    }

    fn token(&mut self) {
        let input = self.rest();
        if input.starts_with(PAGE) {
            return self.page_template(self.at);
        }
        if let Ok((rest, _)) = name(input) {
            self.name(rest);
        } else if let Some(quote @ ('"' | '\'')) = input.chars().next() {
            let found = quoted(input, quote);
            self.quoted(found, quote);
        } else if self.number_may_start()
            && let Ok((rest, kind)) = number(input)
        {
            self.number(rest, kind);
        } else if let Ok((rest, op)) = operator(input) {
            let span = self.advance(rest);
            self.push(TokenKind::Op(op), span);
        } else {
            self.junk();
        }
    }

    fn name(&mut self, rest: &str) {
        let span = self.advance(rest);
        let name = &self.text[span.range()];
        if !name.is_ascii() {
            self.report(
                Diagnostic::error(codes::UNKNOWN_CHARACTER, span, format!("`{name}` cannot be a name"))
                    .label("has a letter outside A to Z")
                    .help("names have the letters A to Z, digits and `_`; for text put it in double quotes"),
            );
        }
        self.push(TokenKind::Ident, span);
    }

    /// A point begins a number only where no value stands right before it; after a blank it does
    /// (`info .45;`), as nobody calls a number.
    fn number_may_start(&self) -> bool {
        !self.rest().starts_with('.')
            || !self.out.tokens.last().is_some_and(|token| match token.kind {
                TokenKind::Op(op) => op.is_closer(),
                _ => token.span.end as usize == self.at,
            })
    }

    fn number(&mut self, rest: &str, kind: TokenKind) {
        let (rest, tail) = name(rest).unwrap_or((rest, ""));
        let span = self.advance(rest);
        if !tail.is_empty() {
            let written = &self.text[span.range()];
            let exponent =
                tail.strip_prefix(['e', 'E']).is_some_and(|t| t.chars().all(|c| c.is_ascii_digit()));
            let diagnostic = if written.starts_with("0x") || written.starts_with("0X") || exponent {
                Diagnostic::error(codes::NOT_DELUGE, span, format!("`{written}` is not a number here"))
                    .help("write the number with decimal digits only, without exponent or `0x`")
            } else {
                Diagnostic::error(
                    codes::UNEXPECTED,
                    span,
                    format!("`{written}` is neither a number nor a name"),
                )
                .help("a name cannot begin with a digit; between a number and a word put an operator")
            };
            self.report(diagnostic);
            return self.push(TokenKind::Junk, span);
        }
        self.push(kind, span);
    }

    fn quoted(&mut self, found: Quoted, quote: char) {
        let rest = &self.rest()[found.len..];
        let span = self.advance(rest);
        if !found.closed {
            self.out.open_text |= found.at_end;
            self.report(
                Diagnostic::error(codes::UNCLOSED_TEXT, span, "this text has no closing quote")
                    .label("begins here")
                    .help(format!("close it with `{quote}`; a quote inside a text is written `\\{quote}`")),
            );
        }
        self.push(TokenKind::Text { single: quote == '\'', closed: found.closed }, span);
    }

    /// Characters without a meaning here.
    fn junk(&mut self) {
        let input = self.rest();
        let Some(first) = input.chars().next() else { return };
        let paired = |close: char| {
            let near = input.char_indices().take(LONGEST_PAIR).take_while(|(_, c)| *c != '\n');
            near.skip(1).find(|(_, c)| *c == close).map(|(at, c)| at + c.len_utf8())
        };
        let (len, code, message, help) = match first {
            '“' | '”' | '„' => (
                paired('”').or_else(|| paired('“')),
                codes::UNKNOWN_CHARACTER,
                "curly quotes do not make a text".to_string(),
                "use the straight double quote: \"…\"",
            ),
            '‘' | '’' => (
                paired('’'),
                codes::UNKNOWN_CHARACTER,
                "curly quotes do not make a text".to_string(),
                "use the straight double quote: \"…\"",
            ),
            '`' => (
                paired('`'),
                codes::NOT_DELUGE,
                "there are no template texts".to_string(),
                "join the pieces: \"Hello \" + name",
            ),
            '$' if input[1..].starts_with('{') => (
                paired('}'),
                codes::NOT_DELUGE,
                "`${…}` puts nothing into a script".to_string(),
                "use the variable itself, and join texts with `+`: \"Hello \" + name",
            ),
            '$' => (
                Some(1),
                codes::UNKNOWN_CHARACTER,
                "`$` is not used in names".to_string(),
                "write the name without it: letters, digits and `_`",
            ),
            _ => {
                let run = input.find(|c: char| is_blank(c) || c.is_ascii() || is_name_start(c));
                (
                    run.filter(|len| *len > 0),
                    codes::UNKNOWN_CHARACTER,
                    format!("`{}` (U+{:04X}) has no meaning here", first.escape_debug(), first as u32),
                    "remove it, or put it into a text in double quotes",
                )
            }
        };
        let rest = &input[len.unwrap_or(first.len_utf8())..];
        let span = self.advance(rest);
        self.report(Diagnostic::error(code, span, message).help(help));
        if self.text[span.range()] != *"$" {
            self.push(TokenKind::Junk, span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let lexed = lex(text);
        let words: Vec<String> = lexed
            .tokens
            .iter()
            .map(|token| {
                let text = &text[token.span.range()];
                match token.kind {
                    TokenKind::Ident => format!("name {text}"),
                    TokenKind::Int => format!("int {text}"),
                    TokenKind::Decimal => format!("dec {text}"),
                    TokenKind::Text { single, closed } => {
                        format!(
                            "{}{} {text}",
                            if single { "single" } else { "text" },
                            if closed { "" } else { "?" }
                        )
                    }
                    TokenKind::Op(op) => op.text().to_string(),
                    TokenKind::Junk => format!("junk {text}"),
                    TokenKind::End => "end".to_string(),
                }
            })
            .collect();
        words.join(" | ")
    }

    fn codes_of(text: &str) -> Vec<&'static str> {
        lex(text).diagnostics.iter().map(|d| d.code.0).collect()
    }

    #[test]
    fn text_is_cut_into_tokens() {
        let cases = [
            ("", "end"),
            ("x = 1;", "name x | = | int 1 | ; | end"),
            ("5.toString()", "int 5 | . | name toString | ( | ) | end"),
            ("4.556.round(2)", "dec 4.556 | . | name round | ( | int 2 | ) | end"),
            ("123. + .45", "dec 123. | + | dec .45 | end"),
            ("x.45", "name x | . | int 45 | end"),
            ("a<=b>=c!=d==e", "name a | <= | name b | >= | name c | != | name d | == | name e | end"),
            ("_a1 += 2", "name _a1 | += | int 2 | end"),
            (r#""a\"b" 'c'"#, r#"text "a\"b" | single 'c' | end"#),
            ("a // b\nc /* d\n */ e", "name a | name c | name e | end"),
            ("\u{feff}a\u{200b} b\u{a0}c", "name a | name b | name c | end"),
            ("content-type:x", "name content | - | name type | : | name x | end"),
        ];
        for (text, tokens) in cases {
            assert_eq!(shown(text), tokens, "{text}");
            assert_eq!(codes_of(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_reported_once() {
        let cases = [
            ("x = \"abc", vec!["E0103"]),
            ("x = \"abc;\ny = \"def\";", vec!["E0103"]),
            ("/* abc", vec!["E0104"]),
            ("x = €€ ;", vec!["E0107"]),
            ("naïve = 1;", vec!["E0107"]),
            ("x = “abc”;", vec!["E0107"]),
            ("x = `a ${b}`;", vec!["E0112"]),
            ("x = ${b};", vec!["E0112"]),
            ("# note\nx = 1;", vec!["E0112"]),
            ("x = 1e5;", vec!["E0112"]),
            ("x = 0xFF;", vec!["E0112"]),
            ("x = 5abc;", vec!["E0101"]),
        ];
        for (text, codes) in cases {
            assert_eq!(codes_of(text), codes, "{text}");
        }
    }

    #[test]
    fn every_token_lies_inside_the_text_and_after_the_one_before() {
        for text in ["é“x” ¤ \"é", "a\u{feff}\r\nb", "'\\", "\"\\", "$", "${", "1.e", "..", "\u{0}\u{7f}"]
        {
            let lexed = lex(text);
            let mut last = 0;
            for token in &lexed.tokens {
                assert!(token.span.start >= last && token.span.end as usize <= text.len(), "{text:?}");
                assert!(text.get(token.span.range()).is_some(), "{text:?}");
                last = token.span.end;
            }
            assert_eq!(lexed.tokens.last().map(|t| t.kind), Some(TokenKind::End));
        }
    }
}
